/** Kinds of fields that only the calls of the type1 recordings have. */
import { hex, parseU64 } from "../../base/u64.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { Range } from "../answer.ts";
import type { RegionType, ReservedRegion } from "../config.ts";
import { ERRNO, type Errno, type ErrnoOrOk } from "../errno.ts";
import type { FieldKind } from "../fields.ts";

const REGION_TYPES: ReadonlySet<string> = new Set<RegionType>(["direct", "direct-relaxable", "reserved", "msi", "sw-msi"]);

function decodeRange(json: Json | undefined): Range | undefined {
  if (!isJsonObject(json)) return undefined;
  const first = parseU64(json.start);
  const last = parseU64(json.end);
  return first === null || last === null || first > last ? undefined : { first, last };
}

function encodeRange(range: Range): JsonObject {
  return { start: hex(range.first), end: hex(range.last) };
}

/** {start, end}, inclusive. */
export const aperture: FieldKind<Range> = { name: "aperture", decode: decodeRange, encode: encodeRange };

/** A list of {start, end, type}, inclusive. */
export const regions: FieldKind<ReservedRegion[]> = {
  name: "list of reserved regions",
  decode: (json) => {
    if (!Array.isArray(json)) return undefined;
    const list: ReservedRegion[] = [];
    for (const item of json) {
      const range = decodeRange(item);
      const type = isJsonObject(item) ? item.type : null;
      if (!range || typeof type !== "string" || !REGION_TYPES.has(type)) return undefined;
      list.push({ ...range, type: type as RegionType });
    }
    return list;
  },
  encode: (list) => list.map((region) => ({ ...encodeRange(region), type: region.type })),
};

function isErrno(json: Json): json is Errno {
  return typeof json === "string" && json in ERRNO;
}

export const errnoField: FieldKind<Errno> = { name: "errno", decode: (json) => (isErrno(json) ? json : undefined), encode: (errno) => errno };

/** A list of "ok" and errnos. */
export const results: FieldKind<ErrnoOrOk[]> = {
  name: "list of results",
  decode: (json) => {
    if (!Array.isArray(json)) return undefined;
    const list: ErrnoOrOk[] = [];
    for (const item of json) {
      if (item === "ok") list.push("OK");
      else if (isErrno(item)) list.push(item);
      else return undefined;
    }
    return list;
  },
  encode: (list) => list.map((result) => (result === "OK" ? "ok" : result)),
};

/** A list of words; which ones are known is for the call to check. */
export const words: FieldKind<string[]> = {
  name: "list of flags",
  decode: (json) => (Array.isArray(json) && json.every((item) => typeof item === "string") ? json : undefined),
  encode: (list) => list,
};
