/** Taking mappings away: unmap, and the cut of the VFIO compatibility ioctls. */
import { add, isAligned, lengthOf, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import { groupedHex, plural, rangeText } from "../../base/format.ts";
import type { CallTrace } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import type { Area } from "../ranges/area-store.ts";
import { releaseItem } from "./access.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Ioas } from "./objects.ts";
import { areaRange, mappingRef, nameOf, refOf } from "./refs.ts";
import { vaAt } from "./map.ts";

/**
 * iopt_unmap_iova_range (6.12): removes the areas inside [first, last] in ascending order and gives the sum of their bytes.
 * At an area that sticks out it stops with null: the areas before it are gone.
 */
export function unmapRange(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, first: U64, last: U64): U64 | null {
  const { areas } = ioas.table;
  let unmapped: U64 = 0;
  let count = 0;
  for (;;) {
    const area = areas.firstTouching(first, last);
    if (area === null) break;
    const inside = area.first >= first && area.last <= last;
    if (!inside) {
      reportUnmapped(trace, ioas, first, last, unmapped, count);
      trace.holds(R["unmap-splits-mapping"], false, () => {
        const stays = [area.first < first ? rangeText(area.first, sub(first, 1)) : "", area.last > last ? rangeText(add(last, 1), area.last) : ""].filter((text) => text !== "");
        return {
          objects: [mappingRef(refOf(ioas), area), refOf(ioas)],
          range: areaRange(area),
          note: `${stays.join(" and ")} of the mapping lies outside the range` + (count > 0 ? `; ${plural(count, "mapping")} before it are gone already` : ""),
          advice: { fits: [areaRange(area)], text: `Unmap ${rangeText(area.first, area.last)} whole, then map again what should stay.` },
        };
      });
      return null;
    }
    removeArea(iommufd, trace, ioas, area);
    unmapped = add(unmapped, lengthOf(area.first, area.last));
    count++;
    if (area.last >= last) break;
  }
  if (trace.explain) trace.holds(R["unmap-splits-mapping"], true, () => ({ objects: [refOf(ioas)], note: `${plural(count, "mapping")} inside the range` }));
  reportUnmapped(trace, ioas, first, last, unmapped, count);
  return unmapped;
}

function reportUnmapped(trace: CallTrace, ioas: Ioas, first: U64, last: U64, unmapped: U64, count: number): void {
  if (count === 0) return;
  trace.effect("unmap", () => ({
    objects: [refOf(ioas), ...ioas.table.domains.map(refOf)],
    range: { first, last },
    text: `${nameOf(ioas)} loses ${plural(count, "mapping")}, ${groupedHex(unmapped)} bytes` + (ioas.table.domains.length > 0 ? ", out of every page table and unpinned" : ""),
  }));
}

/** Removes one area: drivers give back their pins on it, page tables lose it, pages nobody else needs are unpinned. */
export function removeArea(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, area: Area): void {
  const { table, context } = ioas;
  let ref = area.ref;
  if (ref !== 0) {
    const pages = context.pages.all.get(ref);
    if (pages && pages.pins.length > 0) revokePins(iommufd, trace, ioas, area);
    ref = table.areas.at(area.first)?.ref ?? 0;
  }
  table.areas.remove(area.first);
  if (ref !== 0) {
    const pages = context.pages.all.get(ref);
    if (pages) context.pages.drop(pages, table, area.first, iommufd.accounting);
  }
  for (const hwpt of table.domains) {
    const dirty = hwpt.domain?.dirty;
    if (dirty && dirty.size > 0) for (const page of dirty) if (page * 2048 >= area.first && page * 2048 <= area.last) dirty.delete(page);
  }
}

/** iommufd_access_notify_unmap: every driver with pins on the area gives back the items that touch it, whole. */
function revokePins(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, area: Area): void {
  for (const access of ioas.table.accesses) {
    for (const item of access.items.values()) {
      if (item.iova > area.last || item.last < area.first) continue;
      trace.effect("notify", () => ({
        objects: [refOf(access), mappingRef(refOf(ioas), area)],
        range: { first: item.iova, last: item.last },
        text: `${nameOf(access)} is told that ${rangeText(area.first, area.last)} goes, and gives back item ${item.id}`,
      }));
      releaseItem(iommufd, trace, access, item);
    }
  }
}

/** iopt_unmap_all. */
export function unmapAll(iommufd: Iommufd, trace: CallTrace, ioas: Ioas): U64 | null {
  return unmapRange(iommufd, trace, ioas, 0, U64_MAX);
}

/**
 * iopt_cut_iova (6.12) at one point: `at` becomes the last byte of the left part. Nothing to do where nothing is mapped, or at
 * the first or last byte of an area. False: a check refused.
 */
export function cutAt(trace: CallTrace, ioas: Ioas, at: U64): boolean {
  const { table, context } = ioas;
  const area = table.areas.at(at);
  if (!area || area.first === at || area.last === at) return true;
  const start = add(at, 1);
  const pages = context.pages.of(table, area);
  const span = pages.spanOf(area);
  const accessed = pages.pins.some((pin) => pin.first <= span.last && pin.last >= span.first) && accessTouches(ioas, area);
  const aligned = isAligned(start, table.alignment) && isAligned(sub(vaAt(area, start), pages.uptr), table.alignment);
  const mayBeLarge = table.domains.length > 0 && !table.largePagesOff;
  const reasons = [
    ...(aligned ? [] : [`${groupedHex(start)} is not aligned`]),
    ...(accessed ? ["a driver has pinned pages of it"] : []),
    ...(mayBeLarge ? ["a page table may hold it in large pages"] : []),
  ];
  const good = reasons.length === 0;
  if (
    !trace.holds(R["cut-inside-area"], good, () => ({
      objects: [mappingRef(refOf(ioas), area), refOf(ioas)],
      range: areaRange(area),
      note: good ? `cut at ${groupedHex(start)}` : (reasons[0] ?? ""),
    }))
  ) return false;
  table.areas.remove(area.first);
  table.areas.insert(area.first, at, area.va, area.flags, pages.id);
  table.areas.insert(start, area.last, vaAt(area, start), area.flags, pages.id);
  pages.areas.push({ table, first: start });
  trace.effect("split", () => ({
    objects: [refOf(ioas)],
    range: areaRange(area),
    text: `the mapping ${rangeText(area.first, area.last)} becomes ${rangeText(area.first, at)} and ${rangeText(start, area.last)}`,
  }));
  return true;
}

function accessTouches(ioas: Ioas, area: Area): boolean {
  return ioas.table.accesses.some((access) => [...access.items.values()].some((item) => item.iova <= area.last && item.last >= area.first));
}
