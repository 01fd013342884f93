/**
 * Allocators as merged in 5.5 and kept by all later forms: a default one that is always there, and families of custom ones that
 * share both functions. Spec section 3.
 */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { plural } from "../../base/format.ts";
import type { PasidSpace } from "../inspect.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import { IoasidCore } from "./core.ts";
import type { IoasidData } from "./data.ts";
import type { Doing } from "./doing.ts";
import { CallError } from "../call.ts";
import type { AllocatorOps, HostSide } from "./host-pools.ts";
import { IdTable } from "./id-table.ts";
import { addTail, isSingular, Link, unlink, walk } from "./links.ts";
import { returned, whole, type Programs } from "./region.ts";
import { allocatorRef, DEFAULT_NAME, idList, idRef, INVALID_IOASID } from "./values.ts";

/** Allocators with the same two functions (struct ioasid_allocator_data). */
export class Family {
  /** The first registrant: whose functions and data are used. Null: the default family. */
  readonly ops: AllocatorOps | null;
  readonly members = new Link(null);
  readonly table = new IdTable<IoasidData>();

  constructor(ops: AllocatorOps | null) {
    this.ops = ops;
  }

  get name(): string {
    return this.ops?.name ?? DEFAULT_NAME;
  }
}

export abstract class FamilyCore extends IoasidCore {
  readonly defaultFamily = new Family(null);
  /** Custom families in the order of registration. */
  readonly families: Family[] = [];
  active: Family = this.defaultFamily;
  /** Each allocator's own link; it has just one, whatever list it is on. */
  private readonly links = new Map<string, Link>();

  constructor(host: HostSide) {
    super(host);
    for (const ops of host.values()) this.links.set(ops.name, new Link(ops));
  }

  get table(): IdTable<IoasidData> {
    return this.active.table;
  }

  /** An id's entry as recordings show it. */
  abstract entryJson(data: IoasidData): JsonObject;

