/** What is not the same at two steps of a run: objects, ids, mappings, windows. Costs what the two states hold, not what lies between. */
import { plural } from "../../base/format.ts";
import { add, lengthOf, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace, ObjectGraph, PasidEntry } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { History } from "../history.ts";
import { listOf, minus, type Extents } from "./range-minus.ts";
import type { ObjectChange, RangeChange, SpaceChange, StepDiff } from "./history-views.ts";
import { allSpaces, mergedGraph, mergedPasids } from "./merge.ts";

/** What is listed; the rest is a number. */
const MOST_OBJECTS = 400;
const MOST_RANGES = 60;
const MOST_CALL_NAMES = 12;
/** More mappings than this are compared by where they are only. */
const MOST_REMAPPED = 20_000;

export function diffSteps(history: History, one: number, other: number): StepDiff {
  const [from, to] = one <= other ? [one, other] : [other, one];
  const [before, after] = [history.at(from), history.at(to)];
  const objects = [...objectChanges(mergedGraph(before), mergedGraph(after)), ...idChanges(before, after)];
  return {
    from, to, objects: objects.slice(0, MOST_OBJECTS), moreObjects: Math.max(0, objects.length - MOST_OBJECTS),
    spaces: spaceChanges(allSpaces(before), allSpaces(after)), calls: callsBetween(history, from, to),
  };
}

const RANK = { gone: 0, born: 1, changed: 2 } as const;

/** What was there only at one step, and what is not the same at both. */
function compared<Item>(before: ReadonlyMap<string, Item>, after: ReadonlyMap<string, Item>, tell: { one: (item: Item) => string[]; both: (before: Item, after: Item) => string[]; label: (item: Item) => string; same?: (before: Item, after: Item) => boolean }): ObjectChange[] {
  const changes: ObjectChange[] = [];
  const ended = (key: string, item: Item) => changes.push({ key, label: tell.label(item), what: "gone", lines: tell.one(item) });
  const begun = (key: string, item: Item) => changes.push({ key, label: tell.label(item), what: "born", lines: tell.one(item) });
  for (const [key, item] of before) {
    const now = after.get(key);
    if (now === undefined) ended(key, item);
    else if (tell.same?.(item, now) === false) {
      // An id is given to the next object once it is free.
      ended(key, item);
      begun(key, now);
    } else {
      const lines = tell.both(item, now);
      if (lines.length > 0) changes.push({ key, label: tell.label(now), what: "changed", lines });
    }
  }
  for (const [key, item] of after) if (!before.has(key)) begun(key, item);
  return changes.sort((left, right) => RANK[left.what] - RANK[right.what]);
}

function objectChanges(before: ObjectGraph, after: ObjectGraph): ObjectChange[] {
  const [linksBefore, linksAfter] = [linksOf(before), linksOf(after)];
  const nodes = (graph: ObjectGraph) => new Map(graph.nodes.map((node) => [node.key, node]));
  return compared(nodes(before), nodes(after), {
    label: (node) => node.label || node.title,
    same: (one, other) => one.type === other.type && one.kind === other.kind,
    one: (node) => [node.type, ...node.lines.slice(0, 2)],
    both: (one, other) => [
      ...(one.users === other.users ? [] : [`users ${one.users ?? "uncounted"} → ${other.users ?? "uncounted"}`]),
      ...(one.pending === other.pending ? [] : [other.pending ? "on its way out" : "no longer on its way out"]),
      ...lineChanges(one.lines, other.lines),
      ...lineChanges(linksBefore.get(one.key) ?? [], linksAfter.get(one.key) ?? []),
    ],
  });
}

/** What each object leads to: "attached → hwpt 3". */
function linksOf(graph: ObjectGraph): Map<string, string[]> {
  const titles = new Map(graph.nodes.map((node) => [node.key, node.title]));
  const links = new Map<string, string[]>();
  for (const { from, to, label } of graph.edges) {
    const list = links.get(from);
    const link = `${label} → ${titles.get(to) ?? to}`;
    if (list) list.push(link);
    else links.set(from, [link]);
  }
  return links;
}

const NUMBER = /\d[\d_a-fx]*/g;

/** Lines that only one side has. Two that differ in a figure only become one: "3 mappings → 5 mappings". */
function lineChanges(before: readonly string[], after: readonly string[]): string[] {
  const gone = before.filter((line) => !after.includes(line));
  const come = after.filter((line) => !before.includes(line));
  const form = (line: string) => line.replace(NUMBER, "#").replace(/s\b/g, "");
  const told: string[] = [];
  for (const line of gone) {
    const index = come.findIndex((other) => form(other) === form(line));
    told.push(index < 0 ? `no longer: ${line}` : `${line} → ${come[index]}`);
    if (index >= 0) come.splice(index, 1);
  }
  return [...told, ...come];
}

