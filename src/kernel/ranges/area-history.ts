/**
 * Which areas stores had after each step of a run: one row for each area that ever was, from the step that made it to the step
 * that removed it, in columns of numbers (33 bytes a row). What a store held after any step is one walk over its rows.
 * Only areas that end below 2^53 are here; stores keep the few above themselves.
 */
import type { U64 } from "../../base/u64.ts";

/** The death of what lives. */
export const ALIVE = 0xffff_ffff;

/** Columns of rows: by store, in a store by first byte, then by birth. */
export interface AreaColumns {
  readonly first: Float64Array;
  /** Inclusive. */
  readonly last: Float64Array;
  /** User address; −1: it is in `wideVas`. */
  readonly va: Float64Array;
  /** The step after which it was there first. */
  readonly birth: Uint32Array;
  /** The step after which it was there no more. */
  readonly death: Uint32Array;
  readonly flags: Uint8Array;
  /** Null: no area refers to anything. */
  readonly refs: Uint32Array | null;
  /** User addresses from 2^53 up, by row. */
  readonly wideVas: ReadonlyMap<number, U64>;
}

/** Never changes. */
export class AreaHistory {
  /** It knows the areas after each step up to this one. */
  readonly until: number;
  readonly columns: AreaColumns;
  /** Where the rows of each store start; one entry more than there are stores. */
  readonly bounds: Uint32Array;

  constructor(until: number, columns: AreaColumns, bounds: Uint32Array) {
    this.until = until;
    this.columns = columns;
    this.bounds = bounds;
  }

  get rows(): number {
    return this.bounds.at(-1) as number;
  }

  get bytes(): number {
    const { first, last, va, birth, death, flags, refs } = this.columns;
    return [first, last, va, birth, death, flags, ...(refs ? [refs] : [])].reduce((sum, column) => sum + column.byteLength, 0);
  }

  /** Rows [from, to) of a store. */
  rowsOf(store: number): { from: number; to: number } {
    if (store + 1 >= this.bounds.length) return { from: 0, to: 0 };
    return { from: this.bounds[store] as number, to: this.bounds[store + 1] as number };
  }

  livesAt(row: number, step: number): boolean {
    return (this.columns.birth[row] as number) <= step && (this.columns.death[row] as number) > step;
  }

  /** The first of rows [from, to) that lives after a step; `to` when none does. */
  livingFrom(from: number, to: number, step: number): number {
    let row = from;
    while (row < to && !this.livesAt(row, step)) row++;
    return row;
  }

  /** Of rows [from, to), of which the first lives, some `near` on each side of where `address` lies. `start`, and `end` where it is not `to`, live. */
  around(address: number, near: number, from: number, to: number, step: number): { start: number; end: number } {
    const here = this.livingBefore(from, to, address, step);
    return { start: this.livingFrom(Math.max(from, here - near), to, step), end: this.livingFrom(Math.min(here + near, to), to, step) };
  }

  /** Of rows [from, to), the last that lives after a step and starts at or before `address`; `from`, which lives, where none does. */
  private livingBefore(from: number, to: number, address: number, step: number): number {
    const { first } = this.columns;
    let low = from;
    let high = to - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((first[middle] as number) <= address) low = middle;
      else high = middle - 1;
    }
    while (low > from && !this.livesAt(low, step)) low--;
    return low;
  }

  /** Of the areas in rows [from, to) that live after a step, the first one in `from`: the widest gap between two, bytes, and the end of the last, inclusive. */
  gapsIn({ from, to, step }: { from: number; to: number; step: number }): { widest: number; end: number } {
    const { first, last } = this.columns;
    let widest = 0;
    let end = last[from] as number;
    for (let row = from + 1; row < to; row++) {
      if (!this.livesAt(row, step)) continue;
      const gap = (first[row] as number) - end - 1;
      if (gap > widest) widest = gap;
      end = last[row] as number;
    }
    return { widest, end };
  }

  /**
   * Where the areas of a store were after a step, ascending: their first bytes, and the bytes covered by all areas before each
   * (one entry more). Both arrays must have room for one more than the store has rows. Returns how many there are.
   */
  extentsAt(store: number, step: number, firsts: Float64Array, covered: Float64Array): number {
    const { first, last, birth, death } = this.columns;
    const { from, to } = this.rowsOf(store);
    let count = 0;
    let sum = 0;
    for (let row = from; row < to; row++) {
      const lives = Number((birth[row] as number) <= step) & Number((death[row] as number) > step);
      const begin = first[row] as number;
      firsts[count] = begin;
      covered[count] = sum;
      sum += lives * ((last[row] as number) - begin + 1);
      count += lives;
    }
    covered[count] = sum;
    return count;
  }
}

export const NO_AREAS = new AreaHistory(
  0,
  { first: new Float64Array(0), last: new Float64Array(0), va: new Float64Array(0), birth: new Uint32Array(0), death: new Uint32Array(0), flags: new Uint8Array(0), refs: null, wideVas: new Map() },
  new Uint32Array(1),
);
