/** The host that the inputs describe: who makes the IOMMU, how wide it is, which devices and regions. */
import { add, hex, parseU64, roundUpPowerOfTwo, sub, toBig, type U64 } from "../../base/u64.ts";
import type { PlatformKind } from "../../kernel/config.ts";
import { profileOf } from "../../kernel/platform/platform.ts";
import type { Facts, RegionFact } from "../readers/facts.ts";
import type { IoctlEvent } from "../readers/ioctl-log-events.ts";
import type { DeviceSpec, PlatformSpec, RegionSpec } from "../scenario.ts";
import { nameOfGroup, type Roster } from "./roster.ts";
import type { Tally } from "./tally.ts";

const MSI_X86 = { first: 0xfee0_0000, last: 0xfeef_ffff };
const SW_MSI = { first: 0x800_0000, last: 0x80f_ffff };
const HYPERTRANSPORT = { first: 0xfd_0000_0000, last: 0xff_ffff_ffff };
/** Widths of VT-d second-level tables, and what desktop machines have. */
const INTEL_WIDTHS = [39, 48, 57];

/** A mediated device is named by a UUID; it has no IOMMU of its own and reserves nothing. */
const MEDIATED = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

interface Place {
  first: U64;
  last: U64;
}

/** `calls` has counted the calls that the inputs show. */
export function platformOf(facts: Facts, roster: Roster, calls: Tally, ioctls: IoctlEvent[] = []): PlatformSpec {
  const windows = windowsOf(ioctls);
  const lists = allLists(facts, windows);
  const told = kindOf(facts, lists, ioctls);
  const kind = told ?? guessKind(calls);
  const scalable = kind === "intel-vtd" && calls.scalable;
  const exactBits = bitsOf(windows) ?? facts.hostBits ?? (kind !== "arm-smmuv3" && facts.unitBits.length > 0 ? Math.min(...facts.unitBits) : null);
  const bits = exactBits ?? guessBits(kind, calls);
  const spec: PlatformSpec = { kind: scalable ? "intel-vtd-scalable" : kind };
  if (bits !== null) spec.address_bits = bits;
  spec.devices = devicesOf(facts, roster, spec, windows);
  const remapping = facts.interruptRemapping ?? remappingOf(facts, calls);
  if (remapping !== null) spec.interrupt_remapping = remapping;
  const dirty = dirtyTrackingOf(ioctls);
  if (dirty !== null && dirty !== profileOf(spec.kind, spec.address_bits).dirtyTracking) spec.dirty_tracking = dirty;
  const widthIsFixed = kind === "amd-vi" || kind === "virtio-iommu";
  if (told === null || (exactBits === null && !widthIsFixed)) spec.guessed = true;
  return spec;
}

/** EPERM when the IOMMU is set: interrupts can't be isolated, unless firmware's regions were the reason. */
function remappingOf(facts: Facts, calls: Tally): false | null {
  return facts.needsDirect.size === 0 && calls.interruptsRefused ? false : null;
}

/** Bit 0 of the capabilities that IOMMU_GET_HW_INFO tells; null when the log has none. */
function dirtyTrackingOf(ioctls: IoctlEvent[]): boolean | null {
  const caps = ioctls.find((event) => event.name === "IOMMU_GET_HW_INFO" && event.ret >= 0)?.fields.caps;
  return caps === undefined ? null : (toBig(parseU64(caps) ?? 0) & 1n) === 1n;
}

/** The IOVA windows that the kernel itself reported, the last time it did; empty when the log has none or not all. */
function windowsOf(ioctls: IoctlEvent[]): Place[] {
  const told = ioctls.findLast((event) => (event.name === "VFIO_IOMMU_GET_INFO" || event.name === "IOMMU_IOAS_IOVA_RANGES") && event.ret >= 0 && event.ranges.length > 0);
  return told?.ranges ?? [];
}

/** 2^bits − 1 is the end of the last window. */
function bitsOf(windows: Place[]): number | null {
  const last = windows.at(-1)?.last;
  if (last === undefined) return null;
  const end = add(last, 1);
  return roundUpPowerOfTwo(end) === end ? toBig(end).toString(2).length - 1 : null;
}

/** What lies between the windows: all that is known of regions when there is no list. */
function gapsOf(windows: Place[]): RegionFact[] {
  const gaps: RegionFact[] = [];
  windows.forEach((window, index) => {
    const before = windows[index - 1];
    const first = before ? add(before.last, 1) : 0;
    if (window.first <= first) return;
    const last = sub(window.first, 1);
    const isMsi = same({ first, last }, MSI_X86) || same({ first, last }, SW_MSI);
    gaps.push({ first, last, type: isMsi ? "msi" : "reserved" });
  });
  return gaps;
}

function allLists(facts: Facts, windows: Place[]): RegionFact[] {
  const regions = [...facts.groups.values()].flatMap((group) => group.regions ?? []);
  for (const device of facts.devices.values()) regions.push(...(device.regions ?? []));
  return [...regions, ...facts.loose.flat(), ...gapsOf(windows)];
}

function same(one: Place, other: Place): boolean {
  return one.first === other.first && one.last === other.last;
}

