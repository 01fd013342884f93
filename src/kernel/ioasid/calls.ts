/** The calls of all forms of the allocator; a form that lacks one refuses it. */
import { defineCall, type CallDef } from "../call.ts";
import { flags, optional, orElse, raw, text, u32, flag, type FieldKind, type FieldTable } from "../fields.ts";
import type { Rule } from "../rules/rule.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import { INVALID_IOASID } from "./values.ts";

const ioasid: FieldKind<number> = {
  name: "IOASID",
  decode: (json) => (json === "INVALID_IOASID" ? INVALID_IOASID : typeof json === "number" && Number.isInteger(json) ? json >>> 0 : undefined),
  encode: (value) => (value === INVALID_IOASID ? "INVALID_IOASID" : value),
};

/** Recordings write NULL as the text "null". */
const privateData: FieldKind<string | null> = {
  name: "name of a private object, or null",
  decode: (json) => (json === null || json === "null" ? null : typeof json === "string" ? json : undefined),
  encode: (value) => value,
  absent: null,
};

const getter: FieldKind<string> = {
  name: "none, true or false",
  decode: (json) => (json === "none" || json === "true" || json === "false" ? json : undefined),
  encode: (value) => value,
  absent: "none",
};

const hold: FieldKind<string> = {
  name: "none, getter or id",
  decode: (json) => (json === "none" || json === "getter" || json === "id" ? json : undefined),
  encode: (value) => value,
  absent: "none",
};

const nullable = (what: string): FieldKind<string | null> => ({
  name: `${what} or null`,
  decode: (json) => (json === null || typeof json === "string" ? json : undefined),
  encode: (value) => value,
  absent: null,
});

const set = nullable("name of a set");

/** Only checks that every form makes, in an order that all share, are listed. */
function call(name: string, summary: string, fields: FieldTable, order: readonly Rule[] = []): CallDef {
  return defineCall(name, { subsystem: "ioasid", summary, in: fields, order }, (machine, decoded: Record<string, unknown>, trace) => machine.ioasid.run(machine, name, decoded, trace));
}

const FIND_ORDER = [R["ioasid-known"], R["ioasid-in-set"], R["getter-willing"]];

export const ioasidCalls: readonly CallDef[] = [
  call("ioasid_register_allocator", "Register a custom allocator", { ops: text, retain: orElse(flag, false) }),
  call("ioasid_unregister_allocator", "Unregister a custom allocator", { ops: text }, [R["allocator-is-registered"]]),
  call("ioasid_alloc", "Allocate an IOASID in [min, max], both inclusive", { set, min: ioasid, max: ioasid, private: privateData }),
  call("ioasid_free", "Free an IOASID (race: another task's ioasid_alloc at a point inside it)", { set, ioasid, race: optional(raw) }),
  call("ioasid_get", "Take a reference on an IOASID", { set, ioasid }),
  call("ioasid_put", "Drop a reference on an IOASID", { set, ioasid }),
  call("ioasid_find", "Look up the private data of an IOASID", { set, ioasid, getter }, FIND_ORDER),
  call("ioasid_find_use", "A page-request handler looks an IOASID up and uses what it found; hold: what it keeps a reference on", { set, ioasid, hold }, [R["ioasid-known"], R["ioasid-in-set"]]),
  call("private_free", "The owner of a private object frees it", { private: text }),
  call("ioasid_set_data", "Point an IOASID to other private data", { ioasid, private: privateData }, [R["ioasid-known"]]),
  call("ioasid_attach_data", "Attach private data to an IOASID", { ioasid, private: privateData }, [R["ioasid-known"]]),
  call("ioasid_detach_data", "Detach the private data of an IOASID", { ioasid }, [R["ioasid-known"]]),
  call("ioasid_attach_spid", "Give an IOASID a number inside its set", { ioasid, spid: ioasid }),
  call("ioasid_detach_spid", "Take away an IOASID's number inside its set", { ioasid }, [R["ioasid-known"], R["spid-is-attached"]]),
  call("ioasid_find_by_spid", "Find the IOASID that has a number inside a set", { set: text, spid: ioasid, get: orElse(u32, 1) }),
  call("ioasid_set_alloc", "Make a set (type 1: no token, 2: of an mm) with a quota", { name: text, token: nullable("token"), quota: ioasid, type: u32 }),
  call("ioasid_set_get", "Take a reference on a set", { set: text }, [R["set-is-live"]]),
  call("ioasid_set_put", "Drop a reference on a set", { set: text }, [R["set-is-live"]]),
  call("ioasid_set_free", "Free an empty set", { set: text }, [R["set-is-live"], R["set-has-no-ids"]]),
  call("ioasid_adjust_set", "Change the quota of a set", { set: text, quota: u32 }),
  call("ioasid_set_for_each", "Visit the ids of a set", { set: text }),
  call("ioasid_free_all_in_set", "Free all ids of a set", { set: text }),
  call("ioasid_find_set", "Which set an IOASID belongs to", { ioasid }, [R["ioasid-known"]]),
  call("ioasid_find_mm_set", "The set of an mm", { token: nullable("token") }),
  call("ioasid_get_if_owned", "Take a reference if the caller's mm owns the set", { ioasid, current_mm: nullable("mm") }, [R["ioasid-known"], R["set-is-of-an-mm"], R["set-is-of-caller"], R["not-free-pending"]]),
  call("ioasid_install_capacity", "Say how many ids there are altogether", { total: u32 }),
  call("ioasid_get_capacity", "How many ids there are altogether", {}),
  call("ioasid_reserve_capacity", "Set ids aside (0: all that are left)", { nr: u32 }, [R["capacity-left"]]),
  call("ioasid_cancel_capacity", "Give ids set aside back", { nr: u32 }, [R["capacity-not-exceeded"]]),
  call("ioasid_register_notifier", "Be told about the ids of a set, or of all (set null)", { set, nb: text }),
  call("ioasid_unregister_notifier", "No longer be told", { set, nb: text }),
  call("ioasid_register_notifier_mm", "Be told about the ids of an mm's set", { token: nullable("token"), nb: text }, [R["notifier-mm-given"], R["notifier-is-new"], R["notified-set-is-empty"]]),
  call("ioasid_unregister_notifier_mm", "No longer be told about an mm's ids", { token: nullable("token"), nb: text }),
  call("ioasid_notify", "Tell listeners that an IOASID is bound (3) or unbound (4); flags 1: all, 2: its set", { ioasid, cmd: u32, flags }, [R["ioasid-known"]]),
  call("iommu_alloc_global_pasid", "Allocate a global PASID for a device with this many", { max_pasids: u32 }),
  call("iommu_free_global_pasid", "Give a global PASID back", { pasid: ioasid }),
  defineCall("lane_start", { subsystem: "ioasid", summary: "Put a call on a CPU without running it", in: { cpu: u32, call: text, in: raw } },
    (machine, fields, trace) => machine.ioasid.startLane(machine, fields.cpu, fields.call, fields.in, trace)),
  defineCall("lane_step", { subsystem: "ioasid", summary: "Run the next lock region of the call on a CPU", in: { cpu: u32 } },
    (machine, fields, trace) => machine.ioasid.stepLane(fields.cpu, false, trace)),
  defineCall("lane_finish", { subsystem: "ioasid", summary: "Run the call on a CPU to its end", in: { cpu: u32 } },
    (machine, fields, trace) => machine.ioasid.stepLane(fields.cpu, true, trace)),
];
