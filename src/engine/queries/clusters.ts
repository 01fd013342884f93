/** Mappings by the hundred thousand as a few clusters, parted where the widest gaps are. */
import type { Range } from "../../kernel/answer.ts";
import { gapBetween, widestGaps } from "./aggregate.ts";
import { type MappedExtents, GROUP } from "./mapped-extents.ts";

/** Neighbours taken together, and how many mappings they are. */
export interface Cluster extends Range {
  count: number;
}

/** What touches the window, in at most `most` clusters, ascending. */
export function clustersIn(extents: MappedExtents, window: Range, most: number): Cluster[] {
  const start = extents.from(window.first);
  const end = extents.after(window.last);
  if (start >= end) return [];
  const bounds = [start, ...widest(extents, start + 1, end, most - 1), end];
  const clusters: Cluster[] = [];
  for (let at = 0; at + 1 < bounds.length; at++) {
    const from = bounds[at] as number;
    const to = bounds[at + 1] as number;
    clusters.push({ first: extents.first(from), last: extents.last(to - 1), count: to - from });
  }
  return clusters;
}

/** The `most` extents in [from, to) with the widest gaps before them, ascending; equal ones in an even spread. */
function widest(extents: MappedExtents, from: number, to: number, most: number): number[] {
  if (most <= 0) return [];
  if (to - from <= most) return Array.from({ length: to - from }, (_, index) => from + index);
  const count = gather(extents, from, to, leastOfWidest(extents, from, to, most));
  return widestGaps(GATHERED.gaps.subarray(0, count), most).map((index) => GATHERED.indexes[index] as number);
}

/** A gap that at least `most` of them reach, as high as the groups' widest gaps can tell. */
function leastOfWidest(extents: MappedExtents, from: number, to: number, most: number): number {
  const groups: number[] = [];
  eachGroup(extents, from, to, (_start, _stop, gap) => groups.push(gap));
  if (groups.length < most) return -1;
  return groups.sort((one, other) => other - one)[most - 1] as number;
}

/** Visits the groups of [from, to) with the widest gap of each: whole ones are known, the two at the ends are looked at. */
function eachGroup(extents: MappedExtents, from: number, to: number, visit: (start: number, stop: number, widest: number) => void): void {
  const known = extents.widestGaps();
  const narrow = Math.min(to, extents.narrow);
  let start = from;
  while (start < narrow) {
    const group = Math.floor(start / GROUP);
    const stop = Math.min(narrow, (group + 1) * GROUP);
    if (stop - start === GROUP) visit(start, stop, known[group] as number);
    else {
      let most = 0;
      for (let index = start; index < stop; index++) most = Math.max(most, extents.narrowGap(index));
      visit(start, stop, most);
    }
    start = stop;
  }
  for (; start < to; start++) visit(start, start + 1, gapBetween(extents.last(start - 1), extents.first(start)));
}

/** What gather() found. Used again and again: every jump of a long run looks at tens of thousands of gaps, and leaves no garbage. */
const GATHERED = { indexes: new Uint32Array(0), gaps: new Float64Array(0) };

/** Writes down the extents of [from, to) with a gap of at least `limit` before them; how many. */
function gather(extents: MappedExtents, from: number, to: number, limit: number): number {
  if (GATHERED.gaps.length < to - from) {
    GATHERED.indexes = new Uint32Array(to - from);
    GATHERED.gaps = new Float64Array(to - from);
  }
  const { indexes, gaps } = GATHERED;
  let count = 0;
  eachGroup(extents, from, to, (start, stop, most) => {
    if (most < limit) return;
    for (let index = start; index < stop; index++) {
      // Written whether wide enough or not, and overwritten if not.
      const gap = index < extents.narrow ? extents.narrowGap(index) : gapBetween(extents.last(index - 1), extents.first(index));
      indexes[count] = index;
      gaps[count] = gap;
      count += Number(gap >= limit);
    }
  });
  return count;
}
