/** The axis on a log scale, and what lies between two axes while one passes into the other. Exact as axis.ts is. */
import { add, max, min, pow2, sub, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";
import { bytes, linearAxis, PiecewiseAxis, SPACE_END, type Axis, type Segment } from "./axis.ts";

const PAGE_BITS = 12;

/** Every doubling of the address from one page up gets the same room; linear between two powers of two. */
export function logAxis(window: Range, width: Px): Axis {
  const end = add(window.last, 1);
  const pieces: { first: U64; end: U64; share: number }[] = [];
  for (let bits = PAGE_BITS - 1; bits < 64; bits++) {
    const octave = { first: bits < PAGE_BITS ? 0 : pow2(bits), end: pow2(bits + 1) };
    const first = max(octave.first, window.first);
    const stop = min(octave.end, end);
    // A part of an octave claims its part of the room: zooming keeps every place where it was.
    if (first < stop) pieces.push({ first, end: stop, share: bytes(sub(stop, first)) / bytes(sub(octave.end, octave.first)) });
  }
  if (pieces.length === 1) return linearAxis(window, width);
  const total = pieces.reduce((sum, piece) => sum + piece.share, 0);
  let left = 0;
  const segments = pieces.map((piece, index): Segment => {
    const right = index === pieces.length - 1 ? width : left + (piece.share / total) * width;
    const segment = { first: piece.first, end: piece.end, left, right, quiet: false, broken: false };
    left = right;
    return segment;
  });
  return new PiecewiseAxis(window, width, segments);
}

/** Every position on its way: `share` 0 is where `from` has it, 1 where `to` has it. */
export function blendAxis(from: Axis, to: Axis, share: number): Axis {
  const ends = [from, to].flatMap((axis) => [...axis.segments.map((segment) => segment.first), add(axis.window.last, 1)]);
  const bounds = [...new Set([0, ...ends, SPACE_END])].toSorted((left, right) => (left < right ? -1 : 1));
  const px = bounds.map((bound) => from.toPx(bound) * (1 - share) + to.toPx(bound) * share);
  const { width } = to;
  const all: Segment[] = [];
  for (let index = 0; index + 1 < bounds.length; index++) {
    const [left, right] = [px[index]!, px[index + 1]!];
    if (right > left) all.push({ first: bounds[index]!, end: bounds[index + 1]!, left, right, quiet: false, broken: false });
  }
  const whole = new PiecewiseAxis({ first: 0, last: sub(SPACE_END, 1) }, width, all);
  const last = whole.toAddress(width);
  const first = whole.toAddress(0);
  const window = { first, last: last === whole.window.last || last === first ? last : sub(last, 1) };
  const segments = all
    .filter((segment) => segment.right > 0 && segment.left < width && segment.end > window.first && segment.first <= window.last)
    .map((segment) => {
      return { ...segment, first: max(segment.first, window.first), end: min(segment.end, add(window.last, 1)), left: Math.max(segment.left, 0), right: Math.min(segment.right, width) };
    });
  return segments.length === 0 ? to : new PiecewiseAxis(window, width, segments);
}
