/**
 * A call cut at its lock boundaries. Everything inside one region happens at once as others see it; between two regions another
 * CPU may do what it likes. What a call remembers from region to region is plain data, so that a machine can be copied between them.
 */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import type { Doing } from "./doing.ts";

export type Locals = Record<string, unknown>;

export interface Region {
  /** What happens here, a short clause. */
  readonly title: string;
  /** The lock it runs under, "rcu" for a read section, null for none. */
  readonly lock: string | null;
  /** The lock stays held until the call ends. */
  readonly keeps?: boolean;
  /** The name recordings give to the point right after this region. */
  readonly point?: string;
  /** An answer ends the call here; undefined goes on with the next region. */
  readonly run: (core: any, fields: any, memory: any, doing: Doing) => Answer | undefined;
}

export type Programs = Readonly<Record<string, readonly Region[]>>;

/** One region. The function says which form, fields and memory it takes; the table it stands in is what pairs them. */
export function region(title: string, lock: string | null, run: Region["run"], more: { keeps?: boolean; point?: string } = {}): Region {
  return { title, lock, run, ...more };
}

/** A call that is one region. */
export function whole(lock: string | null, run: (core: any, fields: any, doing: Doing) => Answer): readonly Region[] {
  return [{ title: "the whole call", lock, run: (core, fields, _memory, doing) => run(core, fields, doing) }];
}

/** A call's value. */
export function returned(ret: Json): Answer {
  return { errno: "OK", ret };
}

/** What allocations return when there is no id. */
export const NO_ID: Answer = Object.freeze({ errno: "OK", ret: "INVALID_IOASID" } as const);
