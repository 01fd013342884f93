/** What the readers found out, before anything is made of it. Addresses are U64. */
import type { U64 } from "../../base/u64.ts";
import type { Errno } from "../../kernel/errno.ts";
import { PackedList } from "../packed/packed-list.ts";
import type { IoctlEvent } from "./ioctl-log-events.ts";
import type { TableEvent } from "./page-table-events.ts";
import type { SyzCall } from "./syz.ts";
import type { TraceEvent } from "./trace-events.ts";

/** A line of reserved_regions; `type` as the kernel prints it, which has one word for both kinds of MSI window. */
export interface RegionFact {
  first: U64;
  last: U64;
  type: "direct" | "direct-relaxable" | "reserved" | "msi";
}

export interface GroupFact {
  /** Names of its devices, as far as known. */
  devices: Set<string>;
  /** Null: no list was seen; empty: the list was seen and is empty. */
  regions: RegionFact[] | null;
}

export interface DeviceFact {
  group?: number;
  regions?: RegionFact[];
  /** /dev/vfio/devices/vfioN. */
  vfio?: number;
  model?: string;
  driver?: string;
  pasidBits?: number;
  /** It is a bridge, by the words of a listing. */
  bridge?: boolean;
}

/** Where a line stands. */
export interface At {
  file: string;
  /** From 1. */
  line: number;
}

/** One message of a VMM about a refusal, and where it stands. */
export type Failure = { at?: At } & (
  | { kind: "map"; op: "map" | "unmap"; iova: U64; size: U64; va: U64 | null; errno: Errno | null; region?: string; device?: string; group?: number; iommufd?: boolean; program?: boolean; wentWellBefore?: boolean }
  | { kind: "map-errno"; errno: Errno | null; device?: string; region?: string; program?: boolean }
  | { kind: "bar-efault" }
  | { kind: "not-viable"; device?: string; group?: number }
  | { kind: "set-container"; device?: string; group?: number; errno: Errno | null }
  | { kind: "set-iommu"; device?: string; group?: number; errno: Errno | null }
  | { kind: "open-group"; device?: string; group: number; errno: Errno | null }
  | { kind: "bind"; device?: string; errno: Errno | null }
  | { kind: "attach"; device?: string; ptId: number; errno: Errno | null }
  | { kind: "width"; guest: number; host: number; device?: string }
  | { kind: "two-address-spaces"; device?: string; group: number }
);

/** A line that says, or all but says, what was wrong, where no call can be made of it. */
export interface Hint {
  /** Identifier of the cause (docs/diagnosis.md). */
  cause: string;
  errno: Errno | null;
  at: At;
  /** The line, cut short. */
  text: string;
  object?: string;
  range?: { first: U64; last: U64 };
  /** Only likely: another input may say better. */
  weak?: boolean;
}

/** A DMA of a device that its IOMMU refused. */
export interface DmaFault {
  at: At;
  /** Null: the line does not name it. */
  device: string | null;
  address: U64;
  /** Who reports it; null: a trace event, which every driver has. */
  by: "intel" | "amd" | "arm" | null;
}

/** A range of the guest's memory map, and whether VFIO would map it. */
export interface GuestRange {
  first: U64;
  last: U64;
  type: string;
  name: string;
  offset: U64 | null;
  line: number;
}

/** One source of calls: everything of one input that one format told, in order. */
export type Stream =
  | { kind: "trace"; input: string; events: PackedList<TraceEvent> }
  | { kind: "ioctls"; input: string; events: IoctlEvent[] }
  | { kind: "page-table"; input: string; events: PackedList<TableEvent> }
  | { kind: "syz"; input: string; events: SyzCall[] }
  | { kind: "guest-map"; input: string; ranges: GuestRange[] };

export class Facts {
  readonly groups = new Map<number, GroupFact>();
  readonly devices = new Map<string, DeviceFact>();
  /** Region lists of which nothing says whose they are. */
  readonly loose: RegionFact[][] = [];
  readonly streams: Stream[] = [];
  readonly failures: Failure[] = [];
  /** Widths that hardware units report (VT-d MGAW, SMMU ias): the smallest counts. */
  readonly unitBits: number[] = [];
  /** A VMM said it of the host: exact. */
  hostBits: number | null = null;
  /** Who makes the IOMMU, where something says so outright. */
  vendor: "intel" | "amd" | "arm" | "virtio" | null = null;
  /** Firmware ranges of which the source does not tell the device (RMRR). */
  readonly firmware: { first: U64; last: U64 }[] = [];
  /** Devices that the kernel refused because firmware demands a 1:1 region. */
  readonly needsDirect = new Set<string>();
  /** Devices that a log shows in the hands of a VMM. */
  readonly assigned = new Set<string>();
  kernel: string | null = null;
  readonly hints: Hint[] = [];
  readonly faults: DmaFault[] = [];
  /** QEMU command lines and domain XML, as text. */
  readonly commands: string[] = [];
  /** Host addresses that PCI bridges forward, inclusive. */
  readonly bridgeWindows: { first: U64; last: U64; bridge: string }[] = [];
  /** Sizes of 64-bit BARs by device, as listed: "256M". They describe no host by themselves. */
  readonly bars = new Map<string, string[]>();
  /** RLIMIT_MEMLOCK that was exceeded, bytes. */
  memlock: U64 | null = null;
  /** RLIMIT_MEMLOCK of a process, bytes, whether it was exceeded or not. */
  lockLimit: U64 | null = null;
  interruptRemapping: boolean | null = null;
  /** Words or options that speak of an IOMMU in the guest, and of more than one device given to it. */
  guestIommu = false;
  severalDevices = false;
  readonly warnings: string[] = [];
  /** What is made of them remembers which line it comes from. */
  keepsOrigins = false;

  group(number: number): GroupFact {
    let group = this.groups.get(number);
    if (!group) this.groups.set(number, (group = { devices: new Set(), regions: null }));
    return group;
  }

  device(name: string): DeviceFact {
    let device = this.devices.get(name);
    if (!device) this.devices.set(name, (device = {}));
    return device;
  }

  /** Says that a device is a member of a group. */
  join(name: string, group: number): void {
    this.device(name).group = group;
    this.group(group).devices.add(name);
  }

  /** The events of one input in one format, in order. */
  stream<Kind extends Stream["kind"]>(kind: Kind, input: string): Extract<Stream, { kind: Kind }> {
    const found = this.streams.find((stream) => stream.kind === kind && stream.input === input);
    if (found) return found as Extract<Stream, { kind: Kind }>;
    const stream = (kind === "guest-map" ? { kind, input, ranges: [] } : { kind, input, events: kind === "trace" || kind === "page-table" ? new PackedList() : [] }) as unknown as Extract<Stream, { kind: Kind }>;
    this.streams.push(stream);
    return stream;
  }
}

/** "0000:41:00.0" from "41:00.0"; other names as they are. */
export function deviceName(text: string): string {
  return /^[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/.test(text) ? `0000:${text}` : text;
}
