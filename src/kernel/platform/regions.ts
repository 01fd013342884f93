/** Reserved regions as the IOMMU core keeps them: sorted, merged per type, and what they say about MSI. */
import { addWrap, max, type U64 } from "../../base/u64.ts";
import type { HostDevice, RegionType, ReservedRegion } from "../config.ts";

/** The kernel's enum iommu_resv_type: regions with the same start are ordered by it. */
const TYPE_VALUE: Record<RegionType, number> = { direct: 0, "direct-relaxable": 1, reserved: 2, msi: 3, "sw-msi": 4 };

/**
 * The list with one more region, as iommu_insert_resv_region (5.3 and later) keeps it: sorted by start, then type; regions of
 * one type that overlap or touch become one (with the label of the first). Regions of different types never merge. Returns a
 * new list.
 */
export function insertRegion(list: readonly ReservedRegion[], added: ReservedRegion): ReservedRegion[] {
  const at = list.findIndex(
    (region) => added.first < region.first || (added.first === region.first && TYPE_VALUE[added.type] <= TYPE_VALUE[region.type]),
  );
  const place = at < 0 ? list.length : at;
  const sorted = [...list.slice(0, place), added, ...list.slice(place)];
  const kept: ReservedRegion[] = [];
  for (const region of sorted) {
    const index = region.type === added.type ? kept.findLastIndex((other) => other.type === region.type) : -1;
    const top = kept[index];
    // The sum wraps for a region that reaches the last byte, as the kernel's does: it then swallows nothing.
    if (top === undefined || region.first > addWrap(top.last, 1)) kept.push(region);
    else kept[index] = { ...top, last: max(top.last, region.last) };
  }
  return kept;
}

/** Sorts and merges a whole list: what a group reports for the regions of its devices. */
export function mergeRegions(regions: readonly ReservedRegion[]): ReservedRegion[] {
  return regions.reduce<ReservedRegion[]>(insertRegion, []);
}

/**
 * Where software will map the doorbells of MSI: the start of the last sw-msi region, or null when the hardware has a doorbell
 * of its own (any msi region) or there is none (vfio_iommu_has_sw_msi). Expects a merged list.
 */
export function softwareMsiBase(regions: readonly ReservedRegion[]): U64 | null {
  if (regions.some((region) => region.type === "msi")) return null;
  return regions.findLast((region) => region.type === "sw-msi")?.first ?? null;
}

/** The first region that firmware wants mapped one to one at all times; such a device can't be given away. Null when none. */
export function directRegionOf(device: HostDevice): ReservedRegion | null {
  return device.regions.find((region) => region.type === "direct") ?? null;
}

/** The regions that keep users out: all but those that only firmware of old needed (5.3 and later). */
export function restrictingRegions(regions: readonly ReservedRegion[]): ReservedRegion[] {
  return regions.filter((region) => region.type !== "direct-relaxable");
}
