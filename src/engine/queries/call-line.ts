/** One line about a call: what it asks for, and what it gave. */
import { groupedHex, humanSize, plural } from "../../base/format.ts";
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { parseU64, U64_MAX } from "../../base/u64.ts";
import type { RecordedAnswer } from "../../scenario/scenario.ts";
import { choiceName, flagNames } from "../../scenario/text/flag-names.ts";
import { plainText, valueText } from "./values.ts";

/** Fields that say nothing to people: sizes of structs, pointers to results, padding. */
const SILENT = /^(size|argsz|__reserved\w*|\w*_uptr|uptr|user_va|vaddr|flags|data_len|data_type|pgsize_bitmap|ops|num_iovas|n|process|iommufd|ctx)$/;
const MOST_PARTS = 4;
/** Characters of a text that a line shows. */
const LONG = 16;
const EVERYTHING = "everything";
/** Calls whose first three flag bits are FIXED_IOVA, WRITEABLE, READABLE, and those that have READ and WRITE. */
const IOAS_MAP = /^IOMMU_IOAS_(MAP|MAP_FILE|COPY)$/;
const TYPE1_MAP = "VFIO_IOMMU_MAP_DMA";

function idName(field: string): string | null {
  const match = /^(?:out_|src_|dst_)?(\w+?)_id$/.exec(field);
  return match ? (match[1] as string) : null;
}

function size(json: Json | undefined): string | null {
  const value = parseU64(json);
  return value === null ? null : value === U64_MAX ? EVERYTHING : humanSize(value);
}

function address(json: Json | undefined): string | null {
  const value = parseU64(json);
  return value === null ? null : groupedHex(value);
}

/** "0x1000 + 2 MiB", "2 MiB anywhere"; null when the call names no place. */
function placeText(call: string, fields: JsonObject): string | null {
  const length = size(fields.length ?? fields.size);
  const where = address(fields.dst_iova ?? fields.iova ?? fields.start);
  if (length === null || where === null) return null;
  if (length === EVERYTHING) return EVERYTHING;
  const bits = typeof fields.flags === "number" ? fields.flags : 0;
  const automatic = IOAS_MAP.test(call) && (bits & 1) === 0;
  return automatic ? `${length} anywhere` : `${where} + ${length}`;
}

const PLACE_FIELDS: ReadonlySet<string> = new Set(["iova", "dst_iova", "src_iova", "start", "length", "size"]);

/** The ids of a call, "dev 1 → hwpt 3" where one thing goes to another. */
function idParts(fields: JsonObject): string[] {
  if (typeof fields.src_ioas_id === "number" && typeof fields.dst_ioas_id === "number") return [`ioas ${fields.src_ioas_id} → ioas ${fields.dst_ioas_id}`];
  const device = fields.dev_id ?? fields.dev;
  const parts: string[] = [];
  if (typeof device === "number" && typeof fields.pt_id === "number") parts.push(`dev ${device} → pt ${fields.pt_id}`);
  for (const [field, json] of Object.entries(fields)) {
    if (typeof json !== "number") continue;
    const name = field === "dev" ? "dev" : field === "id" ? "object" : idName(field);
    if (name === null || (parts.length > 0 && parts[0]?.includes("→") && (field === "pt_id" || field === "dev_id" || field === "dev"))) continue;
    if (json === 0 && /^(fault|option|object|ioas)$/.test(name)) continue;
    parts.push(`${name} ${json}`);
  }
  return parts;
}

/** "rw" for a mapping's flags; null where they hold something else. */
function rightsText(call: string, flags: number): string | null {
  const [readable, writable] = IOAS_MAP.test(call) ? [4, 2] : call === TYPE1_MAP ? [1, 2] : [0, 0];
  const known = IOAS_MAP.test(call) ? 7 : readable | writable;
  if (readable === 0 || (flags & ~known) !== 0) return null;
  return `${flags & readable ? "r" : ""}${flags & writable ? "w" : ""}` || "no access";
}

function otherParts(call: string, fields: JsonObject, placed: boolean): string[] {
  const parts: string[] = [];
  const flags = fields.flags;
  const rights = typeof flags === "number" ? rightsText(call, flags) : null;
  if (rights !== null) parts.push(rights);
  else if (typeof flags === "number" && flags !== 0) parts.push(flagNames(call, "flags", flags) ?? `flags ${flags}`);
  else if (Array.isArray(flags) && flags.length > 0) parts.push(flags.map(plainText).join(" | "));
  for (const [field, json] of Object.entries(fields)) {
    if (SILENT.test(field) || (placed && PLACE_FIELDS.has(field)) || (typeof json === "number" && (idName(field) !== null || field === "id" || field === "dev"))) continue;
    if (json === null || json === "" || json === false || (Array.isArray(json) && json.length === 0)) continue;
    parts.push(otherPart(call, field, json));
  }
  return parts;
}

