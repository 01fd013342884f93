/** The calls that all forms of the series answer the same way. */
import type { Answer } from "../../answer.ts";
import { CallError } from "../../call.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import type { IoasidData } from "../data.ts";
import type { Doing } from "../doing.ts";
import { allocatorPrograms } from "../families.ts";
import { findPrograms, isKnown } from "../find.ts";
import type { AllocFields } from "../mainline.ts";
import { NO_ID, returned, whole, type Programs } from "../region.ts";
import { idJson, idRef, INVALID_IOASID, setRef } from "../values.ts";
import type { Series } from "./series.ts";
import { SET_TYPE, type IoasidSet, type NotifierBlock } from "./set.ts";

export const LOCK = "ioasid_allocator_lock";
export const NB_LOCK = "ioasid_nb_lock";

export interface IdFields {
  set: string | null;
  ioasid: number;
}

export interface SetAllocFields {
  name: string;
  token: string | null;
  quota: number;
  type: number;
}

export interface NotifierFields {
  set: string | null;
  nb: string;
}

export interface MmNotifierFields {
  token: string | null;
  nb: string;
}

function alloc(core: Series, fields: AllocFields, doing: Doing): Answer {
  const id = core.allocFor({ ...fields, set: core.owner(fields.set) }, doing);
  return id === null ? NO_ID : returned({ ioasid: id });
}

/** Points an entry's private data elsewhere. `free`: only where nothing is attached. */
export function attachData(core: Series, { ioasid, private: privateData }: { ioasid: number; private: string | null }, doing: Doing, free: boolean): Answer {
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
  if (free && !doing.trace.holds(R["no-data-attached"], data.private === null, () => ({ objects: [idRef(ioasid)], note: data.private === null ? `${ioasid} has no private data.` : `${ioasid} has ${data.private}.` }))) {
    return doing.trace.refusal();
  }
  data.private = privateData;
  doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `IOASID ${ioasid} now points to ${privateData ?? "nothing"}.` }));
  return returned(0);
}

/** Checks that v2, v3 and V4 make of a new set's type and token; V2 lets an mm set have no mm. */
export function tokenFits(core: Series, { type, token }: SetAllocFields, doing: Doing, mmNeeded: boolean): boolean {
  if (type === SET_TYPE.MM) {
    if (mmNeeded && !doing.trace.holds(R["mm-set-has-mm"], token !== null, () => ({ note: token === null ? "No mm was given." : `The mm is ${token}.` }))) return false;
    const same = core.live.list().find(([, set]) => set.type === type && set.token === token)?.[1] ?? null;
    return doing.trace.holds(R["mm-has-no-set"], same === null, () => ({ objects: same ? [setRef(same.name)] : [], note: same ? `Set ${same.name} is of ${token ?? "no mm"} already.` : `No set is of ${token ?? "no mm"} yet.` }));
  }
  if (!doing.trace.holds(R["set-type-usable"], type === SET_TYPE.NULL, () => ({ note: `The type is ${type}.` }))) return false;
  return doing.trace.holds(R["null-set-has-no-token"], token === null, () => ({ note: token === null ? "No token was given." : `Token ${token} was given.` }));
}

/** Is it a type that exists at all? */
export function typeKnown({ type }: SetAllocFields, doing: Doing): boolean {
  return doing.trace.holds(R["set-type-known"], type < SET_TYPE.COUNT, () => ({ note: `The type is ${type}; 1 (no token) and 2 (an mm) exist.` }));
}

export function quotaGiven(quota: number, doing: Doing): boolean {
  return doing.trace.holds(R["quota-positive"], quota !== 0, () => ({ note: `The quota is ${quota}.` }));
}

/** Does the quota fit the capacity that no set has? */
export function quotaFits(core: Series, quota: number, doing: Doing): boolean {
  return doing.trace.holds(R["capacity-left"], quota <= core.available, () => ({
    note: `${quota} wanted, ${core.available} of ${core.capacity} left.`, advice: { text: core.available === 0 ? "Another set must go first." : `At most ${core.available} can be had.` },
  }));
}

/** The last step of making a set. */
export function finishSet(core: Series, { name, type, token }: SetAllocFields, quota: number, maxNumber: number, doing: Doing): Answer {
  const set = core.addSet(name, quota, type, token, maxNumber, doing);
  return set ? returned({ set: name, sid: set.sid }) : doing.trace.refusal();
}

export function blockNamed(core: Series, name: string): NotifierBlock {
  const block = core.blocks.get(name);
  if (!block) throw new CallError(`there is no notifier block "${name}"; the scenario has ${[...core.blocks.keys()].join(", ")}`);
  return block;
}

function registerNotifier(core: Series, { set: name, nb }: NotifierFields, doing: Doing): Answer {
  const set = core.owner(name);
  const chain = set?.chain ?? core.globalChain;
  chain.register(blockNamed(core, nb), doing);
  doing.effect("list", () => ({ objects: set ? [setRef(set.name)] : [], text: `${nb} is on ${set ? `the chain of set ${set.name}` : "the global chain"}: ${chain.names().join(", ")}.` }));
  return returned(0);
}

