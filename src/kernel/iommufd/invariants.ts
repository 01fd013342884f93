/** What must hold between calls (spec section 12.1), recomputed from scratch. For tests. */
import { assert } from "../../base/assert.ts";
import { add, hex, sub, U64_MAX } from "../../base/u64.ts";
import type { Range } from "../answer.ts";
import { holesOf, mergeRanges, touches } from "../ranges/range-list.ts";
import type { Context } from "./context.ts";
import { pagingOf } from "./device.ts";
import { domainOf } from "./domain.ts";
import { holdersOf } from "./holders.ts";
import type { Iommufd } from "./iommufd.ts";
import { conforms } from "./io-pagetable.ts";
import type { Ioas } from "./objects.ts";
import { nameOf } from "./refs.ts";
import { regionsOf } from "./reserve.ts";

/** Throws for the first promise that is broken. */
export function checkInvariants(iommufd: Iommufd): void {
  for (const context of iommufd.contexts) {
    for (const object of context.all()) {
      assert(object.users === 1 + holdersOf(object).length, `${nameOf(object)}: users ${object.users}, holders ${holdersOf(object).length}`);
      if (object.type === "IOAS") checkIoas(object);
    }
    checkGroups(context);
    checkPages(context);
  }
}

function checkIoas(ioas: Ioas): void {
  const { table } = ioas;
  let last: bigint | number = -1;
  table.areas.each(0, U64_MAX, (area) => {
    assert(area.first > last, `areas overlap at ${hex(area.first)}`);
    last = area.last;
    assert(!touches(table.reserved, area.first, area.last), `mapping ${hex(area.first)} is in a reserved range`);
    assert(conforms(area, table.alignment), `mapping ${hex(area.first)} does not conform to ${table.alignment}`);
    return true;
  });
  for (const range of table.allowed) assert(!touches(table.reserved, range.first, range.last), "an allowed range is reserved");
  assert(table.alignment === table.wantedAlignment(), `alignment ${table.alignment}, wanted ${table.wantedAlignment()}`);
  // Every paging HWPT is filled from here, once, so whatever is mapped is in each of them.
  assert(new Set(table.domains).size === table.domains.length && table.domains.length === ioas.hwpts.length, "page tables and domains differ");
  for (const hwpt of ioas.hwpts) assert(table.domains.includes(hwpt) && hwpt.linked && hwpt.ioas === ioas, `${nameOf(hwpt)} is not filled`);
  assert(JSON.stringify(texts(mergeRanges(reservedBy(ioas)))) === JSON.stringify(texts(table.reserved)), `${nameOf(ioas)}: reserved ranges differ from what its users need`);
  assert(JSON.stringify(texts(holesOf(table.reserved))) === JSON.stringify(texts(table.usable())), "usable ranges");
}

/** What apertures, device windows and tests keep out, computed from who is there. */
function reservedBy(ioas: Ioas): Range[] {
  const ranges: Range[] = ioas.table.reservations.filter((reservation) => reservation.owner === null).map(({ first, last }) => ({ first, last }));
  for (const hwpt of ioas.hwpts) {
    const { first, last } = domainOf(hwpt);
    if (first !== 0) ranges.push({ first: 0, last: sub(first, 1) });
    if (last !== U64_MAX) ranges.push({ first: add(last, 1), last: U64_MAX });
  }
  for (const device of ioas.context.of("DEVICE")) {
    const { group } = device;
    if (!group.hwpt || !group.attached.includes(device) || pagingOf(group.hwpt).ioas !== ioas) continue;
    for (const region of regionsOf(device.host)) if (region.type !== "direct-relaxable") ranges.push({ first: region.first, last: region.last });
  }
  return ranges;
}

function texts(ranges: readonly Range[]): string[] {
  return ranges.map((range) => `${hex(range.first)}-${hex(range.last)}`);
}

function checkGroups(context: Context): void {
  for (const group of context.groups.values()) {
    assert(group.bound > 0, `group ${group.number} has no device`);
    assert((group.hwpt === null) === (group.attached.length === 0), `group ${group.number}: attachment and page table disagree`);
  }
}

function checkPages(context: Context): void {
  for (const pages of context.pages.all.values()) {
    assert(pages.areas.length > 0, "pages without an area");
    for (const { table, first } of pages.areas) assert(table.areas.at(first)?.ref === pages.id, "an area forgot its pages");
    if (pages.account === "none") continue;
    const pinned = pages.pinned().reduce((sum, span) => sum + span.last - span.first + 1, 0);
    assert(pages.charged === pinned, `charged ${pages.charged} pages, pinned ${pinned}`);
  }
}
