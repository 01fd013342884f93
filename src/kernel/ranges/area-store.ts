/**
 * The interval structure of an address space: areas that never overlap, in order of their first byte, up to a million and
 * more. An area takes four 64-bit floats in a chunk of at most 256 neighbours, so finding, adding and removing one touches two
 * small arrays and allocates nothing. Chunks are copied on write: a clone of a store shares them until either side changes.
 * A clone may also leave its areas to the recorder of a run and read them back, chunk by chunk, when someone looks at them.
 *
 * Floats hold addresses exactly up to 2^53. The few areas that end above live in a plain sorted array, the tail; they come
 * after all others, since areas do not overlap. User addresses above 2^53 are kept aside, by the area's first byte.
 */
import { add, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import { Bug } from "../../base/assert.ts";
import type { SelfCloning } from "../clone.ts";
import { CAPACITY, Chunk, STRIDE, type Written } from "./area-chunk.ts";
import { AreaJournal, type AreaRecorder } from "./area-recorder.ts";
import { GapTree } from "./gap-tree.ts";

/** One mapped range. */
export interface Area {
  readonly first: U64;
  /** Inclusive. */
  readonly last: U64;
  /** User address of the first byte. */
  readonly va: U64;
  /** Small bit set, below 256; its meaning is the owner's. */
  readonly flags: number;
  /** Number of something the area refers to; 0 for nothing. */
  readonly ref: number;
}

// A store that left its areas to a recorder, or has none, costs next to nothing: what is empty is shared by all.
const NO_FIRSTS = new Float64Array(0);
const NO_CHUNKS: Chunk[] = [];
const NO_GAPS = new GapTree();
const NO_TAIL: readonly Area[] = Object.freeze([]);
const NOBODY: object = Object.freeze({});
const NO_VAS: ReadonlyMap<number, U64> = new Map();

/** Areas are taken back as chunks of so many rows of the history, */
const SPAN = 2048;
/** of which, where someone looks, so many rows on each side become a chunk of their own: most are never looked at. */
const NEAR = 32;

/** What a store leaves to a recorder. */
interface Left {
  readonly recorder: AreaRecorder;
  readonly step: number;
}

export class AreaStore implements SelfCloning {
  /** Which of its machine's stores it is; its copies have the same number. */
  readonly number: number;
  private readonly journal: AreaJournal;
  /** Where its areas are; null: here. */
  private left: Left | null = null;
  private chunks = NO_CHUNKS;
  /** First byte of each chunk's first area. */
  private firsts = NO_FIRSTS;
  private gaps = NO_GAPS;
  /** A copy has the same list of chunks, and what is known of them: to be copied before one of the two changes it. */
  private shares = true;
  /** Areas have been taken back, and nobody has looked for a gap since. */
  private gapsUnknown = false;
  private tail = NO_TAIL;
  private wideVas: ReadonlyMap<number, U64> = NO_VAS;
  private narrow = 0;
  private token = NOBODY;
  /** Where locate() landed: chunk, and row in it; row −1 is before the first area of all. */
  private atChunk = 0;
  private atRow = -1;
  /** The last gap that holeFrom() found, inclusive. */
  holeFirst: U64 = 0;
  holeLast: U64 = 0;

  constructor(journal: AreaJournal = new AreaJournal(), number: number = journal.stores++) {
    this.journal = journal;
    this.number = number;
  }

  get count(): number {
    return this.narrow + this.tail.length;
  }

  /** Bytes that the areas take, without the few in the tail. */
  get bytes(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.rows.byteLength, this.firsts.byteLength);
  }

  /** Does any area touch [first, last]? */
  overlaps(first: U64, last: U64): boolean {
    if (typeof last === "number") {
      if (this.narrow > 0) {
        this.locate(last);
        if (this.atRow >= 0 && this.rowLast() >= first) return true;
      }
      const head = this.tail[0];
      return head !== undefined && head.first <= last;
    }
    return this.firstTouching(first, last) !== null;
  }

  /** The area that holds this address. */
  at(address: U64): Area | null {
    return this.firstTouching(address, address);
  }

  /** The lowest area that touches [first, last]. */
  firstTouching(first: U64, last: U64): Area | null {
    if (typeof first === "number" && this.narrow > 0) {
      this.locate(first);
      if (this.atRow < 0) {
        this.atRow = 0;
      } else if (this.rowLast() < first && !this.step()) {
        return this.tailTouching(first, last);
      }
      return this.rowFirst() <= last ? this.read(this.atChunk, this.atRow) : null;
    }
    return this.tailTouching(first, last);
  }

  /** Visits the areas that touch [first, last], ascending, until the visitor returns false. The store must not change meanwhile. */
  each(first: U64, last: U64, visit: (area: Area) => boolean): void {
    let area = this.firstTouching(first, last);
    let chunk = this.atChunk;
    let row = this.atRow;
    // Areas of the tail end above 2^53: their last byte is a bigint.
    while (area && typeof area.last === "number") {
      if (!visit(area)) return;
      if (++row === (this.chunks[chunk] as Chunk).count) {
        chunk++;
        row = 0;
      }
      if (chunk === this.chunks.length) break;
      area = this.read(chunk, row);
      if (area.first > last) return;
    }
    for (const wide of this.tail) {
      if (wide.first > last) return;
      if (wide.last >= first && !visit(wide)) return;
    }
  }

  /** Visits first and last byte of the areas that touch [first, last], ascending, until the visitor returns false. Allocates nothing per area. */
  eachExtent(first: U64, last: U64, visit: (first: U64, last: U64) => boolean): void {
    if (typeof first === "number" && this.narrow > 0) {
      this.locate(first);
      let row = Math.max(this.atRow, 0);
      for (let index = this.atChunk; index < this.chunks.length; index++, row = 0) {
        const { rows, count } = this.chunks[index] as Chunk;
        for (; row < count; row++) {
          const start = rows[row * STRIDE] as number;
          const end = rows[row * STRIDE + 1] as number;
          if (end < first) continue;
          if (start > last || !visit(start, end)) return;
        }
      }
    }
    for (const wide of this.tail) {
      if (wide.first > last) return;
      if (wide.last >= first && !visit(wide.first, wide.last)) return;
    }
  }

  /** Adds an area; the caller has checked that nothing is there (`overlaps`). */
  insert(first: U64, last: U64, va: U64, flags: number, ref: number): void {
    if (typeof last !== "number" || typeof first !== "number") {
      const place = this.tail.findIndex((area) => area.first > first);
      this.tail = this.tail.toSpliced(place < 0 ? this.tail.length : place, 0, { first, last, va, flags, ref });
      return;
    }
    this.journal.recorder?.made(this.number, first, last, va, flags, ref);
    if (this.shares) this.own();
    if (this.narrow === 0) {
      this.addChunk(0, new Chunk(this.token, new Float64Array(16 * STRIDE), 0), first);
      this.atRow = -1;
      this.atChunk = 0;
    } else this.locate(first);
    let chunk = this.writable(this.atChunk);
    let row = this.atRow + 1;
    if (chunk.count === CAPACITY) {
      if (row === CAPACITY) {
        // Ascending maps fill chunks to the brim: what follows starts a chunk of its own.
        chunk = new Chunk(this.token, new Float64Array(CAPACITY * STRIDE), 0);
        this.addChunk(++this.atChunk, chunk, first);
        row = 0;
      } else {
        this.split(this.atChunk);
        if (row > (this.chunks[this.atChunk] as Chunk).count) {
          row -= (this.chunks[this.atChunk] as Chunk).count;
          this.atChunk++;
        }
        chunk = this.chunks[this.atChunk] as Chunk;
      }
    } else if (chunk.count * STRIDE === chunk.rows.length) {
      const grown = new Float64Array(chunk.rows.length * 2);
      grown.set(chunk.rows);
      chunk.rows = grown;
    }
    const at = row * STRIDE;
    if (row < chunk.count) chunk.rows.copyWithin(at + STRIDE, at, chunk.count * STRIDE);
    chunk.count++;
    if (row < chunk.denseRows) chunk.denseRows++;
    this.narrow++;
    this.write(chunk.rows, at, first, last, va, flags, ref);
    if (row === 0) this.firsts[this.atChunk] = first;
    // Only a new lowest area makes a gap that no bound covers yet.
    if (row === 0) this.gaps.raise(this.atChunk, this.gapAfter(this.atChunk, 0));
  }

  /** Removes the area that starts at `first`. */
  remove(first: U64): void {
    const wide = this.tail.findIndex((area) => area.first === first);
    if (wide >= 0) {
      this.tail = this.tail.toSpliced(wide, 1);
      if (this.chunks.length > 0) {
        this.own();
        this.gaps.raise(this.chunks.length - 1, Infinity);
      }
      return;
    }
    if (typeof first !== "number") throw new Bug("no such area");
    this.locate(first);
    if (this.atRow < 0 || this.rowFirst() !== first) throw new Bug("no such area");
    this.journal.recorder?.removed(this.number, first);
    if (this.wideVas.size > 0) this.ownVas().delete(first);
    if (this.shares) this.own();
    const index = this.atChunk;
    const chunk = this.writable(index);
    const row = this.atRow;
    chunk.rows.copyWithin(row * STRIDE, (row + 1) * STRIDE, chunk.count * STRIDE);
    chunk.count--;
    if (row <= chunk.denseRows) chunk.denseRows = Math.max(0, row - 1);
    this.narrow--;
    if (chunk.count === 0) {
      this.dropChunk(index);
      if (index > 0) this.gaps.raise(index - 1, this.gapAfter(index - 1, (this.chunks[index - 1] as Chunk).count - 1));
      return;
    }
    if (row > 0) this.gaps.raise(index, this.gapAfter(index, row - 1));
    else {
      this.firsts[index] = chunk.rows[0] as number;
      if (index > 0) this.gaps.raise(index - 1, this.gapAfter(index - 1, (this.chunks[index - 1] as Chunk).count - 1));
    }
    if (chunk.count < CAPACITY / 8) this.mergeWithNext(index);
  }

  /** Changes what the area that starts at `first` refers to. */
  retag(first: U64, flags: number, ref: number): void {
    const wide = this.tail.findIndex((area) => area.first === first);
    if (wide >= 0) {
      this.tail = this.tail.with(wide, { ...(this.tail[wide] as Area), flags, ref });
      return;
    }
    if (typeof first !== "number") throw new Bug("no such area");
    this.locate(first);
    if (this.shares) this.own();
    const chunk = this.writable(this.atChunk);
    chunk.rows[this.atRow * STRIDE + 3] = ref * 256 + flags;
    const { recorder } = this.journal;
    if (recorder === null) return;
    const area = this.read(this.atChunk, this.atRow);
    recorder.removed(this.number, first);
    recorder.made(this.number, first, area.last as number, area.va, flags, ref);
  }

  /**
   * Finds the lowest gap between areas that ends at or after `from` and, cut off below `from`, has at least `length` bytes;
   * leaves it in holeFirst and holeLast (up to 2^64 − 1). False when there is none. Cost: logarithmic in the areas.
   */
  holeFrom(from: U64, length: U64): boolean {
    let before: U64 = from;
    if (typeof from === "number" && this.narrow > 0) {
      this.locate(from);
      if (this.shares) this.own();
      if (this.gapsUnknown) this.learnGaps();
      let chunk = this.atChunk;
      let row = this.atRow;
      if (row < 0) {
        if (this.isHole(from, this.rowFirstAt(0, 0) - 1, length)) return true;
      } else {
        const start = this.rowLast() + 1;
        if (this.isHole(start > from ? start : from, this.endOfGap(chunk, row), length)) return true;
      }
      const wanted = typeof length === "number" ? length : Infinity;
      row++;
      while (chunk >= 0) {
        const found = this.scan(chunk, row, wanted);
        if (found >= 0) {
          const start = this.rowLastAt(chunk, found) + 1;
          if (this.isHole(start, this.endOfGap(chunk, found), length)) return true;
          // Only the gap behind the last area of all can disappoint: what looked endless ends at the tail.
          break;
        }
        chunk = this.gaps.next(chunk + 1, wanted);
        row = 0;
      }
      const lastChunk = this.chunks.length - 1;
      const end = this.rowLastAt(lastChunk, (this.chunks[lastChunk] as Chunk).count - 1);
      if (end >= before) before = add(end, 1);
    }
    for (const area of this.tail) {
      if (area.last < before) continue;
      if (area.first > before && this.isHole(before, sub(area.first, 1), length)) return true;
      if (area.last === U64_MAX) return false;
      before = add(area.last, 1);
    }
    return this.isHole(before, U64_MAX, length);
  }

  /** A copy that shares all chunks until one of the two writes to them, or leaves its areas to the recorder when that takes them. */
  cloneSelf(copy?: (journal: AreaJournal) => AreaJournal): AreaStore {
    const { journal } = this;
    const twin = new AreaStore(copy ? copy(journal) : journal.cloneSelf(), this.number);
    twin.tail = this.tail;
    twin.narrow = this.narrow;
    const { recorder } = journal;
    const leaves = recorder !== null && recorder.leavesAreas && this.narrow > recorder.kept;
    twin.left = this.left ?? (leaves ? { recorder, step: recorder.step } : null);
    if (twin.left || this.narrow === 0) return twin;
    twin.chunks = this.chunks;
    twin.firsts = this.firsts;
    twin.gaps = this.gaps;
    twin.gapsUnknown = this.gapsUnknown;
    if (this.wideVas.size > 0) twin.wideVas = new Map(this.wideVas);
    this.shares = true;
    return twin;
  }

  /** To change the list of chunks, or one of them. */
  private own(): void {
    this.chunks = this.chunks.slice();
    this.firsts = this.firsts.slice();
    this.gaps = this.gaps.clone();
    this.token = {};
    this.shares = false;
  }

  /** Finds the last area that starts at or before `address`. */
  private locate(address: number): void {
    if (this.isHere(address)) return;
    if (this.left !== null) this.comeBack(this.left);
    const firsts = this.firsts;
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((firsts[middle] as number) <= address) low = middle;
      else high = middle - 1;
    }
    const { uncut } = this.chunks[low] as Chunk;
    if (uncut) low = this.cut(low, uncut, address);
    const chunk = this.chunks[low] as Chunk;
    const rows = chunk.rows;
    let bottom = -1;
    let top = chunk.count - 1;
    while (bottom < top) {
      const middle = (bottom + top + 1) >> 1;
      if ((rows[middle * STRIDE] as number) <= address) bottom = middle;
      else top = middle - 1;
    }
    this.atChunk = low;
    this.atRow = bottom;
  }

  /** Is the place found last still the right one? A change comes right after its check, at the same place. */
  private isHere(address: number): boolean {
    const chunk = this.chunks[this.atChunk];
    const row = this.atRow;
    if (chunk === undefined || row < 0 || row >= chunk.count || (chunk.rows[row * STRIDE] as number) > address) return false;
    if (row + 1 < chunk.count) return (chunk.rows[(row + 1) * STRIDE] as number) > address;
    return this.atChunk + 1 === this.chunks.length || (this.firsts[this.atChunk + 1] as number) > address;
  }

  /** Takes back the areas left to a recorder: how they lie now, themselves when they are looked at. */
  private comeBack({ recorder, step }: Left): void {
    this.left = null;
    const history = recorder.upTo(step);
    const { from, to } = history.rowsOf(this.number);
    this.chunks = [];
    this.token = {};
    this.shares = false;
    this.firsts = new Float64Array(Math.ceil((to - from) / SPAN));
    for (let row = history.livingFrom(from, to, step), index = 0; row < to; index++) {
      // Where the next chunk begins, an area lives: no chunk is empty.
      const next = history.livingFrom(Math.min(row + SPAN, to), to, step);
      this.chunks.push(Chunk.of(this.token, { history, step, from: row, to: next, whole: next - row > 2 * NEAR }));
      this.firsts[index] = history.columns.first[row] as number;
      row = next;
    }
    this.gaps = new GapTree(this.chunks.length);
    this.gapsUnknown = true;
    if (history.columns.wideVas.size === 0) return;
    for (const [row, va] of history.columns.wideVas) {
      if (row >= from && row < to && history.livesAt(row, step)) this.ownVas().set(history.columns.first[row] as number, va);
    }
  }

  /** Makes the rows around `address` in a chunk that stands in the history a chunk of their own; its index. */
  private cut(index: number, { history, step, from, to }: Written, address: number): number {
    if (this.shares) this.own();
    const { start, end } = history.around(address, NEAR, from, to, step);
    // Whatever gap is behind an area of a part was one of the whole.
    const bound = this.gaps.get(index);
    const put = (first: number, last: number, whole: boolean) => this.addChunk(index, Chunk.of(this.token, { history, step, from: first, to: last, whole }), history.columns.first[first] as number, bound);
    this.dropChunk(index);
    if (end < to) put(end, to, to - end > 2 * NEAR);
    put(start, end, false);
    if (start === from) return index;
    put(from, start, start - from > 2 * NEAR);
    return index + 1;
  }

  /** Moves to the next area; false at the end of the rows. */
  private step(): boolean {
    if (++this.atRow < (this.chunks[this.atChunk] as Chunk).count) return true;
    if (this.atChunk + 1 === this.chunks.length) return false;
    this.atChunk++;
    this.atRow = 0;
    const { uncut } = this.chunks[this.atChunk] as Chunk;
    if (uncut) this.cut(this.atChunk, uncut, this.firsts[this.atChunk] as number);
    return true;
  }

  private rowFirst(): number {
    return this.rowFirstAt(this.atChunk, this.atRow);
  }

  private rowLast(): number {
    return this.rowLastAt(this.atChunk, this.atRow);
  }

  private rowFirstAt(chunk: number, row: number): number {
    return (this.chunks[chunk] as Chunk).rows[row * STRIDE] as number;
  }

  private rowLastAt(chunk: number, row: number): number {
    return (this.chunks[chunk] as Chunk).rows[row * STRIDE + 1] as number;
  }

  private tailTouching(first: U64, last: U64): Area | null {
    for (const area of this.tail) {
      if (area.first > last) return null;
      if (area.last >= first) return area;
    }
    return null;
  }

  private read(chunk: number, row: number): Area {
    const rows = (this.chunks[chunk] as Chunk).rows;
    const at = row * STRIDE;
    const first = rows[at] as number;
    const va = rows[at + 2] as number;
    const tag = rows[at + 3] as number;
    return { first, last: rows[at + 1] as number, va: va < 0 ? (this.wideVas.get(first) as U64) : va, flags: tag & 255, ref: Math.floor(tag / 256) };
  }

  private write(rows: Float64Array, at: number, first: number, last: number, va: U64, flags: number, ref: number): void {
    rows[at] = first;
    rows[at + 1] = last;
    if (typeof va === "number") rows[at + 2] = va;
    else {
      rows[at + 2] = -1;
      this.ownVas().set(first, va);
    }
    rows[at + 3] = ref * 256 + flags;
  }

  /** To change them. */
  private ownVas(): Map<number, U64> {
    if (this.wideVas === NO_VAS) this.wideVas = new Map();
    return this.wideVas as Map<number, U64>;
  }

  /** Last byte of the gap behind a row. */
  private endOfGap(chunk: number, row: number): U64 {
    if (row + 1 < (this.chunks[chunk] as Chunk).count) return this.rowFirstAt(chunk, row + 1) - 1;
    if (chunk + 1 < this.chunks.length) return (this.firsts[chunk + 1] as number) - 1;
    const wide = this.tail[0];
    return wide ? sub(wide.first, 1) : U64_MAX;
  }

  /** Size of the gap behind a row, Infinity behind the last one. */
  private gapAfter(chunk: number, row: number): number {
    const last = this.rowLastAt(chunk, row);
    if (row + 1 < (this.chunks[chunk] as Chunk).count) return this.rowFirstAt(chunk, row + 1) - last - 1;
    if (chunk + 1 < this.chunks.length) return (this.firsts[chunk + 1] as number) - last - 1;
    return Infinity;
  }

  /** The first row from `row` on with a gap of `wanted` bytes behind it; −1 when none has. Lowers a bound that was too high. */
  private scan(index: number, row: number, wanted: number): number {
    if (this.gaps.get(index) < wanted) return -1;
    const chunk = this.chunks[index] as Chunk;
    const { rows, count } = chunk;
    const known = chunk.denseBound <= wanted ? chunk.denseRows : 0;
    // Where the search starts behind the known rows it learns nothing about those between.
    const learns = row <= known;
    let largest = known > row ? chunk.denseBound - 1 : 0;
    for (let at = known > row ? known : row; at < count - 1; at++) {
      const gap = (rows[(at + 1) * STRIDE] as number) - (rows[at * STRIDE + 1] as number) - 1;
      if (gap >= wanted) {
        if (learns) this.remember(chunk, at, wanted);
        return at;
      }
      if (gap > largest) largest = gap;
    }
    if (learns) this.remember(chunk, Math.max(0, count - 1), wanted);
    if (row < count) {
      const gap = this.gapAfter(index, count - 1);
      if (gap >= wanted) return count - 1;
      if (gap > largest) largest = gap;
    }
    if (row === 0) this.gaps.set(index, largest);
    return -1;
  }

  /** Finds the gaps of all chunks that have not been read back: a search would have to read them all. */
  private learnGaps(): void {
    this.gapsUnknown = false;
    for (let index = 0; index < this.chunks.length; index++) {
      const found = (this.chunks[index] as Chunk).gapsUnread();
      if (!found) continue;
      const after = index + 1 < this.chunks.length ? (this.firsts[index + 1] as number) - found.end - 1 : Infinity;
      this.gaps.set(index, Math.max(found.widest, after));
    }
  }

  private remember(chunk: Chunk, rows: number, bound: number): void {
    chunk.denseRows = rows;
    chunk.denseBound = bound;
  }

  private isHole(first: U64, last: U64, length: U64): boolean {
    if (first > last) return false;
    const end = typeof first === "number" && typeof length === "number" ? first + length - 1 : Infinity;
    // Sums that are exact decide quickly; `last` is often 2^64 − 1.
    if (end <= Number.MAX_SAFE_INTEGER ? end > last : add(sub(last, first), 1) < length) return false;
    this.holeFirst = first;
    this.holeLast = last;
    return true;
  }

  private writable(index: number): Chunk {
    const chunk = this.chunks[index] as Chunk;
    if (chunk.owner === this.token) return chunk;
    const own = new Chunk(this.token, chunk.rows.slice(), chunk.count);
    own.denseRows = chunk.denseRows;
    own.denseBound = chunk.denseBound;
    this.chunks[index] = own;
    return own;
  }

  private addChunk(index: number, chunk: Chunk, first: number, bound = Infinity): void {
    if (this.chunks.length === this.firsts.length) {
      const grown = new Float64Array(Math.max(8, this.firsts.length * 2));
      grown.set(this.firsts);
      this.firsts = grown;
    }
    this.firsts.copyWithin(index + 1, index, this.chunks.length);
    this.firsts[index] = first;
    this.chunks.splice(index, 0, chunk);
    this.gaps.insert(index, bound);
  }

  private dropChunk(index: number): void {
    this.firsts.copyWithin(index, index + 1, this.chunks.length);
    this.chunks.splice(index, 1);
    this.gaps.remove(index);
  }

  /** Cuts a full chunk in two. */
  private split(index: number): void {
    const left = this.chunks[index] as Chunk;
    const half = CAPACITY / 2;
    const rows = new Float64Array(CAPACITY * STRIDE);
    rows.set(left.rows.subarray(half * STRIDE));
    const bound = this.gaps.get(index);
    left.count = half;
    left.denseRows = Math.min(left.denseRows, half - 1);
    this.addChunk(index + 1, new Chunk(this.token, rows, CAPACITY - half), rows[0] as number);
    this.gaps.set(index + 1, bound);
  }

  private mergeWithNext(index: number): void {
    const next = this.chunks[index + 1];
    const chunk = this.chunks[index] as Chunk;
    if (!next || next.uncut || chunk.count + next.count > CAPACITY / 2) return;
    if (chunk.rows.length < CAPACITY * STRIDE) {
      const grown = new Float64Array(CAPACITY * STRIDE);
      grown.set(chunk.rows.subarray(0, chunk.count * STRIDE));
      chunk.rows = grown;
    }
    // The gap behind this chunk's last area becomes an inner one, unknown to the dense rows, which end before it.
    chunk.rows.set(next.rows.subarray(0, next.count * STRIDE), chunk.count * STRIDE);
    chunk.count += next.count;
    const bound = Math.max(this.gaps.get(index), this.gaps.get(index + 1));
    this.dropChunk(index + 1);
    this.gaps.set(index, bound);
  }
}

