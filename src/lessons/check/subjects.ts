/** What statements can be about, and how the model answers. Listed for authors in docs/writing-lessons.md. */
import { hex, parseU64, U64_MAX } from "../../base/u64.ts";
import { isJsonObject, type Json } from "../../base/json.ts";
import { answerJson } from "../../engine/recorded.ts";
import type { Check, Range } from "../../kernel/answer.ts";
import type { IovaSpace, PasidEntry } from "../../kernel/inspect.ts";
import type { Moment } from "./moment.ts";

/** A question that can't be asked this way; the message says how. */
export class AskError extends Error {
  override name = "AskError";
}

/** What the model answers: one thing, or a list for `has` and `lacks`. */
export type Found = Json;

type Subject = (moment: Moment, args: readonly string[]) => Found;

export const SUBJECTS: Readonly<Record<string, Subject>> = {
  answer: (moment) => moment.answer(),
  errno: (moment) => moment.answer(),
  rule: (moment) => moment.explained?.trace.refusedBy?.id ?? "none",
  fn: (moment) => failed(moment)?.fn ?? "none",
  ret: (moment) => answerOf(moment).ret ?? null,
  out: (moment, [name]) => outOf(answerOf(moment), need(name, "a field")),
  events: (moment) => answerOf(moment).events ?? [],
  checks: (moment) => (moment.explained?.trace.checks ?? []).map((check) => check.rule.id),
  effects: (moment) => [...new Set((moment.explained?.trace.effects ?? []).map((effect) => effect.kind))],
  happened: (moment) => (moment.explained?.trace.effects ?? []).map((effect) => effect.text),
  blamed: (moment) => {
    const objects = [...(failed(moment)?.objects ?? []), ...(moment.explained?.trace.advice?.objects ?? [])];
    return [...new Set(objects.map((object) => object.key))];
  },
  decided: (moment) => ranges(failed(moment)?.range ? [failed(moment)?.range as Range] : []),
  fits: (moment) => ranges(moment.explained?.trace.advice?.fits ?? []),

  users: (moment, [key]) => nodeOf(moment, key).users,
  holders: (moment, [key]) => nodeOf(moment, key).holders,
  type: (moment, [key]) => nodeOf(moment, key).type,
  objects: (moment) => moment.graph.nodes.map((node) => node.key),
  exists: (moment, [key]) => (keysOf(moment).has(need(key, "an object's key")) ? "yes" : "no"),
  link: (moment, [from, to]) => moment.graph.edges.find((edge) => edge.from === from && edge.to === to)?.label ?? "none",

  valid: (moment, [key]) => ranges(spaceOf(moment, key).valid()),
  windows: (moment, [key]) => spaceOf(moment, key).valid().length,
  "window-start": (moment, [number, key]) => hex(windowOf(moment, number, key).first),
  "window-end": (moment, [number, key]) => hex(windowOf(moment, number, key).last),
  allowed: (moment, [key]) => ranges(spaceOf(moment, key).allowed()),
  mapped: (moment, [key]) => ranges(mappings(spaceOf(moment, key))),
  mappings: (moment, [key]) => spaceOf(moment, key).mappingCount(),
  alignment: (moment, [key]) => hex(spaceOf(moment, key).alignment),
  holes: (moment, [key]) => ranges(spaceOf(moment, key).contributors().flatMap((one) => one.holes)),
  ignored: (moment, [key]) => ranges(spaceOf(moment, key).contributors().flatMap((one) => one.ignored)),
  hole: (moment, [address, key]) => {
    const at = parseU64(address ?? "") ?? 0;
    return spaceOf(moment, key).contributors().flatMap((one) => one.holes).find((hole) => hole.first <= at && at <= hole.last)?.kind ?? "none";
  },

  ids: (moment) => pasidsOf(moment).ids.filter((entry) => entry.state !== "free" && entry.state !== "reserved").map((entry) => entry.id),
  id: (moment, [number, field]) => {
    const entry = pasidsOf(moment).ids.find((one) => one.id === Number(number)) ?? null;
    const name = need(field, "a field of the id: state, refs, set, allocator, holders, lines");
    if (entry === null) return name === "state" ? "free" : null;
    const value = (entry as unknown as Record<string, Json>)[name];
    if (value === undefined || name === "key") throw new AskError(`an id has ${Object.keys(entry satisfies PasidEntry).join(", ")}, not "${name}"`);
    return name === "allocator" || name === "set" ? (typeof value === "string" ? value : "").replace(/^(allocator|set):/, "") : value;
  },
  active: (moment) => pasidsOf(moment).allocators.find((allocator) => allocator.active)?.label ?? "none",
  allocators: (moment) => pasidsOf(moment).allocators.map((allocator) => allocator.label),
  used: (moment, [set]) => setOf(moment, set).used,
  quota: (moment, [set]) => setOf(moment, set).quota,

  state: (moment, [path]) => valueAt(moment.machine.state(), need(path, "a path: ioasid.active, iommufd.objects[0].id")),
};

