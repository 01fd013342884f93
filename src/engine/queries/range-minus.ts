/** Very long lists of ranges, as two arrays, and what one has that another lacks. */
import { add, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace } from "../../kernel/inspect.ts";

/** Ascending and disjoint; ends inclusive. */
export interface Extents {
  firsts: U64[];
  lasts: U64[];
}

/** Where something is mapped, neighbours joined. */
export function listOf(space: IovaSpace | null): Extents {
  const firsts: U64[] = [];
  const lasts: U64[] = [];
  const take = (first: U64, last: U64): boolean => {
    const end = lasts.length - 1;
    if (end >= 0 && first <= add(lasts[end] as U64, 1)) {
      if (last > (lasts[end] as U64)) lasts[end] = last;
    } else {
      firsts.push(first);
      lasts.push(last);
    }
    return true;
  };
  if (space?.eachExtent) space.eachExtent(0, U64_MAX, take);
  else space?.eachMapping(0, U64_MAX, ({ first, last }) => take(first, last));
  return { firsts, lasts };
}

/** What `all` covers and `without` does not. */
export function minus(all: Extents, without: Extents): Range[] {
  const left: Range[] = [];
  let at = 0;
  for (let index = 0; index < all.firsts.length; index++) {
    let first = all.firsts[index] as U64;
    const last = all.lasts[index] as U64;
    while (at < without.lasts.length && (without.lasts[at] as U64) < first) at++;
    let covered = false;
    for (let hole = at; hole < without.firsts.length && (without.firsts[hole] as U64) <= last; hole++) {
      const start = without.firsts[hole] as U64;
      const end = without.lasts[hole] as U64;
      if (start > first) left.push({ first, last: sub(start, 1) });
      if (end >= last) {
        covered = true;
        break;
      }
      first = add(end, 1);
    }
    if (!covered) left.push({ first, last });
  }
  return left;
}
