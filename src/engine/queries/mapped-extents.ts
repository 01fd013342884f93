/** Where the mappings of a space are at one step, without what they are: a million in two columns of numbers. */
import { lengthOf, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace } from "../../kernel/inspect.ts";
import type { History } from "../history.ts";

/** Extents this many apart have their widest gap remembered. */
export const GROUP = 256;

/**
 * Ranges that do not overlap, ascending. Those that end below 2^53 are two numbers each: the first byte, and how many bytes all
 * ranges before it cover together. The few that end above come last and are ranges.
 */
export class MappedExtents {
  /** First bytes; only the first `narrow` entries count. */
  readonly firsts: Float64Array;
  /** Bytes covered by all extents before this one; one entry more counts than of `firsts`. */
  readonly covered: Float64Array;
  readonly narrow: number;
  readonly tail: readonly Range[];
  private gaps: Float64Array | null = null;

  constructor(firsts: Float64Array, covered: Float64Array, narrow: number, tail: readonly Range[]) {
    this.firsts = firsts;
    this.covered = covered;
    this.narrow = narrow;
    this.tail = tail;
  }

  get count(): number {
    return this.narrow + this.tail.length;
  }

  first(index: number): U64 {
    return index < this.narrow ? (this.firsts[index] as number) : (this.tail[index - this.narrow] as Range).first;
  }

  /** Inclusive. */
  last(index: number): U64 {
    return index < this.narrow ? this.narrowLast(index) : (this.tail[index - this.narrow] as Range).last;
  }

  /** The first extent that ends at or after an address; `count` when there is none. */
  from(address: U64): number {
    if (typeof address === "number") {
      const at = this.startingBelow(address);
      if (at > 0 && this.narrowLast(at - 1) >= address) return at - 1;
      if (at < this.narrow) return at;
    }
    const wide = this.tail.findIndex((range) => range.last >= address);
    return wide < 0 ? this.count : this.narrow + wide;
  }

  /** The first extent that starts after an address; `count` when there is none. */
  after(address: U64): number {
    if (typeof address === "number") {
      const at = this.startingBelow(address + 1);
      if (at < this.narrow) return at;
    }
    const wide = this.tail.findIndex((range) => range.first > address);
    return wide < 0 ? this.count : this.narrow + wide;
  }

  /** How many extents touch a window. */
  touching(window: Range): number {
    return Math.max(0, this.after(window.last) - this.from(window.first));
  }

  /** How many narrow extents start below an address; `least` are known to. Costs little when not many more do. */
  startingBelow(address: number, least = 0): number {
    const { firsts, narrow } = this;
    let low = least;
    let high = least + 1;
    while (high <= narrow && (firsts[high - 1] as number) < address) {
      low = high;
      high += high - least;
    }
    if (high > narrow) high = narrow;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((firsts[middle] as number) < address) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** From the end of the extent before to the start of a narrow one; 1 when they touch. */
  narrowGap(index: number): number {
    return (this.firsts[index] as number) - this.narrowLast(index - 1);
  }

  /** Per GROUP of narrow extents the widest gap before one of them. */
  widestGaps(): Float64Array {
    this.gaps ??= this.findGaps();
    return this.gaps;
  }

  private narrowLast(index: number): number {
    return (this.firsts[index] as number) + ((this.covered[index + 1] as number) - (this.covered[index] as number)) - 1;
  }

  private findGaps(): Float64Array {
    const { firsts, covered, narrow } = this;
    const widest = new Float64Array(Math.ceil(narrow / GROUP));
    let end = narrow > 0 ? this.narrowLast(0) : 0;
    for (let group = 0; group < widest.length; group++) {
      let most = 0;
      const stop = Math.min(narrow, (group + 1) * GROUP);
      for (let index = Math.max(1, group * GROUP); index < stop; index++) {
        const first = firsts[index] as number;
        const gap = first - end;
        if (gap > most) most = gap;
        end = first + ((covered[index + 1] as number) - (covered[index] as number)) - 1;
      }
      widest[group] = most;
    }
    return widest;
  }
}

/** Looks at every mapping of a space. */
export function extentsOf(space: IovaSpace): MappedExtents {
  const count = space.mappingCount();
  const firsts = new Float64Array(count);
  const covered = new Float64Array(count + 1);
  const tail: Range[] = [];
  let narrow = 0;
  const take = (first: U64, last: U64): boolean => {
    if (typeof first === "number" && typeof last === "number") {
      firsts[narrow] = first;
      covered[narrow + 1] = (covered[narrow] as number) + (last - first + 1);
      narrow++;
    } else tail.push({ first, last });
    return true;
  };
  if (space.eachExtent) space.eachExtent(0, U64_MAX, take);
  else space.eachMapping(0, U64_MAX, ({ first, last }) => take(first, last));
  return new MappedExtents(firsts, covered, narrow, tail);
}

/** Bytes in a range, near enough for shares. */
export function bytesIn(range: Range): number {
  return Number(lengthOf(range.first, range.last));
}

/** What is looked at again and again while one pans at one step, and arrays to use again for the next. */
interface LookedAt {
  step: number;
  spaces: Map<string, MappedExtents>;
  spare: MappedExtents[];
}
/** Spaces on screen at a time, and then some. */
const MOST_SPARE = 12;
/** Arrays are made a little larger than asked for, so that they also serve the next space. */
const ROOM = 1.25;
const LOOKED_AT = new WeakMap<History, LookedAt>();

/** The mappings of a space after a step of a run. What an earlier step's call returned is gone then. */
export function extentsAt(history: History, step: number, space: IovaSpace): MappedExtents {
  let now = LOOKED_AT.get(history);
  if (now?.step !== step) LOOKED_AT.set(history, (now = { step, spaces: new Map(), spare: now ? [...now.spaces.values(), ...now.spare].slice(0, MOST_SPARE) : [] }));
  let extents = now.spaces.get(space.key);
  if (!extents) {
    extents = recordedExtents(history, step, space, now.spare) ?? extentsOf(space);
    now.spaces.set(space.key, extents);
  }
  return extents;
}

/** From what the run wrote down of the space's areas; null where it has none. */
function recordedExtents(history: History, step: number, space: IovaSpace, spare: MappedExtents[]): MappedExtents | null {
  const { store } = space;
  if (store === undefined) return null;
  const areas = history.areas.upTo(step);
  const { from, to } = areas.rowsOf(store);
  // Room for all that ever were there: enough for any step.
  const fitting = spare.findIndex(({ firsts: old, covered: sums }) => Math.min(old.length, sums.length) > to - from);
  const [used] = fitting < 0 ? [] : spare.splice(fitting, 1);
  const room = Math.ceil((to - from + 1) * ROOM);
  const firsts = used?.firsts ?? new Float64Array(room);
  const covered = used?.covered ?? new Float64Array(room);
  const narrow = areas.extentsAt(store, step, firsts, covered);
  const tail: Range[] = [];
  space.eachMapping(2n ** 53n, U64_MAX, ({ first, last }) => tail.push({ first, last }) > 0);
  return new MappedExtents(firsts, covered, narrow, tail);
}