function unregisterNotifier(core: Series, { set: name, nb }: NotifierFields, doing: Doing): Answer {
  const block = blockNamed(core, nb);
  const waits = core.pending.some((waiting) => waiting.block === block);
  if (!doing.trace.holds(R["notifier-not-of-mm"], !waits, () => ({ note: waits ? `${nb} was registered for an mm.` : `${nb} was not registered for an mm.` }))) return returned(null);
  const gone = (core.owner(name)?.chain ?? core.globalChain).unregister(block);
  doing.effect("list", () => ({ objects: [], text: gone ? `${nb} leaves the chain.` : `${nb} was not on the chain.` }));
  return returned(null);
}

/** ioasid_register_notifier_mm up to where the forms part: the arguments, then whether it is there already. */
export function mmNotifierNew(core: Series, { token, nb }: MmNotifierFields, doing: Doing): boolean {
  if (!doing.trace.holds(R["notifier-mm-given"], token !== null, () => ({ note: token === null ? "No mm was given." : `The mm is ${token}.` }))) return false;
  const known = core.pending.some((waiting) => waiting.token === token && waiting.block?.name === nb);
  return doing.trace.holds(R["notifier-is-new"], !known, () => ({ note: known ? `${nb} is registered for ${token} already.` : `${nb} is new for ${token}.` }));
}

export function setOfMm(core: Series, token: string | null): IoasidSet | null {
  return core.live.list().find(([, set]) => set.type === SET_TYPE.MM && set.token === token)?.[1] ?? null;
}

/** A set that has ids already would have been missed events. */
export function setIsFresh(set: IoasidSet, doing: Doing): boolean {
  return doing.trace.holds(R["notified-set-is-empty"], set.nr === 0, () => ({ objects: [setRef(set.name)], note: `Set ${set.name} has ${set.nr} ids.` }));
}

function unregisterNotifierMm(core: Series, { token, nb }: MmNotifierFields, doing: Doing): Answer {
  const at = core.pending.findIndex((waiting) => waiting.token === token && waiting.block?.name === nb);
  const waiting = core.pending[at];
  if (!waiting) return returned(null);
  if (waiting.active && waiting.block) waiting.set?.chain.unregister(waiting.block);
  core.pending.splice(at, 1);
  doing.effect("list", () => ({ objects: [], text: `${nb} is no longer told about the ids of ${token}.` }));
  return returned(null);
}

/** Attaches a number to an id; the checks before differ. */
export function setSpid(data: IoasidData, spid: number, doing: Doing): void {
  data.spid = spid;
  doing.effect("id", () => ({ objects: [idRef(data.id)], text: `IOASID ${data.id} is ${idJson(spid) as string | number} inside its set.` }));
}

/** ioasid_detach_data: unknown ids pass in silence. */
export function detachData(core: Series, { ioasid }: { ioasid: number }, doing: Doing): Answer {
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing)) return returned(null);
  data.private = null;
  doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `IOASID ${ioasid} has no private data any more.` }));
  return returned(null);
}

/** An id whose number inside the set can be taken away; null when there is none. */
export function attachedId(core: Series, id: number, doing: Doing): IoasidData | null {
  const data = core.table.load(id);
  if (!isKnown(core, id, data, doing)) return null;
  return doing.trace.holds(R["spid-is-attached"], data.spid !== INVALID_IOASID, () => ({ objects: [idRef(id)], note: data.spid === INVALID_IOASID ? `${id} has no SPID.` : `${id} has SPID ${data.spid}.` })) ? data : null;
}

export function setCapacity(core: Series, total: number, doing: Doing): void {
  core.capacity = total;
  core.available = total;
  doing.effect("set", () => ({ objects: [], text: `The capacity is ${total}, all of it free, whatever sets there are.` }));
}

export const seriesPrograms: Programs = {
  ...findPrograms,
  ...allocatorPrograms,
  ioasid_alloc: whole(LOCK, alloc),
  ioasid_get: whole(LOCK, (core: Series, { set, ioasid }: IdFields, doing) => core.get(core.owner(set), ioasid, doing)),
  ioasid_put: whole(LOCK, (core: Series, { set, ioasid }: IdFields, doing) => returned(core.put(core.owner(set), ioasid, doing))),
  ioasid_free: whole(LOCK, (core: Series, { set, ioasid }: IdFields, doing) => {
    core.free(core.owner(set), ioasid, doing);
    return returned(null);
  }),
  ioasid_set_for_each: whole(LOCK, (core: Series, { set }: { set: string }) => returned([...core.setNamed(set).ids.ids()])),
  ioasid_get_capacity: whole(LOCK, (core: Series) => returned(core.capacity)),
  ioasid_register_notifier: whole(NB_LOCK, registerNotifier),
  ioasid_unregister_notifier: whole(NB_LOCK, unregisterNotifier),
  ioasid_unregister_notifier_mm: whole(NB_LOCK, unregisterNotifierMm),
};
