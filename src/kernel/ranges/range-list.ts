/** Small sorted lists of inclusive ranges: merging, holes, look-up. For big sets of areas see area-store.ts. */
import { add, max, min, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../answer.ts";

/** Sorted by start, overlapping and directly adjacent ranges joined. Returns a new list. */
export function mergeRanges(ranges: readonly Range[]): Range[] {
  const sorted = [...ranges].sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
  const merged: Range[] = [];
  for (const range of sorted) {
    const top = merged.at(-1);
    if (top && (top.last === U64_MAX || range.first <= add(top.last, 1))) {
      if (range.last > top.last) top.last = range.last;
    } else merged.push({ first: range.first, last: range.last });
  }
  return merged;
}

/** What a merged list leaves free inside [first, last], ascending. */
export function holesOf(merged: readonly Range[], first: U64 = 0, last: U64 = U64_MAX): Range[] {
  const holes: Range[] = [];
  let start = first;
  for (const range of merged) {
    if (range.last < start) continue;
    if (range.first > last) break;
    if (range.first > start) holes.push({ first: start, last: sub(range.first, 1) });
    if (range.last >= last) return holes;
    start = add(range.last, 1);
  }
  holes.push({ first: start, last });
  return holes;
}

/** Index of the first range of a merged list that ends at or after `address`; the list's length when none does. */
export function indexAtOrAfter(merged: readonly Range[], address: U64): number {
  let low = 0;
  let high = merged.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((merged[middle] as Range).last < address) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Does any range of a merged list touch [first, last]? */
export function touches(merged: readonly Range[], first: U64, last: U64): boolean {
  const found = merged[indexAtOrAfter(merged, first)];
  return found !== undefined && found.first <= last;
}

/** The part of each range that lies inside [first, last]. */
export function clipRanges(ranges: readonly Range[], first: U64, last: U64): Range[] {
  return ranges
    .filter((range) => range.first <= last && range.last >= first)
    .map((range) => ({ first: max(range.first, first), last: min(range.last, last) }));
}

/** The first two ranges of a list that overlap; null when none do. Touching is not overlapping. */
export function firstOverlap(ranges: readonly Range[]): [Range, Range] | null {
  for (let index = 1; index < ranges.length; index++) {
    const range = ranges[index] as Range;
    const earlier = ranges.slice(0, index).find((other) => other.first <= range.last && other.last >= range.first);
    if (earlier) return [earlier, range];
  }
  return null;
}
