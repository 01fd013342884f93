/** What a machine is made of before the first call: pure data, frozen, shared by all steps. */
import type { U64 } from "../base/u64.ts";
import type { Json } from "../base/json.ts";

export type RegionType = "direct" | "direct-relaxable" | "reserved" | "msi" | "sw-msi";

/** A range of IOVAs that a device or its platform keeps for itself, inclusive. */
export interface ReservedRegion {
  first: U64;
  last: U64;
  type: RegionType;
  /** Why it is there, for people: "HyperTransport", "RMRR (BIOS)". */
  label?: string;
}

export interface HostDevice {
  /** PCI address or another name: "0000:00:05.0". */
  name: string;
  /** iommu group number. */
  group: number;
  /** Number N of /dev/vfio/devices/vfioN, if it has one. */
  vfio?: number;
  /** What it is: "e1000e", "nvme". */
  model?: string;
  regions: ReservedRegion[];
  regionCount?: number;
  irqCount?: number;
  /** A member of the group still bound to a host driver makes the group not viable. */
  boundToHost?: boolean;
}

export type PlatformKind = "none" | "mock" | "intel-vtd" | "intel-vtd-scalable" | "amd-vi" | "arm-smmuv3" | "virtio-iommu";

/** A host's IOMMU and its devices. */
export interface Platform {
  kind: PlatformKind;
  /** For people: "Intel VT-d, 39-bit". */
  name: string;
  /** Inclusive aperture of a paging domain. */
  aperture: { first: U64; last: U64 };
  /** Bit n set: the IOMMU maps pages of 2^n bytes. */
  pageSizes: U64;
  /** Stage-1 tables of a guest can be used (HWPT_NESTED). */
  nesting: boolean;
  dirtyTracking: boolean;
  /** The IOMMU can enforce cache coherency. */
  enforceCoherency: boolean;
  interruptRemapping: boolean;
  maxPasidLog2: number;
  devices: HostDevice[];
  /** Regions of a device that the platform would report for any device (the MSI window). */
  commonRegions: ReservedRegion[];
  /** Address width as the platform calls it: VT-d aw-bits, SMMU ias. */
  addressBits: number;
  /** True when nothing given to us said so: shown as a guess that can be changed. */
  guessed?: boolean;
}

/** Memory of a process that the recording knows; addresses outside known buffers are unmapped. */
export interface BufferConfig {
  name: string;
  va: U64;
  size: U64;
  kind: string;
  shared?: boolean;
  content?: string;
}

export type IommufdVariant = "merged" | "hwpt-2023-v4";
export type VfioVariant = "merged" | "rfc-v2";
export type IoasidVariant =
  | "v3-as-posted" | "v3-retain" | "mainline-5.5" | "mainline-5.11" | "mainline-6.1"
  | "series-2020-v2" | "series-2020-v3" | "series-2021-v4" | "global-ida";
export type MmVariant = "E1" | "E2" | "E4" | "E4-fixed" | "E7";

export interface Variants {
  iommufd: IommufdVariant;
  vfio: VfioVariant;
  ioasid: IoasidVariant;
  mm: MmVariant;
}

export interface MachineConfig {
  platform: Platform;
  variants: Variants;
  /** "6.12", "6.12.117". */
  kernel: string;
  /** Bytes. */
  pageSize: number;
  /** Transparent huge pages: caps automatic alignment at 2 MiB instead of one page. */
  maxIovaAlignment: U64;
  /** The lowest fd that open gives (0–2 stdio, 3 /dev/iommu). */
  firstFd: number;
  /** Null: nothing is known of the process's memory, every address is taken as good. */
  buffers: BufferConfig[] | null;
  processes: number;
  /** Who answers the VFIO container ioctls. */
  container: "type1" | "iommufd";
  vfio: { api: "v1" | "v2"; dmaEntryLimit: number };
  /** Host pools, allocator objects and notifier blocks of an IOASID scenario, as the recordings' header has them. */
  ioasid: { pools: Json[]; ops: Json[]; nbs: Json[] };
}
