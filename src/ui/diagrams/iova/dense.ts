/** Lanes with more areas than can be told apart: one px column after the other, exact where the grids agree. Pure. */
import type { Px } from "../../../base/flavor.ts";
import { add, hex, lengthOf } from "../../../base/u64.ts";
import type { DenseLane, Span, Stretch } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import { bytes, type Axis } from "./axis.ts";
import type { Block } from "./lane-layout.ts";
import { aligned, columnRange, columnsOf, grain, overlay, type Columns } from "./stretches.ts";

/** What a coarse answer, a joined span, says of its columns until a finer one arrives: something is here. */
const SOMETHING = 96;

/** What stands in each px column of a lane. */
export interface DenseRow {
  /** 0 only where nothing is, 255 where all of it is covered. */
  cover: Uint8Array;
  /** How many areas touch it; 0 where only a coarse answer is known. */
  counts: Uint32Array;
  visible: readonly Stretch[];
  /** Every column is an exact one of the engine's, not put together from others. */
  exact: boolean;
}

/** The grid of a dense lane. */
export function gridOf(dense: DenseLane): readonly Stretch[] {
  return dense.stretches ?? [{ first: dense.first, last: dense.last, columns: dense.cover.length }];
}

/** Lanes of one answer have one grid: it is laid under the screen once. */
export function denseRows(axis: Axis): (dense: DenseLane, coarse: readonly Span[]) => DenseRow {
  const visible = columnsOf(axis);
  const known = new Map<string, { columns: Columns; exact: boolean }>();
  return (dense, coarse) => {
    const grid = gridOf(dense);
    const name = `${grid.map((stretch) => `${stretch.first}+${stretch.columns}`).join()}-${grid.at(-1)?.last}`;
    let laid = known.get(name);
    if (!laid) known.set(name, (laid = { columns: overlay(visible, grid), exact: aligned(grid, visible) }));
    return rowOf(dense, coarse, laid.columns, visible, laid.exact, axis);
  };
}

function rowOf(dense: DenseLane, coarse: readonly Span[], { from, to }: Columns, visible: readonly Stretch[], exact: boolean, axis: Axis): DenseRow {
  const cover = new Uint8Array(from.length);
  const counts = new Uint32Array(from.length);
  let missing = false;
  for (let px = 0; px < from.length; px++) {
    const first = from[px]!;
    if (first < 0) {
      missing = true;
      continue;
    }
    const last = to[px]!;
    if (first === last) {
      cover[px] = dense.cover[first]!;
      counts[px] = dense.counts[first]!;
      continue;
    }
    let sum = 0;
    let count = 0;
    for (let column = first; column <= last; column++) {
      sum += dense.cover[column]!;
      count += dense.counts[column]!;
    }
    cover[px] = sum === 0 ? 0 : Math.max(1, Math.round(sum / (last - first + 1)));
    counts[px] = count;
  }
  if (missing) paintCoarse(cover, from, coarse, axis);
  return { cover, counts, visible, exact: exact && !missing };
}

/** Where nothing finer is known, the joined spans of the overview say that something is there. */
function paintCoarse(cover: Uint8Array, from: Int32Array, coarse: readonly Span[], axis: Axis): void {
  for (const span of coarse) {
    if (span.last < axis.window.first || span.first > axis.window.last) continue;
    const left = Math.max(0, Math.floor(axis.toPx(span.first)));
    const right = Math.min(cover.length - 1, Math.floor(axis.toPx(add(span.last, 1)) - 1e-6));
    for (let px = left; px <= right; px++) if (from[px]! < 0) cover[px] = SOMETHING;
  }
}

/** The column under the pointer, or the nearest one with something in it up to `slop` px away; null where nothing is. */
export function columnAt(row: DenseRow, px: Px, slop: number): (Range & { px: number; cover: number; count: number }) | null {
  const here = Math.floor(px);
  for (let away = 0; away <= slop; away++) {
    for (const at of away === 0 ? [here] : [here - away, here + away]) {
      const cover = row.cover[at] ?? 0;
      const range = cover === 0 ? null : columnRange(row.visible, at);
      if (range) return { ...range, px: at, cover, count: row.counts[at] ?? 0 };
    }
  }
  return null;
}

/** Runs of columns with something in them, joined over the smallest gaps until at most `most` are left. */
export function denseRuns(row: DenseRow, most: number): Block[] {
  const runs: { left: number; right: number }[] = [];
  row.cover.forEach((cover, px) => {
    if (cover === 0) return;
    const before = runs.at(-1);
    if (before && before.right === px) before.right = px + 1;
    else runs.push({ left: px, right: px + 1 });
  });
  const wide = new Set(
    runs
      .slice(1)
      .map((run, index) => ({ run, gap: run.left - runs[index]!.right }))
      .toSorted((one, other) => other.gap - one.gap)
      .slice(0, most - 1)
      .map(({ run }) => run),
  );
  const joined: { left: number; right: number }[] = [];
  for (const run of runs) {
    const before = joined.at(-1);
    if (before && !wide.has(run)) before.right = run.right;
    else joined.push({ ...run });
  }
  return joined.map(({ left, right }) => {
    const first = columnRange(row.visible, left)!.first;
    const { last } = columnRange(row.visible, right - 1)!;
    const detail = `${percent(shareOf(row, left, right, bytes(lengthOf(first, last))))} covered`;
    const count = row.counts.subarray(left, right).reduce((highest, counted) => Math.max(highest, counted), 1);
    return { key: `run@${hex(first)}`, kind: "mapping", left, right, first, last, label: "crowded stretch", detail, count, objects: [] };
  });
}

/** Which share of the addresses of some columns is covered; columns of different stretches weigh as they are long. */
function shareOf(row: DenseRow, left: number, right: number, length: number): number {
  let covered = 0;
  let at = 0;
  for (const stretch of row.visible) {
    const scale = grain(stretch);
    for (let px = Math.max(left, at); px < Math.min(right, at + stretch.columns); px++) covered += (row.cover[px]! / 255) * scale;
    at += stretch.columns;
  }
  return Math.min(1, covered / Math.max(length, 1));
}

/** "61 %", and never 0 % or 100 % where it is not quite so. */
export function percent(share: number): string {
  if (share > 0 && share < 0.01) return "less than 1 %";
  if (share < 1 && share > 0.99) return "more than 99 %";
  return `${Math.round(share * 100)} %`;
}

/** Pixels of a row, one per column: from a tint where hardly anything is to the solid colour. `shades` has 256. */
export function pixelsOf(row: DenseRow, shades: Uint32Array): Uint32Array {
  return Uint32Array.from(row.cover, (cover) => shades[cover]!);
}

/** How strong the colour is where next to nothing is covered: it must be seen. */
const FAINTEST = 0.34;

/** From transparent (nothing) over a tint to the solid colour, as little-endian RGBA. */
export function shadesOf(solid: readonly [number, number, number], paper: readonly [number, number, number]): Uint32Array {
  const shades = new Uint32Array(256);
  for (let cover = 1; cover < 256; cover++) {
    const share = FAINTEST + (1 - FAINTEST) * (cover / 255);
    const [red, green, blue] = solid.map((value, index) => Math.round(value * share + paper[index]! * (1 - share))) as [number, number, number];
    shades[cover] = ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return shades;
}
