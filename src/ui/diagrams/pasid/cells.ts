/** Which ids stand as cells: every living one from a start on, with the free ones between, long gaps folded. Pure. */
import { bisector } from "d3-array";
import type { PasidEntry } from "../../../kernel/inspect.ts";

export type Cell =
  | { kind: "id"; id: number; entry: PasidEntry }
  | { kind: "free"; id: number }
  | { kind: "gap"; id: number; last: number }
  | { kind: "more"; id: number; count: number };

/** A run of free ids longer than this is folded into one cell. */
const LONGEST_RUN = 4;
/** Below this id, free ids are worth showing: the allocator hands out the lowest first. */
const LOW = 256;
export const FREE_ROWS = 3;

const byId = bisector<PasidEntry, number>((entry) => entry.id);

/**
 * At most `room` cells from id `from` up, in rows of `columns`; past the last id in use, free ids fill the row, and
 * `freeRows` while ids are low.
 * `entries` ascend by id; `end` is one past the last id of the space.
 */
export function cellsFrom(entries: readonly PasidEntry[], from: number, room: number, columns: number, end: number, freeRows = FREE_ROWS): Cell[] {
  const cells: Cell[] = [];
  let index = byId.left(entries, from);
  let id = from;
  while (cells.length < room && id < end) {
    const next = entries[index];
    const left = entries.length - index;
    if (next && cells.length === room - 1 && (next.id !== id || left > 1)) {
      // The last cell says how many do not fit.
      cells.push({ kind: "more", id: next.id, count: left });
    } else if (!next) {
      if (cells.length > 0 && cells.length % columns === 0 && (id >= LOW || cells.length >= freeRows * columns)) break;
      cells.push({ kind: "free", id: id++ });
    } else if (next.id === id) {
      cells.push({ kind: "id", id, entry: next });
      id++;
      index++;
    } else if (next.id - id > LONGEST_RUN) {
      cells.push({ kind: "gap", id, last: next.id - 1 });
      id = next.id;
    } else {
      cells.push({ kind: "free", id: id++ });
    }
  }
  return cells;
}

/** Small ids as people write them, large ones as the kernel prints them. */
export function idText(id: number): string {
  return id < 10_000 ? String(id) : `0x${id.toString(16)}`;
}
