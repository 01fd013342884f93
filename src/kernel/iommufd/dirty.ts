/** Dirty bits of the mock driver's page tables, kept per 2 KiB IO page, and how the walk of a range reads them. */
import { sub, toBig, type U64 } from "../../base/u64.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import type { Area } from "../ranges/area-store.ts";
import { domainOf, MOCK_HUGE_PAGE, MOCK_IO_PAGE } from "./domain.ts";
import type { Iommufd } from "./iommufd.ts";
import { contiguousPieces, vaAt } from "./map.ts";
import type { Domain, HwptPaging } from "./objects.ts";

export function clearDirty(domain: Domain): void {
  domain.dirty.clear();
}

/** Is the IO page of this index (iova / 2048) mapped? */
export function isIoPageMapped(hwpt: HwptPaging, index: number): boolean {
  return hwpt.ioas.table.areas.overlaps(index * MOCK_IO_PAGE, index * MOCK_IO_PAGE);
}

/**
 * Reads the dirty bits of [iova, last] as GET_DIRTY_BITMAP does (6.12): through areas that touch, up to the first hole. Returns
 * the addresses whose bit is set, in units of `unit` bytes from `iova`; `clear` cleans what was looked at. A large IO page
 * is reported whole from the first address looked at, even past the range, as far as the bitmap's memory goes.
 */
export function readDirty(iommufd: Iommufd, hwpt: HwptPaging, iova: U64, last: U64, unit: number, clear: boolean): U64[] {
  const domain = domainOf(hwpt);
  if (!domain.tracking || domain.dirty.size === 0) return [];
  const bits = new Set<number>();
  const limit = bitmapBits(iova, last, unit);
  const record = (from: number, length: number): void => {
    const first = Math.floor((from - Number(iova)) / unit);
    const end = Math.min(Math.floor((from + length - 1 - Number(iova)) / unit), limit - 1);
    for (let bit = first; bit <= end; bit++) bits.add(bit);
  };
  for (const piece of contiguousPieces(hwpt.ioas.table, iova, last).pieces) {
    const end = Number(piece.last);
    let at = Number(piece.first);
    while (at <= end) {
      const size = ioPageAt(iommufd, hwpt, piece.area, at);
      const head = at - (at % size);
      if (testDirty(domain, head, size, clear)) record(at, size);
      at += size;
    }
  }
  return [...bits].sort((one, other) => one - other).map((bit) => Number(iova) + bit * unit);
}

/** How many bits the pinned pages of the user's bitmap hold: whole pages, from a page-aligned start. */
function bitmapBits(iova: U64, last: U64, unit: number): number {
  const bits = Math.floor(Number(sub(last, iova)) / unit) + 1;
  return Math.ceil(bits / 8 / PAGE_SIZE) * PAGE_SIZE * 8;
}

function testDirty(domain: Domain, head: number, size: number, clear: boolean): boolean {
  let dirty = false;
  for (let index = head / MOCK_IO_PAGE; index < (head + size) / MOCK_IO_PAGE; index++) {
    if (!domain.dirty.has(index)) continue;
    dirty = true;
    if (clear) domain.dirty.delete(index);
  }
  return dirty;
}

/** The IO page size at an address: 1 MiB where the page table offers it and the memory is one huge page, suitably placed. */
function ioPageAt(iommufd: Iommufd, hwpt: HwptPaging, area: Area, iova: number): number {
  const large = (toBig(domainOf(hwpt).pageSizes) & BigInt(MOCK_HUGE_PAGE)) !== 0n && !hwpt.ioas.table.largePagesOff;
  if (!large) return MOCK_IO_PAGE;
  const head = iova - (iova % MOCK_HUGE_PAGE);
  if (head < area.first || head + MOCK_HUGE_PAGE - 1 > area.last) return MOCK_IO_PAGE;
  const va = vaAt(area, head);
  const buffer = iommufd.memory.bufferOf(va);
  return buffer?.hugetlb && typeof va === "number" && va % MOCK_HUGE_PAGE === 0 ? MOCK_HUGE_PAGE : MOCK_IO_PAGE;
}
