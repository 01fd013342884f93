/** The series as posted in its V4, February 2021; without its cgroup controller. */
import type { JsonObject } from "../../../base/json.ts";
import type { Answer } from "../../answer.ts";
import { plural } from "../../../base/format.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import type { IoasidData } from "../data.ts";
import type { Doing } from "../doing.ts";
import { isKnown } from "../find.ts";
import { returned, whole, type Programs } from "../region.ts";
import { idRef, INVALID_IOASID, setRef } from "../values.ts";
import { attachedId, blockNamed, finishSet, LOCK, mmNotifierNew, NB_LOCK, quotaFits, setIsFresh, setOfMm, tokenFits, typeKnown, type MmNotifierFields, type SetAllocFields } from "./calls.ts";
import { Guarded, guardedPrograms } from "./guarded.ts";
import { SET_TYPE, type IoasidSet } from "./set.ts";

export class SeriesV4 extends Guarded {
  /** Nothing ever moves an id on to ACTIVE. */
  protected readonly firstLife = "IDLE";

  get programs(): Programs {
    return V4;
  }

  protected override allocInDeadSet(): void {}

  notifyAlloc(data: IoasidData, set: IoasidSet, doing: Doing): void {
    this.tell(set.chain, "ALLOC", data, doing);
  }

  /** Listeners are told only when references remain: it is their prompt to drop them. */
  free(set: IoasidSet | null, id: number, doing: Doing): void {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing) || !this.ownedBy(data, set, doing) || !this.notPending(data, doing)) return;
    this.markPending(data, doing);
    if (this.dropRef(data, doing)) return;
    this.tell(this.globalChain, "FREE", data, doing);
    this.tell((data.set as IoasidSet).chain, "FREE", data, doing);
  }

  /** The set goes with its last id. */
  lastReference(data: IoasidData, doing: Doing): void {
    const set = data.set as IoasidSet;
    this.giveBack(data.id, doing);
    set.ids.erase(data.id);
    set.nr--;
    if (set.nr === 0) this.destroySet(set, doing);
  }

  /** The quota is not given back. */
  destroySet(set: IoasidSet, doing: Doing): void {
    this.parkBlocks(set);
    this.live.erase(set.sid);
    set.freed = true;
    doing.effect("set", () => ({ objects: [setRef(set.name)], text: `Set ${set.name} is gone with its last id; its quota of ${set.quota} is not given back.` }));
  }

  findSpid(set: IoasidSet, spid: number, hold: boolean, doing: Doing): number | null {
    let found: IoasidData | null = null;
    for (const [, data] of set.ids.list()) if (data.spid === spid) found = data;
    if (found && hold) {
      const { id } = found;
      const refs = ++found.refs;
      doing.effect("users", () => ({ objects: [idRef(id)], text: `IOASID ${id} has ${plural(refs, "reference")} now.` }));
    }
    return found?.id ?? null;
  }

  spidTaken(set: IoasidSet, spid: number, doing: Doing): number | null {
    return this.findSpid(set, spid, false, doing);
  }

  protected override setJson(set: IoasidSet): JsonObject {
    const json = super.setJson(set);
    delete json.ref;
    return json;
  }
}

function setAlloc(core: SeriesV4, fields: SetAllocFields, doing: Doing): Answer {
  if (!typeKnown(fields, doing)) return doing.trace.refusal();
  const quota = fields.quota === 0 ? core.available : fields.quota;
  if (!quotaFits(core, quota, doing) || !tokenFits(core, fields, doing, true)) return doing.trace.refusal();
  return finishSet(core, fields, quota, core.available, doing);
}

function setFree(core: SeriesV4, { set: name }: { set: string }, doing: Doing): Answer {
  const set = core.setNamed(name);
  if (!core.checkLive(set, doing)) return doing.trace.refusal();
  if (!doing.trace.holds(R["set-has-no-ids"], set.nr === 0, () => ({ objects: [setRef(name)], note: `Set ${name} has ${plural(set.nr, "id")}.` }))) return doing.trace.refusal();
  core.destroySet(set, doing);
  return returned(0);
}

function freeAll(core: SeriesV4, { set: name }: { set: string }, doing: Doing): Answer {
  const set = core.setNamed(name);
  for (const [id] of set.ids.list()) {
    core.free(set, id, doing);
    set.ids.erase(id);
  }
  return returned(null);
}

