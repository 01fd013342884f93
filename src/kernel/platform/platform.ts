/** Profiles of host IOMMUs. Facts and their sources: docs/model.md. */
import { pow2, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { HostDevice, Platform, PlatformKind, ReservedRegion } from "../config.ts";

const PAGE_4K_2M_1G = 0x40201000;
/** AMD's own tables map every power of two from 4 KiB to 2 PiB but 512 GiB. */
const AMD_V1_PAGES: U64 = sub(pow2(52), 4096 + 2 ** 39);
/** Any power of two from 4 KiB up. */
const ANY_PAGE_FROM_4K: U64 = sub(U64_MAX, 0xfff);

/** The x86 window in which a write is an interrupt message, on every device. */
export const X86_MSI: ReservedRegion = { first: 0xfee00000, last: 0xfeefffff, type: "msi", label: "MSI" };
/** 12 GiB below 1 TiB: addresses that AMD's HyperTransport gives a meaning of their own. */
export const HYPERTRANSPORT: ReservedRegion = { first: 0xfd_0000_0000, last: 0xff_ffff_ffff, type: "reserved", label: "HyperTransport" };
/** Where Linux puts the software-managed MSI window of Arm hosts and of virtio-iommu. */
export const SOFTWARE_MSI: ReservedRegion = { first: 0x800_0000, last: 0x80f_ffff, type: "sw-msi", label: "software MSI" };

type Profile = Omit<Platform, "devices" | "kind">;

/** [0, 2^bits − 1]. */
function upTo(bits: number): { first: U64; last: U64 } {
  return { first: 0, last: bits >= 64 ? U64_MAX : sub(pow2(bits), 1) };
}

const PLAIN = { nesting: false, dirtyTracking: false, enforceCoherency: false, interruptRemapping: true, maxPasidLog2: 0, commonRegions: [] as ReservedRegion[] };

const PROFILES: Record<PlatformKind, (addressBits: number | undefined) => Profile> = {
  none: () => mockProfile("no platform"),
  mock: () => ({ ...mockProfile("kernel mock device"), nesting: true, dirtyTracking: true }),
  // Second-level tables; 39, 48 or 57 bits.
  "intel-vtd": (bits = 39) => ({
    ...PLAIN, name: `Intel VT-d, ${bits}-bit`, aperture: upTo(bits), pageSizes: PAGE_4K_2M_1G, commonRegions: [X86_MSI], addressBits: bits,
  }),
  // 47 or 56 bits stand for first-level tables, which lose a bit to canonical addresses.
  "intel-vtd-scalable": (bits = 48) => ({
    ...PLAIN, name: `Intel VT-d scalable, ${bits}-bit`, aperture: upTo(bits), pageSizes: PAGE_4K_2M_1G, commonRegions: [X86_MSI], addressBits: bits,
    nesting: true, dirtyTracking: true, enforceCoherency: true, maxPasidLog2: 20,
  }),
  // 64 bits stand for AMD's own (version 1) tables, fewer for the CPU's format (version 2).
  "amd-vi": (bits = 64) => ({
    ...PLAIN, name: bits >= 64 ? "AMD-Vi" : `AMD-Vi, CPU-format tables, ${bits}-bit`, aperture: upTo(bits), pageSizes: bits >= 64 ? AMD_V1_PAGES : PAGE_4K_2M_1G,
    commonRegions: [X86_MSI, HYPERTRANSPORT], addressBits: bits, dirtyTracking: bits >= 64, enforceCoherency: true, maxPasidLog2: 16,
  }),
  "arm-smmuv3": (bits = 48) => ({
    ...PLAIN, name: `Arm SMMUv3, ${bits}-bit`, aperture: upTo(bits), pageSizes: PAGE_4K_2M_1G, commonRegions: [SOFTWARE_MSI], addressBits: bits,
    nesting: true, maxPasidLog2: 20,
  }),
  "virtio-iommu": (bits = 64) => ({
    ...PLAIN, name: "virtio-iommu", aperture: upTo(bits), pageSizes: ANY_PAGE_FROM_4K, commonRegions: [SOFTWARE_MSI], addressBits: bits,
  }),
};

function mockProfile(name: string): Profile {
  return { ...PLAIN, name, aperture: { first: 0x100_0000, last: 0x7fff_ffff }, pageSizes: 0x800, addressBits: 31 };
}

/** The profile of a kind of platform; `addressBits` overrides its usual width. */
export function profileOf(kind: PlatformKind, addressBits?: number): Profile {
  return PROFILES[kind](addressBits);
}

/** The machine of the VT-d recordings. */
const RECORDED_VTD_DEVICES: readonly HostDevice[] = [
  { name: "0000:00:04.0", group: 3, vfio: 0, model: "edu", regions: [X86_MSI], regionCount: 9, irqCount: 5 },
  { name: "0000:00:05.0", group: 4, vfio: 1, model: "e1000e", regions: [X86_MSI], regionCount: 9, irqCount: 5 },
  { name: "0000:02:01.0", group: 7, vfio: 2, model: "edu", regions: [X86_MSI], regionCount: 9, irqCount: 5 },
  { name: "0000:02:02.0", group: 7, vfio: 3, model: "pci-testdev", regions: [X86_MSI], regionCount: 9, irqCount: 5 },
];

/** A whole platform. Without a list of devices, VT-d gets the machine of the recordings and others get one NIC. */
export function makePlatform(kind: PlatformKind, options: { addressBits?: number; devices?: HostDevice[] } = {}): Platform {
  const profile = profileOf(kind, options.addressBits);
  return { kind, ...profile, devices: options.devices ?? defaultDevices(kind, profile) };
}

function defaultDevices(kind: PlatformKind, profile: Profile): HostDevice[] {
  if (kind === "none" || kind === "mock") return [];
  if (kind === "intel-vtd") return [...RECORDED_VTD_DEVICES];
  return [{ name: "0000:41:00.0", group: 27, vfio: 0, model: "nvme", regions: profile.commonRegions, regionCount: 9, irqCount: 5 }];
}
