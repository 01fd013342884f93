/**
 * The allocator as posted in May 2019 (v3 of the custom-allocator series), with its bugs. One table for everybody, a list of
 * custom allocators, a flag that says whether the default allocator is in use. Spec section 1.
 */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import type { PasidSpace } from "../inspect.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import { IoasidCore, type AllocRequest } from "./core.ts";
import { IoasidData } from "./data.ts";
import type { Doing } from "./doing.ts";
import { hostGave, lowestFree, noteOutside, opsNamed } from "./families.ts";
import { findPrograms, isKnown } from "./find.ts";
import type { AllocatorOps } from "./host-pools.ts";
import { IdTable } from "./id-table.ts";
import { NO_ID, region, returned, whole, type Programs } from "./region.ts";
import { allocatorRef, DEFAULT_NAME, idJson, idList, idRef, INVALID_IOASID } from "./values.ts";
import type { AllocFields } from "./mainline.ts";

/** The "allocator" that is really the list's head. */
export const WILD = "WILD";

/** What an allocation remembers between its two regions. */
interface AllocMemory {
  data: IoasidData;
  min: number;
  max: number;
  /** The custom allocator that was asked, and the id it gave. */
  ops: AllocatorOps | null;
  hostId: number;
}

interface FreeMemory {
  empty: boolean;
}

export class Posted extends IoasidCore {
  readonly table = new IdTable<IoasidData>();
  /** Custom allocators in the order of registration. */
  readonly list: AllocatorOps[] = [];
  active: AllocatorOps | typeof WILD | null = null;
  defaultInUse = false;

  get programs(): Programs {
    return POSTED;
  }

  /** ioasid_alloc, first half: asks the custom allocator or marks the default one as used. */
  choose(request: AllocRequest, memory: AllocMemory, doing: Doing): boolean {
    const data = new IoasidData(request.set, request.private);
    Object.assign(memory, { data, min: request.min, max: request.max, ops: null, hostId: INVALID_IOASID });
    if (this.defaultInUse || this.active === null) {
      this.defaultInUse = true;
      return true;
    }
    const ops = this.callable(doing);
    memory.ops = ops;
    data.issuer = ops.name;
    memory.hostId = ops.alloc(request.min, request.max, doing);
    if (!hostGave(memory.hostId, ops, doing)) return false;
    noteOutside(memory.hostId, request.min, request.max, doing);
    memory.min = memory.hostId;
    memory.max = memory.hostId + 1;
    return true;
  }

  /** ioasid_alloc, second half: stores the data and says which id came of it; null for INVALID_IOASID. */
  store({ data, min, max, ops, hostId }: AllocMemory, doing: Doing): number | null {
    const free = ops ? this.table.lowestFree(min, max) : lowestFree(this.table, min, max, doing);
    if (free === null) {
      if (!ops) return this.notStoredByDefault(doing);
      doing.damage("P5", () => ({ objects: [idRef(hostId)], text: `${hostId} and ${hostId + 1} are both taken: nothing is stored, yet ${hostId} is returned as if it had been.` }));
      doing.damage("P6", () => ({ objects: [idRef(hostId), allocatorRef(ops.name)], text: `The host is not told that its ${hostId} is not used.` }));
    } else {
      this.table.store(free, data);
      data.id = free;
      if (ops && free !== hostId) doing.damage("P4", () => ({ objects: [idRef(hostId), idRef(free)], text: `The host gave ${hostId}, which is taken; the entry is stored as ${free}, an id that the host never issued.` }));
    }
    const id = free ?? hostId;
    // The id is a signed int here.
    if (!doing.trace.holds(R["id-is-not-negative"], id < 0x80000000, () => ({ objects: [idRef(id)], note: `${idJson(id) as string | number} as a signed number is ${id | 0}.` }))) {
      data.freed = true;
      doing.effect("damage", () => ({ objects: [idRef(id)], text: `The data of ${id} are freed though the table still points to them.` }));
      return null;
    }
    if (free !== null) doing.effect("id", () => ({ objects: [idRef(id), allocatorRef(ops?.name ?? DEFAULT_NAME)], text: `IOASID ${id} is handed out by ${allocatorRef(ops?.name ?? DEFAULT_NAME).label}.` }));
    return id;
  }

  private notStoredByDefault(doing: Doing): null {
    if (this.table.size === 0) {
      doing.damage("P7", () => ({ objects: [allocatorRef(DEFAULT_NAME)], text: "The default allocator now counts as in use although there is no id: custom allocators are locked out." }));
    }
    return null;
  }

  /** The active allocator, if it can be called at all. */
  private callable(doing: Doing): AllocatorOps {
    if (this.active === WILD) {
      doing.stop("wild-allocator-call", R["active-is-an-allocator"], () => ({ objects: this.list.map((ops) => allocatorRef(ops.name)), text: "The active allocator is the list's head: a call through it jumps to whatever lies there (P3, deduced by us)." }));
    }
    return this.active as AllocatorOps;
  }