function getIfOwned(core: SeriesV4, { ioasid, current_mm: mm }: { ioasid: number; current_mm: string | null }, doing: Doing): Answer {
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
  const set = data.set as IoasidSet;
  if (!doing.trace.holds(R["set-is-of-an-mm"], set.type === SET_TYPE.MM, () => ({ objects: [setRef(set.name)], note: set.type === SET_TYPE.MM ? `Set ${set.name} is of ${set.token}.` : `Set ${set.name} is of no mm.` }))) return doing.trace.refusal();
  if (!doing.trace.holds(R["set-is-of-caller"], set.token === mm, () => ({ objects: [setRef(set.name)], note: `Set ${set.name} is of ${set.token}; the caller is ${mm}.` }))) return doing.trace.refusal();
  return core.get(set, ioasid, doing);
}

/** Without a set an entry is stored that has neither mm nor block: nothing will ever match it. */
function registerMm(core: SeriesV4, fields: MmNotifierFields, doing: Doing): Answer {
  if (!mmNotifierNew(core, fields, doing)) return doing.trace.refusal();
  const set = setOfMm(core, fields.token);
  if (!set) {
    core.pending.unshift({ block: null, token: null, active: false, set: null });
    doing.effect("damage", () => ({ objects: [], text: `No set is of ${fields.token} yet; the entry that should wait for one names neither the mm nor ${fields.nb}.` }));
    return returned(0);
  }
  if (!setIsFresh(set, doing)) return doing.trace.refusal();
  const block = blockNamed(core, fields.nb);
  set.chain.register(block, doing);
  core.pending.unshift({ block, token: fields.token, active: true, set });
  doing.effect("list", () => ({ objects: [setRef(set.name)], text: `${fields.nb} is told about the ids of ${fields.token} from now on.` }));
  return returned(0);
}

function detachSpid(core: SeriesV4, { ioasid }: { ioasid: number }, doing: Doing): Answer {
  const data = attachedId(core, ioasid, doing);
  if (!data) return returned(null);
  core.tell((data.set as IoasidSet).chain, "UNBIND", data, doing);
  data.spid = INVALID_IOASID;
  doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `IOASID ${ioasid} has no SPID any more.` }));
  return returned(null);
}

function reserve(core: SeriesV4, { nr }: { nr: number }, doing: Doing): Answer {
  if (!doing.trace.holds(R["capacity-left"], nr <= core.available, () => ({ note: `${nr} wanted, ${core.available} of ${core.capacity} left.` }))) return doing.trace.refusal();
  const taken = nr === 0 ? core.available : nr;
  core.available -= taken;
  doing.effect("set", () => ({ objects: [], text: `${plural(taken, "id")} reserved; ${core.available} are left.` }));
  return returned(taken);
}

function cancel(core: SeriesV4, { nr }: { nr: number }, doing: Doing): Answer {
  if (!doing.trace.holds(R["capacity-not-exceeded"], nr + core.available <= core.capacity, () => ({ note: `${nr} given back to ${core.available} free, the capacity is ${core.capacity}.` }))) return doing.trace.refusal();
  core.available += nr;
  doing.effect("set", () => ({ objects: [], text: `${plural(nr, "id")} given back; ${core.available} are left.` }));
  return returned(core.available);
}

const V4: Programs = {
  ...guardedPrograms,
  ioasid_set_alloc: whole(LOCK, setAlloc),
  ioasid_set_free: whole(LOCK, setFree),
  ioasid_free_all_in_set: whole(LOCK, freeAll),
  ioasid_get_if_owned: whole(LOCK, getIfOwned),
  ioasid_find_set: whole(LOCK, (core: SeriesV4, { ioasid }: { ioasid: number }, doing) => {
    const data = core.table.load(ioasid);
    return isKnown(core, ioasid, data, doing) ? returned({ set: data.set?.name ?? null }) : doing.trace.refusal();
  }),
  ioasid_find_mm_set: whole(LOCK, (core: SeriesV4, { token }: { token: string | null }) => returned({ set: setOfMm(core, token)?.name ?? null })),
  ioasid_detach_spid: whole(LOCK, detachSpid),
  ioasid_reserve_capacity: whole(LOCK, reserve),
  ioasid_cancel_capacity: whole(LOCK, cancel),
  ioasid_register_notifier_mm: whole(NB_LOCK, registerMm),
};
