/** Mappings by the hundred thousand, ready for any window at the price of what is drawn. */
import { U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import { gapBetween, widestGaps } from "./aggregate.ts";

/** Neighbours taken together, and how many mappings they are. */
export interface Cluster extends Range {
  count: number;
}

/** Each level keeps one boundary of this many of the level below. */
const COARSER = 8;
const COARSEST = 4096;

/**
 * The mappings of one space at one step. A boundary is the index of a mapping that starts a cluster; level 0 has them all, each
 * further level those with the widest gaps before them. A window is cut from the coarsest level that has enough boundaries in it.
 */
export class MappingIndex {
  private readonly firsts: U64[] = [];
  private readonly lasts: U64[] = [];
  /** Boundaries of levels 1 …, ascending. */
  private readonly levels: number[][] = [];

  constructor(space: IovaSpace) {
    const take = (first: U64, last: U64): boolean => {
      this.firsts.push(first);
      this.lasts.push(last);
      return true;
    };
    if (space.eachExtent) space.eachExtent(0, U64_MAX, take);
    else space.eachMapping(0, U64_MAX, ({ first, last }) => take(first, last));
    let boundaries = Array.from(this.firsts, (_, index) => index).slice(1);
    while (boundaries.length > COARSEST) {
      boundaries = this.widest(boundaries, Math.floor(boundaries.length / COARSER));
      this.levels.push(boundaries);
    }
  }

  /** What touches the window, in at most `most` clusters, ascending. */
  clusters(window: Range, most: number): Cluster[] {
    const start = lowerBound(this.lasts.length, (index) => (this.lasts[index] as U64) >= window.first);
    const end = lowerBound(this.firsts.length, (index) => (this.firsts[index] as U64) > window.last);
    if (start >= end) return [];
    const cuts = [start, ...this.cuts(start, end, most - 1), end];
    const clusters: Cluster[] = [];
    for (let at = 0; at + 1 < cuts.length; at++) {
      const from = cuts[at] as number;
      const to = cuts[at + 1] as number;
      clusters.push({ first: this.firsts[from] as U64, last: this.lasts[to - 1] as U64, count: to - from });
    }
    return clusters;
  }

  /** At most `most` boundaries inside (start, end). */
  private cuts(start: number, end: number, most: number): number[] {
    for (const level of this.levels.toReversed()) {
      const from = lowerBound(level.length, (index) => (level[index] as number) > start);
      const to = lowerBound(level.length, (index) => (level[index] as number) >= end);
      if (to - from >= most) return this.widest(level.slice(from, to), most);
    }
    return this.widest(Array.from({ length: end - start - 1 }, (_, index) => start + 1 + index), most);
  }

  private widest(boundaries: number[], most: number): number[] {
    const gaps = Float64Array.from(boundaries, (index) => gapBetween(this.lasts[index - 1] as U64, this.firsts[index] as U64));
    return widestGaps(gaps, most).map((index) => boundaries[index] as number);
  }
}

/** The first index for which `holds` is true; `length` when there is none. Once true it stays true. */
function lowerBound(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

const INDEXES = new WeakMap<Machine, Map<string, MappingIndex>>();

/** The index of a space of a machine that does not change any more; made once. */
export function mappingIndex(machine: Machine, space: IovaSpace): MappingIndex {
  let ofMachine = INDEXES.get(machine);
  if (!ofMachine) INDEXES.set(machine, (ofMachine = new Map()));
  let index = ofMachine.get(space.key);
  if (!index) ofMachine.set(space.key, (index = new MappingIndex(space)));
  return index;
}
