/** Profiles of host IOMMUs. Facts and their sources: docs/model.md. */
import { pow2, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { HostDevice, Platform, PlatformKind, ReservedRegion } from "../config.ts";

const PAGE_4K_2M_1G = 0x40201000;
/** The x86 window in which a write is an interrupt message, on every device. */
const X86_MSI: ReservedRegion = { first: 0xfee00000, last: 0xfeefffff, type: "msi", label: "MSI" };
const HYPERTRANSPORT: ReservedRegion = { first: 0xfd_0000_0000, last: 0xff_ffff_ffff, type: "reserved", label: "HyperTransport" };
/** Where Linux puts the software-managed MSI window of Arm hosts. */
const ARM_SW_MSI: ReservedRegion = { first: 0x800_0000, last: 0x80f_ffff, type: "sw-msi", label: "software MSI" };

type Profile = Omit<Platform, "devices" | "kind">;

function upTo(bits: number): { first: U64; last: U64 } {
  return { first: 0, last: bits >= 64 ? U64_MAX : sub(pow2(bits), 1) };
}

/** The profile of a kind of platform; `addressBits` overrides its usual width. */
export function profileOf(kind: PlatformKind, addressBits?: number): Profile {
  const base = {
    nesting: false, dirtyTracking: false, enforceCoherency: false, interruptRemapping: true, maxPasidLog2: 0, commonRegions: [] as ReservedRegion[],
  };
  switch (kind) {
    case "none":
    case "mock":
      return {
        ...base, name: kind === "mock" ? "kernel mock device" : "no platform", aperture: { first: 0x100_0000, last: 0x7fff_ffff }, pageSizes: 0x800,
        nesting: kind === "mock", dirtyTracking: kind === "mock", addressBits: 31,
      };
    case "intel-vtd": {
      const bits = addressBits ?? 39;
      return { ...base, name: `Intel VT-d, ${bits}-bit`, aperture: upTo(bits), pageSizes: PAGE_4K_2M_1G, commonRegions: [X86_MSI], addressBits: bits };
    }
    case "intel-vtd-scalable": {
      const bits = addressBits ?? 48;
      return {
        ...base, name: `Intel VT-d scalable, ${bits}-bit`, aperture: upTo(bits), pageSizes: PAGE_4K_2M_1G, commonRegions: [X86_MSI], addressBits: bits,
        nesting: true, dirtyTracking: true, enforceCoherency: true, maxPasidLog2: 20,
      };
    }
    case "amd-vi": {
      const bits = addressBits ?? 64;
      return {
        ...base, name: "AMD-Vi", aperture: upTo(bits), pageSizes: sub(U64_MAX, 0xfff), commonRegions: [X86_MSI, HYPERTRANSPORT], addressBits: bits,
        dirtyTracking: true, enforceCoherency: true, maxPasidLog2: 16,
      };
    }
    case "arm-smmuv3": {
      const bits = addressBits ?? 48;
      return {
        ...base, name: `Arm SMMUv3, ${bits}-bit`, aperture: upTo(bits), pageSizes: PAGE_4K_2M_1G, commonRegions: [ARM_SW_MSI], addressBits: bits,
        nesting: true, maxPasidLog2: 20,
      };
    }
    case "virtio-iommu": {
      const bits = addressBits ?? 64;
      return { ...base, name: "virtio-iommu", aperture: upTo(bits), pageSizes: sub(U64_MAX, 0xfff), commonRegions: [ARM_SW_MSI], addressBits: bits };
    }
  }
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
