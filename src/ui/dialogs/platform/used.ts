/** Which devices the calls speak of: by group number, by vfio number, by name. */
import type { JsonObject } from "../../../base/json.ts";
import { plural } from "../../../base/format.ts";
import type { PlatformSpec, Scenario } from "../../../scenario/scenario.ts";

/** Sentences on what would be lost; more are counted. */
const MOST_SHOWN = 2;

/** Each with the first step that names it. */
export interface Used {
  groups: ReadonlyMap<number, number>;
  vfios: ReadonlyMap<number, number>;
  names: ReadonlyMap<string, number>;
}

function numberAtEnd(text: unknown, pattern: RegExp): number | null {
  const digits = typeof text === "string" ? pattern.exec(text)?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

function groupOf(fields: JsonObject): number | null {
  return typeof fields.group === "number" ? fields.group : numberAtEnd(fields.path, /\/(?:noiommu-)?(\d+)$/);
}

function vfioOf(fields: JsonObject): number | null {
  return numberAtEnd(fields.path, /vfio(\d+)$/) ?? (typeof fields.dev === "number" ? fields.dev : null);
}

export function usedBy(scenario: Scenario | null): Used {
  const groups = new Map<number, number>();
  const vfios = new Map<number, number>();
  const names = new Map<string, number>();
  const note = <Key>(into: Map<Key, number>, key: Key | null, step: number) => {
    if (key !== null && !into.has(key)) into.set(key, step);
  };
  scenario?.calls.forEach(({ call, in: fields }, index) => {
    if (call.startsWith("VFIO_GROUP_")) note(groups, groupOf(fields), index + 1);
    if (call === "VFIO_GROUP_GET_DEVICE_FD" && typeof fields.name === "string" && fields.name !== "") note(names, fields.name, index + 1);
    if (call === "VFIO_CDEV_OPEN") note(vfios, vfioOf(fields), index + 1);
  });
  return { groups, vfios, names };
}

type Devices = readonly { name: string; group: number; vfio?: number; boundToHost?: boolean }[];

/** The devices that the calls speak of, with the other members of their groups. */
export function usedDevices<Device extends Devices[number]>(used: Used, devices: readonly Device[]): Device[] {
  const groups = new Set(devices.filter((device) => isUsed(used, device)).map((device) => device.group));
  return devices.filter((device) => groups.has(device.group));
}

function isUsed(used: Used, device: Devices[number]): boolean {
  return used.groups.has(device.group) || (device.vfio !== undefined && used.vfios.has(device.vfio)) || used.names.has(device.name);
}

/** What the calls found before and would not find any more, in sentences. */
export function lost(used: Used, before: Devices, after: PlatformSpec["devices"] = []): string[] {
  const vfioNow = new Set(after.map((device, index) => device.vfio ?? index));
  const groupsNow = new Set(after.map((device) => device.group));
  const namesNow = new Set(after.map((device) => device.name));
  const found: { what: string; step: number }[] = [];
  for (const [group, step] of used.groups) if (before.some((device) => device.group === group) && !groupsNow.has(group)) found.push({ what: `group ${group}`, step });
  for (const [vfio, step] of used.vfios) if (before.some((device) => device.vfio === vfio) && !vfioNow.has(vfio)) found.push({ what: `/dev/vfio/devices/vfio${vfio}`, step });
  for (const [name, step] of used.names) if (before.some((device) => device.name === name) && !namesNow.has(name)) found.push({ what: `the device ${name}`, step });
  found.sort((one, other) => one.step - other.step);
  const shown = found.slice(0, MOST_SHOWN).map(({ what, step }) => `Step ${step} uses ${what}, which this host does not have: it will be refused.`);
  return found.length > MOST_SHOWN ? [...shown, `So will ${plural(found.length - MOST_SHOWN, "other")}.`] : shown;
}
