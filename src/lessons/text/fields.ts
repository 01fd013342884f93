/** The plain form of a call or of a thing with properties: `NAME field=value field=value`. */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";

/** Fields whose hexadecimal value stays text, because the number may need 64 bits. */
const ADDRESSES: ReadonlySet<string> = new Set([
  "iova", "length", "size", "vaddr", "user_va", "src_iova", "dst_iova", "page_size", "start", "last", "end", "pgsize_bitmap", "max_iova_alignment", "va", "uptr", "val64",
]);

export class TextError extends Error {
  override name = "TextError";
}

export interface Named {
  name: string;
  fields: JsonObject;
}

/** Reads one such line. Throws TextError. */
export function parseNamed(text: string): Named {
  const name = /^\S+/.exec(text.trim())?.[0];
  if (name === undefined) throw new TextError("a name is missing");
  const fields: JsonObject = {};
  let rest = text.trim().slice(name.length).trimStart();
  while (rest !== "") {
    const head = /^([A-Za-z_][\w.]*)=/.exec(rest);
    if (!head) throw new TextError(`"${firstWord(rest)}" is not field=value`);
    const field = head[1] as string;
    if (Object.hasOwn(fields, field)) throw new TextError(`"${field}" is given twice`);
    const { text: value, rest: after } = takeValue(rest.slice(head[0].length), field);
    fields[field] = valueOf(field, value);
    rest = after.trimStart();
  }
  return { name, fields };
}

function firstWord(text: string): string {
  return /^\S+/.exec(text)?.[0] ?? "";
}

/** The text of one value: JSON up to its closing bracket or quote, else up to the next space. */
function takeValue(text: string, field: string): { text: string; rest: string } {
  const opening = text[0] ?? "";
  if (!"[{\"".includes(opening) || opening === "") {
    const word = firstWord(text);
    if (word === "") throw new TextError(`"${field}" has no value`);
    return { text: word, rest: text.slice(word.length) };
  }
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at] as string;
    if (quoted && sign === "\\") at++;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && (sign === "[" || sign === "{")) depth++;
    else if (!quoted && (sign === "]" || sign === "}")) depth--;
    if (depth === 0 && !quoted) return { text: text.slice(0, at + 1), rest: text.slice(at + 1) };
  }
  throw new TextError(`the value of "${field}" does not end`);
}

function valueOf(field: string, text: string): Json {
  if ("[{\"".includes(text[0] as string)) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      throw new TextError(`the value of "${field}" is not JSON: ${text}`);
    }
  }
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  if (/^0x[0-9a-f_]+$/i.test(text)) {
    const plain = text.replaceAll("_", "").toLowerCase();
    return ADDRESSES.has(field) || plain.length > 14 ? plain : Number(plain);
  }
  return text;
}

/** JSON in the plain form, for one field. */
export function valueText(value: Json): string {
  return typeof value === "string" && /^[^\s[{"]+$/.test(value) ? value : JSON.stringify(value);
}

/** A named thing in the plain form. */
export function namedText({ name, fields }: Named): string {
  return [name, ...Object.entries(fields).map(([field, value]) => `${field}=${valueText(value)}`)].join(" ");
}

/** A JSON object, or a TextError. */
export function objectOf(value: Json, what: string): JsonObject {
  if (!isJsonObject(value)) throw new TextError(`${what} must be a JSON object`);
  return value;
}
