/** Values of fields as people read them. */
import { groupedHex, humanSize } from "../../base/format.ts";
import { isJsonObject, type Json } from "../../base/json.ts";
import { parseU64, U64_MAX, type U64 } from "../../base/u64.ts";
import { choiceName, flagNames } from "../../scenario/text/flag-names.ts";

const SIZE_FIELD = /^(length|size|out_length)$/;
const MOST = 120;

/** JSON without the quotes of a text. */
export function plainText(json: Json | undefined): string {
  return typeof json === "string" ? json : (JSON.stringify(json) ?? "nothing");
}

function shortened(text: string): string {
  return text.length > MOST ? `${text.slice(0, MOST - 1)}…` : text;
}

/** A length in bytes: "0x20_0000 (2 MiB)"; the whole space keeps its odd value. */
export function sizeText(value: U64): string {
  return value < 1024 || value === U64_MAX ? groupedHex(value) : `${groupedHex(value)} (${humanSize(value)})`;
}

function rangeListText(list: Json[]): string {
  return list.map((item) => (isJsonObject(item) ? addressPair(item.start, item.last ?? item.end) + (typeof item.type === "string" ? ` ${item.type}` : "") : plainText(item))).join(", ") || "none";
}

function addressPair(first: Json | undefined, last: Json | undefined): string {
  return `${addressText(first)}–${addressText(last)}`;
}

function addressText(json: Json | undefined): string {
  const value = parseU64(json);
  return value === null ? plainText(json) : groupedHex(value);
}

/** One field of a call or of an answer, given as scenarios hold it (64-bit values are hex strings). */
export function valueText(call: string, field: string, json: Json): string {
  if (typeof json === "number") {
    const flags = flagNames(call, field, json);
    if (flags !== null) return `${json} (${flags})`;
    const choice = choiceName(call, field, json);
    return choice === null ? String(json) : `${json} (${choice})`;
  }
  if (typeof json === "string") {
    const value = json.startsWith("0x") ? parseU64(json) : null;
    if (value === null) return shortened(json);
    return SIZE_FIELD.test(field) ? sizeText(value) : groupedHex(value);
  }
  if (json === null) return "none";
  if (typeof json === "boolean") return json ? "yes" : "no";
  if (Array.isArray(json)) {
    if (json.every((item) => isJsonObject(item) && "start" in item && ("last" in item || "end" in item))) return shortened(rangeListText(json));
    return shortened(json.map((item) => (typeof item === "object" ? JSON.stringify(item) : plainText(item))).join(", ") || "none");
  }
  if (typeof json.buffer === "string") return `${json.buffer} + ${addressText(json.offset)}`;
  if ("start" in json && ("end" in json || "last" in json)) return addressPair(json.start, json.end ?? json.last);
  return shortened(JSON.stringify(json));
}
