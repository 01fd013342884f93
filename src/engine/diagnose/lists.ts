/** The lists of reserved regions among the inputs, and what they say of one device. */
import type { Clues, RegionFact } from "../../scenario/clues.ts";

/** Every list with whose it is, in the words of the inputs. */
export function listsOf(clues: Clues): { object: string; regions: RegionFact[] }[] {
  const groups = clues.groups.flatMap((group) => (group.regions ? [{ object: `group ${group.group}`, regions: group.regions }] : []));
  const devices = clues.devices.map(({ name, regions }) => ({ object: name, regions }));
  return [...groups, ...devices, ...clues.loose.map((regions) => ({ object: "the listed group", regions }))];
}

/** The lists that matter: those of the devices that are given away, when the inputs tell which; all of them otherwise. */
export function usedLists(clues: Clues): { object: string; regions: RegionFact[] }[] {
  const all = listsOf(clues);
  if (clues.assigned.length === 0) return all;
  const groups = clues.groups.filter((group) => group.devices.some(({ name }) => clues.assigned.includes(name))).map((group) => `group ${group.group}`);
  const used = all.filter(({ object }) => groups.includes(object) || clues.assigned.includes(object));
  return used.length > 0 ? used : all;
}

/** The lists that may be this device's. */
function listsFor(clues: Clues, device: string | undefined, group: number | undefined) {
  const number = group ?? clues.groups.find((candidate) => candidate.devices.some(({ name }) => name === device))?.group;
  return listsOf(clues).filter(({ object }) => object === device || (number !== undefined && object === `group ${number}`) || object === "the listed group");
}

/** A region that firmware demands one to one of this device or its group, by their lists; null: none is listed. */
export function listedDirect(clues: Clues, device: string | undefined, group: number | undefined): RegionFact | null {
  return listsFor(clues, device, group).flatMap(({ regions }) => regions).find((region) => region.type === "direct") ?? null;
}

/** What a device keeps for itself by its list, relaxable regions aside. */
export function listedHoles(clues: Clues, device: string | undefined, group: number | undefined): RegionFact[] {
  return listsFor(clues, device, group).flatMap(({ regions }) => regions).filter((region) => region.type !== "direct-relaxable");
}

/** Is its list known, without a region that firmware demands one to one? Nor may the kernel have said so. */
export function lacksDirect(clues: Clues, device: string | undefined, group: number | undefined): boolean {
  return clues.needsDirect.length === 0 && listsFor(clues, device, group).length > 0 && listedDirect(clues, device, group) === null;
}

/** Do the inputs themselves speak of firmware's demand: the kernel's words, or a list? */
export function isFirmwareTold(clues: Clues): boolean {
  return clues.needsDirect.length > 0 || listsOf(clues).some(({ regions }) => regions.some((region) => region.type === "direct"));
}
