/**
 * Where an address lies on the screen, and back: exact for 64-bit addresses, because every position is computed from the
 * start of a segment and never from zero. Positions are between bytes: the end of an inclusive range is the position of
 * `last + 1`, so 2^64 is a legal position (never an address).
 */
import { add, fromBig, pow2, sub, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";

/** One past the last byte of the space. */
export const SPACE_END: U64 = pow2(64);
export const WHOLE: Range = { first: 0, last: sub(SPACE_END, 1) };

/** A stretch of addresses [first, end) drawn at one scale, from `left` to `right` px. */
export interface Segment {
  first: U64;
  end: U64;
  left: Px;
  right: Px;
  /** Nothing happens in it: it may be narrowed. */
  quiet: boolean;
  /** Drawn much coarser than a neighbour: the axis marks a break. */
  broken: boolean;
}

export interface Axis {
  /** What is on screen, inclusive. */
  readonly window: Range;
  readonly width: Px;
  readonly segments: readonly Segment[];
  /** Px of a position in [0, 2^64]; outside the window the scale of the nearest segment continues. */
  toPx(position: U64): Px;
  /** The address under a px, clamped to the window. */
  toAddress(px: Px): U64;
}

/** A number of bytes as a float: exact below 2^53, and above that pixels are thousands of bytes wide anyway. */
export function bytes(value: U64): number {
  return Number(value);
}

/** A non-negative float of bytes as a U64, rounded down. */
export function floatToU64(value: number): U64 {
  if (!(value > 0)) return 0;
  return value <= Number.MAX_SAFE_INTEGER ? Math.floor(value) : fromBig(BigInt(Math.floor(value)));
}

/** position + delta bytes (which may be negative), kept within [0, 2^64]. */
export function shift(position: U64, delta: number): U64 {
  if (delta >= 0) {
    const sum = add(position, floatToU64(delta));
    return sum > SPACE_END ? SPACE_END : sum;
  }
  const step = floatToU64(-delta);
  return step >= position ? 0 : sub(position, step);
}

/** right − left as a signed float of bytes. */
export function distance(left: U64, right: U64): number {
  return right >= left ? bytes(sub(right, left)) : -bytes(sub(left, right));
}

export class PiecewiseAxis implements Axis {
  readonly window: Range;
  readonly width: Px;
  readonly segments: readonly Segment[];

  constructor(window: Range, width: Px, segments: readonly Segment[]) {
    this.window = window;
    this.width = width;
    this.segments = segments;
  }

  toPx(position: U64): Px {
    const segment = this.#find((candidate) => position < candidate.end);
    return segment.left + (distance(segment.first, position) * (segment.right - segment.left)) / bytes(sub(segment.end, segment.first));
  }

  toAddress(px: Px): U64 {
    const at = Math.min(Math.max(px, 0), this.width);
    const segment = this.#find((candidate) => at < candidate.right);
    const length = bytes(sub(segment.end, segment.first));
    const address = shift(segment.first, ((at - segment.left) / (segment.right - segment.left || 1)) * length);
    return address > this.window.last ? this.window.last : address;
  }

  /** The first segment for which the test holds, else the last one. */
  #find(holds: (segment: Segment) => boolean): Segment {
    let low = 0;
    let high = this.segments.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (holds(this.segments[middle]!)) high = middle;
      else low = middle + 1;
    }
    return this.segments[low]!;
  }
}

/** One scale for the whole window: px = (address − window.first) / bytesPerPx. */
export function linearAxis(window: Range, width: Px): Axis {
  return new PiecewiseAxis(window, width, [
    { first: window.first, end: add(window.last, 1), left: 0, right: width, quiet: false, broken: false },
  ]);
}

/** Bytes per px where the axis is linear; the coarsest scale of a folded one. */
export function bytesPerPx(axis: Axis): number {
  return Math.max(...axis.segments.map(scaleOf));
}

/** Bytes per px of one segment. */
export function scaleOf(segment: Segment): number {
  return bytes(sub(segment.end, segment.first)) / Math.max(segment.right - segment.left, 1e-9);
}

/** What folding starts from: positions where something begins or ends, ascending, and which stretches between are quiet. */
export interface Landmarks {
  /** Strictly ascending positions inside (0, 2^64). */
  bounds: readonly U64[];
  /** One per stretch, bounds.length + 1 of them: how much of the room it may claim. 1 = eventful, less = quiet. */
  weights: readonly number[];
  /** Which stretches lie outside every aperture: nothing can ever happen there. */
  outside: readonly boolean[];
}

