/** Opening a legacy VFIO container, and how far it got when a log says that it was refused. */
import type { Facts, Failure } from "../readers/facts.ts";
import type { Roster } from "./roster.ts";
import { FAILED, FROM_LOG, GROUP_GUESSED, IMPLIED, known, type Steps } from "./steps.ts";

/** VFIO_TYPE1v2_IOMMU. */
const TYPE1V2 = 3;

/** One container of one process, and the groups in it. */
export class LegacyContainer {
  /** Groups whose file is open, in order. */
  readonly groups: number[] = [];
  open = false;
  private readonly steps: Steps;
  private readonly roster: Roster;
  private readonly failures: Failure[];

  constructor(steps: Steps, roster: Roster, facts: Facts) {
    this.steps = steps;
    this.roster = roster;
    this.failures = facts.failures;
  }

  /** Brings a group into the container as a VMM does; stops where a message says that it stopped. False: it did. */
  attach(group: number, device: string | null, note: string = IMPLIED): boolean {
    if (this.groups.includes(group)) return true;
    const member = device === null ? this.roster.memberOf(group) : this.roster.device(device, { group });
    const text = member.groupGuessed ? `${note}; ${GROUP_GUESSED}` : note;
    const said = (kind: Failure["kind"]) => this.failures.find((failure) => failure.kind === kind && concerns(failure, group, member.name));
    const path = { path: `/dev/vfio/${group}`, group };
    const notOpened = said("open-group");
    if (notOpened) {
      this.steps.add("VFIO_GROUP_OPEN", path, { recorded: answerOf(notOpened), note: text });
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
    this.steps.add("VFIO_GROUP_SET_CONTAINER", { group }, { note, ...(notSet && { recorded: answerOf(notSet) }) });
    if (notSet) return false;
    if (!first) return true;
    const noIommu = said("set-iommu");
    this.steps.add("VFIO_SET_IOMMU", { arg: TYPE1V2 }, { note, ...(noIommu && { recorded: answerOf(noIommu) }) });
    return !noIommu;
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

function concerns(failure: Failure, group: number, device: string): boolean {
  if ("group" in failure && failure.group !== undefined) return failure.group === group;
  return !("device" in failure) || failure.device === undefined || failure.device === device;
}

function answerOf(failure: Failure): typeof FAILED {
  return "errno" in failure && failure.errno !== null ? known(failure.errno) : FAILED;
}
