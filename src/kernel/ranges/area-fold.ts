/** Folds what has happened to areas lately into their history. */
import { Bug } from "../../base/assert.ts";
import type { U64 } from "../../base/u64.ts";
import { ALIVE, AreaHistory, type AreaColumns } from "./area-history.ts";
import { grouped, sortedOrder } from "./sorted-order.ts";

/** Numbers of an event: first byte; last byte, or −1 for a removal; user address, or −1 where it is in `wideVas`; tag; when and where. */
export const EVENT = 5;
const WORD = 0x1_0000_0000;

/** What an area refers to, and its flags below 256, as one number. */
export function tagOf(flags: number, ref: number): number {
  return ref * 256 + flags;
}

/** A step and a store as one number. */
export function whenWhere(step: number, store: number): number {
  return store * WORD + step;
}

/** Areas made and removed, in the order in which that happened. Side by side, because they are read in another order than written. */
export interface AreaEvents {
  readonly count: number;
  readonly numbers: Float64Array;
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

  begin({ numbers, wideVas }: AreaEvents, event: number): void {
    const at = event * EVENT;
    const row = this.count++;
    const tag = numbers[at + 3] as number;
    this.first[row] = numbers[at] as number;
    this.last[row] = numbers[at + 1] as number;
    this.va[row] = numbers[at + 2] as number;
    this.birth[row] = stepOf(numbers[at + 4] as number);
    this.death[row] = ALIVE;
    this.flags[row] = tag % 256;
    if (this.refs) this.refs[row] = Math.floor(tag / 256);
    if (wideVas.size === 0) return;
    const wide = wideVas.get(event);
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

/** The step of such a number. */
export function stepOf(number: number): number {
  return number % WORD;
}

/** The events by store, then by first byte, then as they happened; where each store's begin. */
function ordered({ numbers, count }: AreaEvents, stores: number): { order: Uint32Array; bounds: Uint32Array } {
  const firsts = new Float64Array(count);
  const places = new Uint32Array(count);
  for (let event = 0; event < count; event++) {
    firsts[event] = numbers[event * EVENT] as number;
    places[event] = Math.floor((numbers[event * EVENT + 4] as number) / WORD);
  }
  return grouped(sortedOrder(firsts, count), places, stores);
}

/** A history that knows of the events, too, and all steps up to `until`. `stores`: how many there are by now. */
export function fold(history: AreaHistory, events: AreaEvents, stores: number, until: number): AreaHistory {
  const { columns } = history;
  const { numbers } = events;
  const { order, bounds: starts } = ordered(events, stores);
  let begun = 0;
  let withRefs = columns.refs !== null;
  for (let event = 0; event < events.count; event++) {
    if ((numbers[event * EVENT + 1] as number) >= 0) begun++;
    if ((numbers[event * EVENT + 3] as number) >= 256) withRefs = true;
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
      const first = numbers[event * EVENT] as number;
      let stop = row;
      while (stop < to && (columns.first[stop] as number) <= first) stop++;
      if (stop > row) rows.copy(columns, row, stop);
      row = stop;
      if ((numbers[event * EVENT + 1] as number) >= 0) rows.begin(events, event);
      else if (rows.count > (bounds[store] as number) && rows.first[rows.count - 1] === first) rows.end(stepOf(numbers[event * EVENT + 4] as number));
      else throw new Bug("an area was removed that never was");
    }
    rows.copy(columns, row, to);
  }
  bounds[stores] = rows.count;
  return new AreaHistory(until, rows, bounds);
}
