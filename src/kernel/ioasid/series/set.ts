/** Sets of the 2020 and 2021 series, and the notifier chains. */
import type { Json } from "../../../base/json.ts";
import { isJsonObject } from "../../../base/json.ts";
import { CallError } from "../../call.ts";
import type { MachineConfig } from "../../config.ts";
import { SetToken, type IoasidData } from "../data.ts";
import type { Doing } from "../doing.ts";
import { IdTable } from "../id-table.ts";
import { idJson, idRef } from "../values.ts";

export const SET_TYPE = { NULL: 1, MM: 2, COUNT: 3 } as const;

/** A notifier block; larger priorities are called first. */
export interface NotifierBlock {
  readonly name: string;
  readonly priority: number;
  /** What the callback returns; bit 0x8000 stops the chain. */
  readonly returns: number;
}

const NOTIFY_STOP_MASK = 0x8000;
const DEFAULT_BLOCKS: Json[] = [
  { nb: "cpu", priority: 3, returns: 1 },
  { nb: "iommu", priority: 2, returns: 1 },
  { nb: "device", priority: 1, returns: 1 },
  { nb: "last", priority: 0, returns: 1 },
];

/** The notifier blocks of a scenario; without any, one for each priority that the series names. Throws CallError for a bad one. */
export function readNotifierBlocks(config: MachineConfig): Map<string, NotifierBlock> {
  const blocks = new Map<string, NotifierBlock>();
  for (const json of config.ioasid.nbs.length > 0 ? config.ioasid.nbs : DEFAULT_BLOCKS) {
    if (!isJsonObject(json) || typeof json.nb !== "string") throw new CallError("nbs: each notifier block is an object {nb, priority, returns}");
    if (typeof json.priority !== "number") throw new CallError(`nbs ${json.nb}: priority must be a number`);
    blocks.set(json.nb, { name: json.nb, priority: json.priority, returns: typeof json.returns === "number" ? json.returns : 0 });
  }
  return blocks;
}

export type NotifierEvent = "ALLOC" | "FREE" | "BIND" | "UNBIND" | "SET_ALLOC" | "SET_FREE";

/** What a notification says. `private` absent: the posted code passes what happens to lie on the stack. */
export interface Notice {
  id: number;
  spid: number;
  set: string | null;
  private?: string | null;
}

/** A notifier chain, in calling order. */
export class Chain {
  readonly blocks: NotifierBlock[] = [];

  /** Behind all of the same or a higher priority; a block that is there already only earns a warning. */
  register(block: NotifierBlock, doing: Doing): void {
    if (this.blocks.includes(block)) {
      doing.warn(() => ({ objects: [], text: `The kernel warns: ${block.name} is registered twice.` }));
      return;
    }
    const at = this.blocks.findIndex((other) => block.priority > other.priority);
    this.blocks.splice(at < 0 ? this.blocks.length : at, 0, block);
  }

  unregister(block: NotifierBlock): boolean {
    const at = this.blocks.indexOf(block);
    if (at >= 0) this.blocks.splice(at, 1);
    return at >= 0;
  }

  /** Calls the blocks in turn until one says stop; the last one's answer, 0 without any. */
  call(event: NotifierEvent, notice: Notice, doing: Doing): number {
    let result = 0;
    for (const block of this.blocks) {
      result = block.returns;
      const { id, spid, set } = notice;
      doing.event({ nb: block.name, event, id: idJson(id), spid: idJson(spid), set, ...("private" in notice ? { private: notice.private ?? null } : {}) });
      const stops = (result & NOTIFY_STOP_MASK) !== 0;
      doing.effect("notify", () => ({ objects: [idRef(id)], text: `${block.name} (priority ${block.priority}) is told ${event}${stops ? " and stops the chain" : ""}.` }));
      if (stops) break;
    }
    return result;
  }

  names(): string[] {
    return this.blocks.map((block) => block.name);
  }
}

/** A set of ids with a quota (struct ioasid_set). */
export class IoasidSet extends SetToken {
  /** Set number. */
  readonly sid: number;
  readonly type: number;
  readonly token: string | null;
  quota: number;
  /** Ids that count against the quota; the code lets it go below zero. */
  nr = 0;
  refs = 1;
  readonly ids = new IdTable<IoasidData>();
  readonly chain = new Chain();
  /** Gone from the table of sets; entries may still point here. */
  freed = false;

  constructor(name: string, sid: number, type: number, token: string | null, quota: number) {
    super(name);
    this.sid = sid;
    this.type = type;
    this.token = token;
    this.quota = quota;
  }
}

/** A notifier block waiting for, or attached to, the set of an mm. */
export interface PendingBlock {
  block: NotifierBlock | null;
  token: string | null;
  active: boolean;
  set: IoasidSet | null;
}
