/** Opening a legacy VFIO container, and how far it got when a log says that it was refused. */
import type { Facts, Failure } from "../readers/facts.ts";
import type { Errno } from "../../kernel/errno.ts";
import type { RecordedAnswer, ScenarioCall } from "../scenario.ts";
import type { Roster, RosterDevice } from "./roster.ts";
import { DIRECT_HINT, FAILED, FROM_LOG, GROUP_GUESSED, IMPLIED, known, type Bulk, type Steps } from "./steps.ts";

/** Argument sizes and flags come first. */
export const TYPE1_MAP: Bulk = { call: "VFIO_IOMMU_MAP_DMA", fields: { argsz: false, flags: false, vaddr: true, iova: true, size: true }, maps: { first: 3, size: 4 } };
export const TYPE1_UNMAP: Bulk = { call: "VFIO_IOMMU_UNMAP_DMA", fields: { argsz: false, flags: false, iova: true, size: true } };

/** VFIO_TYPE1v2_IOMMU. */
const TYPE1V2 = 3;

/** One container of one process, and the groups in it. */
export class LegacyContainer {
  /** Groups whose file is open, in order. */
  readonly groups: number[] = [];
  open = false;
  private readonly steps: Steps;
  private readonly roster: Roster;
  private readonly facts: Facts;

  constructor(steps: Steps, roster: Roster, facts: Facts) {
    this.steps = steps;
    this.roster = roster;
    this.facts = facts;
  }

  /** Brings a group into the container as a VMM does; stops where a message says that it stopped. False: it did. */
  attach(group: number, device: string | null, note: string = IMPLIED): boolean {
    if (this.groups.includes(group)) return true;
    const member = device === null ? this.roster.memberOf(group) : this.roster.device(device, { group });
    const text = member.groupGuessed ? `${note}; ${GROUP_GUESSED}` : note;
    const said = (kind: Failure["kind"]) => this.facts.failures.find((failure) => failure.kind === kind && concerns(failure, group, member.name));
    const path = { path: `/dev/vfio/${group}`, group };
    const notOpened = said("open-group");
    if (notOpened) {
      const refused = answerOf(notOpened);
      if (refused.errno === "EBUSY") this.steps.implied("VFIO_GROUP_OPEN", path, "implied: another process has the group open");
      // There is no such file while no device of the group has a VFIO driver.
      if (refused.errno === "ENOENT") member.boundToHost = true;
      this.steps.add("VFIO_GROUP_OPEN", path, { recorded: refused, note: text });
      return false;
    }
    this.groups.push(group);
    if (said("not-viable")) {
      this.roster.hostMemberOf(group, member.name);
      this.steps.implied("VFIO_GROUP_OPEN", path, text);
      this.steps.add("VFIO_GROUP_GET_STATUS", { group }, { recorded: known("OK", { flags: 0 }), note: `${FROM_LOG}: group ${group} is not viable` });
      return false;
    }
    const first = !this.open;
    if (first) this.steps.implied("VFIO_CONTAINER_OPEN", {}, note);
    this.open = true;
    this.steps.implied("VFIO_GROUP_OPEN", path, text);
    const notSet = said("set-container");
    this.steps.add("VFIO_GROUP_SET_CONTAINER", { group }, notSet ? { note: `${note}; ${DIRECT_HINT}`, ...this.refusal(notSet, member) } : { note });
    if (notSet) return false;
    if (!first) return true;
    const noIommu = said("set-iommu");
    this.steps.add("VFIO_SET_IOMMU", { arg: TYPE1V2 }, { note, ...(noIommu && this.refusal(noIommu, member)) });
    return !noIommu;
  }

  /** What a message says of a refused join. */
  private refusal(failure: Failure, member: RosterDevice): Pick<ScenarioCall, "recorded" | "given"> {
    const recorded = answerOf(failure);
    const isFirmware = failure.kind === "set-container" ? recorded.errno === "EINVAL" : this.facts.needsDirect.has(member.name);
    return isFirmware ? { recorded, ...driverSaid(this.facts, member, recorded.errno as Errno) } : { recorded };
  }

  /** The container's file is closed: everything in it goes. */
  close(note: string = IMPLIED): void {
    const last = this.groups.at(-1);
    if (last !== undefined && this.open) this.steps.implied("VFIO_GROUP_UNSET_CONTAINER", { group: last }, note);
    if (this.open) this.steps.implied("VFIO_CONTAINER_CLOSE", {}, note);
    this.open = false;
  }

  closeGroup(note: string = IMPLIED): void {
    const group = this.groups.pop();
    if (group !== undefined) this.steps.implied("VFIO_GROUP_CLOSE", { group }, note);
  }
}

/** Where no listing tells the regions that firmware demands, the model can't find the reason of a refusal itself: it is given. */
export function driverSaid(facts: Facts, member: RosterDevice, errno: Errno): Pick<ScenarioCall, "given"> {
  const list = facts.devices.get(member.name)?.regions ?? facts.groups.get(member.group)?.regions ?? null;
  const listed = list !== null || (facts.needsDirect.has(member.name) && facts.firmware.length > 0);
  return listed ? {} : { given: { driver: errno, source: FROM_LOG } };
}

function concerns(failure: Failure, group: number, device: string): boolean {
  if ("group" in failure && failure.group !== undefined) return failure.group === group;
  return !("device" in failure) || failure.device === undefined || failure.device === device;
}

function answerOf(failure: Failure): RecordedAnswer {
  return "errno" in failure && failure.errno !== null ? known(failure.errno) : FAILED;
}
