/**
 * What the forms "IOASID extensions for guest SVA" v2 (August 2020), v3 (September 2020) and V4 (February 2021) have in common:
 * sets with quotas, references, a state in which an id waits for its last reference. None of it was merged. Spec section 4.
 */
import type { Json, JsonObject } from "../../../base/json.ts";
import { plural } from "../../../base/format.ts";
import type { Answer } from "../../answer.ts";
import type { PasidSpace } from "../../inspect.ts";
import { ioasidRules as R } from "../../rules/ioasid.ts";
import type { AllocRequest } from "../core.ts";
import { IoasidData, type IdLife, type SetToken } from "../data.ts";
import type { Doing } from "../doing.ts";
import { FamilyCore, noteOutside } from "../families.ts";
import { inSet, isKnown } from "../find.ts";
import type { HostSide } from "../host-pools.ts";
import { IdTable } from "../id-table.ts";
import { returned } from "../region.ts";
import { allocatorRef, idJson, idRef, INVALID_IOASID, setRef } from "../values.ts";
import { Chain, IoasidSet, SET_TYPE, type NotifierBlock, type NotifierEvent, type PendingBlock } from "./set.ts";

/** 2^20 ids, as many as PCIe has. */
export const DEFAULT_CAPACITY = 0x100000;
/** The host's own set, made at boot by VT-d in the series (PID_MAX_DEFAULT). */
const HOST_SET = { name: "host", quota: 0x8000 };

export abstract class Series extends FamilyCore {
  capacity = DEFAULT_CAPACITY;
  available = DEFAULT_CAPACITY;
  /** Live sets by number. */
  readonly live = new IdTable<IoasidSet>();
  /** Every set that was ever made, by name; the last one of a name. */
  private readonly named = new Map<string, IoasidSet>();
  readonly globalChain = new Chain();
  /** Newest first. */
  readonly pending: PendingBlock[] = [];
  readonly blocks: Map<string, NotifierBlock>;

  constructor(host: HostSide, blocks: Map<string, NotifierBlock>) {
    super(host);
    this.blocks = blocks;
  }

  /** State and number of a new id. */
  protected abstract readonly firstLife: IdLife;
  protected abstract readonly firstSpid: number;

  override owner(name: string | null): IoasidSet | null {
    return name === null ? null : this.setNamed(name);
  }

  /** The set of this name. One that never came to be is a stranger: no table of sets knows it. */
  setNamed(name: string): IoasidSet {
    let set = this.named.get(name);
    if (!set) {
      set = new IoasidSet(name, INVALID_IOASID, 0, null, 0);
      set.freed = true;
      this.named.set(name, set);
    }
    return set;
  }

  override kernelSet(doing: Doing): SetToken | null {
    const known = this.named.get(HOST_SET.name);
    if (known && !known.freed) return known;
    return this.addSet(HOST_SET.name, Math.min(HOST_SET.quota, this.available), SET_TYPE.NULL, null, this.available, doing);
  }

  /** Gives a set a number in [0, maxNumber], inclusive, and takes its quota from the capacity; null when there is no number. */
  addSet(name: string, quota: number, type: number, token: string | null, maxNumber: number, doing: Doing): IoasidSet | null {
    const sid = this.live.lowestFree(0, maxNumber);
    if (!doing.trace.holds(R["set-number-free"], sid !== null, () => ({ note: `Set numbers 0–${maxNumber} may be used; ${this.live.size} are.` })) || sid === null) return null;
    const set = new IoasidSet(name, sid, type, token, quota);
    this.named.set(name, set);
    this.live.store(sid, set);
    for (const waiting of this.pending) {
      if (waiting.token === null || waiting.token !== token || waiting.active) continue;
      if (waiting.block) set.chain.register(waiting.block, doing);
      waiting.active = true;
      waiting.set = set;
    }
    this.available = (this.available - quota) >>> 0;
    doing.effect("set", () => ({ objects: [setRef(name)], text: `Set ${name} gets number ${sid} and a quota of ${quota}; ${this.available} of ${this.capacity} are left.` }));
    return set;
  }

