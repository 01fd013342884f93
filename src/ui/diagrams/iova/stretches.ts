/** The axis in whole columns of pixels: for which addresses dense lanes are asked, and which of their columns stand where. Pure. */
import { add, lengthOf, max, sub, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { Stretch } from "../../../engine/views.ts";
import { bytes, distance, shift, SPACE_END, type Axis } from "./axis.ts";

/** The part of the narrower column that may be missed when grids of different scale are laid over each other. */
const SLACK = 1e-3;
/** Grids whose columns are nearer to each other than this are the same. */
const SAME = 0.02;

/** What is on screen in whole columns, one per px: ascending, without gaps. */
export function columnsOf(axis: Axis): Stretch[] {
  const stretches: Stretch[] = [];
  let first: U64 = axis.window.first;
  for (const segment of axis.segments) {
    const columns = Math.round(segment.right) - Math.round(segment.left);
    const last = sub(segment.end, 1);
    const before = stretches.at(-1);
    if (columns > 0) {
      stretches.push({ first, last, columns });
      first = segment.end;
    } else if (before && first === segment.first) {
      before.last = last;
      first = segment.end;
    }
  }
  const end = stretches.at(-1);
  if (end) end.last = axis.window.last;
  return stretches;
}

/** Bytes per column. */
export function grain(stretch: Stretch): number {
  return bytes(lengthOf(stretch.first, stretch.last)) / stretch.columns;
}

/** The same with `columns` more at either end, at the scale of that end, as far as the space goes. */
export function withOverscan(visible: readonly Stretch[], columns: number): Stretch[] {
  const [first, last] = [visible[0], visible.at(-1)];
  if (!first || !last) return [];
  const before = Math.min(columns, Math.floor(distance(0, first.first) / grain(first)));
  const after = Math.min(columns, Math.floor(distance(add(last.last, 1), SPACE_END) / grain(last)));
  const stretches = visible.map((stretch) => ({ ...stretch }));
  const [low, high] = [stretches[0]!, stretches.at(-1)!];
  const [start, end] = [shift(first.first, -before * grain(first)), shift(add(last.last, 1), after * grain(last))];
  low.first = start;
  low.columns += before;
  high.last = sub(end, 1);
  high.columns += after;
  return stretches;
}

export function windowOfStretches(stretches: readonly Stretch[]): Range {
  return { first: stretches[0]!.first, last: stretches.at(-1)!.last };
}

/** Does every column on screen have one of `source` for itself alone? Then what is drawn is exact. */
export function aligned(source: readonly Stretch[], visible: readonly Stretch[]): boolean {
  return visible.every((shown) =>
    source.some((known) => {
      if (shown.first < known.first || shown.last > known.last) return false;
      const scale = grain(known);
      const offset = distance(known.first, shown.first) / scale;
      return Math.abs(grain(shown) / scale - 1) * shown.columns < SAME && Math.abs(offset - Math.round(offset)) < SAME;
    }),
  );
}

/** For each px column the first and last column of `source` that it shows; -1 where the source knows nothing. */
export interface Columns {
  from: Int32Array;
  to: Int32Array;
}

/** Lays the columns on screen over those of a source. */
export function overlay(visible: readonly Stretch[], source: readonly Stretch[]): Columns {
  const width = visible.reduce((sum, stretch) => sum + stretch.columns, 0);
  const from = new Int32Array(width).fill(-1);
  const to = new Int32Array(width).fill(-1);
  const starts: number[] = [];
  let total = 0;
  for (const stretch of source) {
    starts.push(total);
    total += stretch.columns;
  }
  let left = 0;
  for (const shown of visible) {
    const scale = grain(shown);
    const offsets = source.map((known) => distance(known.first, shown.first));
    const grains = source.map(grain);
    const slacks = grains.map((each) => SLACK * Math.min(1, scale / each));
    let at = 0;
    for (let column = 0; column < shown.columns; column++) {
      const px = left + column;
      const place = (bytesIn: number, index: number): number => (offsets[index]! + bytesIn) / grains[index]!;
      while (at < source.length && place(column * scale, at) + slacks[at]! >= source[at]!.columns) at++;
      if (at === source.length) break;
      const begin = place(column * scale, at) + slacks[at]!;
      let end = at;
      while (end + 1 < source.length && place((column + 1) * scale, end) - slacks[end]! > source[end]!.columns) end++;
      const stop = place((column + 1) * scale, end) - slacks[end]!;
      if (stop <= 0) continue;
      const first = starts[at]! + Math.max(0, Math.floor(begin));
      from[px] = first;
      to[px] = Math.max(first, starts[end]! + Math.min(source[end]!.columns, Math.ceil(stop)) - 1);
    }
    left += shown.columns;
  }
  return { from, to };
}

/** The addresses of a px column. */
export function columnRange(visible: readonly Stretch[], px: Px): Range | null {
  let left = 0;
  for (const stretch of visible) {
    if (px < left + stretch.columns) {
      const column = px - left;
      const first = shift(stretch.first, column * grain(stretch));
      const next = column + 1 === stretch.columns ? add(stretch.last, 1) : shift(stretch.first, (column + 1) * grain(stretch));
      return { first, last: max(first, sub(next, 1)) };
    }
    left += stretch.columns;
  }
  return null;
}
