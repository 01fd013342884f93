/** What every form of the allocator is to the rest of the model. */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import type { PasidEntry, PasidSpace } from "../inspect.ts";
import { PrivateObject, SetToken, type IoasidData, type LostId } from "./data.ts";
import type { Doing } from "./doing.ts";
import type { HostSide } from "./host-pools.ts";
import type { IdTable } from "./id-table.ts";
import type { Programs } from "./region.ts";
import { allocatorRef, INVALID_IOASID, setRef } from "./values.ts";

/** What an allocation asks for: an id in [min, max], both inclusive. */
export interface AllocRequest {
  set: SetToken | null;
  min: number;
  max: number;
  private: string | null;
}

export abstract class IoasidCore {
  readonly host: HostSide;
  readonly lost: LostId[] = [];
  private readonly tokens = new Map<string, SetToken>();
  private readonly privates = new Map<string, PrivateObject>();

  constructor(host: HostSide) {
    this.host = host;
  }

  /** The calls of this form, each cut at its lock boundaries. */
  abstract get programs(): Programs;
  /** The table that lookups use. */
  abstract get table(): IdTable<IoasidData>;
  /** Everything the module holds, as recordings show it. */
  abstract state(): Json;
  abstract allocators(): PasidSpace["allocators"];
  /** Allocates for another part of the kernel; null when no id is to be had. */
  abstract allocFor(request: AllocRequest, doing: Doing): number | null;
  /** Lets go of an id that another part of the kernel allocated. */
  abstract release(id: number, doing: Doing): void;

  /** The token of this name: the identity of an owner where sets are no objects of their own. */
  owner(name: string | null): SetToken | null {
    if (name === null) return null;
    let token = this.tokens.get(name);
    if (!token) {
      token = new SetToken(name);
      this.tokens.set(name, token);
    }
    return token;
  }

  /** The set from which the host kernel itself takes ids; null where it gives none (set = NULL). */
  kernelSet(_doing: Doing): SetToken | null {
    return null;
  }

  /** Takes a reference on an id; null where this form has no references, else the answer of its get. */
  takeRef(_set: SetToken | null, _id: number, _doing: Doing): Answer | null {
    return null;
  }

  privateObject(name: string): PrivateObject {
    let object = this.privates.get(name);
    if (!object) {
      object = new PrivateObject(name);
      this.privates.set(name, object);
    }
    return object;
  }

  /** Its owner gives a private object up; a later object of the same name is another one. */
  releasePrivate(name: string): PrivateObject {
    const object = this.privateObject(name);
    object.released = true;
    this.privates.delete(name);
    return object;
  }

  /** Points an entry's private data elsewhere; false when there is no entry. */
  pointTo(id: number, privateData: string | null): boolean {
    const data = this.table.load(id);
    if (data) data.private = privateData;
    return data !== null;
  }

  /** Owners of ids; where they are mere tokens there is no quota to show. */
  sets(): PasidSpace["sets"] {
    const used = new Map<string, number>();
    for (const [, { set }] of this.table.list()) if (set) used.set(set.name, (used.get(set.name) ?? 0) + 1);
    return [...used].map(([name, count]) => ({ key: setRef(name).key, label: name, quota: null, used: count, lines: ["a token: the caller's identity"] }));
  }

  /** Lines that this form adds to an id's card. */
  linesOf(_data: IoasidData): string[] {
    return [];
  }

  refsOf(_data: IoasidData): number | null {
    return null;
  }

  ids(): PasidEntry[] {
    const entries = this.table.list().map(([id, data]) => this.entryOf(id, data));
    for (const lost of this.lost) {
      if (this.table.load(lost.id)) continue;
      entries.push({
        id: lost.id, key: `ioasid:${lost.id}`, state: "orphaned", set: lost.set === null ? null : setRef(lost.set).key, refs: null, allocator: allocatorRef(lost.issuer).key, holders: [],
        lines: [lost.private === null ? "no private data" : `private ${lost.private}`, lost.why],
      });
    }
    return entries.sort((one, other) => one.id - other.id);
  }

  private entryOf(id: number, data: IoasidData): PasidEntry {
    const refs = this.refsOf(data);
    return {
      id, key: `ioasid:${id}`, set: data.set ? setRef(data.set.name).key : null, refs, allocator: allocatorRef(data.issuer).key,
      state: data.freed || id === INVALID_IOASID ? "freed" : data.life === "FREE_PENDING" ? "pending" : data.life === "IDLE" ? "idle" : "active",
      lines: [data.private === null ? "no private data" : `private ${data.private}`, ...this.linesOf(data)],
      holders: refs === null ? [] : [`${refs} ${refs === 1 ? "reference" : "references"}`],
    };
  }
}
