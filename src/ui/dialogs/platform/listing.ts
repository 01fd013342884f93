/** A reserved_regions listing, as the scenario's readers understood it, put into the fields. */
import { plural } from "../../../base/format.ts";
import type { ReadResult } from "../../../engine/views.ts";
import type { HostDevice } from "../../../kernel/config.ts";
import { platformOf } from "../../../scenario/machine-config.ts";
import { deviceDraft, regionDraft, type PlatformDraft } from "./draft.ts";

export interface Listing {
  devices: HostDevice[];
  /** False: the lines don't say which group they are of. */
  namesGroups: boolean;
}

/** Any way of naming a group or device in such a listing. */
const NAMES = /(?:^|[\s/:])\d+\/reserved_regions|iommu_groups\/\d+|[0-9a-f]{4}\\?:[0-9a-f]{2}\\?:[0-9a-f]{2}\.[0-7]\/iommu_group\//im;

/** Throws an Error for people when there is no listing in the text. */
export function listingOf(text: string, result: ReadResult): Listing {
  if (!result.reports.some((report) => report.format.includes("reserved_regions"))) throw new Error("There are no lines of reserved_regions in it, such as “0xfee00000 0xfeefffff msi”.");
  const devices = result.scenarios.flatMap((scenario) => platformOf(scenario.platform).devices);
  if (devices.length === 0) throw new Error("It names no group and no region.");
  return { devices, namesGroups: NAMES.test(text) };
}

/** Where a listing goes: the groups and devices that it names, or one group of the host. */
export type ListingTarget = "named" | number;

/** The draft with these regions, and a sentence on what has been replaced. Throws an Error for people when it can't be done. */
export function withListing(draft: PlatformDraft, listing: Listing, target: ListingTarget): { draft: PlatformDraft; done: string } {
  return target === "named" ? intoNamed(draft, listing) : intoGroup(draft, listing, target);
}

function intoGroup(draft: PlatformDraft, { devices, namesGroups }: Listing, group: number): { draft: PlatformDraft; done: string } {
  const lists = new Map(devices.map((device) => [device.group, device.regions]));
  const regions = namesGroups ? (lists.get(group) ?? (lists.size === 1 ? [...lists.values()][0] : undefined)) : lists.size === 1 ? [...lists.values()][0] : undefined;
  if (!regions) throw new Error(`It holds ${plural(lists.size, "list")} and none is of group ${group}.`);
  const isOfGroup = (text: string) => text.trim() === String(group);
  return {
    draft: { ...draft, devices: draft.devices.map((device) => (isOfGroup(device.group) ? { ...device, regions: regions.map(regionDraft) } : device)) },
    done: `Group ${group} now has ${plural(regions.length, "region")}.`,
  };
}

function intoNamed(draft: PlatformDraft, listing: Listing): { draft: PlatformDraft; done: string } {
  if (!listing.namesGroups) throw new Error("It does not say which group it is of: choose the group.");
  const replaced = new Set<number>();
  const added = new Set<number>();
  let devices = draft.devices;
  for (const listed of listing.devices) {
    const byName = devices.some((device) => device.name.trim() === listed.name);
    const isMeant = (device: PlatformDraft["devices"][number]) => (byName ? device.name.trim() === listed.name : device.group.trim() === String(listed.group));
    if (devices.some(isMeant)) {
      devices = devices.map((device) => (isMeant(device) ? { ...device, regions: listed.regions.map(regionDraft) } : device));
      replaced.add(listed.group);
    } else {
      devices = [...devices, { ...deviceDraft(listed), vfio: "" }];
      added.add(listed.group);
    }
  }
  const groups = (set: Set<number>) => `${set.size === 1 ? "group" : "groups"} ${[...set].sort((one, other) => one - other).join(", ")}`;
  const parts = [...(replaced.size > 0 ? [`replaced the regions of ${groups(replaced)}`] : []), ...(added.size > 0 ? [`added ${groups(added)}`] : [])].join("; ");
  return { draft: { ...draft, devices }, done: `${parts.charAt(0).toUpperCase()}${parts.slice(1)}.` };
}