function idChanges(before: Machine, after: Machine): ObjectChange[] {
  const [one, other] = [mergedPasids(before), mergedPasids(after)];
  const ids = (space: typeof one) => new Map((space?.ids ?? []).filter((entry) => entry.state !== "reserved").map((entry) => [entry.key, entry]));
  const lines = (entry: PasidEntry) => [entry.state, ...entry.lines];
  const active = (space: typeof one) => (space?.allocators ?? []).filter((entry) => entry.active).map((entry) => entry.label).join(", ");
  const changes = compared(ids(one), ids(other), {
    label: (entry) => `IOASID ${entry.id}`,
    one: lines,
    both: (left, right) => lineChanges([...lines(left), ...left.holders, left.allocator], [...lines(right), ...right.holders, right.allocator]),
  });
  const [was, is] = [active(one), active(other)];
  if (one && other && was !== is) changes.push({ key: other.allocators.find((entry) => entry.active)?.key ?? "", label: "active allocator", what: "changed", lines: [`${was || "none"} → ${is || "none"}`] });
  return changes;
}

function spaceChanges(before: readonly IovaSpace[], after: readonly IovaSpace[]): SpaceChange[] {
  const keys = [...new Set([...before, ...after].map((space) => space.key))];
  return keys.map((key) => spaceChange(before.find((space) => space.key === key) ?? null, after.find((space) => space.key === key) ?? null)).filter(isChange);
}

function isChange(change: SpaceChange): boolean {
  return change.before !== change.after || [change.mapped, change.unmapped, change.remapped, change.opened, change.closed].some((part) => (part?.count ?? 0) > 0);
}

function spaceChange(before: IovaSpace | null, after: IovaSpace | null): SpaceChange {
  const [was, is] = [listOf(before), listOf(after)];
  const valid = (space: IovaSpace | null): Extents => {
    const ranges = space?.valid() ?? [];
    return { firsts: ranges.map((range) => range.first), lasts: ranges.map((range) => range.last) };
  };
  const [open, now] = [valid(before), valid(after)];
  const both = before !== null && after !== null;
  const { key, label } = (after ?? before) as IovaSpace;
  return {
    key, label, before: before?.mappingCount() ?? null, after: after?.mappingCount() ?? null,
    mapped: tally(minus(is, was)), unmapped: tally(minus(was, is)),
    remapped: before && after ? exchanged(before, after) : tally([]),
    // Of a space that comes or goes, that it does says all.
    opened: tally(both ? minus(now, open) : []), closed: tally(both ? minus(open, now) : []),
  };
}

function exchanged(before: IovaSpace, after: IovaSpace): RangeChange | null {
  if (before.mappingCount() > MOST_REMAPPED || after.mappingCount() > MOST_REMAPPED) return null;
  const traits = new Map<string, string>();
  const each = (space: IovaSpace, visit: (place: string, trait: string, range: Range) => void) =>
    space.eachMapping(0, U64_MAX, ({ first, last, userVa, readable, writable }) => {
      visit(`${first}-${last}`, `${userVa} ${readable} ${writable}`, { first, last });
      return true;
    });
  each(before, (place, trait) => traits.set(place, trait));
  const changed: Range[] = [];
  each(after, (place, trait, range) => {
    const known = traits.get(place);
    if (known !== undefined && known !== trait) changed.push(range);
  });
  return tally(changed);
}

function tally(ranges: readonly Range[]): RangeChange {
  let bytes: U64 = 0;
  for (const { first, last } of ranges) {
    const length = lengthOf(first, last);
    // All 2^64 bytes are one too many for a U64.
    bytes = length > sub(U64_MAX, bytes) ? U64_MAX : add(bytes, length);
  }
  return { bytes, count: ranges.length, ranges: ranges.slice(0, MOST_RANGES) };
}

function callsBetween(history: History, from: number, to: number): StepDiff["calls"] {
  const counts = new Map<string, { call: string; count: number; refused: number }>();
  for (let step = from + 1; step <= to; step++) {
    const { call } = history.call(step);
    let known = counts.get(call);
    if (!known) counts.set(call, (known = { call, count: 0, refused: 0 }));
    known.count++;
    if (history.outcome(step) !== "OK") known.refused++;
  }
  const sorted = [...counts.values()].sort((left, right) => right.count - left.count);
  if (sorted.length <= MOST_CALL_NAMES) return sorted;
  const rest = sorted.slice(MOST_CALL_NAMES - 1);
  return [...sorted.slice(0, MOST_CALL_NAMES - 1), { call: plural(rest.length, "other call"), count: rest.reduce((sum, each) => sum + each.count, 0), refused: rest.reduce((sum, each) => sum + each.refused, 0) }];
}
