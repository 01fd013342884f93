/** What a person types to say where a run should stop, in words or figures. Pure. */
import { rangeText } from "../../base/format.ts";
import { lastOf, parseU64, type U64 } from "../../base/u64.ts";
import type { Frame, Goal } from "../../engine/views.ts";
import type { Stop } from "./entry.ts";

export interface Known {
  /** Objects that are there, or were; by key. */
  objects: readonly { key: string; names: readonly string[] }[];
  calls: readonly string[];
  rules: readonly string[];
}

/** Objects of a step by all the names that people know them by. */
export function objectsIn(frame: Frame | null): Known["objects"] {
  if (!frame) return [];
  const nodes = frame.graph.nodes.map((node) => ({ key: node.key, names: [node.title, node.label, node.key] }));
  const ids = (frame.pasids?.ids ?? []).map((entry) => ({ key: entry.key, names: [`ioasid ${entry.id}`, `pasid ${entry.id}`, entry.key] }));
  return [...nodes, ...ids];
}

const UNITS: Readonly<Record<string, number>> = { "": 1, b: 1, kib: 2 ** 10, k: 2 ** 10, mib: 2 ** 20, m: 2 ** 20, gib: 2 ** 30, g: 2 ** 30, tib: 2 ** 40, t: 2 ** 40 };

function lengthFrom(text: string): U64 | null {
  const plain = parseU64(text.replaceAll("_", ""));
  if (plain !== null) return plain;
  const [, digits, unit] = /^(\d+)\s*([a-z]*)$/i.exec(text) ?? [];
  const scale = unit === undefined ? undefined : UNITS[unit.toLowerCase()];
  return digits === undefined || scale === undefined ? null : Number(digits) * scale;
}

/** "0x1000", "0x1000-0x1fff", "0x1000 + 4 KiB". */
function rangeFrom(text: string): Goal | null {
  const address = (digits: string | undefined) => (digits === undefined ? null : parseU64(digits.replaceAll("_", "")));
  const [, start, sign, end] = /^(0x[0-9a-f_]+)\s*(?:(-|–|\.\.|\+)\s*(.+))?$/i.exec(text) ?? [];
  const first = address(start);
  if (first === null) return null;
  if (sign === undefined || end === undefined) return { kind: "range", first, last: first };
  if (sign === "+") {
    const length = lengthFrom(end);
    return length === null || length === 0 ? null : { kind: "range", first, last: lastOf(first, length) };
  }
  const last = address(end);
  return last === null || last < first ? null : { kind: "range", first, last };
}

const OBJECT = /^(ioas|hwpt|dev(?:ice)?|access|fault|stdev|container|group|ioasid|pasid)\s*(\d+)$/i;
/** Keys of objects that are not there yet: made in the first iommufd, whose descriptor is 3. */
const KEY_OF: Readonly<Record<string, (id: string) => string>> = {
  ioas: (id) => `ioas:3/${id}`, hwpt: (id) => `hwpt:3/${id}`, dev: (id) => `device:3/${id}`, device: (id) => `device:3/${id}`, access: (id) => `access:3/${id}`, fault: (id) => `fault:3/${id}`,
  stdev: (id) => `selftest:3/${id}`, container: (id) => `container:${id}`, group: (id) => `group:${id}`, ioasid: (id) => `ioasid:${id}`, pasid: (id) => `ioasid:${id}`,
};

/** What a text means; null when it means nothing that is known. */
export function stopFrom(typed: string, known: Known): Stop | null {
  const text = typed.trim();
  if (text === "") return null;
  if (/^(?:any )?(?:refus(?:al|ed)|error)$/i.test(text)) return { goal: { kind: "errno", errno: "refused" }, text: "any refusal" };
  const range = rangeFrom(text);
  if (range?.kind === "range") return { goal: range, text: range.first === range.last ? `the address ${text}` : rangeText(range.first, range.last) };
  const lower = text.toLowerCase();
  const object = known.objects.find(({ names }) => names.some((name) => name.toLowerCase() === lower));
  if (object) return { goal: { kind: "object", key: object.key }, text: `changes of ${object.names[0] ?? object.key}` };
  const call = known.calls.find((name) => name.toLowerCase() === lower);
  if (call !== undefined) return { goal: { kind: "call", call }, text: call };
  const rule = known.rules.find((id) => id === lower);
  if (rule !== undefined) return { goal: { kind: "rule", rule }, text: `the rule ${rule}` };
  if (/^E[A-Z0-9]+$/.test(text.toUpperCase()) && !text.includes("_")) return { goal: { kind: "errno", errno: text.toUpperCase() }, text: text.toUpperCase() };
  const [, kind, id] = OBJECT.exec(text) ?? [];
  const key = kind === undefined || id === undefined ? undefined : KEY_OF[kind.toLowerCase()]?.(id);
  if (key !== undefined) return { goal: { kind: "object", key }, text: `changes of ${lower}` };
  // Any name in capitals, or with underlines, may come to be called.
  if (/^[A-Za-z]\w*_\w+$/.test(text)) return { goal: { kind: "call", call: text }, text };
  return null;
}

/** What a goal is, in a word before its text. */
export const KIND_WORDS: Readonly<Record<Goal["kind"], string>> = { object: "object", errno: "answer", rule: "rule", call: "call", range: "range", different: "another call" };
