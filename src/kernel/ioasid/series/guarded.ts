/** What v3 and V4 check where v2 did not: data and numbers attached twice, a capacity installed twice. */
import type { Answer } from "../../answer.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import type { Doing } from "../doing.ts";
import { isKnown } from "../find.ts";
import { NO_ID, returned, whole, type Programs } from "../region.ts";
import { idRef, INVALID_IOASID } from "../values.ts";
import { attachData, detachData, LOCK, seriesPrograms, setCapacity, setSpid } from "./calls.ts";
import { DEFAULT_CAPACITY, Series } from "./series.ts";
import type { IoasidSet } from "./set.ts";

export abstract class Guarded extends Series {
  protected readonly firstSpid = INVALID_IOASID;

  /** Looks for a number inside a set; null when no id has it. `hold`: whether a reference is wanted. */
  abstract findSpid(set: IoasidSet, spid: number, hold: boolean, doing: Doing): number | null;
  /** The look-up that attaching makes, with its side effects. */
  abstract spidTaken(set: IoasidSet, spid: number, doing: Doing): number | null;
}

function attachSpid(core: Guarded, { ioasid, spid }: { ioasid: number; spid: number }, doing: Doing): Answer {
  if (!doing.trace.holds(R["spid-is-a-number"], spid !== INVALID_IOASID, () => ({ note: spid === INVALID_IOASID ? "The SPID given means \"none\"." : `The SPID is ${spid}.` }))) return doing.trace.refusal();
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
  const set = data.set as IoasidSet;
  const taken = core.spidTaken(set, spid, doing);
  if (!doing.trace.holds(R["spid-unused-in-set"], taken === null, () => ({ objects: taken === null ? [] : [idRef(taken)], note: taken === null ? `No id of set ${set.name} has SPID ${spid}.` : `${taken} has SPID ${spid} already.` }))) {
    return doing.trace.refusal();
  }
  setSpid(data, spid, doing);
  core.tell(set.chain, "BIND", data, doing);
  return returned(0);
}

export const guardedPrograms: Programs = {
  ...seriesPrograms,
  ioasid_attach_data: whole(LOCK, (core: Guarded, fields: { ioasid: number; private: string | null }, doing) => attachData(core, fields, doing, true)),
  ioasid_detach_data: whole(LOCK, detachData),
  ioasid_attach_spid: whole(LOCK, attachSpid),
  ioasid_find_by_spid: whole(LOCK, (core: Guarded, { set: name, spid, get }: { set: string; spid: number; get: number }, doing) => {
    const set = core.setNamed(name);
    const id = core.findSpid(set, spid, get !== 0, doing);
    return doing.trace.holds(R["spid-in-set"], id !== null, () => ({ objects: id === null ? [] : [idRef(id)], note: id === null ? `No id of set ${name} has SPID ${spid}.` : `${id} has SPID ${spid}.` })) ? returned({ ioasid: id }) : NO_ID;
  }),
  ioasid_install_capacity: whole(LOCK, (core: Guarded, { total }: { total: number }, doing) => {
    const first = core.capacity === 0 || core.capacity === DEFAULT_CAPACITY;
    if (doing.trace.holds(R["capacity-not-installed"], first, () => ({ note: `The capacity is ${core.capacity}.` }))) setCapacity(core, total, doing);
    return returned(null);
  }),
};
