/** The platform as it stands in the dialog's fields: text that may still be wrong. */
import { hex } from "../../../base/u64.ts";
import type { HostDevice, Platform, PlatformKind, RegionType, ReservedRegion } from "../../../kernel/config.ts";
import { profileOf } from "../../../kernel/platform/platform.ts";

export interface RegionDraft {
  /** Names it for React and for the ids of its fields. */
  key: number;
  start: string;
  /** The last address, or "+" and a length. */
  last: string;
  type: RegionType;
  label: string;
}

export interface DeviceDraft {
  key: number;
  name: string;
  group: string;
  /** N of /dev/vfio/devices/vfioN. */
  vfio: string;
  model: string;
  boundToHost: boolean;
  regions: RegionDraft[];
}

export interface PlatformDraft {
  kind: PlatformKind;
  bits: number;
  interruptRemapping: boolean;
  dirtyTracking: boolean;
  devices: DeviceDraft[];
}

let lastKey = 0;
function newKey(): number {
  return ++lastKey;
}

export function regionDraft(region: ReservedRegion): RegionDraft {
  return { key: newKey(), start: hex(region.first), last: hex(region.last), type: region.type, label: region.label ?? "" };
}

export function emptyRegion(): RegionDraft {
  return { key: newKey(), start: "", last: "", type: "reserved", label: "" };
}

export function deviceDraft(device: HostDevice): DeviceDraft {
  return {
    key: newKey(), name: device.name, group: String(device.group), vfio: device.vfio === undefined ? "" : String(device.vfio), model: device.model ?? "",
    boundToHost: device.boundToHost ?? false, regions: device.regions.map(regionDraft),
  };
}

export function draftOf(platform: Platform): PlatformDraft {
  const { kind, addressBits, interruptRemapping, dirtyTracking, devices } = platform;
  return { kind, bits: addressBits, interruptRemapping, dirtyTracking, devices: devices.map(deviceDraft) };
}

/** Numbers in use, of fields that hold one. */
function numbers(fields: string[]): Set<number> {
  return new Set(fields.filter((field) => /^\d+$/.test(field.trim())).map(Number));
}

function firstFree(taken: Set<number>, from: number): number {
  let number = from;
  while (taken.has(number)) number++;
  return number;
}

/** One more device, in a group of its own, with what the IOMMU reserves on every device. */
export function newDevice(draft: PlatformDraft): DeviceDraft {
  const group = firstFree(numbers(draft.devices.map((device) => device.group)), 1);
  const vfio = firstFree(numbers(draft.devices.map((device) => device.vfio)), 0);
  const names = new Set(draft.devices.map((device) => device.name));
  let slot = 1;
  while (names.has(nameAt(slot))) slot++;
  return deviceDraft({ name: nameAt(slot), group, vfio, model: "", regions: [...profileOf(draft.kind, draft.bits).commonRegions] });
}

function nameAt(slot: number): string {
  return `0000:0${(slot >> 5).toString(16)}:${(slot & 31).toString(16).padStart(2, "0")}.0`;
}

/** The same devices behind another kind of IOMMU: what the old kind reserves on every device becomes what the new one does. */
export function withKind(draft: PlatformDraft, kind: PlatformKind): PlatformDraft {
  const before = profileOf(draft.kind, draft.bits).commonRegions;
  const profile = profileOf(kind);
  const isCommon = ({ start, last, type }: RegionDraft) => before.some((region) => hex(region.first) === start && hex(region.last) === last && region.type === type);
  const devices = draft.devices.map((device) => ({ ...device, regions: [...device.regions.filter((region) => !isCommon(region)), ...profile.commonRegions.map(regionDraft)] }));
  return { kind, bits: profile.addressBits, interruptRemapping: profile.interruptRemapping, dirtyTracking: profile.dirtyTracking, devices };
}

/** The same kind with tables of another width. */
export function withBits(draft: PlatformDraft, bits: number): PlatformDraft {
  return { ...draft, bits, dirtyTracking: profileOf(draft.kind, bits).dirtyTracking };
}