  allocFor(request: AllocRequest, doing: Doing): number | null {
    const memory = {} as AllocMemory;
    return this.choose(request, memory, doing) ? this.store(memory, doing) : null;
  }

  release(id: number, doing: Doing): void {
    this.tellHost(id, doing);
    this.erase(id, doing);
    if (this.table.size === 0) this.clearFlag(doing);
  }

  /** ioasid_free, first region: the active allocator is told, whoever issued the id. */
  tellHost(id: number, doing: Doing): void {
    if (this.active === null) return;
    const ops = this.callable(doing);
    const issuer = this.table.load(id)?.issuer;
    ops.free(id, doing);
    if (issuer !== ops.name) {
      doing.damage(issuer === undefined || issuer === DEFAULT_NAME ? "P9" : "P2", () => ({
        objects: [allocatorRef(ops.name), idRef(id)], text: `${ops.name} was told that ${id} is free, but ${issuer === undefined ? "nobody holds it" : `it came from ${allocatorRef(issuer).label}`}.`,
      }));
    }
  }

  erase(id: number, doing: Doing): void {
    const data = this.table.erase(id);
    if (!data) {
      doing.event({ kfree_rcu_null: true });
      doing.damage("P10", () => ({ objects: [idRef(id)], text: `${id} is not in the table; a null pointer goes to the deferred free.` }));
      return;
    }
    if (data.freed) doing.event({ double_free: true });
    data.freed = true;
    doing.effect("id", () => ({ objects: [idRef(id)], text: `IOASID ${id} is free again; the very next allocation may get it.` }));
  }

  clearFlag(doing: Doing): void {
    this.defaultInUse = false;
    if (this.table.size > 0) {
      doing.damage("P1", () => ({
        objects: this.table.ids().slice(0, 8).map(idRef),
        text: `The default allocator's flag is cleared although ${idList(this.table.ids())} ${this.table.size === 1 ? "is" : "are"} in use: a custom allocator may now mix its ids in.`,
      }));
    }
  }

