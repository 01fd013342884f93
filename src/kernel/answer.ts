import type { Json, JsonObject } from "../base/json.ts";
import type { Iova } from "../base/u64.ts";
import type { ErrnoOrOk } from "./errno.ts";
import type { Rule } from "./rules/rule.ts";

/** Inclusive [first, last], in bytes. */
export interface Range {
  first: Iova;
  last: Iova;
}

/**
 * Names one thing in the model, the same everywhere: diagrams, checks, effects and selection use its `key`.
 * Keys: "ioas:3/2" (context fd 3, id 2), "hwpt:3/4", "device:3/1", "igroup:3/27", "access:3/5", "fault:3/6", "selftest:3/2",
 * "container:1", "group:7", "domain:1/0", "ioasid:12", "set:S1", "allocator:A1", "mm:P1", "process:0", "mapping:ioas:3/2@0x1000",
 * "region:0000:00:05.0@0xfee00000".
 */
export interface ObjectRef {
  key: string;
  /** For people: "IOAS 2", "0000:41:00.0". */
  label: string;
}

/** One check in the order made. */
export interface Check {
  rule: Rule;
  /** The kernel function, when it is not the rule's usual one. */
  fn: string;
  passed: boolean;
  /** The objects that decided, the most telling first. */
  objects: ObjectRef[];
  /** The range that decided (a hole, a mapping, an aperture end). */
  range: Range | null;
  /** The figures of this very check, one short sentence; "from the log" where an input and not the model decided. */
  note: string;
}

export type EffectKind =
  | "create" | "destroy" | "abort" | "users" | "map" | "unmap" | "split" | "attach" | "detach" | "replace" | "reserve" | "release"
  | "allow" | "pin" | "unpin" | "align" | "dirty" | "invalidate" | "fault" | "memory" | "id" | "notify" | "host" | "list" | "set" | "warn" | "damage";

/** One change of state, as a sentence and as the things it touched. */
export interface Effect {
  kind: EffectKind;
  objects: ObjectRef[];
  range: Range | null;
  text: string;
}

/** What would work instead. */
export interface Advice {
  /** One or two sentences for a person. */
  text: string;
  /** Ranges that fit, largest or nearest first. */
  fits: Range[];
  /** Objects that must go or change first. */
  objects: ObjectRef[];
}

/**
 * What a caller gets. iommufd-style calls have `errno` and `out`; calls of the IOASID and type1 recordings have `ret`, an
 * errno, or a `fault` (the real code could not go on), and `events`. `out` holds natural values (a U64 stays a U64): the
 * call's field table turns them into JSON at the edges.
 */
export interface Answer {
  errno: ErrnoOrOk;
  out?: Record<string, unknown>;
  ret?: Json;
  race_ret?: Json;
  fault?: string;
  events?: JsonObject[];
}
