/** The planner's form: what is typed, and the guest and the host that it means. */
import { platformPresets, presetPlatform } from "../../kernel/platform/presets.ts";
import { hex, roundUpPowerOfTwo } from "../../base/u64.ts";
import { completeGuest } from "../../scenario/layout/complete.ts";
import { hostWindows, type HostWindows } from "../../scenario/layout/host.ts";
import { GIB, type Bar, type Guest } from "../../scenario/layout/guest.ts";
import { sizeOf } from "../../scenario/layout/options.ts";
import { optionsOf } from "../../scenario/layout/read-options.ts";
import { platformOf } from "../../scenario/machine-config.ts";
import type { PlatformSpec } from "../../scenario/scenario.ts";
import type { Platform } from "../../kernel/config.ts";

export interface PlanForm {
  machine: Guest["machine"];
  /** "" the newest, "7.0" before QEMU moved memory out of AMD's hole. */
  version: string;
  ram: string;
  maxmem: string;
  vendor: Guest["vendor"];
  physBits: string;
  firmware: Guest["firmware"];
  bars: string;
}

export const USUAL_FORM: PlanForm = { machine: "q35", version: "", ram: "64G", maxmem: "", vendor: "intel", physBits: "46", firmware: "ovmf", bars: "256M, 32M" };

/** Machine types of PC families have versions that matter for the layout. */
export const VERSIONS: readonly { value: string; name: string }[] = [
  { value: "", name: "7.1 or newer" },
  { value: "7.0", name: "7.0 or older" },
];

/** Sizes that people type, "256M, 16G", as BARs: powers of two. Null: one of them is no size. */
function barsOf(text: string): Bar[] | null {
  const words = text.split(/[,;\s]+/).filter((word) => word !== "");
  const bars: Bar[] = [];
  for (const [index, word] of words.entries()) {
    const size = sizeOf(word);
    if (size === null || size < 4096 || size > 2 ** 46) return null;
    bars.push({ name: `BAR ${index + 1} (${word})`, size: roundUpPowerOfTwo(size) });
  }
  return bars.length > 24 ? null : bars;
}

/** The guest that a form means, or what is wrong with it. */
export function guestOf(form: PlanForm): { guest: Guest } | { problem: string } {
  const ram = sizeOf(form.ram, GIB);
  if (ram === null || ram < 2 ** 20) return { problem: "RAM must be a size, such as 64G." };
  if (ram > 2 ** 50) return { problem: "RAM can't be more than 1 PiB." };
  const maxmem = form.maxmem.trim() === "" ? null : sizeOf(form.maxmem, GIB);
  if (form.maxmem.trim() !== "" && (maxmem === null || maxmem < ram || maxmem > 2 ** 50)) return { problem: "The most memory must be a size, and no less than RAM." };
  const physBits = Number(form.physBits);
  if (!Number.isInteger(physBits) || physBits < 32 || physBits > 57) return { problem: "Physical address bits are a number from 32 to 57." };
  const bars = barsOf(form.bars);
  if (bars === null) return { problem: "BARs are sizes, such as 256M, 16G." };
  const vendor = form.machine === "virt" ? "arm" : form.vendor === "arm" ? "intel" : form.vendor;
  return {
    guest: {
      machine: form.machine, version: form.version === "" ? null : [7, 0], ram, maxmem, slots: maxmem === null ? 0 : 1, vendor, physBits, maxRamBelow4g: null,
      firmware: form.firmware, vga: false, bars,
    },
  };
}

function inGib(bytes: number): string {
  return bytes % GIB === 0 ? `${bytes / GIB}G` : `${Math.floor(bytes / 2 ** 20)}M`;
}

/** The form that a VMM's command line or a domain's XML fills in; null when it is neither. */
export function formOfCommand(text: string, kind: Platform["kind"], before: PlanForm): PlanForm | null {
  const options = optionsOf([text]);
  if (!options || options.guest.ram === undefined) return null;
  const { guest } = completeGuest(options, kind);
  const old = guest.version !== null && (guest.version[0] < 7 || (guest.version[0] === 7 && guest.version[1] < 1));
  return {
    ...before, machine: guest.machine, version: old ? "7.0" : "", ram: inGib(guest.ram), maxmem: guest.maxmem === null ? "" : inGib(guest.maxmem), vendor: guest.vendor,
    physBits: String(guest.physBits), firmware: guest.firmware,
  };
}

export interface HostChoice {
  id: string;
  name: string;
  platform: Platform;
}

export const HOSTS: readonly HostChoice[] = platformPresets.filter((preset) => preset.id !== "recorded").map((preset) => ({ id: preset.id, name: preset.name, platform: presetPlatform(preset) }));

export function hostOfSpec(id: string, name: string, spec: PlatformSpec): HostChoice {
  return { id, name, platform: platformOf(spec) };
}

/** The windows of a host for one of its devices; null: for all of its devices together. */
export function windowsOf({ platform }: HostChoice, device: string | null): HostWindows {
  const chosen = platform.devices.filter((candidate) => device === null || candidate.name === device);
  return hostWindows(platform, chosen);
}

/** The platform as a scenario names it, with the devices that the plan gives away. */
export function specOf({ platform }: HostChoice, device: string | null): PlatformSpec {
  const devices = platform.devices.filter((candidate) => device === null || candidate.name === device);
  return {
    kind: platform.kind, address_bits: platform.addressBits, interrupt_remapping: platform.interruptRemapping,
    devices: devices.map(({ name, group, model, regions }) => ({
      name, group, ...(model !== undefined && { model }),
      regions: regions.map((region) => ({ start: hex(region.first), last: hex(region.last), type: region.type, ...(region.label !== undefined && { label: region.label }) })),
    })),
  };
}
