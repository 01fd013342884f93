/** Values of fields in the text form: 2M, READABLE|WRITEABLE, ram+0x1000, 0x0-0xfff,0x2000-0x2fff. */
import { firstDifference, isJsonObject, type Json } from "../../base/json.ts";
import { fromBig, hex, parseU64, toBig, U64_MAX, type U64 } from "../../base/u64.ts";
import type { FieldKind } from "../../kernel/fields.ts";
import { choiceName, flagNames, namedValue } from "./flag-names.ts";

/** A field as far as its value's form depends on it. */
export interface FieldContext {
  call: string;
  field: string;
  /** Null: the field is of no known call; its name says what it may be. */
  kind: FieldKind<never> | FieldKind<any> | null;
}

/** Fields whose numbers stay text where no table of fields says so, because they may need 64 bits. */
const WIDE: ReadonlySet<string> = new Set([
  "iova", "length", "size", "vaddr", "user_va", "src_iova", "dst_iova", "page_size", "start", "last", "end", "pgsize_bitmap", "max_iova_alignment", "va", "uptr", "val64",
]);
const WIDE_KINDS: ReadonlySet<string> = new Set(["address", "length", "64-bit value", "pointer"]);
const SUFFIXES = ["", "K", "M", "G", "T", "P", "E"] as const;

function isWide({ kind, field }: FieldContext): boolean {
  return kind ? WIDE_KINDS.has(kind.name) : WIDE.has(field);
}

/** A number with an optional size suffix (K, M, G, T, P, E: powers of 1024), or hex with an optional "_" between digits; null for anything else. */
export function parseSize(text: string): U64 | null {
  if (/^0x[0-9a-f_]*[0-9a-f]$/i.test(text)) return parseU64(text.replaceAll("_", ""));
  const match = /^(\d{1,20})([KMGTPE]?)(?:i?B)?$/i.exec(text);
  if (!match) return null;
  const unit = SUFFIXES.indexOf((match[2] ?? "").toUpperCase() as (typeof SUFFIXES)[number]);
  const value = BigInt(match[1] as string) << BigInt(10 * unit);
  return value <= toBig(U64_MAX) ? fromBig(value) : null;
}

/** "2M", "4K" where it is a whole number of such; else hex. */
export function sizeText(value: U64): string {
  let whole = toBig(value);
  if (whole === 0n || whole % 1024n !== 0n) return hex(value);
  let unit = 0;
  while (unit < SUFFIXES.length - 1 && whole % 1024n === 0n) {
    whole /= 1024n;
    unit++;
  }
  return whole < 10_000n ? `${whole}${SUFFIXES[unit]}` : hex(value);
}

/** What a value's text may mean, the likeliest first. */
function* meanings(text: string, context: FieldContext): Generator<Json> {
  const { call, field, kind } = context;
  if ("[{\"".includes(text[0] ?? " ")) {
    try {
      yield JSON.parse(text) as Json;
    } catch {
      // Not JSON; "is not JSON" is the caller's to say.
    }
    return;
  }
  if (text === "true" || text === "false") yield text === "true";
  if (text === "null") yield null;
  const named = namedValue(call, field, text);
  if (named !== null) yield named;
  if (/^-\d{1,15}$/.test(text)) yield Number(text);
  if (/^0x[0-9a-f_]*[0-9a-f]$/i.test(text)) {
    const plain = text.replaceAll("_", "").toLowerCase();
    if (isWide(context) || plain.length > 14) yield plain;
    else yield Number(plain);
  } else {
    const size = parseSize(text);
    if (size !== null && isWide(context) && (kind !== null || !/^\d+$/.test(text))) yield hex(size);
    else if (typeof size === "number" && (kind !== null || /^\d{1,15}$/.test(text))) yield size;
  }
  if (kind?.name === "list of ranges") {
    const ranges = text.split(",").map((part) => rangeOf(part));
    if (ranges.every((range) => range !== null)) yield ranges;
  }
  if (kind?.name === "pointer") {
    const [, buffer, offset] = /^([A-Za-z_]\w*)(?:\+(\w+))?$/.exec(text) ?? [];
    const at = offset === undefined ? 0 : parseSize(offset);
    if (buffer !== undefined && at !== null) yield { buffer, offset: hex(at) };
  }
  if (field === "regions") {
    const regions = splitOutsideQuotes(text).map(regionOf);
    if (regions.every((region) => region !== null)) yield regions;
  }
  yield text;
}

function rangeOf(text: string): Json {
  const [start, last, more] = text.split("-").map(parseSize);
  return start === null || start === undefined || last === null || last === undefined || more !== undefined ? null : { start: hex(start), last: hex(last) };
}

function splitOutsideQuotes(text: string): string[] {
  return text.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g) ?? [];
}

/** 0xfee00000-0xfeefffff:msi:"MSI window". */
function regionOf(text: string): Json {
  const match = /^([^:]+):([a-z-]+)(?::("(?:[^"\\]|\\.)*"))?$/.exec(text);
  const range = match && rangeOf(match[1] as string);
  if (!match || !isJsonObject(range)) return null;
  try {
    return { ...range, type: match[2] as string, ...(match[3] !== undefined && { label: JSON.parse(match[3]) as string }) };
  } catch {
    return null;
  }
}

/** The value that a text stands for; undefined when the field can't take it. */
export function readValue(text: string, context: FieldContext): Json | undefined {
  for (const value of meanings(text, context)) if (!context.kind || context.kind.decode(value) !== undefined) return value;
  return undefined;
}

/** How a value may be written, the nicest first. */
function* forms(value: Json, { call, field, kind }: FieldContext): Generator<string> {
  if (typeof value === "number") {
    const names = flagNames(call, field, value);
    if (names !== null && names !== "none") yield names.replaceAll(" | ", "|");
    yield choiceName(call, field, value) ?? String(value);
    yield String(value);
    if (value >= 0) yield hex(value);
  }
  if (typeof value === "string") {
    const number = value.startsWith("0x") ? parseU64(value) : null;
    if (number !== null && (kind?.name === "length" || (!kind && /^(length|size)$/.test(field)))) yield sizeText(number);
    if (/^[^\s"[{#]+$/.test(value)) yield value;
  }
  if (Array.isArray(value) && value.length > 0) {
    if (kind?.name === "list of ranges") yield value.map(rangeText).join(",");
    if (field === "regions") yield value.map((region) => (isJsonObject(region) ? [rangeText(region), bare(region.type), ...(region.label === undefined ? [] : [JSON.stringify(region.label)])].join(":") : "")).join(",");
  }
  if (kind?.name === "pointer" && isJsonObject(value) && typeof value.buffer === "string" && typeof value.offset === "string") {
    if (value.offset === "0x0") yield value.buffer;
    yield `${value.buffer}+${value.offset}`;
  }
  yield JSON.stringify(value);
}

function rangeText(range: Json): string {
  return isJsonObject(range) ? `${bare(range.start)}-${bare(range.last)}` : "";
}

function bare(json: Json | undefined): string {
  return typeof json === "string" ? json : JSON.stringify(json ?? null);
}

/** The nicest text that reads back as exactly this value; null when only a quoted field name could. */
export function writeValue(value: Json, context: FieldContext): string | null {
  for (const text of forms(value, context)) {
    if (text === "" || /\s/.test(text) && !/^[[{"]/.test(text) && !/^[^"]*("[^"]*"[^"\s]*)+$/.test(text)) continue;
    const back = readValue(text, context);
    if (back !== undefined && firstDifference(value, back) === null) return text;
  }
  return null;
}

