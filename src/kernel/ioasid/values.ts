/** Small facts and sentences that all forms of the allocator share. */
import type { Json } from "../../base/json.ts";
import type { ObjectRef } from "../answer.ts";

/** All ones: the value that means "no id" (ioasid_t is an unsigned 32-bit number). */
export const INVALID_IOASID = 0xffffffff;

/** An id as the recordings write it. */
export function idJson(id: number): Json {
  return id === INVALID_IOASID ? "INVALID_IOASID" : id;
}

export function idRef(id: number): ObjectRef {
  return { key: `ioasid:${id}`, label: id === INVALID_IOASID ? "INVALID_IOASID" : `IOASID ${id}` };
}

export function setRef(name: string): ObjectRef {
  return { key: `set:${name}`, label: `set ${name}` };
}

export function allocatorRef(name: string): ObjectRef {
  return { key: `allocator:${name}`, label: name === DEFAULT_NAME ? "the default allocator" : `allocator ${name}` };
}

/** How the allocator that is always there is called in states and keys. */
export const DEFAULT_NAME = "default";

/** "5–9, 12" for a list of ids in ascending order. */
export function idList(ids: readonly number[]): string {
  const parts: string[] = [];
  for (let index = 0; index < ids.length; index++) {
    const first = ids[index] as number;
    let last = first;
    while (ids[index + 1] === last + 1) last = ids[++index] as number;
    parts.push(first === last ? `${first}` : `${first}–${last}`);
  }
  return parts.length > 6 ? `${parts.slice(0, 6).join(", ")} and more` : parts.join(", ");
}
