/** What the listings say by themselves, where no call failed. */
import { rangeText } from "../../base/format.ts";
import { add, parseU64, sub } from "../../base/u64.ts";
import type { Clues, GroupClue, RegionFact } from "../../scenario/clues.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { Finding } from "./finding.ts";
import { findingOf, hasTwoMsiKinds } from "./messages.ts";
import { NEED } from "./needs.ts";

/** Findings about the platform alone, the gravest first. */
export function fromPlatform(clues: Clues, scenario: Scenario | null): Finding[] {
  return [...directRegions(clues), ...twoMsiKinds(clues), ...mapsInBridgeWindows(clues, scenario), ...unrelatedMembers(clues), ...unlistedBridges(clues)];
}

function listsOf(clues: Clues): { object: string; regions: RegionFact[] }[] {
  const groups = clues.groups.flatMap((group) => (group.regions ? [{ object: `group ${group.group}`, regions: group.regions }] : []));
  const devices = clues.devices.map(({ name, regions }) => ({ object: name, regions }));
  return [...groups, ...devices, ...clues.loose.map((regions) => ({ object: "the listed group", regions }))];
}

function directRegions(clues: Clues): Finding[] {
  return listsOf(clues).flatMap(({ object, regions }) => regions.filter((region) => region.type === "direct").slice(0, 1).map((region) => findingOf("direct-region-refuses-device", {
    object, errno: "EINVAL", range: region, decidedBy: region, confidence: "given", basis: "the list of reserved regions",
    text: `${object} has ${rangeText(region.first, region.last)} as a direct region: firmware demands it mapped one to one, so the kernel gives no device of it away. Regions called direct-relaxable do not count.`,
  })));
}

function twoMsiKinds(clues: Clues): Finding[] {
  if (!hasTwoMsiKinds(clues)) return [];
  const list = listsOf(clues).find(({ regions }) => regions.filter((region) => region.type === "msi").length > 1);
  const hardware = list?.regions.find((region) => region.type === "msi" && region.first !== 0x800_0000);
  return [findingOf("two-msi-kinds", {
    api: "iommufd", object: list?.object ?? "", range: hardware ?? null, basis: "the list of reserved regions",
    text: `Both windows are printed as "msi", but they are two kinds: 0x8000000 is the software window, ${hardware ? rangeText(hardware.first, hardware.last) : "the other"} a hardware doorbell. iommufd refuses a device with both, type1 takes the hardware one.`,
  })];
}

/** Mappings that lie on addresses which a bridge forwards. */
function mapsInBridgeWindows(clues: Clues, scenario: Scenario | null): Finding[] {
  for (const call of scenario?.calls ?? []) {
    if (call.call !== "IOMMU_IOAS_MAP" && call.call !== "VFIO_IOMMU_MAP_DMA") continue;
    const first = parseU64(call.in.iova);
    const size = parseU64(call.in.size ?? call.in.length);
    if (first === null || size === null || size === 0) continue;
    const last = sub(add(first, size), 1);
    const window = clues.bridgeWindows.find((candidate) => candidate.first <= last && first <= candidate.last);
    if (window) {
      return [findingOf("bridge-window-not-listed", {
        object: window.bridge, range: { first, last }, decidedBy: window, basis: "the bridge windows in lspci and the mapped ranges",
        text: `The mapping ${rangeText(first, last)} lies on ${rangeText(window.first, window.last)}, which bridge ${window.bridge} forwards: no reserved_regions list shows that on x86, and without ACS redirect such a transfer never reaches the IOMMU.`,
      })];
    }
  }
  return [];
}

const SLOT = /^(?:[0-9a-f]{4}:)?([0-9a-f]{2}:[0-9a-f]{2})\.[0-7]$/;

/** A group of devices in several slots, which nothing keeps apart. */
function unrelatedMembers(clues: Clues): Finding[] {
  const slotsOf = (group: GroupClue) => new Set(group.devices.filter(({ driver }) => driver !== "pcieport").map(({ name }) => SLOT.exec(name)?.[1] ?? name));
  const large = clues.groups.map((group) => ({ group, slots: slotsOf(group).size })).filter(({ slots }) => slots > 1).toSorted((one, other) => other.slots - one.slots);
  return large.slice(0, 3).map(({ group }) => findingOf("no-acs", {
    object: `group ${group.group}`, basis: "the listing of groups", confidence: "modelled",
    text: `Group ${group.group} holds ${group.devices.slice(0, 6).map(({ name }) => name).join(", ")}${group.devices.length > 6 ? " and more" : ""}: nothing on the way isolates them from one another, so they can only be given away together.`,
  }));
}

/** Nothing but a list of an x86 host that has the MSI window only: people ask where the bridges are. */
function unlistedBridges(clues: Clues): Finding[] {
  const lists = listsOf(clues);
  if (clues.failures.length + clues.hints.length + clues.events.length > 0 || clues.options !== null) return [];
  const bare = lists.length > 0 && lists.every(({ regions }) => regions.length === 1 && regions[0]?.first === 0xfee0_0000);
  if (!bare) return [];
  return [findingOf("bridge-window-not-listed", {
    object: lists[0]?.object ?? "", confidence: "guessed", basis: "the list shows the MSI window alone, as on every x86 host", needs: [NEED.bridges],
    text: "Only the MSI window is listed. That is complete for VFIO, but on x86 the memory windows of PCI bridges are never listed here: a transfer to such an address may be routed to a device behind the bridge and not reach the IOMMU.",
  })];
}