function otherPart(call: string, field: string, json: Json): string {
  if (json === true) return field;
  if (Array.isArray(json) && json.every((item) => isJsonObject(item) && "start" in item)) return plural(json.length, field === "resv" ? "region" : "range");
  if (typeof json === "string" && !json.startsWith("0x")) return json;
  if (typeof json === "number") return choiceName(call, field, json) ?? (field === "arg" ? String(json) : `${field} ${json}`);
  return `${field} ${valueText(call, field, json)}`;
}

/** What a call asks for, from its fields alone: "ioas 2 · 0x0 + 2 GiB". */
export function detailLine(call: string, fields: JsonObject): string {
  if (call === "lane_start" && typeof fields.call === "string" && isJsonObject(fields.in)) return `CPU ${plainText(fields.cpu)} · ${fields.call} · ${detailLine(fields.call, fields.in)}`;
  if (call.startsWith("lane_")) return `CPU ${plainText(fields.cpu)}`;
  const place = placeText(call, fields);
  const min = fields.min;
  if (call === "ioasid_alloc" && typeof min === "number" && typeof fields.max === "number") {
    return [fields.set === null ? "no set" : `set ${plainText(fields.set)}`, `${min}–${fields.max}`].join(" · ");
  }
  const parts = [...idParts(fields), ...(place === null ? [] : [place]), ...otherParts(call, fields, place !== null)];
  return parts.length > MOST_PARTS ? `${parts.slice(0, MOST_PARTS).join(" · ")} · …` : parts.join(" · ");
}

function outPart(name: string, json: Json): string | null {
  if (name === "num_iovas" || name === "argsz" || (name === "ret" && json === 0)) return null;
  if (typeof json === "string" && json.length > LONG && !json.startsWith("0x")) return `${name} ${json.slice(0, LONG)}…`;
  if (name.endsWith("alignment")) return `alignment ${size(json)}`;
  const id = typeof json === "number" ? idName(name) ?? (name === "out_devid" ? "dev" : null) : null;
  if (id !== null) return `${id} ${plainText(json)}`;
  if (/^(length|size|unmapped)$/.test(name)) return size(json);
  if (/^(iova|\w*addr)$/.test(name)) return address(json);
  if (name.endsWith("fd")) return `fd ${plainText(json)}`;
  if (Array.isArray(json)) return name === "allowed_iovas" ? plural(json.length, "range") : `${json.length} ${name.replace(/^out_/, "")}`;
  if (isJsonObject(json)) return null;
  return `${name.replace(/^out_/, "")} ${valueText("", name, json)}`;
}

/** Where a device's request ended: "W in P2’s memory". */
function landing(json: Json): string {
  if (!isJsonObject(json)) return plainText(json);
  return json.lands_in === null ? `${plainText(json.work)} faults` : `${plainText(json.work)} in ${plainText(json.lands_in)}’s memory`;
}

/** What a successful call gave: "→ ioas 2"; empty when it gave nothing worth a word. */
export function resultLine(call: string, fields: JsonObject, answer: RecordedAnswer): string {
  const { ret, out } = answer;
  if (out !== undefined) {
    // What was asked for and given as asked is no news.
    const news = Object.entries(out).filter(([name, json]) => json !== fields[name] || /UNMAP/.test(call));
    const parts = news.map(([name, json]) => outPart(name, json)).filter((part) => part !== null);
    if (/UNMAP/.test(call) && parts.length === 1) return `→ ${parts[0]}`;
    return parts.length > 0 ? `→ ${parts.slice(0, 3).join(" · ")}` : "";
  }
  if (ret === undefined || ret === 0 || ret === null) return "";
  if (call === "device_run" && isJsonObject(ret) && Array.isArray(ret.done)) return ret.done.length === 0 ? "" : `→ ${ret.done.map(landing).join(" · ")}`;
  if (isJsonObject(ret)) {
    const parts = Object.entries(ret).slice(0, 3).map(([name, json]) => (name === "unmapped" ? size(json) : `${name} ${valueText("", name, json)}`));
    return `→ ${parts.join(" · ")}`;
  }
  return `→ ${valueText("", "ret", ret)}`;
}
