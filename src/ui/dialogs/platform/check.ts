/** What the fields say: the platform they describe, and what is wrong in which field. */
import { hex, lastOf, parseU64, toBig, U64_MAX, wraps, type U64 } from "../../../base/u64.ts";
import type { ReservedRegion } from "../../../kernel/config.ts";
import { profileOf } from "../../../kernel/platform/platform.ts";
import type { DeviceSpec, PlatformSpec, RegionSpec } from "../../../scenario/scenario.ts";
import { typedAddress } from "../../lessons/answers.ts";
import type { DeviceDraft, PlatformDraft, RegionDraft } from "./draft.ts";

/** What is wrong, by the id of the field. */
export type Problems = ReadonlyMap<string, string>;

export interface Checked {
  /** What can be understood of it; what can't is left out. All of it when there are no problems. */
  spec: PlatformSpec;
  problems: Problems;
}

export type RegionField = "start" | "last" | "label";
export type DeviceField = "name" | "group" | "vfio" | "model";

export function regionField(region: RegionDraft, field: RegionField): string {
  return `region-${region.key}-${field}`;
}
export function deviceField(device: DeviceDraft, field: DeviceField): string {
  return `device-${device.key}-${field}`;
}

const MAX_NUMBER = 0xffff_ffff;
const MAX_TEXT = 200;
const UNITS = ["", "k", "m", "g", "t", "p", "e"];

/** "+0x1000", "+4K", "+1 MiB": the bytes after the sign; null when it is no length. */
function typedLength(text: string): U64 | null {
  const match = /^\+\s*(0x[0-9a-f_]+|[0-9_]+)\s*(?:([kmgtpe]?)(?:i?b)?)?$/i.exec(text.trim());
  const count = parseU64(match?.[1]?.replaceAll("_", "").toLowerCase());
  if (!match || count === null) return null;
  const length = toBig(count) << BigInt(10 * UNITS.indexOf((match[2] ?? "").toLowerCase()));
  return length > toBig(U64_MAX) ? null : parseU64(length);
}

type Reading = { value: U64 } | { problem: string };

/** A start address. */
export function readStart(text: string): Reading {
  if (text.trim() === "") return { problem: "Where does it start? An address such as 0xfee00000." };
  const value = typedAddress(text);
  return value === null ? { problem: notAnAddress(text) } : { value };
}

function notAnAddress(text: string): string {
  const plain = text.trim().replaceAll("_", "");
  if (/^(0x)?[0-9a-f]+$/i.test(plain)) return "This is more than 64 bits.";
  return `“${text.trim()}” is not hex: an address is 0x and the digits 0–9 and a–f.`;
}

/** The last address of a region, typed as such or as a length. `start` null: not known. */
export function readLast(text: string, start: U64 | null): Reading {
  if (text.trim() === "") return { problem: "Where does it end? Its last address, or a length such as +1M." };
  if (text.trim().startsWith("+")) {
    const length = typedLength(text);
    if (length === null) return { problem: `“${text.trim()}” is not a length: + and a number, such as +1M or +0x100000.` };
    if (length === 0) return { problem: "A region has at least one byte." };
    if (start === null) return { problem: "A length needs a start." };
    if (wraps(start, length)) return { problem: `From ${hex(start)} on, this runs past the end of the 64-bit space.` };
    return { value: lastOf(start, length) };
  }
  const value = typedAddress(text);
  if (value === null) return { problem: notAnAddress(text) };
  if (start !== null && value < start) return { problem: `The last address lies below the start, ${hex(start)}.` };
  return { value };
}

/** The region that a row describes; null while its addresses are wrong. */
export function readRegion(draft: RegionDraft): ReservedRegion | null {
  const start = readStart(draft.start);
  if ("problem" in start) return null;
  const last = readLast(draft.last, start.value);
  return "problem" in last ? null : { first: start.value, last: last.value, type: draft.type, ...(draft.label.trim() !== "" && { label: draft.label.trim() }) };
}

function wholeNumber(text: string): number | null {
  const number = /^\d+$/.test(text.trim()) ? Number(text) : -1;
  return number >= 0 && number <= MAX_NUMBER ? number : null;
}

