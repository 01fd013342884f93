/** Page tables of the IOMMU drivers: what each driver offers, and how a page table joins and leaves an IOAS. */
import { lowestBit, type U64 } from "../../base/u64.ts";
import { groupedHex, humanSize, rangeText } from "../../base/format.ts";
import type { Json } from "../../base/json.ts";
import type { Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Platform } from "../config.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import { alignmentEvidence, setAlignment } from "./alignment.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Device, Domain, DriverName, HwptPaging } from "./objects.ts";
import { chargeTable, driverAccepts, driverTakesTable, settleTable, tableCanBePinned } from "./pin.ts";
import { nameOf, refOf } from "./refs.ts";
import { releaseRanges, reserveAperture } from "./reserve.ts";

/** Bytes of the mock driver's IO page: half a CPU page, so that nobody confuses the two. */
export const MOCK_IO_PAGE = 2048;
/** Bytes of the mock driver's large IO page, for devices with flag 2. */
export const MOCK_HUGE_PAGE = 512 * MOCK_IO_PAGE;

/** What a device's IOMMU driver offers. */
export interface Driver {
  readonly name: DriverName;
  readonly label: string;
  readonly first: U64;
  readonly last: U64;
  readonly pageSizes: U64;
  readonly nesting: boolean;
  readonly dirtyTracking: boolean;
  readonly enforceCoherency: boolean;
  /** Type and length of the data that describes a guest's table; null: the driver has no nested tables. */
  readonly nestedData: { type: number; length: number } | null;
}

const NESTED_DATA: Partial<Record<DriverName, { type: number; length: number }>> = {
  mock: { type: 0xdead, length: 4 },
  // iommu_hwpt_vtd_s1 and iommu_hwpt_arm_smmuv3.
  "intel-vtd-scalable": { type: 1, length: 24 },
  "arm-smmuv3": { type: 2, length: 16 },
};

export function driverOf(device: Device, platform: Platform): Driver {
  const mock = device.mockFlags;
  if (mock !== null) {
    return {
      name: "mock", label: "mock driver", first: 0x100_0000, last: 0x7fff_ffff, pageSizes: MOCK_IO_PAGE + (mock & 2 ? MOCK_HUGE_PAGE : 0),
      nesting: true, dirtyTracking: (mock & 1) === 0, enforceCoherency: false, nestedData: NESTED_DATA.mock ?? null,
    };
  }
  const { kind, name, aperture, pageSizes, nesting, dirtyTracking, enforceCoherency } = platform;
  return {
    name: kind, label: name, first: aperture.first, last: aperture.last, pageSizes, nesting, dirtyTracking, enforceCoherency,
    nestedData: nesting ? (NESTED_DATA[kind] ?? null) : null,
  };
}

export function makeDomain(driver: Driver, dirtyOps: boolean): Domain {
  const { name, first, last, pageSizes } = driver;
  return { driver: name, first, last, pageSizes, dirtyOps, tracking: false, dirty: new Set() };
}

/** The domain of a HWPT that has one. */
export function domainOf(hwpt: HwptPaging): Domain {
  return hwpt.domain as Domain;
}

/**
 * iopt_table_add_domain (6.12): alignment, aperture, then every mapping is pinned and written into the page table. False: a
 * check refused and the IOAS is as it was.
 */