/** Px that an eventful stretch gets at the least, while there is room; quiet ones get their weight's share of it. */
function eventfulPx(width: Px): Px {
  return Math.max(46, Math.min(90, width * 0.055));
}

/** In a folded axis a stretch outside the aperture counts as no longer than this share of the longest one inside. */
const OUTSIDE_SHARE = 0.25;
/** A stretch this many times coarser than a neighbour is marked as a break. */
const BREAK_RATIO = 6;

/**
 * The folded axis: linear within each stretch, and between stretches widths go with length^alpha, where alpha is the
 * largest exponent ≤ 1 that still leaves every stretch legible. So lengths keep their order, a 1 MiB hole is visible in
 * 2^64, the picture moves continuously while zooming, and turns truly linear (alpha = 1) as soon as everything fits so.
 */
export function foldedAxis(landmarks: Landmarks, window: Range, width: Px): Axis {
  const pieces = clip(landmarks, window, longestInside(landmarks), eventfulPx(width));
  if (pieces.length === 1) return linearAxis(window, width);
  const wanted = pieces.reduce((sum, piece) => sum + piece.least, 0);
  const squeeze = Math.min(1, (width * 0.72) / wanted);
  const alpha = largestExponent(pieces, width, squeeze);
  const shares = pieces.map((piece) => share(piece, alpha));
  const total = shares.reduce((sum, value) => sum + value, 0);
  let left = 0;
  const segments = pieces.map((piece, index): Segment => {
    const right = index === pieces.length - 1 ? width : left + (shares[index]! / total) * width;
    const segment = { first: piece.first, end: piece.end, left, right, quiet: piece.weight < 1, broken: false };
    left = right;
    return segment;
  });
  markBreaks(segments);
  return new PiecewiseAxis(window, width, segments);
}

interface Piece {
  first: U64;
  end: U64;
  weight: number;
  /** How much of its length counts while the axis is folded. */
  counted: number;
  /** Px it should have at the least; shrinks to nothing as the stretch leaves the window. */
  least: number;
}

function longestInside({ bounds, outside }: Landmarks): number {
  let longest = 0;
  for (let index = 0; index <= bounds.length; index++) {
    if (!outside[index]) longest = Math.max(longest, distance(index === 0 ? 0 : bounds[index - 1]!, bounds[index] ?? SPACE_END));
  }
  return longest;
}

function clip(landmarks: Landmarks, window: Range, inside: number, eventful: Px): Piece[] {
  const windowEnd = add(window.last, 1);
  const pieces: Piece[] = [];
  const { bounds, weights } = landmarks;
  for (let index = 0; index <= bounds.length; index++) {
    const first = index === 0 ? 0 : bounds[index - 1]!;
    const end = index === bounds.length ? SPACE_END : bounds[index]!;
    if (end <= window.first || first >= windowEnd) continue;
    const clippedFirst = first > window.first ? first : window.first;
    const clippedEnd = end < windowEnd ? end : windowEnd;
    const length = bytes(sub(end, first));
    const seen = bytes(sub(clippedEnd, clippedFirst)) / length;
    const counted = landmarks.outside[index] && inside > 0 ? Math.min(1, (OUTSIDE_SHARE * inside) / length) : 1;
    const weight = weights[index] ?? 1;
    pieces.push({ first: clippedFirst, end: clippedEnd, weight, counted, least: seen * weight * eventful });
  }
  return pieces;
}

/** Quiet and outside stretches claim less the more the axis is folded; at alpha = 1 bytes are all that counts. */
function share(piece: Piece, alpha: number): number {
  const length = bytes(sub(piece.end, piece.first)) * piece.counted ** (1 - alpha ** 8);
  return piece.weight ** (1 - alpha) * length ** alpha;
}

function largestExponent(pieces: readonly Piece[], width: Px, squeeze: number): number {
  const legible = (alpha: number): boolean => {
    const shares = pieces.map((piece) => share(piece, alpha));
    const total = shares.reduce((sum, value) => sum + value, 0);
    return pieces.every((piece, index) => (shares[index]! / total) * width >= piece.least * squeeze - 1e-9);
  };
  if (legible(1)) return 1;
  let low = 0;
  let high = 1;
  for (let round = 0; round < 22; round++) {
    const middle = (low + high) / 2;
    if (legible(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function markBreaks(segments: Segment[]): void {
  for (let index = 0; index < segments.length; index++) {
    const here = scaleOf(segments[index]!);
    const finest = Math.min(...[segments[index - 1], segments[index + 1]].filter((next) => next !== undefined).map(scaleOf));
    segments[index]!.broken = here > finest * BREAK_RATIO;
  }
}
