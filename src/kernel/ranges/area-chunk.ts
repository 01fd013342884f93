/** Neighbouring areas of a store, in one array of numbers; it may stand in a run's history until someone looks. */
import type { AreaHistory } from "./area-history.ts";

/** Numbers of an area: first byte, last byte, user address (−1: it is kept aside), reference × 256 + flags. */
export const STRIDE = 4;
/** Areas in a chunk at the most. */
export const CAPACITY = 256;

/** Where the areas of a chunk are written down. */
interface Written {
  readonly history: AreaHistory;
  readonly step: number;
  /** The row of the first. */
  readonly row: number;
}

export class Chunk {
  private held: Float64Array | null;
  private readonly written: Written | null;
  count: number;
  /** The store that may write to it. */
  owner: object;
  /** The gaps behind the first `denseRows` areas (never the last one) are all below `denseBound`: a search need not look again. */
  denseRows = 0;
  denseBound = 0;

  constructor(owner: object, rows: Float64Array | Written, count: number) {
    this.owner = owner;
    this.held = rows instanceof Float64Array ? rows : null;
    this.written = rows instanceof Float64Array ? null : rows;
    this.count = count;
  }

  get rows(): Float64Array {
    return this.held ?? this.readBack();
  }

  set rows(rows: Float64Array) {
    this.held = rows;
  }

  /** The widest gap inside and the end of its last area, without reading it back; null when it has been. */
  gapsUnread(): { widest: number; end: number } | null {
    return this.held === null && this.written ? this.written.history.gapsAt(this.written.row, this.count, this.written.step) : null;
  }

  private readBack(): Float64Array {
    const { history, step, row } = this.written as Written;
    const { first, last, va, flags, refs } = history.columns;
    const rows = new Float64Array(this.count * STRIDE);
    for (let from = row, at = 0; at < this.count * STRIDE; from++) {
      if (!history.livesAt(from, step)) continue;
      rows[at] = first[from] as number;
      rows[at + 1] = last[from] as number;
      rows[at + 2] = va[from] as number;
      rows[at + 3] = (refs === null ? 0 : (refs[from] as number)) * 256 + (flags[from] as number);
      at += STRIDE;
    }
    this.held = rows;
    return rows;
  }
}
