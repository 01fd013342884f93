/** The hosts to start from, and how one takes the place of the host that the calls were made on. */
import type { HostDevice, Platform } from "../../../kernel/config.ts";
import { makePlatform } from "../../../kernel/platform/platform.ts";
import { platformPresets, presetPlatform } from "../../../kernel/platform/presets.ts";
import { FAMILIES, kindChoice } from "./kinds.ts";

export interface HostChoice {
  id: string;
  name: string;
  summary: string;
  platform: Platform;
}

const OTHERS: readonly HostChoice[] = [
  { id: "mock", name: "The selftest’s mock IOMMU", summary: "No hardware: the kernel’s own tests make their devices by calls.", platform: makePlatform("mock") },
  { id: "none", name: "No IOMMU", summary: "For calls that bring their groups with them, and for those that need no device.", platform: makePlatform("none") },
];

const HOSTS: readonly HostChoice[] = [...platformPresets.map((preset) => ({ id: preset.id, name: preset.name, summary: preset.summary, platform: presetPlatform(preset) })), ...OTHERS];

export const HOST_FAMILIES = FAMILIES.map((family) => ({ family, hosts: HOSTS.filter((host) => kindChoice(host.platform.kind).family === family) }));

/**
 * The host with the devices of another in the place of its first ones, under the names, groups and numbers that they have:
 * the calls then find them. What they are and what is reserved on them is the host's, and whoever shares a group with them on
 * the host still does.
 */
export function hostWith(host: Platform, kept: readonly HostDevice[]): Platform {
  if (kept.length === 0) return host;
  const placed = kept.map((device, index): HostDevice => {
    const own = host.devices[index];
    return { ...device, ...(own?.model !== undefined && { model: own.model }), regions: own?.regions ?? host.commonRegions };
  });
  return { ...host, devices: [...placed, ...others(host, kept)] };
}

/** The devices of the host whose place is not taken, where they don't clash with those that are kept. */
function others(host: Platform, kept: readonly HostDevice[]): HostDevice[] {
  const moved = new Map(host.devices.slice(0, kept.length).map((own, index) => [own.group, kept[index]?.group ?? own.group]));
  return host.devices.slice(kept.length).flatMap((own) => {
    const clashes = kept.some((device) => device.name === own.name || (device.group === own.group && !moved.has(own.group)));
    const hasNumber = !kept.some((device) => device.vfio === own.vfio);
    return clashes ? [] : [{ ...own, group: moved.get(own.group) ?? own.group, vfio: hasNumber ? own.vfio : undefined }];
  });
}