  /** Is this set the one that the table of sets has under its number? */
  isLive(set: IoasidSet): boolean {
    return this.live.load(set.sid) === set;
  }

  checkLive(set: IoasidSet, doing: Doing): boolean {
    const alive = this.isLive(set);
    return doing.trace.holds(R["set-is-live"], alive, () => ({ objects: [setRef(set.name)], note: alive ? `Set ${set.name} has number ${set.sid}.` : `There is no set ${set.name} any more, or there never was.` }));
  }

  /** ioasid_alloc. Returns the id that the caller gets, which need not have been stored. */
  allocFor(request: AllocRequest, doing: Doing): number | null {
    const set = request.set as IoasidSet | null;
    if (set === null || !this.checkLive(set, doing)) {
      this.allocInDeadSet(set, doing);
      return null;
    }
    const room = set.quota > set.nr;
    if (!doing.trace.holds(R["quota-has-room"], room, () => ({
      objects: [setRef(set.name)], note: `Set ${set.name} uses ${set.nr} of ${set.quota}.`, advice: { text: "Free an id of the set, or raise its quota where the form allows it.", objects: [setRef(set.name)] },
    }))) return null;
    const data = new IoasidData(set, request.private);
    const id = this.issue(data, request.min, request.max, doing);
    if (id === null) return null;
    if (this.active.ops) {
      noteOutside(id, request.min, request.max, doing);
      if (this.table.load(id)) {
        this.duplicate(id, doing);
        return id;
      }
      this.table.store(id, data);
    }
    data.id = id;
    data.life = this.firstLife;
    data.spid = this.firstSpid;
    set.ids.store(id, data);
    set.nr++;
    doing.effect("id", () => ({ objects: [idRef(id), setRef(set.name), allocatorRef(this.active.name)], text: `IOASID ${id} is handed out by ${allocatorRef(this.active.name).label} to set ${set.name} (${set.nr} of ${set.quota}), with one reference.` }));
    this.notifyAlloc(data, set, doing);
    return id;
  }

  /** Whether the set is live is a warning in some forms. */
  protected allocInDeadSet(set: IoasidSet | null, doing: Doing): void {
    doing.warn(() => ({ objects: set ? [setRef(set.name)] : [], text: "The kernel warns: an id was asked for in a set that is gone." }));
  }

  /** The host gave an id that is in use: given back, but returned as success. */
  protected duplicate(id: number, doing: Doing): void {
    doing.trace.holds(R["host-id-is-new"], false, () => ({ objects: [idRef(id)], note: `${id} is in the table already.` }));
    doing.trace.swallow();
    this.active.ops?.free(id, doing);
    doing.damage("Q2", () => ({ objects: [idRef(id)], text: `${id} could not be stored and was given back to the host, yet it is returned as if all had gone well: two owners.` }));
  }

  abstract notifyAlloc(data: IoasidData, set: IoasidSet, doing: Doing): void;

