/** What can be shown of a platform alone: every group joins one container, then the kernel says what is left. */
import type { Facts } from "../readers/facts.ts";
import type { Roster } from "./roster.ts";
import { IMPLIED, Steps } from "./steps.ts";

const TYPE1V2 = 3;
const NOTE = "to see what this group takes away";

export function surveyCalls(facts: Facts, roster: Roster): Steps {
  const steps = new Steps(facts.keepsOrigins);
  const withList = [...facts.groups].filter(([, group]) => group.regions !== null).map(([number]) => number);
  const groups = (withList.length > 0 ? withList : [...facts.groups.keys()]).sort((one, other) => one - other);
  for (const group of groups) roster.memberOf(group);
  for (const [name, device] of facts.devices) if (device.regions) roster.device(name);
  if (roster.used.length === 0) for (let list = 0; list < Math.max(1, facts.loose.length); list++) roster.device(facts.loose.length > 1 ? `list ${list + 1}` : null);
  steps.implied("VFIO_CONTAINER_OPEN", {}, IMPLIED);
  let iommuSet = false;
  for (const group of new Set(roster.used.map((device) => device.group))) {
    const refused = roster.used.some((device) => device.group === group && hasDirect(facts, device.name, group));
    const note = refused ? "firmware demands a 1:1 region here: the kernel refuses such a device" : NOTE;
    steps.implied("VFIO_GROUP_OPEN", { path: `/dev/vfio/${group}`, group }, NOTE);
    steps.implied("VFIO_GROUP_SET_CONTAINER", { group }, note);
    if (!refused && !iommuSet) {
      steps.implied("VFIO_SET_IOMMU", { arg: TYPE1V2 }, facts.interruptRemapping === false ? "the kernel log says that interrupts can't be isolated" : NOTE);
      iommuSet = true;
    }
  }
  if (iommuSet && facts.interruptRemapping !== false) steps.add("VFIO_IOMMU_GET_INFO", { argsz: 4096 }, { note: "the windows that are left" });
  return steps;
}

function hasDirect(facts: Facts, name: string, group: number): boolean {
  const regions = facts.devices.get(name)?.regions ?? facts.groups.get(group)?.regions ?? facts.loose.at(0) ?? [];
  return regions.some((region) => region.type === "direct");
}
