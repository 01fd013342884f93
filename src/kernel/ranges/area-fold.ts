/** Folds what has happened to areas lately into their history. */
import { Bug } from "../../base/assert.ts";
import type { U64 } from "../../base/u64.ts";
import { ALIVE, AreaHistory, type AreaColumns } from "./area-history.ts";
import { grouped, sortedOrder } from "./sorted-order.ts";

/** Areas made and removed, in the order in which that happened; the first `count` entries of each column count. */
export interface AreaEvents {
  readonly count: number;
  readonly first: Float64Array;
  /** Inclusive; −1: the area that starts at `first` was removed. */
  readonly last: Float64Array;
  /** −1: it is in `wideVas`. */
  readonly va: Float64Array;
  readonly flags: Uint8Array;
  readonly refs: Uint32Array;
  readonly step: Uint32Array;
  readonly store: Uint32Array;
  /** By event. */
  readonly wideVas: ReadonlyMap<number, U64>;
}

/** Runs of rows longer than this are copied in one go. */
const RUN = 24;

class Rows implements AreaColumns {
  readonly first: Float64Array;
  readonly last: Float64Array;
  readonly va: Float64Array;
  readonly birth: Uint32Array;
  readonly death: Uint32Array;
  readonly flags: Uint8Array;
  readonly refs: Uint32Array | null;
  readonly wideVas = new Map<number, U64>();
  count = 0;

  constructor(room: number, withRefs: boolean) {
    this.first = new Float64Array(room);
    this.last = new Float64Array(room);
    this.va = new Float64Array(room);
    this.birth = new Uint32Array(room);
    this.death = new Uint32Array(room);
    this.flags = new Uint8Array(room);
    this.refs = withRefs ? new Uint32Array(room) : null;
  }

  copy(from: AreaColumns, start: number, end: number): void {
    const at = this.count;
    if (end - start > RUN) {
      this.first.set(from.first.subarray(start, end), at);
      this.last.set(from.last.subarray(start, end), at);
      this.va.set(from.va.subarray(start, end), at);
      this.birth.set(from.birth.subarray(start, end), at);
      this.death.set(from.death.subarray(start, end), at);
      this.flags.set(from.flags.subarray(start, end), at);
      if (from.refs) this.refs?.set(from.refs.subarray(start, end), at);
    } else {
      for (let row = start; row < end; row++) {
        const to = at + row - start;
        this.first[to] = from.first[row] as number;
        this.last[to] = from.last[row] as number;
        this.va[to] = from.va[row] as number;
        this.birth[to] = from.birth[row] as number;
        this.death[to] = from.death[row] as number;
        this.flags[to] = from.flags[row] as number;
        if (this.refs && from.refs) this.refs[to] = from.refs[row] as number;
      }
    }
    if (from.wideVas.size > 0) {
      for (let row = start; row < end; row++) {
        const wide = (from.va[row] as number) < 0 ? from.wideVas.get(row) : undefined;
        if (wide !== undefined) this.wideVas.set(at + row - start, wide);
      }
    }
    this.count += end - start;
  }

  begin(events: AreaEvents, event: number): void {
    const row = this.count++;
    this.first[row] = events.first[event] as number;
    this.last[row] = events.last[event] as number;
    this.va[row] = events.va[event] as number;
    this.birth[row] = events.step[event] as number;
    this.death[row] = ALIVE;
    this.flags[row] = events.flags[event] as number;
    if (this.refs) this.refs[row] = events.refs[event] as number;
    const wide = events.wideVas.get(event);
    if (wide !== undefined) this.wideVas.set(row, wide);
  }

  /** The last row ends; what began in the same step never was. */
  end(step: number): void {
    const row = this.count - 1;
    if (this.birth[row] !== step) {
      this.death[row] = step;
      return;
    }
    this.count--;
    this.wideVas.delete(row);
  }
}

/** A history that knows of the events, too, and all steps up to `until`. `stores`: how many there are by now. */
export function fold(history: AreaHistory, events: AreaEvents, stores: number, until: number): AreaHistory {
  const { columns } = history;
  const { order, bounds: starts } = grouped(sortedOrder(events.first, events.count), events.store, stores);
  let begun = 0;
  let withRefs = columns.refs !== null;
  for (let event = 0; event < events.count; event++) {
    if ((events.last[event] as number) >= 0) begun++;
    if (events.refs[event] !== 0) withRefs = true;
  }
  const rows = new Rows(history.rows + begun, withRefs);
  const bounds = new Uint32Array(stores + 1);
  for (let store = 0; store < stores; store++) {
    bounds[store] = rows.count;
    const { from, to } = history.rowsOf(store);
    let row = from;
    const end = starts[store + 1] as number;
    for (let at = starts[store] as number; at < end; at++) {
      const event = order[at] as number;
      const first = events.first[event] as number;
      let stop = row;
      while (stop < to && (columns.first[stop] as number) <= first) stop++;
      if (stop > row) rows.copy(columns, row, stop);
      row = stop;
      if ((events.last[event] as number) >= 0) rows.begin(events, event);
      else if (rows.count > (bounds[store] as number) && rows.first[rows.count - 1] === first) rows.end(events.step[event] as number);
      else throw new Bug("an area was removed that never was");
    }
    rows.copy(columns, row, to);
  }
  bounds[stores] = rows.count;
  return new AreaHistory(until, rows, bounds);
}
