/** The series as posted in its v2, August 2020. */
import type { Answer } from "../../answer.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import { plural } from "../../../base/format.ts";
import type { IoasidData } from "../data.ts";
import type { Doing } from "../doing.ts";
import { isKnown } from "../find.ts";
import { NO_ID, region, returned, whole, type Programs } from "../region.ts";
import { idRef, INVALID_IOASID, setRef } from "../values.ts";
import {
  attachData, blockNamed, finishSet, LOCK, mmNotifierNew, NB_LOCK, quotaFits, quotaGiven, seriesPrograms, setCapacity, setIsFresh, setSpid, tokenFits, typeKnown,
  type IdFields, type MmNotifierFields, type SetAllocFields,
} from "./calls.ts";
import { Series } from "./series.ts";
import { heldSetOfMm, setRefPrograms } from "./set-refs.ts";
import type { IoasidSet, NotifierEvent } from "./set.ts";

const NOTIFY = { ALL: 1, SET: 2 } as const;
const EVENTS: readonly (NotifierEvent | undefined)[] = [undefined, "ALLOC", "FREE", "BIND", "UNBIND", "SET_ALLOC", "SET_FREE"];

export class SeriesV2 extends Series {
  protected readonly firstLife = "ACTIVE";
  /** Left at zero, so that a search for 0 finds ids nobody attached. */
  protected readonly firstSpid = 0;

  get programs(): Programs {
    return V2;
  }

  notifyAlloc(data: IoasidData, set: IoasidSet, doing: Doing): void {
    set.chain.call("ALLOC", { id: data.id, spid: INVALID_IOASID, set: set.name }, doing);
  }

  /** Every call marks, tells and drops a reference, however often it is made. */
  free(set: IoasidSet | null, id: number, doing: Doing): void {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing) || !this.ownedBy(data, set, doing)) return;
    if (data.life === "FREE_PENDING") {
      doing.damage("Q11", () => ({ objects: [idRef(id)], text: `IOASID ${id} has been freed before; this takes a reference that somebody else holds.` }));
    }
    this.markPending(data, doing);
    this.tell(this.globalChain, "FREE", data, doing);
    this.tell((data.set as IoasidSet).chain, "FREE", data, doing);
    this.dropRef(data, doing);
  }

  lastReference(data: IoasidData, doing: Doing): void {
    const { id } = data;
    const owner = data.set as IoasidSet;
    this.giveBack(id, doing);
    const set = this.live.load(owner.sid);
    if (!set) {
      doing.damage("Q4", () => ({ objects: [idRef(id), setRef(owner.name)], text: `Set number ${owner.sid} is gone: freeing stops half-way.` }));
      return;
    }
    if (set !== owner) doing.effect("damage", () => ({ objects: [idRef(id), setRef(set.name)], text: `Number ${owner.sid} means set ${set.name} by now: the count of the wrong set goes down.` }));
    set.ids.erase(id);
    set.nr--;
  }

  override tellSetFree(set: IoasidSet, doing: Doing): void {
    this.globalChain.call("SET_FREE", { id: 0, spid: 0, set: set.name, private: null }, doing);
  }
}

function setAlloc(core: SeriesV2, fields: SetAllocFields, doing: Doing): Answer {
  const { quota } = fields;
  if (!typeKnown(fields, doing) || !quotaFits(core, quota, doing) || !tokenFits(core, fields, doing, false) || !quotaGiven(quota, doing)) return doing.trace.refusal();
  const last = core.available - quota;
  const answer = finishSet(core, fields, quota, last, doing);
  if (answer.errno !== "OK") doing.damage("Q6", () => ({ objects: [], text: `Only numbers up to ${last} may be used, because ${last} would be left of the capacity.` }));
  return answer;
}

function adjustSet(core: SeriesV2, { set: name, quota }: { set: string; quota: number }, doing: Doing): Answer {
  const set = core.setNamed(name);
  const unsigned = quota >>> 0;
  if (!doing.trace.holds(R["quota-covers-use"], set.nr <= unsigned, () => ({ objects: [setRef(name)], note: `Set ${name} uses ${set.nr}; the new quota is ${unsigned}.` }))) return doing.trace.refusal();
  if (!doing.trace.holds(R["quota-below-capacity-left"], unsigned < core.available, () => ({ objects: [setRef(name)], note: `The new quota is ${unsigned}, ${core.available} are left.` }))) {
    if (unsigned <= set.quota + core.available) doing.damage("Q5", () => ({ objects: [setRef(name)], text: `From ${set.quota} to ${unsigned} would have fitted: the growth is what counts, not the whole quota.` }));
    return doing.trace.refusal();
  }
  core.available = (core.available + set.quota - unsigned) >>> 0;
  set.quota = unsigned;
  doing.effect("set", () => ({ objects: [setRef(name)], text: `Set ${name} has a quota of ${unsigned} now; ${core.available} are left.` }));
  return returned(0);
}