  /** ioasid_get: entry, state, then owner. */
  get(set: IoasidSet | null, id: number, doing: Doing): Answer {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing, "EINVAL")) return doing.trace.refusal();
    if (!this.notPending(data, doing) || !inSet(data, set, doing)) return doing.trace.refusal();
    data.refs++;
    doing.effect("users", () => ({ objects: [idRef(id)], text: `IOASID ${id} has ${plural(data.refs, "reference")} now.` }));
    return returned(0);
  }

  notPending(data: IoasidData, doing: Doing): boolean {
    return doing.trace.holds(R["not-free-pending"], data.life !== "FREE_PENDING", () => ({
      objects: [idRef(data.id)], note: data.life === "FREE_PENDING" ? `${data.id} has been freed and waits until ${plural(data.refs, "reference")} ${data.refs === 1 ? "is" : "are"} dropped.` : `${data.id} is ${data.life}.`,
    }));
  }

  override takeRef(set: SetToken | null, id: number, doing: Doing): Answer {
    return this.get(set as IoasidSet | null, id, doing);
  }

  /** ioasid_put: true when the last reference went. Works on ids that wait to be freed, and on ids nobody freed. */
  put(set: IoasidSet | null, id: number, doing: Doing): boolean {
    const data = this.table.load(id);
    if (!isKnown(this, id, data, doing) || !inSet(data, set, doing)) return false;
    return this.dropRef(data, doing);
  }

  dropRef(data: IoasidData, doing: Doing): boolean {
    data.refs--;
    if (data.refs !== 0) {
      doing.effect("users", () => ({ objects: [idRef(data.id)], text: `IOASID ${data.id} keeps ${plural(data.refs, "reference")}.` }));
      return false;
    }
    this.lastReference(data, doing);
    return true;
  }

  /** The host is told, the entry goes, and the set forgets the id. */
  abstract lastReference(data: IoasidData, doing: Doing): void;

  /** ioasid_free: returns nothing. */
  abstract free(set: IoasidSet | null, id: number, doing: Doing): void;

  /** Only the very set may free an id: no set at all is a mismatch too. */
  ownedBy(data: IoasidData, set: IoasidSet | null, doing: Doing): boolean {
    return doing.trace.holds(R["freed-by-its-set"], data.set === set, () => ({
      objects: [idRef(data.id), ...(data.set ? [setRef(data.set.name)] : [])], note: `${data.id} belongs to set ${data.set?.name ?? "none"}; ${set ? `set ${set.name}` : "no set"} wants to free it.`,
    }));
  }

  release(id: number, doing: Doing): void {
    const data = this.table.load(id);
    if (data) this.free(data.set as IoasidSet | null, id, doing);
  }

  markPending(data: IoasidData, doing: Doing): void {
    data.life = "FREE_PENDING";
    doing.effect("id", () => ({ objects: [idRef(data.id)], text: `IOASID ${data.id} is FREE_PENDING: no new references; the number is not for reuse yet.` }));
  }

  /** Tells a chain about an id. */
  tell(chain: Chain, event: NotifierEvent, data: IoasidData, doing: Doing): number {
    return chain.call(event, { id: data.id, spid: data.spid, set: data.set?.name ?? null, private: data.private }, doing);
  }

  /** Notifier blocks of a set that goes wait for the next set of their mm. */
  parkBlocks(set: IoasidSet): void {
    for (const waiting of this.pending) if (waiting.set === set) waiting.active = false;
  }

  /** Some forms tell the global chain that a set goes. */
  tellSetFree(_set: IoasidSet, _doing: Doing): void {}

  override linesOf(data: IoasidData): string[] {
    const set = data.set as IoasidSet | null;
    return [data.life, data.spid === INVALID_IOASID ? "no SPID" : `SPID ${data.spid}`, ...(set?.freed ? ["its set is gone"] : [])];
  }

  override refsOf(data: IoasidData): number {
    return data.refs;
  }

  override sets(): PasidSpace["sets"] {
    return this.live.list().map(([sid, set]) => ({
      key: setRef(set.name).key, label: `set ${set.name}`, quota: set.quota, used: set.nr,
      lines: [`number ${sid}`, set.type === SET_TYPE.MM ? `of mm ${set.token ?? "(none)"}` : "without a token", ...set.chain.names().map((name) => `notifies ${name}`)],
    }));
  }

  entryJson(data: IoasidData): JsonObject {
    const set = data.set as IoasidSet | null;
    const json: JsonObject = { set: set?.name ?? null, private: data.private, refs: data.refs, state: data.life, spid: idJson(data.spid) };
    if (set?.freed) json.set_freed = true;
    return json;
  }

  protected setJson(set: IoasidSet): JsonObject {
    const { name, sid, type, token, quota, nr, refs } = set;
    return { set: name, sid, type, token, quota, nr, ref: refs, ids: [...set.ids.ids()], chain: set.chain.names() };
  }

  state(): Json {
    return {
      ...this.familiesJson(), capacity: this.capacity, avail: this.available,
      sets: this.live.list().map(([, set]): Json => this.setJson(set)), global_chain: this.globalChain.names(),
      pending_nb: this.pending.map((waiting): Json => ({ nb: waiting.block?.name ?? null, token: waiting.token, active: waiting.active, set: waiting.set?.name ?? null })),
    };
  }
}
