/** From an answer to the lanes to draw: in the order they stand, and with the overview where the answer does not reach. Pure. */
import type { IovaView, Lane, Span } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import { contains, overlaps } from "./viewport.ts";
import { ascending } from "./space-facts.ts";
import { add, max, min, sub } from "../../../base/u64.ts";

/** The space asked for first, its call after its mappings, then the further spaces. */
export function ordered(lanes: readonly Lane[]): Lane[] {
  const own = lanes.filter((lane) => lane.space === undefined);
  return [...own.filter((lane) => lane.kind !== "call"), ...own.filter((lane) => lane.kind === "call"), ...lanes.filter((lane) => lane.space !== undefined)].map(ascending);
}

/** The spans of the overview by lane. */
export function coarseOf(view: IovaView): ReadonlyMap<string, readonly Span[]> {
  return new Map((view.overview ?? []).map((lane) => [lane.key, lane.spans]));
}

/** While the window is moved out of what the answer holds, the overview stands in for what it lacks: nothing goes blank. */
export function patched(lanes: readonly Lane[], answered: Range | null, window: Range, coarse: ReadonlyMap<string, readonly Span[]>): readonly Lane[] {
  if (answered === null || contains(answered, window)) return lanes;
  return lanes.map((lane) => {
    const known = lane.dense ? undefined : coarse.get(lane.key);
    if (!known) return lane;
    const beside = known.flatMap((span) => outside(span, answered)).filter((span) => overlaps(span, window));
    return beside.length === 0 ? lane : ascending({ ...lane, spans: [...lane.spans, ...beside] });
  });
}

/** The parts of a span that lie before and after a range. A single thing that reaches into it is there already. */
function outside(span: Span, range: Range): Span[] {
  if (!overlaps(span, range)) return [span];
  if (span.count === 1) return [];
  const parts: Span[] = [];
  if (span.first < range.first) parts.push({ ...span, last: min(span.last, sub(range.first, 1)) });
  if (span.last > range.last) parts.push({ ...span, key: `${span.key}>`, first: max(span.first, add(range.last, 1)) });
  return parts;
}
