/** The composer's form: texts of fields, and the line of the text form that they make. */
import { hex, lastOf, lengthOf, parseU64, sub, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { CallOffer, TextProblem } from "../../engine/views.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import { outputsOf } from "../../scenario/text/ids.ts";
import { parseSize, sizeText, writeValue } from "../../scenario/text/values.ts";

/** Where names for what the call gives, and its note, stand among the fields. */
export const NAMES = "=";
export const NOTE = "#";

export type Form = Readonly<Record<string, string>>;

/** What a form for a call that is to come starts with. */
export function blankForm(offer: CallOffer): Form {
  return Object.fromEntries(offer.fields.filter(({ suggested }) => suggested !== "").map(({ name, suggested }) => [name, suggested]));
}

/** The form of a call that is there. */
export function formOf(call: ScenarioCall): Form {
  const fields = Object.entries(call.in).map(([field, value]) => [field, call.uses?.[field] ?? writeValue(value, { call: call.call, field, kind: null }) ?? JSON.stringify(value)]);
  const names = outputsOf(call.call).map(({ out }) => call.binds?.[out] ?? "_");
  while (names.at(-1) === "_") names.pop();
  return { ...Object.fromEntries(fields), ...(names.length > 0 && { [NAMES]: names.join(", ") }), ...(call.note !== undefined && { [NOTE]: call.note }) };
}

export interface Written {
  line: string;
  /** Which part of the line each field makes; offsets from 0, end not included. */
  places: { field: string; from: number; to: number }[];
}

function valueText(text: string): string {
  const trimmed = text.trim();
  if (/^[[{"]/.test(trimmed)) return trimmed;
  const joined = trimmed.replace(/\s*([|,+-])\s*/g, "$1");
  return /\s/.test(joined) ? JSON.stringify(trimmed) : joined;
}

/** The call as a line of the text form. */
export function writtenLine(offer: CallOffer, form: Form, given?: ScenarioCall["given"]): Written {
  const places: Written["places"] = [];
  let line = "";
  const names = (form[NAMES] ?? "").trim();
  if (names !== "") {
    line = `${names} = `;
    places.push({ field: NAMES, from: 0, to: names.length });
  }
  line += offer.call;
  // As the call has them, or as its table does.
  const order = Object.keys(form).filter((name) => name !== NAMES && name !== NOTE);
  for (const field of order) {
    const text = form[field]?.trim() ?? "";
    if (text === "") continue;
    const known = offer.fields.some(({ name }) => name === field) || field === "process";
    const part = known ? `${field}=${valueText(text)}` : `${JSON.stringify(field)}=${text}`;
    places.push({ field, from: line.length + 1, to: line.length + 1 + part.length });
    line += ` ${part}`;
  }
  if (given) line += ` given=${JSON.stringify(given)}`;
  const note = form[NOTE] ?? "";
  if (note.trim() !== "") line += ` note=${JSON.stringify(note)}`;
  return { line, places };
}

/** The problems of a line by the field that they are about; "" for those about the call. */
export function problemsByField({ places }: Written, problems: readonly TextProblem[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { column, message } of problems) {
    const needed = /needs (\S+) \(/.exec(message)?.[1];
    const field = needed ?? places.find(({ from, to }) => column - 1 >= from && column - 1 < to)?.field ?? "";
    if (!found.has(field)) found.set(field, needed === undefined ? message : "It is needed.");
  }
  return found;
}

function addressOf(text: string | undefined): U64 | null {
  return text === undefined ? null : parseSize(text.trim().replaceAll("_", ""));
}

/** The range that the form asks for; null when it can't be read. */
export function askedOf(offer: CallOffer, form: Form): Range | null {
  const first = offer.range && addressOf(form[offer.range.first]);
  const length = offer.range && addressOf(form[offer.range.length]);
  if (first === null || length === null || length === 0) return null;
  try {
    return { first, last: lastOf(first, length) };
  } catch {
    return null;
  }
}

/** The form with a range put in. */
export function withRange(offer: CallOffer, form: Form, range: Range): Form {
  if (!offer.range) return form;
  return { ...form, [offer.range.first]: hex(range.first), [offer.range.length]: sizeText(lengthOf(range.first, range.last)) };
}

/** The part of a range that fits which what was asked for can have: as long as asked, and as near to it as can be. */
export function fitting(fit: Range, asked: Range | null): Range {
  if (!asked) return fit;
  const wanted = lengthOf(asked.first, asked.last);
  if (lengthOf(fit.first, fit.last) <= wanted) return fit;
  if (asked.first <= fit.first) return { first: fit.first, last: lastOf(fit.first, wanted) };
  const lastStart = sub(fit.last, sub(wanted, 1));
  if (asked.first <= lastStart) return { first: asked.first, last: lastOf(asked.first, wanted) };
  return { first: lastStart, last: fit.last };
}

/** A drawn range on round numbers: nobody means 0x1234_5678 by a stroke of the pointer. */
export function rounded(range: Range): Range {
  const length = BigInt(lengthOf(range.first, range.last));
  let grain = 4096n;
  while (grain * 64n <= length) grain *= 2n;
  const first = (BigInt(range.first) / grain) * grain;
  const end = ((BigInt(range.last) + grain) / grain) * grain;
  const limit = 1n << 64n;
  const last = (end > limit ? limit : end <= first ? first + grain : end) - 1n;
  return { first: parseU64(first) ?? 0, last: parseU64(last) ?? 0 };
}