  /** ioasid_register_allocator. */
  register(name: string, doing: Doing): Answer {
    const ops = opsNamed(this.host, name);
    const link = this.links.get(name) as Link;
    const wasMember = this.families.find((family) => walk(family.members).members.includes(ops));
    // The new family takes the link before anybody asks whether it is wanted.
    const family = new Family(ops);
    addTail(link, family.members);
    if (this.families.length === 0) {
      if (!this.defaultIsEmpty(doing)) return doing.trace.refusal();
      this.families.push(family);
      this.active = family;
      doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name} is registered and active: ids come from it from now on.` }));
      return returned(0);
    }
    for (const other of this.families) {
      const first = other.ops as AllocatorOps;
      if (!this.isNew(ops, first, doing)) {
        if (wasMember === other) {
          doing.damage("M2", () => ({ objects: [allocatorRef(name)], text: `${name}'s link now points into memory that has been freed; its family's member list is damaged.` }));
        }
        return doing.trace.refusal();
      }
      if (!first.sameFunctions(ops)) continue;
      if (wasMember) doing.damage("M3", () => ({ objects: [allocatorRef(name)], text: `${name} is linked a second time: its family's member list has become a loop.` }));
      addTail(link, other.members);
      doing.effect("list", () => ({
        objects: [allocatorRef(name), allocatorRef(first.name)],
        text: `${name} has the functions of ${first.name} and joins its family: one table, and still ${first.name}'s data are used.`,
      }));
      return returned(0);
    }
    this.families.push(family);
    doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name} is registered and waits behind ${this.active.name}.` }));
    return returned(0);
  }

  private defaultIsEmpty(doing: Doing): boolean {
    const { table } = this.defaultFamily;
    return doing.trace.holds(R["default-is-empty"], table.size === 0, () => ({
      objects: [allocatorRef(DEFAULT_NAME), ...table.ids().slice(0, 8).map(idRef)],
      note: table.size === 0 ? "The default allocator holds no id." : `The default allocator still holds ${idList(table.ids())}.`,
      advice: { text: `Free ${idList(table.ids())} first, then register.`, objects: table.ids().slice(0, 8).map(idRef) },
    }));
  }

  private isNew(ops: AllocatorOps, first: AllocatorOps, doing: Doing): boolean {
    return doing.trace.holds(R["allocator-is-new"], first !== ops, () => ({
      objects: [allocatorRef(first.name)], note: first === ops ? `${ops.name} is its family's first registrant.` : `${ops.name} is not ${first.name}.`,
    }));
  }

  /** ioasid_unregister_allocator; returns nothing whatever happens. */
  unregister(name: string, doing: Doing): Answer {
    const ops = opsNamed(this.host, name);
    const family = this.families.find((one) => one.ops?.sameFunctions(ops));
    if (!doing.trace.holds(R["allocator-is-registered"], family !== undefined, () => ({
      objects: [allocatorRef(name)],
      note: family ? `${name} has the functions of ${family.name}'s family.` : this.families.length === 0 ? "No custom allocator is registered." : "No family has these functions.",
    })) || !family) {
      return returned(null);
    }
    if (isSingular(family.members)) this.removeFamily(family, ops, doing);
    else this.removeMember(family, ops, doing);
    return returned(null);
  }

  /** The last member goes, and with it the family and what it still held. */
  private removeFamily(family: Family, ops: AllocatorOps, doing: Doing): void {
    const at = this.families.indexOf(family);
    this.families.splice(at, 1);
    if (!walk(family.members).members.includes(ops)) {
      doing.damage("M5", () => ({ objects: [allocatorRef(ops.name), allocatorRef(family.name)], text: `${ops.name} was never registered, yet its namesake family ${family.name} is removed.` }));
    }
    if (family.table.size > 0) this.loseIds(family, doing);
    if (this.families.length === 0) {
      this.active = this.defaultFamily;
      doing.effect("list", () => ({ objects: [allocatorRef(family.name), allocatorRef(DEFAULT_NAME)], text: `${family.name} is gone; the default allocator is active again.` }));
      if (family.table.size > 0) doing.damage("M7", () => ({ objects: [allocatorRef(DEFAULT_NAME)], text: "The default allocator may now hand out numbers that hardware still uses." }));
    } else if (this.active === family) {
      this.active = this.families[0] as Family;
      doing.effect("list", () => ({ objects: [allocatorRef(family.name), allocatorRef(this.active.name)], text: `${family.name} is gone; ${this.active.name} becomes active.` }));
    } else {
      doing.effect("list", () => ({ objects: [allocatorRef(family.name)], text: `${family.name}, which was waiting, is gone.` }));
    }
  }

  private loseIds(family: Family, doing: Doing): void {
    const ids = family.table.list();
    doing.warn(() => ({ objects: [allocatorRef(family.name)], text: `The kernel warns: ${family.name} leaves ${plural(ids.length, "id")} behind.` }));
    doing.damage("M6", () => ({
      objects: ids.slice(0, 8).map(([id]) => idRef(id)),
      text: `${idList(ids.map(([id]) => id))} ${ids.length === 1 ? "is" : "are"} orphaned: no lookup finds ${ids.length === 1 ? "it" : "them"} any more, and the host is not told.`,
    }));
    for (const [id, data] of ids) {
      this.lost.push({ id, set: data.set?.name ?? null, private: data.private, issuer: data.issuer, why: `orphaned when ${family.name} went` });
    }
  }

  private removeMember(family: Family, ops: AllocatorOps, doing: Doing): void {
    const { members, ended } = walk(family.members);
    if (!members.includes(ops)) {
      if (ended !== "head") {
        const fault = ended === "nowhere" ? "oops" : "hang";
        doing.stop(fault, R["member-list-ends"], () => ({ objects: [allocatorRef(ops.name)], text: "The walk through the damaged member list never comes back to its head." }));
      }
      return;
    }
    unlink(this.links.get(ops.name) as Link);
    doing.effect("list", () => ({ objects: [allocatorRef(ops.name), allocatorRef(family.name)], text: `${ops.name} leaves the family of ${family.name}; its ids stay.` }));
    if (family.ops === ops) {
      doing.damage("M1", () => ({ objects: [allocatorRef(ops.name)], text: `${ops.name} is gone, but its functions and its data go on being used.` }));
    }
  }

  /** Gets an id from the active allocator without storing anything for custom ones; null when there is none. */
  issue(data: IoasidData, min: number, max: number, doing: Doing): number | null {
    const { ops, table } = this.active;
    data.issuer = this.active.name;
    if (ops) {
      const id = ops.alloc(min, max, doing);
      return hostGave(id, ops, doing) ? id : null;
    }
    const id = lowestFree(table, min, max, doing);
    if (id === null) return null;
    table.store(id, data);
    if (!doing.trace.holds(R["id-is-not-invalid"], id !== INVALID_IOASID, () => ({ objects: [idRef(id)], note: `The id is ${id}.` }))) {
      data.freed = true;
      doing.effect("damage", () => ({ objects: [idRef(id)], text: "The number that means failure has been taken; its data are freed though the table still points to them." }));
      return null;
    }
    return id;
  }

  /** Gives an id back: the host first (if custom), then the table entry goes. */
  giveBack(id: number, doing: Doing): void {
    this.active.ops?.free(id, doing);
    const data = this.active.table.erase(id);
    if (!data) return;
    if (data.freed) doing.event({ double_free: true });
    data.freed = true;
    doing.effect("id", () => ({ objects: [idRef(id), allocatorRef(this.active.name)], text: `IOASID ${id} is free again; the very next allocation may get it.` }));
  }

  /** The part of the state that the allocators make up. */
  protected familiesJson(): JsonObject {
    const ids = (table: IdTable<IoasidData>) => table.list().map(([id, data]): Json => {
      const json = this.entryJson(data);
      json.id = id;
      if (data.id !== id) json.data_id = data.id;
      if (data.freed) json.freed = true;
      return json;
    });
    return {
      active: this.active.name,
      groups: this.families.map((family): Json => {
        const { members, ended } = walk(family.members);
        const json: JsonObject = { ops: family.name, members: members.map((ops) => ops.name), ids: ids(family.table) };
        if (ended !== "head") json.members_corrupt = true;
        return json;
      }),
      default_ids: ids(this.defaultFamily.table),
    };
  }

  allocators(): PasidSpace["allocators"] {
    return [this.defaultFamily, ...this.families].map((family) => {
      const { members, ended } = walk(family.members);
      const names = members.map((ops) => ops.name);
      const stale = family.ops !== null && !members.includes(family.ops);
      return {
        key: allocatorRef(family.name).key, label: family.name, active: family === this.active, members: names, ids: family.table.size,
        note: ended !== "head" ? "member list damaged" : stale ? `still uses ${family.name}, which has left` : family.ops ? `${family.ops.allocFn} / ${family.ops.freeFn}, host pool ${family.ops.pool.name}` : "lowest free id",
      };
    });
  }
}