export function checkDraft(draft: PlatformDraft): Checked {
  const problems = new Map<string, string>();
  const names = new Map<string, number>();
  const vfios = new Map<number, string>();
  const devices: DeviceSpec[] = [];
  for (const device of draft.devices) {
    const name = device.name.trim();
    const group = wholeNumber(device.group);
    if (name === "") problems.set(deviceField(device, "name"), "A device needs a name, such as 0000:00:05.0.");
    else if (name.length > MAX_TEXT) problems.set(deviceField(device, "name"), `At most ${MAX_TEXT} characters.`);
    else if (names.has(name)) problems.set(deviceField(device, "name"), "Another device has this name.");
    names.set(name, device.key);
    if (group === null) problems.set(deviceField(device, "group"), numberProblem(device.group));
    const vfio = device.vfio.trim() === "" ? null : wholeNumber(device.vfio);
    const rival = vfio === null ? undefined : vfios.get(vfio);
    if (device.vfio.trim() !== "" && vfio === null) problems.set(deviceField(device, "vfio"), numberProblem(device.vfio));
    else if (rival !== undefined) problems.set(deviceField(device, "vfio"), `${rival} has this number.`);
    if (vfio !== null) vfios.set(vfio, name);
    if (device.model.length > MAX_TEXT) problems.set(deviceField(device, "model"), `At most ${MAX_TEXT} characters.`);
    checkRegions(device, problems);
    if (group !== null && name !== "") devices.push(deviceSpec(device, name, group));
  }
  numberDevices(devices, new Set(vfios.keys()));
  return { spec: platformSpec(draft, devices), problems };
}

function numberProblem(text: string): string {
  const typed = text.trim();
  return typed === "" ? "A number is needed." : /^\d+$/.test(typed) ? `At most ${MAX_NUMBER}.` : `“${typed}” is not a number.`;
}

function checkRegions(device: DeviceDraft, problems: Map<string, string>): void {
  for (const region of device.regions) {
    const start = readStart(region.start);
    if ("problem" in start) problems.set(regionField(region, "start"), start.problem);
    const last = readLast(region.last, "value" in start ? start.value : null);
    if ("problem" in last) problems.set(regionField(region, "last"), last.problem);
    if (region.label.length > MAX_TEXT) problems.set(regionField(region, "label"), `At most ${MAX_TEXT} characters.`);
  }
}

function deviceSpec(device: DeviceDraft, name: string, group: number): DeviceSpec {
  const regions = device.regions.flatMap((draft): RegionSpec[] => {
    const region = readRegion(draft);
    return region ? [{ start: hex(region.first), last: hex(region.last), type: region.type, ...(region.label !== undefined && { label: region.label }) }] : [];
  });
  const vfio = wholeNumber(device.vfio);
  const model = device.model.trim();
  return { name, group, ...(vfio !== null && { vfio }), ...(model !== "" && { model }), regions, ...(device.boundToHost && { bound_to_host: true }) };
}

/** A device without a number gets its place in the list as one, where that is not another's. */
function numberDevices(devices: DeviceSpec[], used: Set<number>): void {
  if (used.size === 0) return;
  devices.forEach((device, index) => {
    if (device.vfio !== undefined) return;
    let number = index;
    while (used.has(number)) number++;
    used.add(number);
    device.vfio = number;
  });
}

function platformSpec(draft: PlatformDraft, devices: DeviceSpec[]): PlatformSpec {
  const profile = profileOf(draft.kind, draft.bits);
  const ownWidth = draft.kind === "none" || draft.kind === "mock";
  const common = signature(profile.commonRegions.map((region) => ({ start: hex(region.first), last: hex(region.last), type: region.type, label: region.label })));
  return {
    kind: draft.kind,
    ...(!ownWidth && { address_bits: draft.bits }),
    ...((!ownWidth || devices.length > 0) && { devices: devices.map((device) => withoutCommon(device, common)) }),
    ...(draft.interruptRemapping !== profile.interruptRemapping && { interrupt_remapping: draft.interruptRemapping }),
    ...(draft.dirtyTracking !== profile.dirtyTracking && { dirty_tracking: draft.dirtyTracking }),
  };
}

/** What every device of the kind has need not be said. */
function withoutCommon(device: DeviceSpec, common: string): DeviceSpec {
  const { regions, ...rest } = device;
  return regions === undefined || signature(regions) === common ? rest : device;
}

function signature(regions: readonly RegionSpec[]): string {
  return JSON.stringify(regions.map(({ start, last, type, label }) => [start, last, type, label ?? ""]));
}