interface SpidMemory {
  data: IoasidData;
}

/** Register for the set of an mm: what v2 does once it holds both locks. */
function registerMm(core: SeriesV2, fields: MmNotifierFields, doing: Doing): Answer {
  const set = heldSetOfMm(core, fields, doing);
  if (!setIsFresh(set, doing)) return doing.trace.refusal();
  const block = blockNamed(core, fields.nb);
  set.chain.register(block, doing);
  core.pending.unshift({ block, token: fields.token, active: true, set });
  set.refs--;
  doing.effect("list", () => ({ objects: [setRef(set.name)], text: `${fields.nb} is told about the ids of ${fields.token} from now on.` }));
  return returned(0);
}

const V2: Programs = {
  ...seriesPrograms,
  ioasid_set_alloc: whole(LOCK, setAlloc),
  ioasid_adjust_set: whole(LOCK, adjustSet),
  ...setRefPrograms,
  ioasid_put: whole(LOCK, (core: SeriesV2, { set, ioasid }: IdFields, doing) => {
    core.put(core.owner(set), ioasid, doing);
    return returned(null);
  }),
  ioasid_set_for_each: whole(LOCK, (core: SeriesV2, { set }: { set: string }, doing) => {
    const ids = [...core.setNamed(set).ids.ids()];
    return doing.trace.holds(R["set-has-ids"], ids.length > 0, () => ({ objects: [setRef(set)], note: `Set ${set} has ${plural(ids.length, "id")}.` })) ? returned(ids) : doing.trace.refusal();
  }),
  ioasid_attach_data: whole(LOCK, (core: SeriesV2, fields: { ioasid: number; private: string | null }, doing) => attachData(core, fields, doing, false)),
  ioasid_attach_spid: whole(LOCK, (core: SeriesV2, { ioasid, spid }: { ioasid: number; spid: number }, doing) => {
    const data = core.table.load(ioasid);
    if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
    setSpid(data, spid, doing);
    return returned(0);
  }),
  ioasid_find_by_spid: [
    region("walk the set, without a lock", null, (core: SeriesV2, { set: name, spid }: { set: string; spid: number }, memory: SpidMemory, doing) => {
      const set = core.setNamed(name);
      if (!doing.trace.holds(R["set-is-live"], core.live.load(set.sid) !== null, () => ({ objects: [setRef(name)], note: `Set ${name}.` }))) return NO_ID;
      const data = set.ids.list().find(([, one]) => one.spid === spid)?.[1] ?? null;
      if (!doing.trace.holds(R["spid-in-set"], data !== null, () => ({ objects: [setRef(name)], note: data ? `${data.id} has SPID ${spid}.` : `No id of set ${name} has SPID ${spid}.` })) || !data) return NO_ID;
      memory.data = data;
      return undefined;
    }),
    region("take a reference", null, (_core: SeriesV2, _fields: { spid: number }, { data }: SpidMemory, doing) => {
      if (data.freed) doing.damage("Q7", () => ({ objects: [idRef(data.id)], text: `The entry of ${data.id} has been freed in between: the count goes up in freed memory, and the put that follows hits whoever has ${data.id} then.` }));
      data.refs++;
      doing.effect("users", () => ({ objects: [idRef(data.id)], text: `IOASID ${data.id} has ${plural(data.refs, "reference")} now.` }));
      return returned({ ioasid: data.id });
    }),
  ],
  ioasid_install_capacity: whole(LOCK, (core: SeriesV2, { total }: { total: number }, doing) => {
    setCapacity(core, total, doing);
    return returned(null);
  }),
  ioasid_notify: whole(LOCK, (core: SeriesV2, { ioasid, cmd, flags }: { ioasid: number; cmd: number; flags: number }, doing) => {
    const data = core.table.load(ioasid);
    if (!isKnown(core, ioasid, data, doing, "EINVAL")) return doing.trace.refusal();
    const event = EVENTS[cmd] ?? "BIND";
    if (flags & NOTIFY.ALL) return returned(core.tell(core.globalChain, event, data, doing));
    if (flags & NOTIFY.SET) return returned(core.tell((data.set as IoasidSet).chain, event, data, doing));
    return returned(0);
  }),
  ioasid_register_notifier_mm: [
    region("look whether it is known", NB_LOCK, (core: SeriesV2, fields: MmNotifierFields, _memory, doing) => (mmNotifierNew(core, fields, doing) ? undefined : doing.trace.refusal()), { keeps: true }),
    region("find the set and join its chain", LOCK, (core: SeriesV2, fields: MmNotifierFields, _memory, doing) => registerMm(core, fields, doing)),
  ],
};
