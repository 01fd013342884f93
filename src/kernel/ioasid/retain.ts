/**
 * The RETAIN proposal of May 2019. It never became code; this is a model of its words, on top of the form then under review. Left
 * open by the proposal, and chosen by us: ids are kept when both the allocator that goes and the one that follows have the flag.
 * Spec section 2.
 */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import type { PasidSpace } from "../inspect.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import type { Doing } from "./doing.ts";
import { opsNamed } from "./families.ts";
import { Posted, POSTED } from "./posted.ts";
import { returned, whole, type Programs } from "./region.ts";
import { allocatorRef, idList, idRef } from "./values.ts";

export class Retain extends Posted {
  /** Names of the allocators registered with the flag. */
  readonly retaining = new Set<string>();

  override get programs(): Programs {
    return RETAIN;
  }

  registerWithFlag(name: string, retain: boolean, doing: Doing): Answer {
    const answer = this.register(name, doing);
    if (answer.errno === "OK" && retain) {
      this.retaining.add(name);
      doing.effect("list", () => ({ objects: [allocatorRef(name)], text: `${name} asks that ids be retained (a proposal, never code).` }));
    }
    return answer;
  }

  override unregister(name: string, doing: Doing): Answer {
    const ops = opsNamed(this.host, name);
    const at = this.list.indexOf(ops);
    if (!doing.trace.holds(R["allocator-is-registered"], at >= 0, () => ({ objects: [allocatorRef(name)], note: at < 0 ? `${name} is not on the list.` : `${name} is on the list.` }))) return returned(null);
    this.list.splice(at, 1);
    if (this.active === ops) this.handOver(name, doing);
    this.retaining.delete(name);
    return returned(null);
  }

  /** What happens to the ids of the active allocator when it goes. */
  private handOver(name: string, doing: Doing): void {
    const leaving = opsNamed(this.host, name);
    const next = this.list[0] ?? null;
    const kept = next !== null && this.retaining.has(name) && this.retaining.has(next.name);
    const ids = this.table.list().filter(([, data]) => data.issuer !== "default").map(([id]) => id);
    if (!kept) {
      for (const id of ids) {
        leaving.free(id, doing);
        this.erase(id, doing);
        doing.effect("destroy", () => ({ objects: [idRef(id)], text: `IOASID ${id} is freed by force: whatever still does DMA with it faults from now on.` }));
      }
      if (this.table.size === 0) this.defaultInUse = false;
    } else {
      for (const id of ids) {
        const data = this.table.load(id);
        if (data) data.issuer = next.name;
      }
      doing.effect("list", () => ({ objects: [allocatorRef(next.name), ...ids.slice(0, 8).map(idRef)], text: ids.length === 0 ? "There is no id to retain." : `${idList(ids)} ${ids.length === 1 ? "is" : "are"} retained: from now on ${next.name} frees ${ids.length === 1 ? "it" : "them"}.` }));
    }
    this.active = next;
    doing.effect("list", () => ({ objects: [allocatorRef(name)], text: next ? `${next.name} becomes active.` : "The default allocator takes over; it never retains ids." }));
  }

  override state(): Json {
    return { ...(super.state() as JsonObject), retain: [...this.retaining] };
  }

  override allocators(): PasidSpace["allocators"] {
    return super.allocators().map((entry) => (this.retaining.has(entry.label) ? { ...entry, note: `RETAIN (a proposal) · ${entry.note}` } : entry));
  }
}

const RETAIN: Programs = {
  ...POSTED,
  ioasid_register_allocator: whole("ioasid_allocator_lock", (core: Retain, { ops, retain }: { ops: string; retain: boolean }, doing) => core.registerWithFlag(ops, retain, doing)),
};
