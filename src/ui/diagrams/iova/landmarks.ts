/** From what is in the lanes to where the axis folds. */
import { add, sub, type U64 } from "../../../base/u64.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { Lane, Span, SpanKind } from "../../../engine/views.ts";
import { bytes, SPACE_END, type Landmarks } from "./axis.ts";

/** More boundaries than this leave no room for any of them. */
const MOST_BOUNDS = 40;
/** Runs of mappings that get stretches of their own; nearer neighbours share one. */
const MOST_RUNS = 6;
/** A mapping this many times longer than the one it touches gets a stretch of its own, or the small one could not be seen. */
const DWARFS = 200;
const MOST_DWARFED = 3;

/** A gap inside a crowd narrower than one in so many of its run folds nothing: it can be seen as it is. */
const STANDS_OUT = 25;

/** So many mappings in a run are a crowd. */
const CROWD = 100;

const QUIET = 0.5;
const OUTSIDE = 0.35;

/** Hole kinds on which a user's mapping fails. */
const CARVED: ReadonlySet<SpanKind> = new Set<SpanKind>(["direct", "reserved", "msi", "sw-msi", "test"]);

/** Where the axis of these lanes folds: edges of holes, of runs of mappings and of what the call asked for. */
export function landmarksOf(lanes: readonly Lane[]): Landmarks {
  const eventful: Range[] = [];
  const outside: Range[] = [];
  const edges = new Set<U64>();
  const lasting = new Set<U64>();
  for (const lane of lanes) {
    if (lane.kind === "mapped") continue;
    for (const span of lane.spans) {
      if (span.count > 1 || span.kind === "aperture-field" || span.kind === "call-hit") continue;
      if (span.kind === "aperture") outside.push(span);
      else if (CARVED.has(span.kind)) eventful.push(span);
      addEdges(edges, span);
      if (span.kind !== "call") addEdges(lasting, span);
    }
  }
  const mapped = lanes.filter((lane) => lane.kind === "mapped").flatMap((lane) => lane.spans);
  const runs = runsOf(mapped);
  const crowds = new Map<Range, number>();
  for (const run of runs) {
    eventful.push(run);
    crowds.set(run, crowdWeight(mapped.reduce((sum, span) => sum + (span.first <= run.last && span.last >= run.first ? span.count : 0), 0)));
    addEdges(edges, run);
    addEdges(lasting, run);
  }
  const bounds = thinned([...edges].filter((edge) => edge > 0 && edge < SPACE_END).sort((left, right) => (left < right ? -1 : 1)));
  const beyond: boolean[] = [];
  const weights = [...bounds, SPACE_END].map((end, index) => {
    const first = index === 0 ? 0 : bounds[index - 1]!;
    const covers = (range: Range): boolean => range.first < end && range.last >= first;
    const happens = eventful.some(covers);
    beyond.push(!happens && outside.some(covers));
    if (happens) return Math.max(1, ...eventful.filter(covers).map((range) => crowds.get(range) ?? 1));
    return beyond.at(-1) ? OUTSIDE : QUIET;
  });
  shareBetweenCuts(bounds, weights, lasting);
  return { bounds, weights, outside: beyond };
}

/** A run of very many mappings is what one came to see: it gets several times the room of a single one. */
function crowdWeight(count: number): number {
  return count < CROWD ? 1 : 1 + Math.log10(count);
}

/** Stretches that only the call on screen cuts apart claim little more together than uncut: the next step moves little. */
function shareBetweenCuts(bounds: readonly U64[], weights: number[], lasting: ReadonlySet<U64>): void {
  let from = 0;
  for (let index = 0; index <= bounds.length; index++) {
    if (index < bounds.length && !lasting.has(bounds[index]!)) continue;
    const pieces = index - from + 1;
    for (let piece = from; piece <= index; piece++) weights[piece]! *= pieces ** -0.6;
    from = index + 1;
  }
}

function addEdges(edges: Set<U64>, range: Range): void {
  edges.add(range.first);
  edges.add(add(range.last, 1));
}

/** Mappings joined over the smallest gaps until at most MOST_RUNS runs are left, ascending; a few touching ones of very different size stay apart. */
export function runsOf(spans: readonly Span[]): Range[] {
  const sorted = spans.toSorted((left, right) => (left.first < right.first ? -1 : 1));
  const gaps: { index: number; length: U64 }[] = [];
  const dwarfed: number[] = [];
  for (let index = 1; index < sorted.length; index++) {
    const end = add(sorted[index - 1]!.last, 1);
    if (sorted[index]!.first > end) gaps.push({ index, length: sub(sorted[index]!.first, end) });
    else if (ratio(sorted[index - 1]!, sorted[index]!) >= DWARFS) dwarfed.push(index);
  }
  const widest = gaps.toSorted((left, right) => bytes(right.length) - bytes(left.length) || left.index - right.index).slice(0, MOST_RUNS - 1);
  const kept = new Set(sorted.some((span) => span.count > 1) ? wideInCrowds(sorted, widest) : widest.map((gap) => gap.index));
  if (dwarfed.length <= MOST_DWARFED) for (const index of dwarfed) kept.add(index);
  const runs: Range[] = [];
  sorted.forEach((span, index) => {
    if (index === 0 || kept.has(index)) runs.push({ first: span.first, last: span.last });
    else runs.at(-1)!.last = span.last;
  });
  return runs;
}

/** Of a crowd's gaps, widest first, those that stand out from what lies around them: a field of small gaps is one run. */
function wideInCrowds(sorted: readonly Span[], gaps: readonly { index: number; length: U64 }[]): number[] {
  const cuts = [0, sorted.length];
  for (const { index, length } of gaps) {
    const at = cuts.findIndex((cut) => cut > index);
    const [from, to] = [sorted[cuts[at - 1]!]!, sorted[cuts[at]! - 1]!];
    if (bytes(length) * STANDS_OUT >= bytes(sub(to.last, from.first))) cuts.splice(at, 0, index);
  }
  return cuts.slice(1, -1);
}

function ratio(one: Range, other: Range): number {
  const lengths = [bytes(sub(one.last, one.first)) + 1, bytes(sub(other.last, other.first)) + 1];
  return Math.max(...lengths) / Math.min(...lengths);
}

/** At most MOST_BOUNDS: the ones nearest to their neighbour go first, so that far structure stays. */
function thinned(bounds: U64[]): U64[] {
  if (bounds.length <= MOST_BOUNDS) return bounds;
  const room = bounds.map((bound, index) => ({ bound, room: index === 0 ? Infinity : bytes(sub(bound, bounds[index - 1]!)) }));
  const kept = new Set(room.toSorted((left, right) => right.room - left.room).slice(0, MOST_BOUNDS).map((entry) => entry.bound));
  return bounds.filter((bound) => kept.has(bound));
}
