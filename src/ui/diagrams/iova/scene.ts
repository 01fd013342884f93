/** The whole IOVA drawing as plain figures: rows of lanes, blocks, words, guides and the tie of a refusal. Pure. */
import type { Px } from "../../../base/flavor.ts";
import type { DenseLane, IovaView, Lane, Span, SpanKind } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import { shorten, type Face, type Measure } from "../common/text.ts";
import { countText } from "../common/words.ts";
import type { Axis } from "./axis.ts";
import type { DenseRow } from "./dense.ts";
import { blocksOf, visible, type Block } from "./lane-layout.ts";
import { laneWords, type Word } from "./lane-words.ts";
import { overlaps } from "./viewport.ts";

export interface LaneRow {
  lane: Lane;
  top: Px;
  height: Px;
  bar: { top: Px; height: Px };
  title: string;
  detail: string;
  /** Aperture outlines, drawn below everything. */
  fields: Block[];
  blocks: Block[];
  words: Word[];
  /** Pixel columns in place of blocks. */
  dense: DenseRow | null;
  /** Stretches of columns with something in them, for those who cannot see columns. */
  runs: (() => Block[]) | null;
}

export interface Tie {
  px: Px;
  from: Px;
  to: Px;
  /** Texture of what refused. */
  kind: SpanKind;
}

export interface Scene {
  rows: LaneRow[];
  height: Px;
  tie: Tie | null;
  /** Texture of the part of the call that was hit. */
  hitKind: SpanKind;
  blocks: number;
}

export interface SceneInput {
  view: IovaView;
  lanes: readonly Lane[];
  axis: Axis;
  /** Px that the lanes may fill. */
  room: Px;
  gutter: Px;
  measure: Measure;
  compact: boolean;
  /** Short names of objects by key: "dev 1". */
  names?: ReadonlyMap<string, string>;
  /** Lays dense lanes under the screen; absent until that is fetched, and their overview is drawn. */
  denseOf?: ((dense: DenseLane, coarse: readonly Span[]) => DenseRow) | null;
  runsOf?: ((dense: DenseRow) => Block[]) | null;
  /** What the overview says of a lane, by its key. */
  coarse?: ReadonlyMap<string, readonly Span[]>;
}

/** A lane from top to bottom: room for words, the bar, room below; each between its tightest and its roomiest. */
const HEIGHTS: Record<Lane["kind"], { above: [Px, Px]; bar: [Px, Px]; below: [Px, Px] }> = {
  contributor: { above: [6, 13], bar: [18, 26], below: [6, 14] },
  holes: { above: [31, 38], bar: [24, 40], below: [7, 18] },
  valid: { above: [11, 18], bar: [24, 40], below: [13, 22] },
  mapped: { above: [8, 18], bar: [26, 44], below: [12, 20] },
  call: { above: [8, 18], bar: [26, 44], below: [8, 20] },
};
/** The lane of a further space: there may be many. */
const FURTHER = { above: [5, 12], bar: [20, 40], below: [11, 16] } satisfies (typeof HEIGHTS)[Lane["kind"]];

function heightsOf(lane: Lane): (typeof HEIGHTS)[Lane["kind"]] {
  return lane.space === undefined ? HEIGHTS[lane.kind] : FURTHER;
}

/** Titles stand above their lane when there is no gutter. */
const COMPACT_TITLE: Px = 17;
/** Between tightest (0) and roomiest (1) on a page that scrolls anyway. */
const COMPACT_EASE = 0.55;
/** A very tall panel may go beyond the roomiest, so that the axis stays by its lanes. */
const MOST_EASE = 2.4;

/** Px that these lanes need at the least. */
export function tightest(lanes: readonly Lane[]): Px {
  return heightOf(lanes, 0);
}

function roomiest(lanes: readonly Lane[]): Px {
  return heightOf(lanes, 1);
}

function heightOf(lanes: readonly Lane[], which: 0 | 1): Px {
  return lanes.map(heightsOf).reduce((sum, { above, bar, below }) => sum + above[which] + bar[which] + below[which], 0);
}

