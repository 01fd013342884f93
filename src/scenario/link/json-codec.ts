/** JSON in a link. Frozen with version 1 of the link. */
import { unreachable } from "../../base/assert.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Model } from "./model.ts";
import { LinkError } from "./view.ts";

const KINDS = ["hex", "whole", "text", "true", "false", "null", "list", "object", "number"] as const;
type Kind = (typeof KINDS)[number];
const KIND_BITS = 4;
const DEEPEST = 32;

/** What a field's name says about its value. */
type Role = "start" | "last" | "length" | "va" | "none";
const ROLES: Readonly<Record<string, Role>> = {
  iova: "start", start: "start", dst_iova: "start", src_iova: "start", last: "last", end: "last", length: "length", size: "length", user_va: "va", vaddr: "va",
};
/** Addresses come first: sizes and user addresses follow from them. */
const ORDER: Readonly<Record<Role, number>> = { start: 0, last: 1, length: 1, va: 2, none: 3 };

/** Codes one JSON value. `path` is where it stands, "IOMMU_IOAS_MAP.iova": values are compared with those of the same place. */
export function codeJson(model: Model, path: string, value: Json, role: Role = "none", depth = 0): Json {
  // Long names cost time: every bit looks one up.
  model.spend(1 + (path.length >>> 6));
  if (depth > DEEPEST) throw new LinkError("This scenario is nested too deeply for a link.");
  const kind = KINDS[model.tree(`kind of ${path}`, KINDS.indexOf(model.reading ? "null" : kindOf(value)), KIND_BITS)];
  if (kind === undefined) throw new LinkError("This link is damaged: it holds a value of no kind.");
  switch (kind) {
    case "hex":
      return `0x${codeAddress(model, path, role, model.reading ? 0n : BigInt(value as string)).toString(16)}`;
    case "whole":
      return codeWhole(model, path, model.reading ? 0 : (value as number));
    case "text":
      return model.text(path, model.reading ? "" : (value as string));
    case "true":
      return true;
    case "false":
      return false;
    case "null":
      return null;
    case "list":
      return codeList(model, path, value as Json[], depth);
    case "object":
      return codeObject(model, path, value as JsonObject, depth);
    case "number":
      return Number(model.text("number", model.reading ? "" : JSON.stringify(value)));
    default:
      return unreachable(kind);
  }
}

function kindOf(value: Json): Kind {
  if (typeof value === "string") return /^0x(?:0|[1-9a-f][0-9a-f]{0,15})$/.test(value) ? "hex" : "text";
  if (typeof value === "number") return Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0) ? "whole" : "number";
  if (value === true) return "true";
  if (value === false) return "false";
  if (value === null) return "null";
  return Array.isArray(value) ? "list" : "object";
}

/** Small numbers: one of the last few here, the next one up, or new. */
export function codeWhole(model: Model, path: string, value: number): number {
  const key = `numbers of ${path}`;
  const newest = model.newest(key) as number | undefined;
  return model.choose(`whole ${path}`, newest === undefined ? [] : [newest, newest + 1], value, (fresh) =>
    model.oneOf(`whole again ${path}`, key, fresh, (fresher) => model.whole(`whole new ${path}`, fresher), 8), (chosen) => model.remember(key, chosen));
}

/** Where ranges began or ended, as seen by all address fields. */
const POINTS = "points";
const POINTS_TRIED = 24;
/** Distances of user addresses from IOVAs. */
const DISTANCES = "distances";
const WRAP = 1n << 64n;

/** The range whose fields are being coded: what its start was, and how long the last range from there was. */
const START = "start of the range";

