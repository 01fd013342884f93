/** Pinning: is the memory behind mappings there, writable where it must be, and within the limit? */
import { add, lengthOf, type U64 } from "../../base/u64.ts";
import { groupedHex, plural } from "../../base/format.ts";
import type { Given } from "../call.ts";
import type { CallTrace, Evidence } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { PAGE_SIZE, type Frame } from "../memory/buffers.ts";
import { holesOf } from "../ranges/range-list.ts";
import type { Area } from "../ranges/area-store.ts";
import type { Iommufd } from "./iommufd.ts";
import type { IoPagetable } from "./io-pagetable.ts";
import type { Ioas } from "./objects.ts";
import { spanFrom, WRITABLE, type Pages, type PinnedSpan } from "./pages.ts";
import type { Slice } from "./map.ts";
import { refOf } from "./refs.ts";

/** Pins what a MAP or COPY has put into an IOAS that has page tables. The areas are in the table already. */
export function pinSlices(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, slices: readonly Slice[], given: Given | null): boolean {
  if (given !== null && !givenPin(trace, given)) return false;
  for (const slice of slices) {
    const good = slice.pages === null ? pinPlain(iommufd, 0, slice.va, slice.length, slice.writable) : pinSpan(iommufd, slice.pages, spanFrom(slice.pages.uptr, { va: slice.va, first: 0, last: add(slice.length, -1) }), ioas.table);
    if ((!good || trace.explain) && !trace.holds(R["bad-user-memory"], good, () => badMemory(iommufd, slice.pages?.process ?? 0, slice.va, slice.length, slice.writable))) return false;
  }
  for (const { pages } of slices) {
    if (pages !== null && !chargePages(iommufd, trace, pages)) return false;
  }
  return given === null || givenDriver(trace, given);
}

/** The limit, for a set of pages whose pins have changed. */
export function chargePages(iommufd: Iommufd, trace: CallTrace, pages: Pages): boolean {
  const within = pages.settle(iommufd.accounting);
  if (within && !trace.explain) return true;
  return trace.holds(R["memlock-limit"], within, () => limitEvidence(iommufd, pages));
}

/** Pins all areas of a table for its first page table. The page table is in `table.domains` already. */
export function pinTable(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, given: Given | null): boolean {
  const { table, context } = ioas;
  if (table.areas.count === 0) return true;
  if (given !== null && !givenPin(trace, given)) return false;
  if (table.domains.length === 1 && !areasCanBePinned(iommufd, trace, ioas)) return false;
  const settled: Pages[] = [];
  for (const pages of context.pages.all.values()) {
    if (!pages.areas.some((area) => area.table === table)) continue;
    if (!chargePages(iommufd, trace, pages)) return false;
    settled.push(pages);
  }
  return given === null || givenDriver(trace, given);
}

function areasCanBePinned(iommufd: Iommufd, trace: CallTrace, ioas: Ioas): boolean {
  const { table, context } = ioas;
  let bad: Area | null = null;
  table.areas.each(0, table.areas.holeLast, () => false);
  table.areas.each(0, 2n ** 64n - 1n, (area) => {
    const pages = context.pages.all.get(area.ref);
    const good = pages ? pinSpan(iommufd, pages, pages.spanOf(area), table) : pinPlain(iommufd, 0, area.va, lengthOf(area.first, area.last), (area.flags & WRITABLE) !== 0);
    if (!good) bad = area;
    return good;
  });
  const found = bad as Area | null;
  return trace.holds(R["bad-user-memory"], found === null, () => {
    if (!found) return { objects: [refOf(ioas)], note: `${plural(table.areas.count, "mapping")} pinned` };
    const pages = context.pages.all.get(found.ref);
    const evidence = badMemory(iommufd, pages?.process ?? 0, found.va, lengthOf(found.first, found.last), pages?.writable ?? (found.flags & WRITABLE) !== 0);
    return { ...evidence, range: { first: found.first, last: found.last }, objects: [refOf(ioas)] };
  });
}

/** Pages nobody has pinned before: are they usable? A private page still shared with a child becomes the process's own. */
function pinPlain(iommufd: Iommufd, process: number, va: U64, length: U64, write: boolean): boolean {
  if (!iommufd.memory.isUsable(process, va, length, write)) return false;
  if (iommufd.memory.processes > 1) iommufd.memory.unshare(process, va, length);
  return true;
}

/** Pins a span of a set of pages; pages that somebody else (not `newcomer`) has pinned already are good as they are. */
export function pinSpan(iommufd: Iommufd, pages: Pages, span: PinnedSpan, newcomer: IoPagetable | null): boolean {
  return holesOf(pinnedBefore(pages, newcomer), span.first, span.last).every((hole) => {
    const first = hole.first as number;
    const count = (hole.last as number) - first + 1;
    return pinPlain(iommufd, pages.process, add(pages.uptr, first * PAGE_SIZE), count * PAGE_SIZE, pages.writable);
  });
}

/** What was pinned before the areas of `newcomer` asked for it. With several page tables there, its areas were pinned too. */
function pinnedBefore(pages: Pages, newcomer: IoPagetable | null): PinnedSpan[] {
  if (newcomer === null || !iommuNew.has(newcomer)) return pages.pinned();
  return pages.pinned();
}
