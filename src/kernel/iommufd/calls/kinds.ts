/** Field kinds that only iommufd's calls have. */
import { isJsonObject, type Json } from "../../../base/json.ts";
import { parseU64, type U64 } from "../../../base/u64.ts";
import { pointer, ranges, type FieldKind, type InclusiveRange, type Pointer } from "../../fields.ts";

/** An array of ranges in the caller's memory, shown as the list itself; or a pointer, where a caller passed a bad one. */
export type RangeArray = InclusiveRange[] | { at: U64 };

export const rangeArray: FieldKind<RangeArray> = {
  name: "list of ranges",
  decode: (json) => {
    if (Array.isArray(json)) return ranges.decode(json);
    const at = parseU64(json);
    return at === null ? undefined : { at };
  },
  encode: (value) => (Array.isArray(value) ? ranges.encode(value) : `0x${value.at.toString(16)}`),
};

/** A list of 64-bit values as hex strings. */
export const addresses: FieldKind<U64[]> = {
  name: "list of addresses",
  decode: (json) => {
    if (!Array.isArray(json)) return undefined;
    const list = json.map(parseU64);
    return list.includes(null) ? undefined : (list as U64[]);
  },
  encode: (value) => value.map((address) => `0x${address.toString(16)}`),
};

/** One entry of HWPT_INVALIDATE for the mock driver. */
export interface InvalidateEntry {
  readonly flags: number;
  readonly iotlb_id: number;
}

export const invalidateEntries: FieldKind<InvalidateEntry[]> = {
  name: "list of entries",
  decode: (json) => (Array.isArray(json) ? json.map((entry) => ({ flags: numberIn(entry, "flags"), iotlb_id: numberIn(entry, "iotlb_id") })) : undefined),
  encode: (value) => value.map((entry) => ({ ...entry })),
};

/** One answer to a page request. */
export interface PageResponse {
  readonly cookie: number;
  readonly code: number;
}

export const responses: FieldKind<PageResponse[]> = {
  name: "list of responses",
  decode: (json) => (Array.isArray(json) ? json.map((entry) => ({ cookie: numberIn(entry, "cookie"), code: numberIn(entry, "code") })) : undefined),
  encode: (value) => value.map((entry) => ({ ...entry })),
};

/** A pointer that a call may leave out: the caller then passed a good buffer of its own. */
export const givenPointer: FieldKind<Pointer | null> = {
  name: "pointer",
  decode: (json) => pointer.decode(json),
  encode: (value) => (value === null ? null : pointer.encode(value)),
  absent: null,
};

function numberIn(json: Json, name: string): number {
  const value = isJsonObject(json) ? json[name] : undefined;
  return typeof value === "number" ? value : 0;
}