  register(name: string, doing: Doing): Answer {
    const ops = opsNamed(this.host, name);
    if (this.list.length === 0) {
      this.active = ops;
      doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name} is the first custom allocator and becomes active.` }));
    } else {
      const known = this.list.includes(ops);
      if (!doing.trace.holds(R["allocator-is-new"], !known, () => ({ objects: [allocatorRef(name)], note: `The list holds ${this.list.map((one) => one.name).join(", ")}.` }))) return doing.trace.refusal();
      doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name} waits behind the others.` }));
    }
    this.list.push(ops);
    if (this.defaultInUse) {
      doing.damage("P8", () => ({ objects: [allocatorRef(name), allocatorRef(DEFAULT_NAME)], text: `The default allocator is in use, so ${name} will not be asked; the registration succeeds all the same.` }));
    }
    return returned(0);
  }

  /** ioasid_unregister_allocator, outside the lock. */
  listIsEmpty(doing: Doing): boolean {
    const empty = this.list.length === 0;
    doing.trace.holds(R["allocator-is-registered"], !empty, () => ({ note: empty ? "No custom allocator is registered." : `The list holds ${this.list.map((ops) => ops.name).join(", ")}; whether the one to go is there is not looked at.` }));
    return empty;
  }

  unregister(name: string, doing: Doing): Answer {
    const ops = opsNamed(this.host, name);
    const at = this.list.indexOf(ops);
    if (at < 0) doing.stop("list_del-of-unlinked", R["unlinked-was-linked"], () => ({ objects: [allocatorRef(name)], text: `${name} is unlinked though it is on no list: memory is corrupted (P11, deduced by us).` }));
    this.list.splice(at, 1);
    if (this.list.length === 0) {
      if (this.table.size > 0 && !this.defaultInUse) {
        doing.stop("BUG_ON", R["no-ids-left-behind"], () => ({ objects: this.table.ids().slice(0, 8).map(idRef), text: `${idList(this.table.ids())} still in use when the last custom allocator goes: the kernel stops (P12, deduced by us).` }));
      }
      this.active = null;
      doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name} was the last custom allocator; the default one takes over.` }));
    } else if (this.active === ops) {
      this.active = WILD;
      doing.damage("P3", () => ({ objects: [allocatorRef(name), ...this.list.map((one) => allocatorRef(one.name))], text: `${name} was active; the next one should be ${this.list[0]?.name}, but the list's own head is taken for an allocator.` }));
      if (this.table.size > 0) doing.damage("P2", () => ({ objects: this.table.ids().slice(0, 8).map(idRef), text: `${idList(this.table.ids())} ${this.table.size === 1 ? "is" : "are"} outstanding; nobody looked.` }));
    } else {
      doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name}, which was waiting, is gone.` }));
    }
    return returned(null);
  }

  state(): Json {
    return {
      active: this.active === null || this.active === WILD ? this.active : this.active.name,
      default_active: this.defaultInUse,
      list: this.list.map((ops) => ops.name),
      ids: this.table.list().map(([id, data]): Json => {
        const json = { id, set: data.set?.name ?? null, private: data.private };
        return data.freed ? { ...json, freed: true } : json;
      }),
    };
  }

  allocators(): PasidSpace["allocators"] {
    const issued = (name: string) => this.table.list().filter(([, data]) => data.issuer === name).length;
    const usingDefault = this.defaultInUse || this.active === null;
    const custom = this.list.map((ops) => ({
      key: allocatorRef(ops.name).key, label: ops.name, active: !usingDefault && this.active === ops, members: [ops.name], ids: issued(ops.name),
      note: this.active === ops && usingDefault ? "active in name; the default allocator is in use" : `${ops.allocFn} / ${ops.freeFn}, host pool ${ops.pool.name}`,
    }));
    const wild = this.active === WILD ? [{ key: allocatorRef(WILD).key, label: "list head", active: true, members: [], ids: 0, note: "not an allocator: any call through it is wild" }] : [];
    return [{ key: allocatorRef(DEFAULT_NAME).key, label: "default", active: usingDefault, members: [], ids: issued(DEFAULT_NAME), note: this.defaultInUse ? "flag: in use" : "flag: not in use" }, ...custom, ...wild];
  }
}

interface FreeFields {
  ioasid: number;
}

interface SetDataFields {
  ioasid: number;
  private: string | null;
}

export const POSTED: Programs = {
  ...findPrograms,
  ioasid_alloc: [
    region("choose an allocator and ask it", "ioasid_allocator_lock", (core: Posted, fields: AllocFields, memory: AllocMemory, doing) =>
      core.choose({ ...fields, set: core.owner(fields.set) }, memory, doing) ? undefined : NO_ID),
    region("store the entry", "xa_lock", (core: Posted, _fields: AllocFields, memory: AllocMemory, doing) => {
      const id = core.store(memory, doing);
      return id === null ? NO_ID : returned({ ioasid: id });
    }),
  ],
  ioasid_free: [
    region("tell the host", "ioasid_allocator_lock", (core: Posted, { ioasid }: FreeFields, _memory, doing) => {
      core.tellHost(ioasid, doing);
      return undefined;
    }, { point: "before-erase" }),
    region("erase the entry", "xa_lock", (core: Posted, { ioasid }: FreeFields, _memory, doing) => {
      core.erase(ioasid, doing);
      return undefined;
    }),
    region("test whether the table is empty", null, (core: Posted, _fields: FreeFields, memory: FreeMemory, doing) => {
      memory.empty = core.table.size === 0;
      doing.effect("id", () => ({ objects: [], text: memory.empty ? "The table is empty: the default allocator's flag will be cleared." : "The table is not empty: the flag stays." }));
      return memory.empty ? undefined : returned(null);
    }, { point: "after-empty-test" }),
    region("clear the default allocator's flag", null, (core: Posted, _fields: FreeFields, _memory: FreeMemory, doing) => {
      core.clearFlag(doing);
      return returned(null);
    }),
  ],
  ioasid_set_data: [
    region("load the entry, without a lock", null, (core: Posted, { ioasid }: SetDataFields, memory: { data: IoasidData }, doing) => {
      const data = core.table.load(ioasid);
      if (!isKnown(core, ioasid, data, doing)) return doing.trace.refusal();
      memory.data = data;
      return undefined;
    }),
    region("store the pointer", null, (core: Posted, { ioasid, private: privateData }: SetDataFields, { data }: { data: IoasidData }, doing) => {
      if (data.freed && core.table.load(ioasid) !== data) {
        doing.damage("P13", () => ({ objects: [idRef(ioasid)], text: `The entry of ${ioasid} was freed in between: the store goes to freed memory.` }));
      } else {
        doing.effect("id", () => ({ objects: [idRef(ioasid)], text: `IOASID ${ioasid} now points to ${privateData ?? "nothing"}.` }));
      }
      data.private = privateData;
      return returned(0);
    }),
  ],
  ioasid_register_allocator: whole("ioasid_allocator_lock", (core: Posted, { ops }: { ops: string }, doing) => core.register(ops, doing)),
  ioasid_unregister_allocator: [
    region("test whether the list is empty, outside the lock", null, (core: Posted, _fields: { ops: string }, _memory, doing) => (core.listIsEmpty(doing) ? returned(null) : undefined)),
    region("unlink and choose the next", "ioasid_allocator_lock", (core: Posted, { ops }: { ops: string }, _memory, doing) => core.unregister(ops, doing)),
  ],
};
