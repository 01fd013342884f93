/** Where the kernel puts a mapping that asks for no address, and what would fit for one that was refused. */
import { add, alignUp, bitOr, lengthOf, lowestBit, min, roundUpPowerOfTwo, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../answer.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import type { Rule } from "../rules/rule.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import { clipRanges, indexAtOrAfter } from "../ranges/range-list.ts";
import type { IoPagetable } from "./io-pagetable.ts";

/** ULONG_MAX / 2: lengths from here on are never placed automatically. */
const TOO_LONG: U64 = (1n << 63n) - 1n;

/**
 * iopt_alloc_iova (6.12): the lowest address whose hole, inside an allowed span, takes `length` bytes at the alignment that
 * the memory's address and the length suggest (capped at `maxAlign`). Returns the address, or the rule that refuses.
 */
export function placeIova(table: IoPagetable, length: U64, addr: U64, maxAlign: U64): U64 | Rule {
  if (typeof length === "bigint" && length >= TOO_LONG) return R["iova-wraps"];
  const align = placementAlign(length, addr, maxAlign);
  if (align < table.alignment) return R["va-alignment-too-small-for-auto"];
  const pageOffset = typeof addr === "number" ? addr & (PAGE_SIZE - 1) : Number(addr & 4095n);
  for (const span of table.placeable) {
    const start = fit(span.first, span.last, length, align, pageOffset);
    if (start === null) continue;
    const found = placeInSpan(table, start, span.last, length, align, pageOffset);
    if (found !== null) return found;
  }
  return R["no-iova-space"];
}

/** The alignment an automatic placement uses: a power of two, bytes. */
export function placementAlign(length: U64, addr: U64, maxAlign: U64): U64 {
  const align = addr === 0 ? maxAlign : min(lowestBit(addr), maxAlign);
  return length < align ? roundUpPowerOfTwo(length) : align;
}

function placeInSpan(table: IoPagetable, first: U64, last: U64, length: U64, align: U64, pageOffset: number): U64 | null {
  const { areas, reserved } = table;
  let from = first;
  while (from <= last && areas.holeFrom(from, length)) {
    const holeLast = min(areas.holeLast, last);
    let start = areas.holeFirst;
    if (start > last) return null;
    // The reserved ranges, too, cut the gap between two areas into holes.
    for (let index = indexAtOrAfter(reserved, start); start <= holeLast; index++) {
      const next = reserved[index];
      const end = next && next.first <= holeLast ? next.first : null;
      if (end === null || end > start) {
        const found = fit(start, end === null ? holeLast : sub(end, 1), length, align, pageOffset);
        if (found !== null) return found;
      }
      if (end === null || (next as Range).last === U64_MAX) break;
      start = add((next as Range).last, 1);
    }
    if (holeLast === U64_MAX) return null;
    from = add(holeLast, 1);
  }
  return null;
}

/** The first address in [start, last] that suits; a hole of a single byte at its end is never used. Null: none. */
function fit(start: U64, last: U64, length: U64, align: U64, pageOffset: number): U64 | null {
  let found = alignUp(start, align);
  // A bitwise or, not a sum: bits that the start already has in its page stay.
  if (pageOffset !== 0) found = typeof found === "number" ? found - (found & (PAGE_SIZE - 1)) + ((found & (PAGE_SIZE - 1)) | pageOffset) : bitOr(found, pageOffset);
  return found < last && reaches(found, length, last) ? found : null;
}

/** Is [first, first + length) inside what ends at `last`? Numbers far below a huge `last` need no exact sum. */
function reaches(first: U64, length: U64, last: U64): boolean {
  if (typeof first === "number" && typeof length === "number") {
    const end = first + length - 1;
    if (end <= Number.MAX_SAFE_INTEGER) return end <= last;
  }
  return sub(last, first) >= sub(length, 1);
}

/** Visits all that is neither mapped nor reserved in [first, last], ascending, until the visitor returns false. */
export function eachFree(table: IoPagetable, first: U64, last: U64, length: U64, visit: (hole: Range) => boolean): void {
  const { areas, reserved } = table;
  let from: U64 = first;
  while (from <= last && areas.holeFrom(from, length)) {
    const gap = { first: areas.holeFirst, last: min(areas.holeLast, last) };
    if (gap.first > last) return;
    let start = gap.first;
    for (let index = indexAtOrAfter(reserved, start); start <= gap.last; index++) {
      const next = reserved[index];
      const blocked = next !== undefined && next.first <= gap.last;
      if (!blocked || next.first > start) {
        const hole = { first: start, last: blocked ? sub(next.first, 1) : gap.last };
        if (lengthOf(hole.first, hole.last) >= length && !visit(hole)) return;
      }
      if (!blocked || next.last === U64_MAX) break;
      start = add(next.last, 1);
    }
    if (gap.last === U64_MAX) return;
    from = add(gap.last, 1);
  }
}

/** How many holes an explanation looks at before it settles for what it has seen. */
const SEARCH_LIMIT = 20_000;

/**
 * Free ranges that would take `length` bytes at the IOAS's alignment: those around `near` first, at most four. Empty when
 * nothing fits. Ranges are whole holes with their start aligned: any aligned address up to the end minus length works.
 */
export function rangesThatFit(table: IoPagetable, length: U64, near: U64): Range[] {
  const found: Range[] = [];
  let visited = 0;
  eachFree(table, 0, U64_MAX, length, (hole) => {
    const first = alignUp(hole.first, table.alignment);
    if (first <= hole.last && lengthOf(first, hole.last) >= length) found.push({ first, last: hole.last });
    return ++visited < SEARCH_LIMIT;
  });
  const distance = (range: Range): U64 => (near < range.first ? sub(range.first, near) : near > range.last ? sub(near, range.last) : 0);
  return found.sort((one, other) => (distance(one) < distance(other) ? -1 : distance(one) > distance(other) ? 1 : 0)).slice(0, 4);
}

/** The largest free ranges inside what automatic placement may use, at most four. */
export function largestPlaceable(table: IoPagetable): Range[] {
  const found: Range[] = [];
  let visited = 0;
  for (const span of table.placeable) {
    eachFree(table, span.first, span.last, 1, (hole) => {
      found.push(...clipRanges([hole], span.first, span.last));
      return ++visited < SEARCH_LIMIT;
    });
  }
  const size = (range: Range): U64 => lengthOf(range.first, range.last);
  return found.sort((one, other) => (size(one) > size(other) ? -1 : size(one) < size(other) ? 1 : 0)).slice(0, 4);
}
