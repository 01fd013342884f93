/**
 * How the fields of calls and answers look as JSON, and what they are inside the model. A call's table of fields is the
 * one place that says what it takes: decoding, validation, the composer and the text form all read it.
 */
import { parseU64, hex, type U64 } from "../base/u64.ts";
import { isJsonObject, type Json } from "../base/json.ts";

export interface FieldKind<Value> {
  /** For people and forms: "u32", "address", "id of an IOAS". */
  readonly name: string;
  /** The value, or undefined when the JSON is not of this kind. */
  decode(json: Json): Value | undefined;
  encode(value: Value): Json;
  /** What a call means that leaves the field out. Undefined: the field is required. */
  readonly absent?: Value;
}

/** Optional with a meaning for absence. */
export function orElse<Value>(kind: FieldKind<Value>, absent: Value): FieldKind<Value> {
  return { ...kind, absent };
}

/** Optional; absence is seen as null. */
export function optional<Value>(kind: FieldKind<Value>): FieldKind<Value | null> {
  return { ...kind, encode: (value) => (value === null ? null : kind.encode(value)), absent: null };
}

/** A number of 32 bits or fewer; also used for fds and counts. Negative ids as seen by C are kept as unsigned. */
export const u32: FieldKind<number> = {
  name: "number",
  // A number below zero is what C makes of it: −1 is 0xffff_ffff.
  decode: (json) => (typeof json === "number" && Number.isInteger(json) && json >= -0x80000000 ? (json < 0 ? json >>> 0 : json) : undefined),
  encode: (value) => value,
};

/** Flag bits, a number. */
export const flags: FieldKind<number> = { ...u32, name: "flags" };

/** The id of an iommufd object. */
export function idOf(what: string): FieldKind<number> {
  return { ...u32, name: `id of ${what}` };
}

/** A 64-bit value, "0x…" in JSON. */
export const u64: FieldKind<U64> = {
  name: "64-bit value",
  decode: (json) => parseU64(json) ?? undefined,
  encode: (value) => hex(value),
};
export const iova: FieldKind<U64> = { ...u64, name: "address" };
export const length: FieldKind<U64> = { ...u64, name: "length" };

export const text: FieldKind<string> = {
  name: "text",
  decode: (json) => (typeof json === "string" ? json : undefined),
  encode: (value) => value,
};

export const flag: FieldKind<boolean> = {
  name: "yes or no",
  decode: (json) => (typeof json === "boolean" ? json : undefined),
  encode: (value) => value,
};

/** Anything; the handler looks at it itself. */
export const raw: FieldKind<Json> = { name: "JSON", decode: (json) => json, encode: (value) => value };

/** An address in the calling process: a place in a named buffer, or a plain address. */
export type Pointer = { buffer: string; offset: U64 } | { va: U64 };

export const pointer: FieldKind<Pointer> = {
  name: "pointer",
  decode: (json) => {
    if (isJsonObject(json)) {
      const offset = parseU64(json.offset);
      return typeof json.buffer === "string" && offset !== null ? { buffer: json.buffer, offset } : undefined;
    }
    const va = parseU64(json);
    return va === null ? undefined : { va };
  },
  encode: (value) => ("va" in value ? hex(value.va) : { buffer: value.buffer, offset: hex(value.offset) }),
};

export interface InclusiveRange {
  start: U64;
  last: U64;
}

/** A list of {start, last}. */
export const ranges: FieldKind<InclusiveRange[]> = {
  name: "list of ranges",
  decode: (json) => {
    if (!Array.isArray(json)) return undefined;
    const list: InclusiveRange[] = [];
    for (const item of json) {
      if (!isJsonObject(item)) return undefined;
      const start = parseU64(item.start);
      const last = parseU64(item.last);
      if (start === null || last === null) return undefined;
      list.push({ start, last });
    }
    return list;
  },
  encode: (value) => value.map((range) => ({ start: hex(range.start), last: hex(range.last) })),
};

export type FieldTable = Record<string, FieldKind<never> | FieldKind<any>>;
export type Decoded<Table extends FieldTable> = {
  [Name in keyof Table]: Table[Name] extends FieldKind<infer Value> ? Value : never;
};
