/** ioasid_find, the same in all forms, and what a caller does with what it found. */
import type { Answer } from "../answer.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import type { IoasidCore } from "./core.ts";
import type { IoasidData, PrivateObject, SetToken } from "./data.ts";
import type { Doing } from "./doing.ts";
import { region, returned, whole, type Programs } from "./region.ts";
import { idList, idRef, setRef } from "./values.ts";

export type Getter = "none" | "true" | "false";

interface FindFields {
  set: string | null;
  ioasid: number;
  getter: Getter;
}

/** Is there an entry? Says which ids there are when not. */
export function isKnown(core: IoasidCore, id: number, data: IoasidData | null, doing: Doing, errno: "ENOENT" | "EINVAL" = "ENOENT"): data is IoasidData {
  return doing.trace.holds(R["ioasid-known"], data !== null, () => {
    const ids = core.table.ids();
    return { objects: [idRef(id)], note: data ? `${id} is in the active table.` : ids.length === 0 ? "The active table is empty." : `The active table holds ${idList(ids)}.` };
  }, errno);
}

/** Does the entry belong to the set the caller names? No set: everything does. */
export function inSet(data: IoasidData, set: SetToken | null, doing: Doing): boolean {
  return doing.trace.holds(R["ioasid-in-set"], set === null || data.set === set, () => ({
    objects: [idRef(data.id), ...(data.set ? [setRef(data.set.name)] : [])],
    note: set === null ? "No set was given, so the owner is not looked at." : `${data.id} belongs to ${data.set ? `set ${data.set.name}` : "no set"}; the caller named ${set.name}.`,
  }));
}

/** ioasid_find: entry, then owner, then the getter's word. Returns the entry or the refusal. */
function find(core: IoasidCore, { set, ioasid, getter }: FindFields, doing: Doing): Answer {
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
  if (!inSet(data, core.owner(set), doing)) return doing.trace.refusal();
  reportFreed(data, doing);
  if (getter === "none") return returned({ private: data.private });
  doing.event({ getter: data.private, ret: getter === "true" });
  const willing = doing.trace.holds(R["getter-willing"], getter === "true", () => ({
    objects: [idRef(ioasid)], note: getter === "true" ? "The getter took a reference on the private data." : "The getter said no: the private data is on its way out.",
  }));
  return returned({ private: willing ? data.private : null });
}

/** Looking at memory that has been given back already. */
export function reportFreed(data: IoasidData, doing: Doing): void {
  if (!data.freed) return;
  doing.effect("damage", () => ({ objects: [idRef(data.id)], text: "The entry's memory has been freed already: this is a use after free." }));
}

interface FindUseFields {
  set: string | null;
  ioasid: number;
  hold: "none" | "getter" | "id";
}

interface FindUseMemory {
  data: IoasidData;
  object: PrivateObject | null;
}

/** Look-up inside the read section; with hold "id" the reference is taken first. */
function lookUp(core: IoasidCore, { set, ioasid, hold }: FindUseFields, locals: FindUseMemory, doing: Doing): Answer | undefined {
  const owner = core.owner(set);
  if (hold === "id") {
    const answer = core.takeRef(owner, ioasid, doing);
    if (!doing.trace.holds(R["call-in-this-form"], answer !== null, () => ({ note: answer ? "" : "This form of the allocator counts no references on ids." }))) return doing.trace.refusal();
    if (answer && answer.errno !== "OK") return answer;
  }
  const data = core.table.load(ioasid);
  if (!isKnown(core, ioasid, data, doing) || !inSet(data, owner, doing)) return doing.trace.refusal();
  locals.data = data;
  locals.object = data.private === null ? null : core.privateObject(data.private);
  if (hold === "getter" && locals.object) {
    locals.object.held++;
    doing.effect("users", () => ({ objects: [idRef(ioasid)], text: `The getter takes a reference on ${data.private}.` }));
  }
  doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `The handler leaves the read section with a pointer to ${data.private ?? "nothing"}, found under ${ioasid}.` }));
  return undefined;
}

/** The handler uses the pointer and answers for the number, both of which may mean something else by now. */
function use(core: IoasidCore, { ioasid, hold }: FindUseFields, { data, object }: FindUseMemory, doing: Doing): Answer {
  const pointerGone = object?.freed ?? false;
  if (pointerGone) {
    doing.damage("Q1", () => ({ objects: [idRef(ioasid)], text: `The handler uses ${object?.name}, which its owner has freed: a use after free.` }));
  }
  const now = core.table.load(ioasid);
  const idMoved = now !== data;
  if (idMoved) {
    doing.damage("Q1", () => ({
      objects: [idRef(ioasid)],
      text: now ? `The handler answers for IOASID ${ioasid}, which now means ${now.private ?? "another entry"}.` : `The handler answers for IOASID ${ioasid}, which nobody owns any more.`,
    }));
  }
  if (hold === "getter" && object) {
    object.held--;
    if (object.freed) doing.effect("destroy", () => ({ objects: [], text: `The handler drops the last reference: ${object.name} is freed now.` }));
  }
  if (hold === "id") core.release(ioasid, doing);
  return returned({ private: object?.name ?? null, pointer: pointerGone ? "use-after-free" : "good", id: idMoved ? (now ? "means-another" : "nobody's") : "good" });
}

export const findPrograms: Programs = {
  ioasid_find: whole("rcu", find),
  ioasid_find_use: [region("look up", "rcu", lookUp), region("use what was found", null, use)],
  private_free: whole(null, (core: IoasidCore, fields: { private: string }, doing) => {
    const object = core.releasePrivate(fields.private);
    doing.effect(object.freed ? "destroy" : "users", () => ({
      objects: [],
      text: object.freed ? `The owner frees ${object.name}.` : `The owner gives ${object.name} up; it stays until the getter's reference is dropped.`,
    }));
    return returned(null);
  }),
};
