/** Keeping ranges out of an IOAS: device windows, page table apertures, test ranges. */
import { add, sub, U64_MAX } from "../../base/u64.ts";
import { rangeText } from "../../base/format.ts";
import type { ObjectRef, Range } from "../answer.ts";
import type { CallTrace } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { directRegionOf, mergeRegions } from "../platform/regions.ts";
import type { HostDevice, ReservedRegion } from "../config.ts";
import type { Reservation, ReservationOwner } from "./io-pagetable.ts";
import type { Device, HwptPaging, Ioas } from "./objects.ts";
import { mappingRef, nameOf, refOf, reservationRefs } from "./refs.ts";
import { listRanges } from "./trace-help.ts";

/** iopt_reserve_iova: keeps a range out, unless something is mapped or promised there. Overlap with other reservations is fine. */
export function reserveRange(trace: CallTrace, ioas: Ioas, reservation: Reservation): boolean {
  const { table } = ioas;
  const { first, last } = reservation;
  const area = table.areas.overlaps(first, last) ? table.areas.firstTouching(first, last) : null;
  const promised = area ? null : (table.allowed.find((range) => range.first <= last && range.last >= first) ?? null);
  const free = area === null && promised === null;
  if (
    !trace.holds(R["reserved-hits-mapping-or-allowed"], free, () => {
      const culprit = area ?? promised;
      const range = culprit ? { first: culprit.first, last: culprit.last } : { first, last };
      const objects: ObjectRef[] = [...(area ? [mappingRef(refOf(ioas), area)] : []), ...reservationRefs(reservation), refOf(ioas)];
      return {
        objects, range,
        note: culprit
          ? `${ownerName(reservation.owner)} must keep ${rangeText(first, last)} (${reservation.label}); ${area ? "the mapping" : "the allowed range"} ${rangeText(range.first, range.last)} lies in it`
          : `${rangeText(first, last)} (${reservation.label}) is neither mapped nor promised`,
        ...(culprit ? { advice: { objects: area ? [mappingRef(refOf(ioas), area)] : [], text: area ? `Unmap ${rangeText(range.first, range.last)}, attach, then map elsewhere.` : "Take this range off the allowed list, then attach." } } : {}),
      };
    })
  ) return false;
  table.reserve(reservation);
  trace.effect("reserve", () => ({
    objects: [...reservationRefs(reservation), refOf(ioas)],
    range: { first, last },
    text: `${nameOf(ioas)}: ${rangeText(first, last)} is kept out, ${reservation.label} of ${ownerName(reservation.owner)}`,
  }));
  return true;
}

function ownerName(owner: ReservationOwner): string {
  return owner ? nameOf(owner) : "a test";
}

/** Gives up all ranges that an owner keeps out of an IOAS. */
export function releaseRanges(trace: CallTrace, ioas: Ioas, owner: ReservationOwner): void {
  const gone = ioas.table.release(owner);
  if (gone.length === 0) return;
  trace.effect("release", () => ({
    objects: [refOf(ioas), ...(owner ? [refOf(owner)] : [])],
    range: { first: (gone[0] as Range).first, last: (gone[0] as Range).last },
    text: `${nameOf(ioas)}: ${listRanges(gone)} may be used again, ${ownerName(owner)} no longer keeps it`,
  }));
}

/** The regions a device reports, as the IOMMU core sorts and joins them. A mock device has none. */
export function regionsOf(host: HostDevice | null): ReservedRegion[] {
  return host ? mergeRegions(host.regions) : [];
}

/**
 * iopt_table_enforce_dev_resv_regions (6.12): keeps the device's windows out of an IOAS, all or none. Regions of type
 * direct-relaxable are ignored. `attaching` also notes the software MSI window for the group; a replace does not.
 */
export function reserveWindows(trace: CallTrace, ioas: Ioas, device: Device, attaching: boolean): boolean {
  const regions = regionsOf(device.host);
  let software = 0;
  let hardware = 0;
  for (const region of regions) {
    if (region.type === "direct-relaxable") continue;
    if (attaching && region.type === "msi") hardware++;
    if (attaching && region.type === "sw-msi") {
      device.group.swMsiStart = region.first;
      software++;
    }
    const { first, last, type: kind } = region;
    if (!reserveRange(trace, ioas, { first, last, kind, owner: device, label: region.label ?? regionName(kind) })) {
      releaseRanges(trace, ioas, device);
      return false;
    }
  }
  const sane = software + (hardware > 0 ? 1 : 0) <= 1;
  if (sane && !(trace.explain && software + hardware > 0)) return true;
  if (!trace.holds(R["two-msi-kinds"], sane, () => ({ objects: [refOf(device)], note: `${hardware} hardware, ${software} software MSI windows` }))) {
    releaseRanges(trace, ioas, device);
    return false;
  }
  return true;
}

function regionName(type: ReservedRegion["type"]): string {
  return { direct: "firmware region", "direct-relaxable": "relaxable firmware region", reserved: "reserved region", msi: "MSI window", "sw-msi": "software MSI window" }[type];
}

/** The aperture of a page table: everything outside is kept out (part of iopt_table_add_domain). */
export function reserveAperture(trace: CallTrace, ioas: Ioas, hwpt: HwptPaging, aperture: Range): boolean {
  const { first, last } = aperture;
  const label = "outside the aperture";
  if (first !== 0 && !reserveRange(trace, ioas, { first: 0, last: sub(first, 1), kind: "aperture", owner: hwpt, label })) return false;
  if (last !== U64_MAX && !reserveRange(trace, ioas, { first: add(last, 1), last: U64_MAX, kind: "aperture", owner: hwpt, label })) {
    releaseRanges(trace, ioas, hwpt);
    return false;
  }
  return true;
}

/** The device of a group, this one first, that firmware wants mapped one to one; null when none. */
export function directDeviceOf(devices: readonly HostDevice[]): { device: HostDevice; region: ReservedRegion } | null {
  for (const device of devices) {
    const region = directRegionOf(device);
    if (region) return { device, region };
  }
  return null;
}
