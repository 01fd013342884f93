/** Windows on the space and how zooming, panning and fitting change them. Pure; addresses exact, inclusive. */
import { add, alignDown, alignUp, lengthOf, max, min, sub, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";
import { bytes, distance, foldedAxis, linearAxis, shift, SPACE_END, WHOLE, type Axis, type Landmarks } from "./axis.ts";
import { logAxis } from "./other-axes.ts";

export type Scale = "folded" | "linear" | "log";

/** The narrowest window: one page. */
export const NARROWEST = 4096;

/** The axis of a window; `landmarks` count on a folded one only. */
export function axisOf(scale: Scale, landmarks: Landmarks, window: Range, width: Px): Axis {
  if (scale === "log") return logAxis(window, width);
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

/** The window after zooming by `factor` (> 1: closer) while the address under `px` stays where it is, if it can. */
export function zoomAt(view: View, px: Px, factor: number): Range {
  const axis = axisOf(view.scale, view.landmarks, view.window, view.width);
  if (factor < 1 && view.window.first === 0 && view.window.last === WHOLE.last) return view.window;
  if (factor > 1 && lengthOf(view.window.first, view.window.last) <= NARROWEST) return view.window;
  const window = windowOf(beyond(axis, px - px / factor), beyond(axis, px + (view.width - px) / factor));
  return hold(view, window, axis.toAddress(px), px, factor > 1);
}

/** The window after panning by `delta` px (> 0: towards higher addresses). */
export function panBy(view: View, delta: Px): Range {
  return panned(axisOf(view.scale, view.landmarks, view.window, view.width), delta);
}

/** The window after the point under `from` px has been dragged to `to` px; `view` is as it was when the drag began. */
export function drag(view: View, from: Px, to: Px): Range {
  const axis = axisOf(view.scale, view.landmarks, view.window, view.width);
  const window = panned(axis, from - to);
  if (sameWindow(window, view.window)) return window;
  const wider = lengthOf(window.first, window.last) > lengthOf(view.window.first, view.window.last);
  return hold(view, window, axis.toAddress(from), to, wider);
}

/**
 * A new window folds anew, which may move the anchor: moves one edge of the window until the anchor is under `px` again.
 * `inwards`: an edge comes nearer to the anchor (always possible); else one goes farther, as far as the space goes.
 */
function hold(view: View, window: Range, anchor: U64, px: Px, inwards: boolean): Range {
  if (view.scale !== "folded") return window;
  const offset = (candidate: Range): number => axisOf(view.scale, view.landmarks, candidate, view.width).toPx(anchor) - px;
  const off = offset(window);
  if (Math.abs(off) < 0.75) return window;
  const end = add(window.last, 1);
  const before = Math.max(distance(window.first, anchor), 1);
  const after = Math.max(distance(anchor, end), 1);
  const moveFirst = off > 0 === inwards;
  // The moving edge's distance from the anchor, on a log scale, between a page and the limit.
  let near = Math.log2(inwards ? Math.min(NARROWEST / 4, moveFirst ? before : after) : moveFirst ? before : after);
  let far = Math.log2(inwards ? (moveFirst ? before : after) : Math.max(1, moveFirst ? distance(0, anchor) : distance(anchor, SPACE_END)));
  let best = window;
  let least = Math.abs(off);
  for (let round = 0; round < 26; round++) {
    const middle = (near + far) / 2;
    const candidate = moveFirst ? windowOf(shift(anchor, -(2 ** middle)), end) : windowOf(window.first, shift(anchor, 2 ** middle));
    const error = offset(candidate);
    if (Math.abs(error) < least) {
      best = candidate;
      least = Math.abs(error);
      if (least < 0.5) break;
    }
    // More room before the anchor pushes it right, more room after it pushes it left.
    if (error > 0 === moveFirst) far = middle;
    else near = middle;
  }
  return best;
}

function panned(axis: Axis, delta: Px): Range {
  const { first, last } = axis.window;
  const length = lengthOf(first, last);
  const from = beyond(axis, delta);
  const to = beyond(axis, axis.width + delta);
  if (from === 0 && delta < 0) return { first: 0, last: sub(min(max(to, length), SPACE_END), 1) };
  if (to === SPACE_END && delta > 0) return { first: min(from, sub(SPACE_END, length)), last: WHOLE.last };
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
