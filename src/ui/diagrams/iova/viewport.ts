/** Windows on the space and how zooming, panning and fitting change them. Pure; addresses exact, inclusive. */
import { add, alignDown, alignUp, lengthOf, max, min, sub, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";
import { bytes, distance, foldedAxis, linearAxis, shift, SPACE_END, WHOLE, type Axis, type Landmarks } from "./axis.ts";

export type Scale = "folded" | "linear";

/** The narrowest window: one page. */
export const NARROWEST = 4096;

/** The axis of a window; `landmarks` count on a folded one only. */
export function axisOf(scale: Scale, landmarks: Landmarks, window: Range, width: Px): Axis {
  return scale === "folded" ? foldedAxis(landmarks, window, width) : linearAxis(window, width);
}

/** [first, end) kept inside the space and no narrower than a page. */
export function windowOf(first: U64, end: U64): Range {
  let from = first;
  let to = min(end, SPACE_END);
  if (to < add(from, NARROWEST)) {
    const middle = shift(from, distance(from, to) / 2);
    from = shift(middle, -NARROWEST / 2);
    to = add(from, NARROWEST);
    if (to > SPACE_END) {
      to = SPACE_END;
      from = sub(SPACE_END, NARROWEST);
    }
  }
  return { first: from, last: sub(to, 1) };
}

/** The address `px` beyond the window's edges too, at the scale of the segment there. */
function beyond(axis: Axis, px: Px): U64 {
  const edge = px < 0 ? axis.segments[0]! : axis.segments.at(-1)!;
  if (px >= 0 && px <= axis.width) return px === axis.width ? add(axis.window.last, 1) : axis.toAddress(px);
  const scale = bytes(sub(edge.end, edge.first)) / Math.max(edge.right - edge.left, 1e-9);
  return px < 0 ? shift(axis.window.first, px * scale) : shift(add(axis.window.last, 1), (px - axis.width) * scale);
}

export interface View {
  scale: Scale;
  landmarks: Landmarks;
  window: Range;
  width: Px;
}

/** The window after zooming by `factor` (> 1: closer) while the address under `px` stays where it is. */
export function zoomAt(view: View, px: Px, factor: number): Range {
  const axis = axisOf(view.scale, view.landmarks, view.window, view.width);
  if (factor < 1 && view.window.first === 0 && view.window.last === WHOLE.last) return view.window;
  if (factor > 1 && lengthOf(view.window.first, view.window.last) <= NARROWEST) return view.window;
  const anchor = axis.toAddress(px);
  let window = windowOf(beyond(axis, px - px / factor), beyond(axis, px + (view.width - px) / factor));
  // A new window folds anew, which may move the anchor a little: bring it back.
  for (let round = 0; round < 3; round++) {
    const next = axisOf(view.scale, view.landmarks, window, view.width);
    const off = next.toPx(anchor) - px;
    if (Math.abs(off) < 0.5) break;
    window = panned(next, off);
  }
  return window;
}

/** The window after the drawing has been dragged by `-delta` px (delta > 0: towards higher addresses). */
export function panBy(view: View, delta: Px): Range {
  return panned(axisOf(view.scale, view.landmarks, view.window, view.width), delta);
}

function panned(axis: Axis, delta: Px): Range {
  const { first, last } = axis.window;
  const length = lengthOf(first, last);
  const from = beyond(axis, delta);
  const to = beyond(axis, axis.width + delta);
  if (from === 0 && delta < 0) return { first: 0, last: sub(min(max(to, min(length, SPACE_END)), SPACE_END), 1) };
  if (to === SPACE_END && delta > 0) return { first: min(from, sub(SPACE_END, min(length, SPACE_END))), last: WHOLE.last };
  return windowOf(from, to);
}

/** A window that shows a range with room on both sides (it fills about 80 %), at page granularity. */
export function fit(range: Range): Range {
  const margin = bytes(lengthOf(range.first, range.last)) * 0.125;
  const first = alignDown(shift(range.first, -margin), NARROWEST);
  const end = alignUp(shift(add(range.last, 1), margin), NARROWEST);
  return windowOf(first, end);
}

export function sameWindow(left: Range, right: Range): boolean {
  return left.first === right.first && left.last === right.last;
}

export function contains(window: Range, range: Range): boolean {
  return window.first <= range.first && range.last <= window.last;
}

export function overlaps(left: Range, right: Range): boolean {
  return left.first <= right.last && right.first <= left.last;
}