/** The maker, where the inputs show it; null otherwise. */
function kindOf(facts: Facts, lists: RegionFact[], ioctls: IoctlEvent[]): PlatformKind | null {
  if (facts.vendor === "virtio") return "virtio-iommu";
  if (facts.vendor === "intel") return "intel-vtd";
  if (facts.vendor === "amd") return "amd-vi";
  if (facts.vendor === "arm") return "arm-smmuv3";
  const hwType = ioctls.find((event) => event.name === "IOMMU_GET_HW_INFO" && event.ret >= 0)?.fields.type;
  if (hwType === "1") return "intel-vtd";
  if (hwType === "2") return "arm-smmuv3";
  if (lists.some((region) => same(region, HYPERTRANSPORT))) return "amd-vi";
  if (lists.some((region) => same(region, MSI_X86))) return "intel-vtd";
  if (lists.some((region) => same(region, SW_MSI))) return "arm-smmuv3";
  return facts.hostBits !== null || facts.unitBits.length > 0 || facts.firmware.length > 0 ? "intel-vtd" : null;
}

/** A refused map says something of who refused it: only AMD hosts have the HyperTransport hole. */
function guessKind({ reachesHole, fromGibibyte, belowGibibyte }: Tally): PlatformKind {
  // Arm boards with RAM at 1 GiB have nothing at 0.
  if (!reachesHole.early && fromGibibyte && !belowGibibyte) return "arm-smmuv3";
  return reachesHole.early || reachesHole.late ? "amd-vi" : "intel-vtd";
}

/** The usual width of such a host, wide enough for what the log shows to have worked. Null: the profile's own. */
function guessBits(kind: PlatformKind, { highest }: Tally): number | null {
  if (kind !== "intel-vtd") return null;
  return INTEL_WIDTHS.find((bits) => highest < 2 ** bits) ?? (INTEL_WIDTHS.at(-1) as number);
}

function devicesOf(facts: Facts, roster: Roster, spec: PlatformSpec, windows: Place[]): DeviceSpec[] {
  const common = profileOf(spec.kind, spec.address_bits).commonRegions.map((region) => keyOf(region.first, region.last, region.type)).sort().join();
  const devices: DeviceSpec[] = [];
  const push = (name: string, group: number, more: Partial<DeviceSpec> = {}) => {
    const listed = MEDIATED.test(name) ? [] : facts.devices.get(name)?.regions ?? facts.groups.get(group)?.regions ?? firmwareOf(facts, name, spec);
    const guessed = facts.loose.length > 0 ? facts.loose[Math.min(devices.length, facts.loose.length - 1)] : windows.length > 0 ? gapsOf(windows) : undefined;
    const regions = (listed ?? guessed)?.map((region) => regionSpec(region, spec.kind));
    const isCommon = regions?.map((region) => keyOf(parseU64(region.start) ?? 0, parseU64(region.last) ?? 0, region.type)).sort().join() === common;
    const device: DeviceSpec = { name, group, ...more };
    if (regions && !isCommon) device.regions = regions;
    devices.push(device);
  };
  const numbers = new Set<number>(roster.used.flatMap((device) => device.vfio ?? []));
  const needsNumber = numbers.size > 0;
  const numberOf = (asked: number | null): Partial<DeviceSpec> => {
    if (!needsNumber) return {};
    let number = asked ?? 0;
    if (asked === null) while (numbers.has(number)) number++;
    numbers.add(number);
    // A device without a number gets its place in the list; say so only where it is another.
    return number === devices.length ? {} : { vfio: number };
  };
  for (const device of roster.used) push(device.name, device.group, { ...numberOf(device.vfio), ...(device.boundToHost && { bound_to_host: true }) });
  for (const [number, group] of [...facts.groups].sort((one, other) => one[0] - other[0])) {
    const names = [...group.devices].filter((name) => !devices.some((device) => device.name === name));
    for (const name of names) push(name, number, numberOf(null));
    if (names.length === 0 && !devices.some((device) => device.group === number)) push(nameOfGroup(number), number, numberOf(null));
  }
  return devices;
}

/** A device that the kernel refused for its firmware regions, when a log names the regions but not whose they are. */
function firmwareOf(facts: Facts, name: string, spec: PlatformSpec): RegionFact[] | undefined {
  if (!facts.needsDirect.has(name) || facts.firmware.length === 0) return undefined;
  const common = profileOf(spec.kind, spec.address_bits).commonRegions;
  return [...facts.firmware.map((range) => ({ ...range, type: "direct" as const })), ...common.map(({ first, last }) => ({ first, last, type: "msi" as const }))];
}

function keyOf(first: U64, last: U64, type: string): string {
  return `${hex(first)}-${hex(last)} ${type}`;
}

/** sysfs prints both kinds of MSI window as "msi"; the software window is known by its usual place. */
function regionSpec(region: RegionFact, kind: PlatformKind): RegionSpec {
  const type = region.type === "msi" && same(region, SW_MSI) ? "sw-msi" : region.type;
  const label = labelOf(region, type, kind);
  return { start: hex(region.first), last: hex(region.last), type, ...(label !== null && { label }) };
}

function labelOf(region: RegionFact, type: RegionSpec["type"], kind: PlatformKind): string | null {
  if (type === "sw-msi") return "software MSI";
  if (type === "msi") return "MSI";
  if (same(region, HYPERTRANSPORT)) return "HyperTransport";
  if (region.first === 0 && region.last === 0xff_ffff && type.startsWith("direct")) return "ISA bridge";
  if (type.startsWith("direct")) return kind.startsWith("intel") ? "RMRR (firmware)" : "firmware";
  return null;
}
