/** Which addresses the axis names, and where: boundaries first, round addresses where there is room; never overlapping. */
import { groupedHex } from "../../../base/format.ts";
import { add, alignUp, pow2, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Lane, SpanKind } from "../../../engine/views.ts";
import { placeLabels } from "../common/place-labels.ts";
import type { Measure } from "../common/text.ts";
import { scaleOf, SPACE_END, type Axis } from "./axis.ts";

export interface AxisLabel {
  position: U64;
  px: Px;
  text: string;
  left: Px;
  width: Px;
  row: number;
}

export interface AxisTick {
  position: U64;
  px: Px;
  /** A fold of the axis, the edge of something, or a round address between. */
  kind: "fold" | "edge" | "round";
}

const SUPERSCRIPT = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A position for people: 0xfee0_0000, and 2⁴⁸ for large powers of two. */
export function positionText(position: U64): string {
  for (let bits = 44; bits <= 64; bits++) {
    if (position === pow2(bits)) return `2${String(bits).replace(/\d/g, (digit) => SUPERSCRIPT[Number(digit)]!)}`;
  }
  return groupedHex(position);
}

/** An inclusive end for people: 0xfedf_ffff, and 2⁴⁸−1 where that is shorter. */
export function lastText(last: U64): string {
  const end = positionText(add(last, 1));
  return end.startsWith("0x") ? groupedHex(last) : `${end}−1`;
}

const PRIORITY: Partial<Record<SpanKind, number>> = {
  call: 6, "call-hit": 6, mapping: 3, msi: 4, reserved: 5, direct: 4, "sw-msi": 4, test: 4, aperture: 4, "direct-relaxable": 1, valid: 2, allowed: 2, "aperture-field": 2,
};
const TICK_PX = 6;
/** Px between round addresses where nothing else names the place. */
const ROUND_PX = 132;

/** Boundaries inside the window with how much they matter, ascending. */
function boundaries(lanes: readonly Lane[], axis: Axis): Map<U64, number> {
  const found = new Map<U64, number>();
  const end = add(axis.window.last, 1);
  const note = (position: U64, priority: number): void => {
    if (position < axis.window.first || position > end) return;
    if (position !== end || position === SPACE_END) found.set(position, Math.max(found.get(position) ?? 0, priority));
  };
  for (const lane of lanes) {
    for (const span of lane.spans) {
      const priority = PRIORITY[span.kind] ?? 1;
      note(span.first, priority + 0.5);
      note(add(span.last, 1), priority);
    }
  }
  return found;
}

/** Ticks and labels of an axis. Deterministic; at most two rows of labels. */
export function axisLabels(lanes: readonly Lane[], axis: Axis, measure: Measure): { ticks: AxisTick[]; labels: AxisLabel[] } {
  const found = boundaries(lanes, axis);
  const folds = new Set(axis.segments.map((segment) => segment.first));
  const ticks: AxisTick[] = [...found.keys()].map((position) => ({ position, px: axis.toPx(position), kind: folds.has(position) ? "fold" : "edge" }));
  found.set(axis.window.first, 6.8);
  for (const position of roundPositions(axis)) {
    const px = axis.toPx(position);
    if (found.has(position) || ticks.some((tick) => Math.abs(tick.px - px) < 40)) continue;
    ticks.push({ position, px, kind: "round" });
    found.set(position, 0.5);
  }
  const round = new Set(ticks.filter((tick) => tick.kind === "round").map((tick) => tick.position));
  const requests = [...found].map(([position, priority]) => {
    const text = round.has(position) ? groupedHex(position) : positionText(position);
    return { key: String(position), position, text, center: axis.toPx(position), width: measure(text, "mono"), priority };
  });
  const placed = placeLabels(thin(requests), 2, 0, axis.width, 10);
  const labels = requests.flatMap((request): AxisLabel[] => {
    const place = placed.get(request.key);
    return place ? [{ position: request.position, px: request.center, text: request.text, left: place.left, width: request.width, row: place.row }] : [];
  });
  return { ticks: thinTicks(ticks, found), labels };
}

/** Thousands of boundaries cannot all be named: the first that matter are enough to fill both rows. */
function thin<Request extends { priority: number }>(requests: Request[]): Request[] {
  return requests.length <= 200 ? requests : requests.toSorted((left, right) => right.priority - left.priority).slice(0, 200);
}

/** A comb says nothing: ticks keep a distance, those where the axis folds and those that matter more go first. */
function thinTicks(ticks: readonly AxisTick[], found: ReadonlyMap<U64, number>): AxisTick[] {
  const rank = (tick: AxisTick): number => (tick.kind === "fold" ? 10 : 0) + (found.get(tick.position) ?? 0);
  const taken = new Set<number>();
  const kept: AxisTick[] = [];
  for (const tick of ticks.toSorted((left, right) => rank(right) - rank(left))) {
    const at = Math.round(tick.px / TICK_PX);
    if (taken.has(at) || (tick.kind !== "fold" && (taken.has(at - 1) || taken.has(at + 1)))) continue;
    taken.add(at);
    kept.push(tick);
  }
  return kept;
}

/** Round addresses (multiples of a power of two) about ROUND_PX apart in each wide stretch. */
function roundPositions(axis: Axis): U64[] {
  const positions: U64[] = [];
  for (const segment of axis.segments) {
    if (segment.right - segment.left < ROUND_PX * 1.2 || segment.broken) continue;
    const bits = Math.min(60, Math.max(0, Math.ceil(Math.log2(scaleOf(segment) * ROUND_PX))));
    const step = pow2(bits);
    for (let position = alignUp(segment.first, step); position < segment.end; position = add(position, step)) positions.push(position);
  }
  return positions;
}
