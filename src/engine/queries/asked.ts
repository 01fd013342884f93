/** Which IOVA space a call is about, and which place in it the call asked for. */
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import { lastOf, parseU64, U64_MAX, wraps, type U64 } from "../../base/u64.ts";
import type { ObjectRef, Range } from "../../kernel/answer.ts";
import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Explained, History } from "../history.ts";

const FIXED_IOVA = 1;
const AUTOMATIC = /^IOMMU_IOAS_(MAP|MAP_FILE|COPY)$/;
/** How far back to look for a call that names a space. */
const LOOK_BACK = 500;

/** The range of `length` bytes from `first`, cut at the end of the space; null when it is empty or unreadable. */
function rangeOf(first: unknown, length: unknown): Range | null {
  const start = parseU64(first);
  const size = parseU64(length);
  if (start === null || size === null || size === 0) return null;
  return { first: start, last: wraps(start, size) || (start === 0 && size === U64_MAX) ? U64_MAX : lastOf(start, size) };
}

/** The place in its space that a call asked for. For an automatic one it is the place it got, and null when it got none. */
export function askedRange(explained: Pick<Explained, "call" | "answer">): Range | null {
  const { call, answer } = explained;
  const fields = call.in;
  const length = fields.length ?? fields.size;
  if (AUTOMATIC.test(call.call) && typeof fields.flags === "number" && (fields.flags & FIXED_IOVA) === 0) {
    const got = answer.errno === "OK" ? (answer.out?.iova ?? answer.out?.dst_iova) : undefined;
    return got === undefined ? null : rangeOf(got, length);
  }
  const first = fields.dst_iova ?? fields.iova ?? fields.start;
  return first === undefined || length === undefined ? null : rangeOf(first, length);
}

/** How many bytes a call asks for when they do not all fit below 2^64; null for others. */
export function bytesPastEnd(fields: JsonObject): U64 | null {
  const start = parseU64(fields.dst_iova ?? fields.iova ?? fields.start);
  const size = parseU64(fields.length ?? fields.size);
  return start !== null && size !== null && size !== 0 && wraps(start, size) ? size : null;
}

/** Every range that a call names in a list (ALLOW_IOVAS). */
export function askedList(fields: JsonObject): Range[] {
  const list = fields.allowed_iovas;
  if (!Array.isArray(list)) return [];
  return list.flatMap((item) => {
    const first = isJsonObject(item) ? parseU64(item.start) : null;
    const last = isJsonObject(item) ? parseU64(item.last) : null;
    return first === null || last === null || last < first ? [] : [{ first, last }];
  });
}

/** The space that an object is, or that a mapping is in. */
function spaceOf(ref: ObjectRef, spaces: readonly IovaSpace[]): string | null {
  const key = /^mapping:(.*)@/.exec(ref.key)?.[1] ?? ref.key;
  return spaces.some((space) => space.key === key) ? key : null;
}

function spaceOfFields(fields: JsonObject, spaces: readonly IovaSpace[]): string | null {
  for (const name of ["dst_ioas_id", "ioas_id", "pt_id", "id"] as const) {
    const id = fields[name];
    if (typeof id !== "number") continue;
    const found = spaces.find((space) => space.key.startsWith("ioas:") && space.key.endsWith(`/${id}`));
    if (found) return found.key;
  }
  return null;
}

/** The space that an explained call is about: the ids it names, else what its effects and its refusal touched. */
export function spaceOfCall(explained: Explained, spaces: readonly IovaSpace[]): string | null {
  const { call, trace } = explained;
  const named = spaceOfFields(call.in, spaces);
  if (named !== null) return named;
  const refs = [...trace.effects.flatMap((effect) => effect.objects), ...trace.checks.toReversed().flatMap((check) => check.objects)];
  for (const ref of refs) {
    const key = spaceOf(ref, spaces);
    if (key !== null) return key;
  }
  return null;
}

/** The space last spoken of before a step, by the ids its calls name; else the newest. */
export function lastSpace(history: History, step: number, spaces: readonly IovaSpace[]): string | null {
  for (let back = step; back > Math.max(0, step - LOOK_BACK); back--) {
    const named = spaceOfFields(history.call(back).in, spaces);
    if (named !== null) return named;
  }
  return spaces.at(-1)?.key ?? null;
}
