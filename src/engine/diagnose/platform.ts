/** What the listings say by themselves, where no call failed. */
import { rangeText } from "../../base/format.ts";
import { add, parseU64, sub } from "../../base/u64.ts";
import { callAt, callCount } from "../../scenario/calls.ts";
import type { Clues, GroupClue } from "../../scenario/clues.ts";
import type { AnyScenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { Finding } from "./finding.ts";
import { listsOf, usedLists } from "./lists.ts";
import { findingOf, hasTwoMsiKinds, twoKindsWords } from "./messages.ts";
import { NEED } from "./needs.ts";

/** Findings about the platform alone, the gravest first. */
export function fromPlatform(clues: Clues, scenario: AnyScenario | null): Finding[] {
  return [...directRegions(clues), ...twoMsiKinds(clues), ...mapsInBridgeWindows(clues, scenario), ...unrelatedMembers(clues), ...unlistedBridges(clues), ...layeredWindows(clues), ...mediated(clues)];
}

function directRegions(clues: Clues): Finding[] {
  return usedLists(clues).flatMap(({ object, regions }) => regions.filter((region) => region.type === "direct").slice(0, 1).map((region) => findingOf("direct-region-refuses-device", {
    object, errno: "EINVAL", range: region, decidedBy: region, confidence: "given", basis: "the list of reserved regions",
    text: `${object} has ${rangeText(region.first, region.last)} as a direct region: firmware demands it mapped one to one, so the kernel gives no device of it away. Regions called direct-relaxable do not count.`,
  })));
}

function twoMsiKinds(clues: Clues): Finding[] {
  if (!hasTwoMsiKinds(clues)) return [];
  const list = usedLists(clues).find(({ regions }) => regions.filter((region) => region.type === "msi").length > 1);
  const hardware = list?.regions.find((region) => region.type === "msi" && region.first !== 0x800_0000);
  return [findingOf("two-msi-kinds", {
    api: "iommufd", object: list?.object ?? "", range: hardware ?? null, basis: "the list of reserved regions",
    text: `A device of ${list?.object ?? "the list"} reports a hardware and a software MSI window at once: iommufd refuses it, type1 takes the hardware one.${twoKindsWords(clues)}`,
  })];
}

/** Mappings that lie on addresses which a bridge forwards. */
function mapsInBridgeWindows(clues: Clues, scenario: AnyScenario | null): Finding[] {
  if (!scenario || clues.bridgeWindows.length === 0) return [];
  let found: Finding | null = null;
  let isGuest = false;
  for (let index = 0, { calls } = scenario; index < callCount(calls); index++) {
    const call = callAt(calls, index) as ScenarioCall;
    if (call.call !== "IOMMU_IOAS_MAP" && call.call !== "VFIO_IOMMU_MAP_DMA") continue;
    const first = parseU64(call.in.iova);
    const size = parseU64(call.in.size ?? call.in.length);
    if (first === null || size === null || size === 0) continue;
    const last = sub(add(first, size), 1);
    if (first === 0) isGuest = true;
    const [window] = clues.bridgeWindows.filter((candidate) => candidate.first <= last && first <= candidate.last).toSorted((one, other) => (sub(one.last, one.first) < sub(other.last, other.first) ? -1 : 1));
    if (window && found === null) {
      const { bridge } = window;
      found = findingOf("bridge-window-not-listed", {
        object: bridge, range: { first, last }, decidedBy: { first: window.first, last: window.last }, basis: "the bridges' windows and the mapped ranges",
        text: `The mapping ${rangeText(first, last)} lies on ${rangeText(window.first, window.last)}, which the bridge ${isOfBus(bridge) ? `above ${bridge}` : bridge} forwards: no reserved_regions list shows that on x86, and without ACS redirect such a transfer never reaches the IOMMU.`,
      });
    }
  }
  // A guest's RAM begins at 0 and lies on some bus's window nearly everywhere: /proc/iomem alone is no reason to speak of that.
  return found && !(isGuest && isOfBus(found.object)) ? [found] : [];
}

/** Is it from /proc/iomem, which names the bus below a bridge? */
function isOfBus(bridge: string): boolean {
  return bridge.startsWith("PCI Bus");
}

const SLOT = /^(?:[0-9a-f]{4}:)?(([0-9a-f]{2}):[0-9a-f]{2})\.[0-7]$/;

/** Slots of the endpoints of a group. Where some members are behind others, those on bus 0 are the ports above them. */
function endpointSlots({ devices }: GroupClue): Set<string> {
  const ends = devices.filter(({ driver, bridge }) => driver !== "pcieport" && !bridge).map(({ name }) => ({ slot: SLOT.exec(name)?.[1] ?? name, bus: SLOT.exec(name)?.[2] }));
  const behind = ends.filter(({ bus }) => bus !== "00");
  return new Set((behind.length > 0 ? behind : ends).map(({ slot }) => slot));
}

/** One group alone, of several functions of the chipset: who shows just that asks why they are together. */
function isAskedFor({ groups, failures, hints, events, assigned }: Clues): boolean {
  const [group, other] = groups;
  return group !== undefined && other === undefined && failures.length + hints.length + events.length + assigned.length === 0 && group.devices.length > 2 && group.devices.every(({ name }) => SLOT.exec(name)?.[2] === "00");
}

/** A group of devices in several slots, which nothing keeps apart. */
function unrelatedMembers(clues: Clues): Finding[] {
  const least = isAskedFor(clues) ? 1 : 2;
  const concerned = clues.groups.filter((group) => clues.assigned.length === 0 || group.devices.some(({ name }) => clues.assigned.includes(name)));
  const large = concerned.map((group) => ({ group, slots: endpointSlots(group).size })).filter(({ slots }) => slots >= least).toSorted((one, other) => other.slots - one.slots);
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
  // Of windows within windows the innermost says most.
  const innermost = clues.bridgeWindows.filter((window) => !clues.bridgeWindows.some((inner) => inner !== window && window.first <= inner.first && inner.last <= window.last));
  const windows = innermost.slice(0, 3).map(({ first, last, bridge }) => `${rangeText(first, last)} of ${bridge}`).join(", ");
  return [findingOf("bridge-window-not-listed", {
    object: lists[0]?.object ?? "", confidence: "guessed", basis: "the list shows the MSI window alone, as on every x86 host", needs: windows === "" ? [NEED.bridges] : [],
    text: `Only the MSI window is listed. That is complete for VFIO, but on x86 the memory windows of PCI bridges are never listed here${windows === "" ? "" : ` (${windows})`}: a transfer to such an address may be routed to a device behind the bridge and not reach the IOMMU.`,
  })];
}

/** A relaxable firmware region under the software MSI window: the window is carved, the region is passed over. */
function layeredWindows(clues: Clues): Finding[] {
  return usedLists(clues).flatMap(({ object, regions }) => {
    const msi = regions.find((region) => region.type === "msi" && region.first === 0x800_0000);
    const under = msi && regions.find((region) => region.type === "direct-relaxable" && region.first <= msi.last && msi.first <= region.last);
    if (!msi || !under) return [];
    return [findingOf("msi-window-unusable", {
      object, range: under, decidedBy: msi, severity: "harmless", confidence: "guessed", basis: "the list of reserved regions alone: nothing in the inputs failed",
      text: `The software MSI window ${rangeText(msi.first, msi.last)} lies in the relaxable firmware region ${rangeText(under.first, under.last)}. VFIO and iommufd pass over the relaxable region and carve the window; a device whose firmware still uses these addresses would hit interrupts instead of memory.`,
      remedy: "Nothing needs to be done unless interrupts get lost or the device faults there; then firmware must move its region, or the driver its window.",
    })];
  }).slice(0, 1);
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** An emulated device on an iommufd: what it has no answer for is worth knowing. */
function mediated(clues: Clues): Finding[] {
  const device = clues.assigned.find((name) => UUID.test(name));
  if (device === undefined) return [];
  return [findingOf("mdev-has-no-hwpt", {
    api: "iommufd", object: device, errno: null, confidence: "guessed", basis: "the device's name, which is a mediated device's: nothing in the inputs failed",
    text: `${device} is an emulated device: it has an access to the IOAS and no page table of the hardware (HWPT) behind it. Asking for its hardware (IOMMU_GET_HW_INFO) answers ENOENT.`,
  })];
}
