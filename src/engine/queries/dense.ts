/** What lies under each column of the screen: exact shares and counts, at a price that goes with the columns. */
import { add, fromBig, max, min, sub, toBig, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { DenseLane, Stretch } from "../views.ts";
import { bytesIn, type MappedExtents } from "./mapped-extents.ts";

/** More than any screen has. */
const MOST_COLUMNS = 16_384;

/** A stretch cut into columns: where each begins, and where the last one ends. */
interface Cut {
  stretch: Stretch;
  starts: readonly U64[];
}

/** The columns of a window, for as many lanes as share them. */
export class Columns {
  private readonly window: Range;
  private readonly stretches: readonly Stretch[];
  private readonly cuts: Cut[];
  private readonly total: number;

  constructor(window: Range, stretches: readonly Stretch[]) {
    this.window = window;
    this.stretches = stretches;
    this.cuts = stretches.slice(0, MOST_COLUMNS).map((stretch) => {
      const columns = Math.max(1, Math.min(MOST_COLUMNS, Math.floor(stretch.columns)));
      return { stretch, starts: Array.from({ length: columns + 1 }, (_, index) => columnStart(stretch, columns, index)) };
    });
    this.total = this.cuts.reduce((sum, { starts }) => sum + starts.length - 1, 0);
  }

  of(extents: MappedExtents): DenseLane {
    const counts = new Uint32Array(this.total);
    const cover = new Uint8Array(this.total);
    const bytes = new Float64Array(this.total);
    let at = 0;
    for (const { stretch, starts } of this.cuts) {
      const end = at + starts.length - 1;
      const [countsHere, bytesHere] = [counts.subarray(at, end), bytes.subarray(at, end)];
      addNarrow(extents, starts, countsHere, bytesHere);
      for (const range of extents.tail) if (range.first <= stretch.last && range.last >= stretch.first) addWide(range, starts, countsHere, bytesHere);
      setShares(starts, countsHere, bytesHere, cover.subarray(at, end));
      at = end;
    }
    return { first: this.window.first, last: this.window.last, cover, counts, stretches: this.stretches };
  }
}

/** Where column `index` of a stretch begins; where it ends for the number of columns. Exact for any 64-bit stretch. */
export function columnStart(stretch: Range, columns: number, index: number): U64 {
  const length = add(sub(stretch.last, stretch.first), 1);
  if (typeof length === "number") {
    const whole = Math.floor(length / columns);
    return add(stretch.first, index * whole + Math.floor((index * (length - whole * columns)) / columns));
  }
  return fromBig(toBig(stretch.first) + (toBig(length) * BigInt(index)) / BigInt(columns));
}

function setShares(starts: readonly U64[], counts: Uint32Array, bytes: Float64Array, cover: Uint8Array): void {
  for (let column = 0; column < counts.length; column++) {
    if (counts[column] === 0) continue;
    const start = starts[column] as U64;
    // Where a column is less than a byte wide, several show the same one.
    const size = Math.max(1, Number(sub(starts[column + 1] as U64, start)));
    const covered = bytes[column] as number;
    cover[column] = covered >= size ? 255 : Math.max(1, Math.min(254, Math.round((covered / size) * 255)));
  }
}

/** What lies below an address. */
interface Below {
  extents: number;
  bytes: number;
  /** The last of these extents reaches past the address. */
  reaches: boolean;
}

/** `least`: so many extents are known to start there. */
function below(extents: MappedExtents, address: U64, least: number): Below {
  const { covered, narrow } = extents;
  if (typeof address !== "number") return { extents: narrow, bytes: covered[narrow] as number, reaches: false };
  const count = extents.startingBelow(address, least);
  const over = count === 0 ? 0 : Math.max(0, (extents.last(count - 1) as number) + 1 - address);
  return { extents: count, bytes: (covered[count] as number) - over, reaches: over > 0 };
}

function addNarrow(extents: MappedExtents, starts: readonly U64[], counts: Uint32Array, bytes: Float64Array): void {
  let left = below(extents, starts[0] as U64, 0);
  for (let column = 0; column < counts.length; column++) {
    const start = starts[column] as U64;
    const end = starts[column + 1] as U64;
    const right = below(extents, end === start ? add(start, 1) : end, left.extents);
    counts[column] = right.extents - left.extents + (left.reaches ? 1 : 0);
    bytes[column] = right.bytes - left.bytes;
    if (end !== start) left = right;
  }
}

function addWide(range: Range, starts: readonly U64[], counts: Uint32Array, bytes: Float64Array): void {
  for (let column = 0; column < counts.length; column++) {
    const first = starts[column] as U64;
    const last = max(first, sub(starts[column + 1] as U64, 1));
    if (range.last < first) return;
    if (range.first > last) continue;
    counts[column] = (counts[column] as number) + 1;
    bytes[column] = (bytes[column] as number) + bytesIn({ first: max(range.first, first), last: min(range.last, last) });
  }
}