export function addDomain(iommufd: Iommufd, trace: CallTrace, hwpt: HwptPaging, given: Given | null): boolean {
  const { ioas } = hwpt;
  const { table } = ioas;
  const domain = domainOf(hwpt);
  const smallest = Number(lowestBit(domain.pageSizes));
  const fits = smallest <= PAGE_SIZE;
  if (
    !trace.holds(R["hw-page-too-large"], fits, () => ({
      objects: [refOf(hwpt)],
      note: `smallest IOMMU page ${humanSize(smallest)}, CPU page ${humanSize(PAGE_SIZE)}`,
    }))
  ) return false;
  const wanted = Math.max(table.alignment, smallest);
  const culprit = table.misaligned(wanted);
  if (!trace.holds(R["existing-maps-misaligned"], culprit === null, () => alignmentEvidence(ioas, wanted, culprit, hwpt))) return false;
  if (!reserveAperture(trace, ioas, hwpt, domain)) return false;
  const isFirst = table.domains.length === 0;
  if ((isFirst && !tableCanBePinned(iommufd, trace, ioas, given)) || !driverTakesTable(trace, hwpt)) {
    releaseRanges(trace, ioas, hwpt);
    return false;
  }
  table.domains.push(hwpt);
  if ((isFirst && !chargeTable(iommufd, trace, ioas)) || !driverAccepts(trace, table.areas.count > 0 ? given : null)) {
    table.domains.pop();
    settleTable(iommufd, ioas);
    releaseRanges(trace, ioas, hwpt);
    return false;
  }
  setAlignment(trace, ioas, wanted, hwpt);
  trace.effect("list", () => ({
    objects: [refOf(hwpt), refOf(ioas)],
    range: { first: domain.first, last: domain.last },
    text:
      `${nameOf(hwpt)} translates ${nameOf(ioas)} from now on, aperture ${rangeText(domain.first, domain.last)}` +
      (table.areas.count > 0 ? `; ${table.areas.count} mappings written into it${isFirst ? " and their memory pinned" : ""}` : ""),
  }));
  return true;
}

/** iopt_table_remove_domain: the tail of the kernel's array takes the place that becomes free. */
export function removeDomain(iommufd: Iommufd, trace: CallTrace, hwpt: HwptPaging): void {
  const { ioas } = hwpt;
  const { table } = ioas;
  const place = table.domains.indexOf(hwpt);
  const tail = table.domains.pop() as HwptPaging;
  if (tail !== hwpt) table.domains[place] = tail;
  const unpinned = table.domains.length === 0 && table.areas.count > 0;
  if (table.domains.length === 0) settleTable(iommufd, ioas);
  trace.effect("list", () => ({
    objects: [refOf(hwpt), refOf(ioas)],
    text: `${nameOf(hwpt)} no longer translates ${nameOf(ioas)}` + (unpinned ? "; it was the last page table, so memory nobody else needs is unpinned" : ""),
  }));
  releaseRanges(trace, ioas, hwpt);
  setAlignment(trace, ioas, table.wantedAlignment(), hwpt);
}

/** What GET_HW_INFO says of a device. */
export interface HwInfo {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly capabilities: number;
  readonly maxPasidLog2: number;
}

/** The driver's description of its hardware: the mock driver's constant, VT-d's capability registers, else nothing. */
export function hwInfoOf(device: Device, platform: Platform): HwInfo {
  const capabilities = driverOf(device, platform).dirtyTracking ? 1 : 0;
  if (device.mockFlags !== null) return { type: 0xfeedbeef, bytes: words64([0xdeadbeef_00000000n]), capabilities, maxPasidLog2: 0 };
  const maxPasidLog2 = platform.maxPasidLog2;
  if (platform.kind !== "intel-vtd" && platform.kind !== "intel-vtd-scalable") return { type: 0, bytes: new Uint8Array(0), capabilities, maxPasidLog2 };
  const bits = BigInt(platform.addressBits);
  // CAP_REG as the machine of the recordings has it, with its address width (MGAW) and table depths (SAGAW).
  const cap = 0x00d2_008c_2200_0006n | ((bits - 1n) << 16n) | ((bits > 39n ? 6n : 2n) << 8n);
  const nest = platform.nesting ? 1n << 26n : 0n;
  return { type: 1, bytes: words64([1n, cap, 0xf00f4an | nest]), capabilities, maxPasidLog2 };
}

function words64(words: bigint[]): Uint8Array {
  const bytes = new Uint8Array(words.length * 8);
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => view.setBigUint64(index * 8, word, true));
  return bytes;
}

/** A driver's short description for diagrams. */
export function domainLines(domain: Domain): string[] {
  return [
    `aperture ${groupedHex(domain.first)}–${groupedHex(domain.last)}`,
    ...(domain.dirtyOps ? [domain.tracking ? "dirty tracking on" : "dirty tracking off"] : []),
  ];
}

/** Nested data as the mock driver reads it: a 32-bit start value for its IOTLB entries. */
export function iotlbValue(data: Json): number {
  return typeof data === "object" && data !== null && !Array.isArray(data) && typeof data.iotlb === "number" ? data.iotlb >>> 0 : 0;
}
