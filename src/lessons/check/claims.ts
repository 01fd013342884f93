/** Decides statements. */
import { unreachable } from "../../base/assert.ts";
import { isJsonObject, type Json } from "../../base/json.ts";
import { parseU64 } from "../../base/u64.ts";
import type { Claim } from "../text/claim.ts";
import type { Moment } from "./moment.ts";
import { AskError, SUBJECTS } from "./subjects.ts";

export interface Verdict {
  holds: boolean;
  /** What the model says, for messages. */
  model: string;
}

/** Asks the model. Throws AskError when the statement can't be asked. */
export function decide(claim: Claim, moment: Moment): Verdict {
  const subject = Object.hasOwn(SUBJECTS, claim.subject) ? SUBJECTS[claim.subject] : undefined;
  if (!subject) throw new AskError(`nothing is called "${claim.subject}"; there are ${Object.keys(SUBJECTS).join(", ")}`);
  const found = subject(moment, claim.args);
  return { holds: relate(claim, found), model: jsonText(found) };
}

function relate({ relation, value }: Claim, found: Json): boolean {
  switch (relation) {
    case "=":
      return same(value, found);
    case "!=":
      return !same(value, found);
    case "has":
      return contains(found, value);
    case "lacks":
      return !contains(found, value);
    default:
      return unreachable(relation);
  }
}

/** Is a value as written the one the model has? Numbers compare as numbers, lists as "one, two". */
export function same(written: string, found: Json): boolean {
  if (Array.isArray(found)) {
    const parts = written === "none" ? [] : written.split(/\s*,\s*/);
    return parts.length === found.length && found.every((item, index) => same(parts[index] as string, item));
  }
  if (found === null) return written === "none" || written === "null";
  if (isJsonObject(found)) return JSON.stringify(found) === compact(written);
  const text = String(found);
  return text === written || plainRange(text) === plainRange(written);
}

function compact(written: string): string {
  try {
    return JSON.stringify(JSON.parse(written));
  } catch {
    return written;
  }
}

/** Addresses and numbers in one form: "0x1_0000-0x1_ffff" → "65536-131071". */
function plainRange(text: string): string {
  return text
    .replaceAll("_", "")
    .split("-")
    .map((part) => parseU64(part)?.toString() ?? part)
    .join("-");
}

function contains(found: Json, written: string): boolean {
  if (!Array.isArray(found)) return typeof found === "string" && found.includes(written);
  return found.some((item) => (isJsonObject(item) ? hasAll(item, written) : same(written, item) || (typeof item === "string" && !item.startsWith("0x") && item.includes(written))));
}

/** Has the object every field of some JSON text, with the same value? */
function hasAll(item: Record<string, Json>, written: string): boolean {
  let wanted: unknown;
  try {
    wanted = JSON.parse(written);
  } catch {
    throw new AskError(`events are compared with JSON, such as {"warn":true}, not with ${written}`);
  }
  return isJsonObject(wanted) && Object.entries(wanted).every(([name, value]) => JSON.stringify(item[name]) === JSON.stringify(value));
}

function jsonText(found: Json): string {
  if (Array.isArray(found)) return found.length === 0 ? "none" : found.map((item) => (typeof item === "string" ? item : JSON.stringify(item))).join(", ");
  return typeof found === "string" ? found : JSON.stringify(found);
}