/** The allocator of this name; CallError when the scenario has none. */
export function opsNamed(host: HostSide, name: string): AllocatorOps {
  const ops = host.get(name);
  if (!ops) throw new CallError(`there is no allocator "${name}"; the scenario has ${[...host.keys()].join(", ")}`);
  return ops;
}

/** The lowest free id of the range in a default table, or the reason why there is none. */
export function lowestFree(table: IdTable<unknown>, min: number, max: number, doing: Doing): number | null {
  const sane = doing.trace.holds(R["id-range-not-empty"], min <= max, () => ({ note: `min ${min}, max ${max}.` }));
  if (!sane) return null;
  const id = table.lowestFree(min, max);
  const found = doing.trace.holds(R["id-range-has-room"], id !== null, () => {
    const taken = table.ids().filter((one) => one >= min && one <= max);
    return { objects: taken.slice(0, 8).map(idRef), note: id === null ? `All of ${min}–${max} is taken.` : `The lowest free id in ${min}–${max} is ${id}.`, advice: { text: `Free one of ${idList(taken)}, or ask for a wider range.`, objects: taken.slice(0, 8).map(idRef) } };
  });
  return found ? id : null;
}

/** Did the host give an id? */
export function hostGave(id: number, ops: AllocatorOps, doing: Doing): boolean {
  return doing.trace.holds(R["host-has-id"], id !== INVALID_IOASID, () => ({
    objects: [allocatorRef(ops.name)], note: id === INVALID_IOASID ? `Pool ${ops.pool.name} (${ops.pool.lo}–${ops.pool.hi}, ${ops.pool.mode}) gave nothing.` : `Pool ${ops.pool.name} gave ${id}.`,
  }));
}

/** The framework does not look whether the host kept to the range it was asked for. */
export function noteOutside(id: number, min: number, max: number, doing: Doing): void {
  if (id >= min && id <= max) return;
  doing.effect("warn", () => ({ objects: [idRef(id)], text: `The host's ${id} lies outside the range ${min}–${max} that was asked for; nobody checks that.` }));
}

export const allocatorPrograms: Programs = {
  ioasid_register_allocator: whole("ioasid_allocator_lock", (core: FamilyCore, { ops }: { ops: string }, doing) => core.register(ops, doing)),
  ioasid_unregister_allocator: whole("ioasid_allocator_lock", (core: FamilyCore, { ops }: { ops: string }, doing) => core.unregister(ops, doing)),
};