export function sceneOf({ view, lanes, axis, room, gutter, measure, compact, names, denseOf, runsOf, coarse }: SceneInput): Scene {
  const extra = compact ? COMPACT_TITLE : 0;
  const least = tightest(lanes);
  const ease = compact ? COMPACT_EASE : Math.max(0, Math.min(MOST_EASE, (room - least) / Math.max(roomiest(lanes) - least, 1)));
  const between = ([tight, roomy]: [Px, Px]): Px => Math.floor(tight + (roomy - tight) * ease);
  const range = view.asked?.range;
  const asked = range ? { left: axis.toPx(range.first), right: axis.toPx(range.last) } : null;
  let top = 0;
  const rows = lanes.map((lane): LaneRow => {
    const sizes = heightsOf(lane);
    const bar = { top: top + extra + between(sizes.above), height: between(sizes.bar) };
    const height = bar.top + bar.height + between(sizes.below) - top;
    const outline = lane.dense ? (coarse?.get(lane.key) ?? []) : [];
    const dense = lane.dense && denseOf ? denseOf(lane.dense, outline) : null;
    const all = blocksOf(lane.dense && !dense ? outline : lane.spans, axis);
    const fields = all.filter((block) => block.kind === "aperture-field");
    const blocks = all.filter((block) => block.kind !== "aperture-field");
    const titleRoom = compact ? axis.width : gutter - 12;
    const row: LaneRow = {
      lane,
      top,
      height,
      bar,
      title: fitted(titleOf(lane, names), "strong", titleRoom, measure),
      detail: fitted(fewerWords(detailOf(lane), titleOf(lane, names), (text) => measure(text, "text") <= (compact ? Number.POSITIVE_INFINITY : titleRoom)), "text", compact ? axis.width - measure(titleOf(lane, names), "strong") - 14 : titleRoom, measure),
      fields,
      blocks,
      words: laneWords({ kind: lane.kind, total: lane.total, asked, call: lane.detail, blocks, fields, bar, width: axis.width, measure, refused: refused(view) }),
      dense,
      runs: dense && runsOf ? once(() => runsOf(dense)) : null,
    };
    top += height;
    return row;
  });
  const { tie, hitKind } = tieOf(view, rows, axis);
  return { rows, height: top, tie, hitKind, blocks: rows.reduce((sum, row) => sum + row.blocks.length + row.fields.length, 0) };
}

/** Who a contributor lane belongs to: the key of its object. */
export function ownerOf(lane: Lane): string | null {
  return lane.kind === "contributor" && lane.key.startsWith("by:") ? lane.key.slice(3) : null;
}

/** A contributor goes by its name in the object diagram, with how many are alike. */
function titleOf(lane: Lane, names: SceneInput["names"]): string {
  const name = names?.get(ownerOf(lane) ?? "");
  if (name === undefined) return lane.title;
  return name + (/ \+\d+$/.exec(lane.title)?.[0] ?? "");
}

/** Whole words for as much as there is room: first goes what the title has said, then what comes last. */
function fewerWords(detail: string, title: string, fits: (text: string) => boolean): string {
  const parts = detail.split(/(?<=,) | (?=· )/);
  const bare = (text: string): string => text.replace(/^· |,$/g, "");
  if (parts.length > 1 && bare(parts[0]!).toLowerCase() === title.toLowerCase()) parts.shift();
  while (parts.length > 1 && !fits(bare(parts.join(" ")))) parts.pop();
  return bare(parts.join(" "));
}

/** Of very many mappings one wants to know how many. */
function detailOf(lane: Lane): string {
  return lane.kind === "mapped" && (lane.space !== undefined || lane.total >= 100) ? `${countText(lane.total)} ${lane.total === 1 ? "mapping" : "mappings"}` : lane.detail;
}

export function refused(view: IovaView): boolean {
  return view.asked !== null && view.asked.errno !== "OK" && view.asked.errno !== "0";
}

/** The beginning that calls share goes before a middle does: "VFIO_IOM…MAP_DMA" may be a map or an unmap. */
function fitted(text: string, face: Face, room: Px, measure: Measure): string {
  return shorten(measure(text, face) > room ? text.replace(/^(VFIO_)?IOMMU_/, "") : text, face, room, measure) ?? "";
}

/** From the place asked for to the block that decided, upwards through the lanes. */
function tieOf(view: IovaView, rows: readonly LaneRow[], axis: Axis): { tie: Tie | null; hitKind: SpanKind } {
  const decidedBy = view.asked?.decidedBy ?? null;
  const call = rows.find((row) => row.lane.kind === "call");
  const none = { tie: null, hitKind: "reserved" as SpanKind };
  if (!decidedBy || !call || !refused(view) || !overlaps(decidedBy, axis.window) || call.blocks.length === 0) return none;
  for (const kind of ["holes", "mapped", "valid", "contributor"] as const) {
    for (const row of rows) {
      if (row.lane.kind !== kind) continue;
      const block = best(row.blocks, decidedBy);
      if (!block) continue;
      const { left, right } = visible(block, axis.width);
      const hit = call.blocks.find((candidate) => candidate.kind === "call-hit") ?? call.blocks[0];
      const hitPart = hit ? visible(hit, axis.width) : { left, right };
      const from = Math.max(left, hitPart.left);
      const to = Math.min(right, hitPart.right);
      const px = from <= to ? (from + to) / 2 : (left + right) / 2;
      return { tie: { px, from: call.bar.top, to: row.bar.top + row.bar.height, kind: block.kind }, hitKind: block.kind === "valid" ? "reserved" : block.kind };
    }
  }
  return none;
}

/** The block of exactly this range, else one that overlaps it. */
function best(blocks: readonly Block[], range: Range): Block | null {
  return blocks.find((block) => block.first === range.first && block.last === range.last) ?? blocks.find((block) => overlaps(block, range)) ?? null;
}

function once<Value>(make: () => Value): () => Value {
  let made: Value | null = null;
  return () => (made ??= make());
}
