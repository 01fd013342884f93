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
  const limit = leastOfWidest(extents, from, to, most);
  const wider: number[] = [];
  const gaps: number[] = [];
  let equal = 0;
  eachGapFrom(extents, from, to, limit, (index, gap) => {
    if (gap === limit) {
      equal++;
      return;
    }
    wider.push(index);
    gaps.push(gap);
  });
  if (wider.length >= most) return widestGaps(Float64Array.from(gaps), most).map((index) => wider[index] as number);
  const share = (most - wider.length) / equal;
  const chosen: number[] = [];
  let due = 0.5;
  eachGapFrom(extents, from, to, limit, (index, gap) => {
    if (gap === limit) {
      due += share;
      if (due < 1) return;
      due -= 1;
    }
    chosen.push(index);
  });
  return chosen;
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

/** Visits the extents of [from, to) with a gap of at least `limit` before them. */
function eachGapFrom(extents: MappedExtents, from: number, to: number, limit: number, visit: (index: number, gap: number) => void): void {
  eachGroup(extents, from, to, (start, stop, most) => {
    if (most < limit) return;
    for (let index = start; index < stop; index++) {
      const gap = index < extents.narrow ? extents.narrowGap(index) : gapBetween(extents.last(index - 1), extents.first(index));
      if (gap >= limit) visit(index, gap);
    }
  });
}