function codeAddress(model: Model, path: string, role: Role, value: bigint): bigint {
  switch (role) {
    case "start": {
      const start = model.oneOf(`address ${path}`, POINTS, value, (fresh) => model.round(`address new ${path}`, fresh), POINTS_TRIED);
      model.remember(START, start, 2);
      return start;
    }
    case "last":
      return codeEnd(model, path, value + 1n) - 1n;
    case "length": {
      const start = (model.newest(START) as bigint | undefined) ?? 0n;
      const end = codeEnd(model, path, start + value);
      if (end < start) throw new LinkError("This link is damaged: it holds a range that ends before it starts.");
      return end - start;
    }
    case "va":
      return codeVa(model, path, value);
    case "none":
      return model.oneOf(`hex ${path}`, `hex of ${path}`, value, (fresh) => model.round(`hex new ${path}`, fresh), 8);
    default:
      return unreachable(role);
  }
}

/** The exclusive end of the range at hand: the end it had before, a known point, or a new size. */
function codeEnd(model: Model, path: string, end: bigint): bigint {
  const start = (model.newest(START) as bigint | undefined) ?? 0n;
  const before = model.newest(`end at ${start}`) as bigint | undefined;
  const coded = model.choose(`end ${path}`, before === undefined ? [] : [before], end, (fresh) =>
    // Ends may lie below the start only in a broken scenario; then they are no size from it.
    model.oneOf(`end again ${path}`, POINTS, fresh, (fresher) => {
      const above = model.flag(`end above ${path}`, fresher >= start);
      return above ? start + model.round(`size ${path}`, fresher - start) : model.round(`end below ${path}`, fresher);
    }, POINTS_TRIED), (chosen) => model.remember(POINTS, chosen));
  model.remember(`end at ${start}`, coded, 1);
  return coded;
}

function codeVa(model: Model, path: string, va: bigint): bigint {
  const start = (model.newest(START) as bigint | undefined) ?? 0n;
  const distance = (va - start + WRAP) % WRAP;
  const coded = model.oneOf(`distance ${path}`, DISTANCES, distance, (fresh) => {
    const last = model.newest("user addresses") as bigint | undefined;
    const target = (fresh + start) % WRAP;
    if (last === undefined) return (distanceOf(model.round("user address", target), start));
    const above = model.flag("user address above", target >= last);
    const step = model.round(`user address ${above ? "up" : "down"}`, above ? target - last : last - target);
    return distanceOf(above ? last + step : last - step, start);
  });
  const result = (coded + start) % WRAP;
  model.remember("user addresses", result, 1);
  return result;
}

function distanceOf(va: bigint, start: bigint): bigint {
  return (((va - start) % WRAP) + WRAP) % WRAP;
}

function codeList(model: Model, path: string, value: Json[], depth: number): Json[] {
  const count = model.count(`entries of ${path}`, model.reading ? 0 : value.length);
  const result: Json[] = [];
  for (let index = 0; index < count; index++) result.push(codeJson(model, `${path}[]`, model.reading ? null : (value[index] as Json), "none", depth + 1));
  return result;
}

export function codeObject(model: Model, path: string, value: JsonObject, depth = 0): JsonObject {
  const names = codeNames(model, path, model.reading ? [] : Object.keys(value));
  const coded = new Map<string, Json>();
  const ordered = names.map((name, index) => ({ name, index, role: roleOf(name) })).sort((one, other) => ORDER[one.role] - ORDER[other.role] || one.index - other.index);
  for (const { name, role } of ordered) coded.set(name, codeJson(model, `${path}.${name}`, model.reading ? null : (value[name] as Json), role, depth + 1));
  return Object.fromEntries(names.map((name) => [name, coded.get(name) as Json]));
}

function roleOf(name: string): Role {
  return Object.hasOwn(ROLES, name) ? (ROLES[name] as Role) : "none";
}

/** The names of an object's fields in order: the same as of another object in this place, or spelled out. */
export function codeNames(model: Model, path: string, names: string[]): string[] {
  const coded = model.oneOf(`fields of ${path}`, `fields of ${path}`, JSON.stringify(names), (fresh) => {
    const given = JSON.parse(fresh) as string[];
    const count = model.count("field count", given.length);
    return JSON.stringify(Array.from({ length: count }, (_none, index) => model.text("field name", given[index] ?? "")));
  }, 8);
  model.spend(coded.length >>> 3);
  return JSON.parse(coded) as string[];
}
