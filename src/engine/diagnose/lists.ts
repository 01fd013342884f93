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

/** A region that firmware demands one to one of this device or its group, by their lists; null: none is listed. */
export function listedDirect(clues: Clues, device: string | undefined, group: number | undefined): RegionFact | null {
  const number = group ?? clues.groups.find((candidate) => candidate.devices.some(({ name }) => name === device))?.group;
  const lists = listsOf(clues).filter(({ object }) => object === device || (number !== undefined && object === `group ${number}`) || object === "the listed group");
  return lists.flatMap(({ regions }) => regions).find((region) => region.type === "direct") ?? null;
}
