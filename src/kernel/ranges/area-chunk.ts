/** Neighbouring areas of a store, in one array of numbers; it may stand in a run's history until someone looks. */
import type { AreaHistory } from "./area-history.ts";

/** Numbers of an area: first byte, last byte, user address (−1: it is kept aside), reference × 256 + flags. */
export const STRIDE = 4;
/** Areas in a chunk at the most. */
export const CAPACITY = 256;

/** Where the areas of a chunk are written down. */
export interface Written {
  readonly history: AreaHistory;
  readonly step: number;
  /** Rows [from, to) of the history: those that live at the step. The first one does. */
  readonly from: number;
  readonly to: number;
  /** They are many: whoever looks for one area cuts out those around it first. Nobody writes to them. */
  readonly whole: boolean;
}

export class Chunk {
  private held: Float64Array | null;
  private readonly written: Written | null;
  /** −1: nobody has looked yet. */
  private size: number;
  /** The store that may write to it. */
  owner: object;
  /** The gaps behind the first `denseRows` areas (never the last one) are all below `denseBound`: a search need not look again. */
  denseRows = 0;
  denseBound = 0;

  constructor(owner: object, rows: Float64Array | null, count: number, written: Written | null = null) {
    this.owner = owner;
    this.held = rows;
    this.written = written;
    this.size = count;
  }

  /** A chunk that stands in a history. */
  static of(owner: object, written: Written): Chunk {
    return new Chunk(owner, null, -1, written);
  }

  /** Where it stands in a history if it is to be cut before one looks for an area in it; else null. */
  get uncut(): Written | null {
    return this.written?.whole === true ? this.written : null;
  }

  /** How many areas it has. */
  get count(): number {
    if (this.size < 0) this.readBack();
    return this.size;
  }

  set count(count: number) {
    this.size = count;
  }

  get rows(): Float64Array {
    return this.held ?? this.readBack();
  }

  set rows(rows: Float64Array) {
    this.held = rows;
  }

  /** The widest gap inside and the end of its last area, without reading it back; null when it has been. */
  gapsUnread(): { widest: number; end: number } | null {
    return this.held === null && this.written ? this.written.history.gapsIn(this.written) : null;
  }

  private readBack(): Float64Array {
    const { history, step, from, to } = this.written as Written;
    const { first, last, va, flags, refs } = history.columns;
    const rows = new Float64Array((to - from) * STRIDE);
    let at = 0;
    for (let row = from; row < to; row++) {
      if (!history.livesAt(row, step)) continue;
      rows[at] = first[row] as number;
      rows[at + 1] = last[row] as number;
      rows[at + 2] = va[row] as number;
      rows[at + 3] = (refs === null ? 0 : (refs[row] as number)) * 256 + (flags[row] as number);
      at += STRIDE;
    }
    this.held = rows;
    this.size = at / STRIDE;
    return rows;
  }
}
