/** Looks for an address, an object, a rule, a call or a step in the whole scenario, a slice at a time. */
import { groupedHex, humanSize, rangeText } from "../../base/format.ts";
import { add, hex, lengthOf, parseU64, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { Rule } from "../../kernel/rules/rule.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { History } from "../history.ts";
import { askedList, askedRange } from "./asked.ts";
import { detailLine } from "./call-line.ts";
import type { FindHit, FindQuery, Found } from "./find-views.ts";
import { allSpaces, mergedGraph } from "./merge.ts";

/** Milliseconds that a slice may take. */
const SLICE_MS = 24;
/** Steps between two looks at the clock. */
const LOOK = 512;
/** Steps whose calls are made again at a time, to see which rule refused. */
const LEG = 2048;
/** Hits of one kind in the state, so that no kind drowns the others. */
const MOST_OF_A_KIND = 8;

/** What the text may stand for. */
interface Wanted {
  text: string;
  range: Range | null;
  step: number | null;
  rules: ReadonlySet<string>;
}

const SIZES: Readonly<Record<string, number>> = { k: 10, m: 20, g: 30, t: 40, p: 50, e: 60 };

/** "0xfee0_0000", "4G", "16 MiB": bytes. A bare decimal number is no address. */
function addressOf(text: string): U64 | null {
  const sized = /^(\d+(?:\.\d+)?|0x[0-9a-f_]+)\s*([kmgtpe])(?:i?b)?$/i.exec(text);
  if (sized) {
    const factor = 2 ** SIZES[sized[2]!.toLowerCase()]!;
    const value = sized[1]!.startsWith("0x") ? Number(parseU64(sized[1]!.replaceAll("_", "")) ?? Number.NaN) : Number(sized[1]);
    const bytes = value * factor;
    return Number.isFinite(bytes) && bytes < 2 ** 64 ? parseU64(`0x${BigInt(Math.floor(bytes)).toString(16)}`) : null;
  }
  return /^0x[0-9a-f_]+$/i.test(text) ? parseU64(text.toLowerCase().replaceAll("_", "")) : null;
}

/** "A – B" (last byte), "A + length", or one address. */
export function rangeOfText(text: string): Range | null {
  const between = /^(\S+?)\s*(?:-|–|\.\.)\s*(\S.*)$/.exec(text);
  const plus = /^(.+?)\s*\+\s*(.+)$/.exec(text);
  if (plus) {
    const [first, length] = [addressOf(plus[1]!), addressOf(plus[2]!) ?? parseU64(plus[2]!.trim())];
    if (first === null || length === null || length === 0) return null;
    const room = sub(U64_MAX, first);
    return { first, last: sub(length, 1) > room ? U64_MAX : add(first, sub(length, 1)) };
  }
  if (between) {
    const [first, last] = [addressOf(between[1]!), addressOf(between[2]!)];
    if (first !== null && last !== null && first <= last) return { first, last };
  }
  const one = addressOf(text);
  return one === null ? null : { first: one, last: one };
}

function meets(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

function sizeText(range: Range): string {
  return humanSize(lengthOf(range.first, range.last));
}

/** What of the state after a step is meant. */
function inState(history: History, step: number, wanted: Wanted, rules: readonly Rule[]): FindHit[] {
  const machine = history.at(step);
  const hits: FindHit[] = [];
  if (wanted.step !== null && wanted.step <= history.ran) hits.push(stepHit(history, wanted.step));
  if (wanted.range) hits.push(...atAddress(machine, wanted.range));
  hits.push(...objects(machine, wanted.text));
  if (wanted.range === null && wanted.text.length > 1) {
    const found = rules.filter((rule) => rule.id.includes(wanted.text) || rule.meaning.toLowerCase().includes(wanted.text) || rule.fn.toLowerCase() === wanted.text);
    hits.push(...found.slice(0, MOST_OF_A_KIND).map((rule): FindHit => ({ kind: "rule", title: rule.id, detail: `${rule.errno} · ${rule.meaning}` })));
  }
  return hits;
}

function atAddress(machine: Machine, range: Range): FindHit[] {
  const one = range.first === range.last;
  const hits: FindHit[] = [{ kind: "address", title: one ? groupedHex(range.first) : rangeText(range.first, range.last), detail: one ? "this address" : "these addresses", range }];
  for (const space of allSpaces(machine)) {
    let found = 0;
    space.eachMapping(range.first, range.last, (mapping) => {
      found++;
      if (found <= 2) hits.push({ kind: "mapping", title: `mapping in ${space.label}`, detail: rangeText(mapping.first, mapping.last), range: { first: mapping.first, last: mapping.last }, space: space.key });
      return found <= 2;
    });
    if (hits.length > 3 * MOST_OF_A_KIND) break;
    const holes = new Set<string>();
    for (const { owner, holes: carved } of space.contributors()) {
      for (const hole of carved) {
        if (!meets(hole, range) || holes.has(`${hole.first}`)) continue;
        holes.add(`${hole.first}`);
        hits.push({ kind: "hole", title: `${hole.label || hole.kind} of ${owner.label}`, detail: `${rangeText(hole.first, hole.last)} in ${space.label}`, range: { first: hole.first, last: hole.last }, space: space.key });
      }
    }
  }
  return hits;
}

function objects(machine: Machine, text: string): FindHit[] {
  const hits: FindHit[] = [];
  for (const node of mergedGraph(machine).nodes) {
    if (!`${node.title}\n${node.label}\n${node.type}\n${node.key}\n${node.lines.join("\n")}`.toLowerCase().includes(text)) continue;
    hits.push({ kind: "object", title: node.title, detail: [node.type, ...node.lines].join(" · "), key: node.key });
    if (hits.length >= 2 * MOST_OF_A_KIND) break;
  }
  // What it is called comes before what it mentions.
  return hits.toSorted((one, other) => Number(other.title.toLowerCase() === text) - Number(one.title.toLowerCase() === text)).slice(0, MOST_OF_A_KIND);
}

function stepHit(history: History, step: number): FindHit {
  if (step === 0) return { kind: "step", title: "step 0", detail: "before the first call", step };
  const call = history.call(step);
  return { kind: "step", title: `step ${step.toLocaleString("en")}`, detail: `${call.call} ${detailLine(call.call, call.in)} → ${history.outcome(step)}`, step };
}

function callHit(history: History, step: number, range?: Range): FindHit {
  const call = history.call(step);
  const detail = `${detailLine(call.call, call.in)} → ${history.outcome(step)}`;
  return { kind: "call", title: `${step.toLocaleString("en")} ${call.call}`, detail: range ? `${hex(range.first)} ${sizeText(range)} · ${detail}` : detail, step, ...(range && { range }) };
}

/** Does the call at a step concern what is wanted? Answered from what is kept of each step. */
function matcher(history: History, wanted: Wanted): (step: number) => FindHit | null {
  const { range, text } = wanted;
  if (range) {
    return (step) => {
      const call = history.call(step);
      const asked = askedRange({ call, answer: { errno: "EINVAL" } });
      const met = [...(asked ? [asked] : []), ...askedList(call.in)].find((candidate) => meets(candidate, range));
      return met ? { ...callHit(history, step), range: met } : null;
    };
  }
  const errno = text.toUpperCase();
  const names = new Map<string, boolean>();
  return (step) => {
    const name = history.callName(step);
    let named = names.get(name);
    if (named === undefined) names.set(name, (named = text.length > 1 && name.toLowerCase().includes(text)));
    return named || history.outcome(step) === errno ? callHit(history, step) : null;
  };
}

/** Steps that a rule refused: their calls are made again. */
function refusedBy(history: History, wanted: Wanted, from: number, to: number): FindHit[] {
  const hits: FindHit[] = [];
  history.eachAnswer(from, to, (step, _made, _machine, trace) => {
    const rule = trace.refusedBy?.id;
    if (rule !== undefined && wanted.rules.has(rule)) hits.push({ ...callHit(history, step), detail: `${rule} · ${history.outcome(step)}` });
  });
  return hits;
}

/** One slice of a search; the next begins where this one ended. */
export async function find(history: History, { text: given, step, from, most }: FindQuery): Promise<Found> {
  const text = given.trim().toLowerCase();
  if (text === "") return { hits: [], next: null };
  const { allRules } = await import("../rule-list.ts");
  const every = allRules();
  const number = /^#?(\d{1,9})$/.exec(text)?.[1];
  const wanted: Wanted = {
    text, range: rangeOfText(text), step: number === undefined ? null : Number(number),
    rules: new Set(every.filter((rule) => rule.id === text).map((rule) => rule.id)),
  };
  const hits = from === 0 ? inState(history, step, wanted, every) : [];
  if (wanted.step !== null) return { hits, next: null };
  const match = matcher(history, wanted);
  const until = performance.now() + SLICE_MS;
  const byRule = wanted.rules.size > 0 && history.marks.some((mark) => mark !== 0);
  for (let at = Math.max(1, from); at <= history.ran; ) {
    if (byRule) {
      const to = Math.min(history.ran, at + LEG - 1);
      hits.push(...refusedBy(history, wanted, at, to));
      at = to + 1;
    } else {
      const to = Math.min(history.ran, at + LOOK - 1);
      for (; at <= to && hits.length < most; at++) {
        const hit = match(at);
        if (hit) hits.push(hit);
      }
    }
    if (hits.length >= most) return { hits: hits.slice(0, most), next: null };
    if (performance.now() > until) return { hits, next: at <= history.ran ? at : null };
  }
  return { hits, next: null };
}
