/** Small questions about a space and what is marked in it. Pure. */
import { groupedHex, humanSize } from "../../../base/format.ts";
import { lengthOf } from "../../../base/u64.ts";
import type { Lane } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { Selection } from "../../state/selection.ts";
import { lightsSpan, type Light } from "../common/light.ts";
import { floatToU64, WHOLE } from "./axis.ts";
import { beyondEdge } from "./overlay.ts";
import type { Scale } from "./viewport.ts";

export function ascending(lane: Lane): Lane {
  return { ...lane, spans: lane.spans.toSorted((left, right) => (left.first < right.first ? -1 : left.first > right.first ? 1 : 0)) };
}

/** What a linear axis shows as "all": up to the end of the largest aperture, if any. */
export function apertureOf(lanes: readonly Lane[]): Range {
  let last: Range["last"] = 0;
  for (const lane of lanes) for (const span of lane.spans) if ((span.kind === "aperture-field" || span.kind === "mapping") && span.last > last) last = span.last;
  return last > 0 ? { first: 0, last } : WHOLE;
}

export function rangeOf(range: Range): Range {
  return { first: range.first, last: range.last };
}

/** The addresses that a selection concerns: its own range, or from the first to the last span it lights. */
export function selectedRange(lanes: readonly Lane[], selection: Selection | null, light: Light): Range | null {
  if (!selection) return null;
  if ("range" in selection) return selection.range;
  let found: Range | null = null;
  for (const span of lanes.flatMap((lane) => lane.spans)) {
    if (!lightsSpan(light, span) || span.kind === "aperture-field" || span.kind === "aperture") continue;
    if (span.key === selection.key) return rangeOf(span);
    found = found === null ? rangeOf(span) : { first: found.first < span.first ? found.first : span.first, last: found.last > span.last ? found.last : span.last };
  }
  return found;
}

export function edgeHint(range: Range | null, window: Range, selected: boolean): { side: "before" | "after"; text: string; range: Range } | null {
  const side = range ? beyondEdge(range, window) : null;
  if (!range || !side) return null;
  const what = `${selected ? "selection" : "this call"} at ${groupedHex(range.first)}`;
  return { side, range, text: side === "before" ? `‹ ${what}` : `${what} ›` };
}

export function noteOf(scale: Scale, window: Range, whole: boolean, coarsest: number): string {
  if (!whole) return `${groupedHex(window.first)} – ${groupedHex(window.last)} · ${humanSize(lengthOf(window.first, window.last))}`;
  if (scale === "folded") return "folded axis: breaks mark narrowed stretches";
  if (scale === "log") return "log axis: every doubling of the address gets the same room";
  return `linear axis: one pixel is ${humanSize(floatToU64(Math.max(1, coarsest)))}`;
}