function need(value: string | undefined, what: string): string {
  if (value === undefined) throw new AskError(`it needs ${what}`);
  return value;
}

function failed(moment: Moment): Check | null {
  const trace = moment.explained?.trace;
  return trace?.checks.findLast((check) => !check.passed && check.rule === trace.refusedBy) ?? null;
}

function answerOf(moment: Moment): ReturnType<typeof answerJson> {
  const { explained } = moment;
  if (!explained?.def) throw new AskError("no call has been answered here");
  return answerJson(explained.def, explained.answer);
}

/** An output field; library functions return theirs as one value, "ret", or as its parts. */
export function outOf(answer: ReturnType<typeof answerJson>, name: string): Json {
  if (name === "ret") return answer.ret ?? null;
  if (name === "race_ret") return answer.race_ret ?? null;
  return answer.out?.[name] ?? (isJsonObject(answer.ret) ? (answer.ret[name] ?? null) : null);
}

function nodeOf(moment: Moment, key: string | undefined): Moment["graph"]["nodes"][number] {
  const node = moment.graph.nodes.find((one) => one.key === need(key, "an object's key"));
  if (!node) throw new AskError(`there is no object ${key}; there are ${moment.graph.nodes.map((one) => one.key).join(", ") || "none"}`);
  return node;
}

function spaceOf(moment: Moment, key: string | undefined): IovaSpace {
  const space = moment.space(key);
  if (!space) throw new AskError(`${key === undefined ? "which IOVA space?" : `there is no IOVA space ${key};`} there are ${moment.spaces.map((one) => one.key).join(", ") || "none"}`);
  return space;
}

function windowOf(moment: Moment, number: string | undefined, key: string | undefined): Range {
  const valid = spaceOf(moment, key).valid();
  const found = valid[Number(need(number, "the number of a window, from 1")) - 1];
  if (!found) throw new AskError(`there ${valid.length === 1 ? "is one window" : `are ${valid.length} windows`}, not ${number}`);
  return found;
}

function pasidsOf(moment: Moment): NonNullable<Moment["pasids"]> {
  if (!moment.pasids) throw new AskError("there is no id space here");
  return moment.pasids;
}

function setOf(moment: Moment, name: string | undefined): NonNullable<Moment["pasids"]>["sets"][number] {
  const { sets } = pasidsOf(moment);
  const set = sets.find((one) => one.key === `set:${need(name, "the name of a set")}` || one.label === name);
  if (!set) throw new AskError(`there is no set ${name}; there are ${sets.map((one) => one.label).join(", ") || "none"}`);
  return set;
}

const MOST_MAPPINGS = 1000;

function mappings(space: IovaSpace): Range[] {
  const list: Range[] = [];
  space.eachMapping(0, U64_MAX, ({ first, last }) => list.push({ first, last }) < MOST_MAPPINGS);
  return list;
}

export function rangeText({ first, last }: Range): string {
  return `${hex(first)}-${hex(last)}`;
}

function ranges(list: readonly Range[]): Json[] {
  return list.map(rangeText);
}

/** The value at "objects[0].id" of a JSON value. */
function valueAt(root: Json, path: string): Json {
  let value: Json | undefined = root;
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    if (index !== undefined) value = Array.isArray(value) ? value[Number(index)] : undefined;
    else value = isJsonObject(value) ? value[name as string] : undefined;
    if (value === undefined) throw new AskError(`the state has nothing at "${path}"`);
  }
  return value;
}

/** Every key that diagrams use at this moment, so that a step can point there. */
export function keysOf(moment: Moment): Set<string> {
  const keys = new Set(moment.graph.nodes.map((node) => node.key));
  for (const space of moment.spaces) {
    keys.add(space.key);
    space.eachMapping(0, U64_MAX, (mapping) => keys.add(mapping.key).size < MOST_MAPPINGS);
    for (const { owner, holes, ignored } of space.contributors()) {
      keys.add(owner.key);
      for (const hole of [...holes, ...ignored]) keys.add(`region:${hole.owner.label}@${hex(hole.first)}`);
    }
  }
  for (const entry of moment.pasids?.ids ?? []) keys.add(entry.key);
  for (const set of moment.pasids?.sets ?? []) keys.add(set.key);
  for (const allocator of moment.pasids?.allocators ?? []) keys.add(allocator.key);
  return keys;
}
