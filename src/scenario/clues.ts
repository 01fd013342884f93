/** What the inputs say besides calls: the ground of a diagnosis. Plain data, so that it may leave the worker and come back. */
import { parseU64, type U64 } from "../base/u64.ts";
import { errnoName, type Errno } from "../kernel/errno.ts";
import type { GuestOptions } from "./layout/options.ts";
import { optionsOf } from "./layout/read-options.ts";
import type { At, DmaFault, Facts, Failure, Hint, RegionFact } from "./readers/facts.ts";

export type { At, DmaFault, Failure, Hint, RegionFact } from "./readers/facts.ts";

/** A call that a log shows to have failed, and where. */
export interface FailedEvent {
  at: At;
  call: string;
  /** Null where the log shows no place. */
  iova: U64 | null;
  size: U64 | null;
  errno: Errno | null;
  /** The process that called, where the log names it. */
  process?: string;
}

export interface GroupClue {
  group: number;
  devices: { name: string; driver: string | null; pasidBits: number | null; bridge: boolean }[];
  /** Null: no list was seen. */
  regions: RegionFact[] | null;
}

export interface Clues {
  failures: Failure[];
  hints: Hint[];
  faults: DmaFault[];
  events: FailedEvent[];
  groups: GroupClue[];
  /** Devices of which a listing shows the driver and none the group. */
  ungrouped: { name: string; driver: string }[];
  /** Lists that were read through a device. */
  devices: { name: string; regions: RegionFact[] }[];
  /** Lists of regions whose group is not known. */
  loose: RegionFact[][];
  /** Firmware ranges of which no input tells the device. */
  firmware: { first: U64; last: U64 }[];
  /** Sizes of 64-bit BARs, as listed: "256M". */
  bars?: { device: string; sizes: string[]; driver: string | null }[];
  bridgeWindows: { first: U64; last: U64; bridge: string }[];
  /** Devices that the kernel refused for a 1:1 region. */
  needsDirect: string[];
  /** RLIMIT_MEMLOCK that was exceeded, bytes. */
  memlock: U64 | null;
  /** The host's Linux version: "6.12.9". */
  kernel: string | null;
  options: GuestOptions | null;
  /** Something speaks of an IOMMU in the guest and of several devices behind it. */
  devicesBehindGuestIommu?: boolean;
  /** Devices that the inputs show to be given away. */
  assigned: string[];
  /** The inputs say what the hardware reserves, and how wide it is. */
  known: { regions: boolean; width: boolean };
}

/** Of each kind, the first so many: a log of a million refusals repeats itself. */
const MOST = 200;

export function cluesOf(facts: Facts): Clues {
  const groups = [...facts.groups].map(([group, { devices, regions }]): GroupClue => ({
    group, regions, devices: [...devices].map((name) => ({ name, driver: facts.devices.get(name)?.driver ?? null, pasidBits: facts.devices.get(name)?.pasidBits ?? null, bridge: facts.devices.get(name)?.bridge ?? false })),
  }));
  const options = optionsOf(facts.commands);
  const windows = facts.streams.some((stream) => stream.kind === "ioctls" && stream.events.some((event) => event.ranges.length > 0));
  return {
    failures: facts.failures.slice(0, MOST), hints: facts.hints.slice(0, MOST), faults: facts.faults.slice(0, MOST), firmware: facts.firmware.slice(0, MOST), events: failedEvents(facts),
    groups: groups.slice(0, 1000),
    ungrouped: [...facts.devices].flatMap(([name, { driver, group }]) => (driver !== undefined && group === undefined ? [{ name, driver }] : [])).slice(0, 1000), devices: [...facts.devices].flatMap(([name, { regions }]) => (regions ? [{ name, regions }] : [])).slice(0, 1000), loose: facts.loose.slice(0, 1000), bridgeWindows: facts.bridgeWindows.slice(0, MOST),
    bars: [...facts.bars].slice(0, 1000).map(([device, sizes]) => ({ device, sizes, driver: facts.devices.get(device)?.driver ?? null })),
    needsDirect: [...facts.needsDirect], memlock: facts.memlock ?? facts.lockLimit, kernel: facts.kernel, options, devicesBehindGuestIommu: facts.guestIommu && (facts.severalDevices || facts.assigned.size > 1), assigned: [...new Set([...facts.assigned, ...(options?.assigned ?? []).flatMap(({ host }) => host ?? [])])].slice(0, MOST),
    known: {
      regions: windows || facts.loose.length > 0 || groups.some((group) => group.regions !== null) || [...facts.devices.values()].some((device) => device.regions !== undefined),
      width: windows || facts.hostBits !== null || facts.unitBits.length > 0,
    },
  };
}

function failedEvents(facts: Facts): FailedEvent[] {
  const found: FailedEvent[] = [];
  for (const stream of facts.streams) {
    if (stream.kind === "trace") {
      for (const event of stream.events.having("ret")) {
        if (found.length >= MOST) return found;
        if ((event.event === "map" || event.event === "map-file" || event.event === "unmap") && event.ret !== 0) {
          const call = event.event === "unmap" ? "IOMMU_IOAS_UNMAP" : "IOMMU_IOAS_MAP";
          found.push({ at: { file: stream.input, line: event.line }, call, iova: event.iova, size: event.size, errno: null });
        }
      }
    }
    if (stream.kind === "ioctls") {
      for (const event of stream.events) {
        if (found.length >= MOST) return found;
        if (event.ret < 0) {
          const address = (name: string): U64 | null => (event.fields[name] === undefined ? null : parseU64(event.fields[name]));
          found.push({ at: { file: stream.input, line: event.line }, call: event.name, iova: address("iova"), size: address("size") ?? address("length"), errno: errnoName(event.ret), ...(event.comm !== "" && { process: event.comm }) });
        }
      }
    }
  }
  return found;
}

