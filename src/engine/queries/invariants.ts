/** What must hold between calls, checked for one step. Historic forms break some of it: that is what they are shown for. */
import { plural, rangeText } from "../../base/format.ts";
import { add, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { ObjectRef, Range } from "../../kernel/answer.ts";
import type { IovaSpace, ObjectGraph, PasidSpace } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { World } from "../../kernel/mm/world.ts";
import type { History } from "../history.ts";
import type { InvariantView } from "./history-views.ts";
import { unpaidReferences } from "./ledger.ts";
import { allSpaces, mergedGraph, mergedPasids } from "./merge.ts";
import { extentsAt } from "./mapped-extents.ts";
import { minus } from "./range-minus.ts";

type Breach = InvariantView["broken"][number];

/** Breaches listed of one promise. */
const MOST_TOLD = 5;
/** More mappings than this are not looked at one by one for every step on screen. */
const MOST_MAPPINGS = 50_000;
/** Mappings counted that some page table lacks. */
const MOST_MISSING = 10_000;

/** The promises that mean something to a machine, and whether they hold at this step. */
export function invariantsAt(history: History, step: number): InvariantView[] {
  const machine = history.at(step);
  const views: InvariantView[] = [];
  const graph = mergedGraph(machine);
  const spaces = allSpaces(machine);
  if (graph.nodes.some((node) => IOMMUFD.test(node.key) || node.kind === "mm")) views.push(view("users", "An object’s users are the references that exist", usersBreaches(graph)));
  if (spaces.length > 0) views.push(...spaceViews(history, step, spaces, graph));
  const pasids = mergedPasids(machine);
  if (pasids && pasids.allocators.length > 0) views.push(...idViews(history, step, pasids));
  const world = worldOf(machine);
  if (world && world.devices.size > 0) views.push(...processViews(world, pasids));
  return views;
}

function view(id: string, text: string, breaches: Breach[], note = ""): InvariantView {
  return { id, text, state: breaches.length > 0 ? "broken" : "holds", note, broken: breaches.slice(0, MOST_TOLD), more: Math.max(0, breaches.length - MOST_TOLD) };
}

const IOMMUFD = /^(?:ioas|hwpt|device|access|fault|selftest):[^/]+\//;

/** iommufd's objects count one for the table; an mm counts all its users together as one, and each mmgrab. */
function usersBreaches(graph: ObjectGraph): Breach[] {
  return graph.nodes.flatMap((node): Breach[] => {
    const isMm = node.kind === "mm";
    if (node.users === null || (!isMm && !IOMMUFD.test(node.key))) return [];
    const held = node.holders.reduce((sum, holder) => sum + Number(/^(\d+) mmgrab/.exec(holder)?.[1] ?? 1), isMm ? 0 : 1);
    return held === node.users ? [] : [{ text: `${node.label} counts ${node.users}, but ${plural(held, "reference")} exist${held === 1 ? "s" : ""}`, objects: [node], range: null }].map(plain);
  });
}

/** Without what else a node or a space carries. */
function plain(breach: Breach): Breach {
  return { ...breach, objects: breach.objects.map(({ key, label }) => ({ key, label })) };
}

function spaceViews(history: History, step: number, spaces: readonly IovaSpace[], graph: ObjectGraph): InvariantView[] {
  let looks = 0;
  const small = spaces.filter((space) => {
    const count = space.mappingCount();
    if (looks + count > MOST_MAPPINGS) return false;
    looks += count;
    return true;
  });
  const skipped = spaces.length - small.length;
  const note = skipped === 0 ? "" : `${skipped === spaces.length ? "not checked" : `${plural(skipped, "space")} not checked`}: more than ${MOST_MAPPINGS.toLocaleString("en")} mappings`;
  const tables = tablesOf(graph);
  const found = small.map((space) => mappingBreaches(history, step, space, tables.get(space.key) ?? 0));
  const each = (id: string, text: string, breaches: Breach[]): InvariantView => (small.length === 0 ? { id, text, state: "unchecked", note, broken: [], more: 0 } : view(id, text, breaches, note));
  return [
    each("areas-apart", "Mappings never overlap", found.flatMap((one) => one.overlaps)),
    each("areas-clear", "No mapping crosses a range that is kept out", found.flatMap((one) => one.crossing)),
    each("areas-everywhere", "Every mapping is in every page table of its space", found.flatMap((one) => one.missing)),
    view("valid", "Valid ranges are what apertures share, without what is kept out", spaces.flatMap(validBreaches)),
  ];
}

interface Extents {
  firsts: U64[];
  lasts: U64[];
}

function extentsOf(ranges: readonly Range[]): Extents {
  return { firsts: ranges.map((range) => range.first), lasts: ranges.map((range) => range.last) };
}

/** What contributors keep out of a space, ascending; not merged. */
function keptOut(space: IovaSpace): { range: Range; owner: ObjectRef; label: string }[] {
  const out = space.contributors().flatMap(({ owner, aperture, holes }) => [
    ...holes.map((hole) => ({ range: { first: hole.first, last: hole.last }, owner: hole.owner, label: hole.label })),
    ...(aperture && aperture.first !== 0 ? [{ range: { first: 0 as U64, last: sub(aperture.first, 1) }, owner, label: "below the aperture" }] : []),
    ...(aperture && aperture.last !== U64_MAX ? [{ range: { first: add(aperture.last, 1), last: U64_MAX }, owner, label: "above the aperture" }] : []),
  ]);
  return out.sort((left, right) => (left.range.first < right.range.first ? -1 : left.range.first > right.range.first ? 1 : 0));
}

/** How many page tables each space is mapped through. */
function tablesOf(graph: ObjectGraph): ReadonlyMap<string, number> {
  const tables = new Map<string, number>();
  for (const edge of graph.edges) if (edge.label === "fills" || edge.label === "maps through") tables.set(edge.from, (tables.get(edge.from) ?? 0) + 1);
  return tables;
}

interface MappingBreaches {
  overlaps: Breach[];
  crossing: Breach[];
  missing: Breach[];
}

function mappingBreaches(history: History, step: number, space: IovaSpace, tables: number): MappingBreaches {
  const found: MappingBreaches = { overlaps: [], crossing: [], missing: [] };
  const holes = keptOut(space);
  const about = { key: space.key, label: space.label };
  // Where they are is known as numbers: looking at tens of thousands leaves no garbage behind.
  const extents = extentsAt(history, step, space);
  let before: U64 | null = null;
  for (let index = 0; index < extents.count; index++) {
    const first = extents.first(index);
    const last = extents.last(index);
    if (before !== null && first <= before) found.overlaps.push({ text: `${rangeText(first, last)} of ${space.label} begins before the mapping below it ends`, objects: [about], range: { first, last } });
    before = last;
    if (holes.length === 0) continue;
    const hole = holes.find((candidate) => candidate.range.first <= last && candidate.range.last >= first);
    if (hole) found.crossing.push({ text: `${rangeText(first, last)} of ${space.label} crosses ${hole.label} of ${hole.owner.label}`, objects: [about, hole.owner], range: { first, last } });
  }
  if (space.holders === tables) return found;
  space.eachMapping(0, U64_MAX, ({ first, last, heldBy }) => {
    if (heldBy.length !== tables) found.missing.push({ text: `${rangeText(first, last)} of ${space.label} is in ${heldBy.length} of ${plural(tables, "page table")}`, objects: [about], range: { first, last } });
    return found.missing.length < MOST_MISSING;
  });
  return found;
}

/** The list in force against what it should be; ascending and disjoint, too. */
function validBreaches(space: IovaSpace): Breach[] {
  const about = { key: space.key, label: space.label };
  const valid = space.valid();
  const disorder = valid.find((range, index) => index > 0 && range.first <= (valid[index - 1] as Range).last);
  if (disorder) return [{ text: `The list of ${space.label} is not ascending at ${rangeText(disorder.first, disorder.last)}`, objects: [about], range: disorder }];
  let wanted: Range[] = [{ first: 0, last: U64_MAX }];
  for (const { range } of keptOut(space)) wanted = minus(extentsOf(wanted), extentsOf([range]));
  const lost = minus(extentsOf(wanted), extentsOf(valid)).map((range) => ({ text: `${rangeText(range.first, range.last)} of ${space.label} is free, but not on the list`, objects: [about], range }));
  const wrong = minus(extentsOf(valid), extentsOf(wanted)).map((range) => ({ text: `${rangeText(range.first, range.last)} of ${space.label} is on the list, but kept out`, objects: [about], range }));
  const allowed = space.allowed().filter((range) => minus(extentsOf([range]), extentsOf(wanted)).length > 0).map((range) => ({ text: `${rangeText(range.first, range.last)} of ${space.label} is allowed, but kept out`, objects: [about], range }));
  return [...lost, ...wrong, ...allowed];
}

function idViews(history: History, step: number, space: PasidSpace): InvariantView[] {
  const used = space.ids.filter((entry) => entry.state !== "reserved" && entry.state !== "free");
  const refOf = (id: number, key: string): ObjectRef => ({ key, label: `IOASID ${id}` });
  const members = new Set(space.allocators.flatMap((entry) => entry.members));
  const isThere = (key: string) => key === "allocator:default" || members.has(key.replace(/^allocator:/, "")) || space.allocators.some((entry) => entry.key === key && entry.members.length > 0);
  const active = space.allocators.filter((entry) => entry.active && !isThere(entry.key));
  const left = used.filter((entry) => entry.state === "orphaned" || (entry.allocator !== "" && !isThere(entry.allocator)));
  const seen = new Map<number, number>();
  for (const entry of used) seen.set(entry.id, (seen.get(entry.id) ?? 0) + 1);
  const unpaid = unpaidReferences(history, step, space);
  const flagged = space.allocators.filter((entry) => entry.note === "flag: not in use" && entry.ids > 0);
  return [
    view("active", "The active allocator is one that is registered", active.map((entry) => ({ text: `${entry.label} is called for new ids: ${entry.note}`, objects: [{ key: entry.key, label: entry.label }], range: null }))),
    view("issuer", "Every id in use belongs to an allocator that is there", left.map((entry) => ({ text: `IOASID ${entry.id} came from ${entry.allocator.replace(/^allocator:/, "")}, which has left`, objects: [refOf(entry.id, entry.key)], range: null }))),
    view("once", "No id is handed out while somebody has it", used.filter((entry, index) => (seen.get(entry.id) ?? 0) > 1 && used.findIndex((other) => other.id === entry.id) === index).map((entry) => ({ text: `IOASID ${entry.id} has ${seen.get(entry.id)} owners`, objects: [refOf(entry.id, entry.key)], range: null }))),
    ...(space.allocators.some((entry) => entry.note.startsWith("flag:")) ? [view("flag", "The default allocator counts as in use while ids of it are out", flagged.map((entry) => ({ text: `${plural(entry.ids, "id")} of it ${entry.ids === 1 ? "is" : "are"} out, yet its flag says “not in use”: others may mix their ids in`, objects: [{ key: entry.key, label: entry.label }, ...used.filter((id) => id.allocator === entry.key).map((id) => refOf(id.id, id.key))], range: null })))] : []),
    view("freed", "The table points to no freed memory", used.filter((entry) => entry.state === "freed").map((entry) => ({ text: `The entry of IOASID ${entry.id} is freed memory`, objects: [refOf(entry.id, entry.key)], range: null }))),
    ...(unpaid === null ? [] : [view("refs", "An id’s references are those that were taken and not dropped", unpaid)]),
  ];
}

function worldOf(machine: Machine): World | null {
  try {
    return machine.mm.world;
  } catch {
    // This kernel was put together without processes.
    return null;
  }
}

function processViews(world: World, space: PasidSpace | null): InvariantView[] {
  const inUse = new Set((space?.ids ?? []).filter((entry) => entry.state !== "free").map((entry) => entry.id));
  const strange: Breach[] = [];
  const free: Breach[] = [];
  for (const device of world.devices.values()) {
    const about = { key: `device:${device.name}`, label: device.name };
    for (const work of device.queue) {
      const found = device.table.get(work.pasid)?.mm ?? null;
      const id = { key: `ioasid:${work.pasid}`, label: `IOASID ${work.pasid}` };
      const taken = world.mms().find((mm) => mm.pasid === work.pasid) ?? found;
      if (taken && taken !== work.mm) strange.push({ text: `${work.name} of ${work.process} is queued under PASID ${work.pasid}, which is ${taken.name}’s now`, objects: [about, id], range: null });
      if (!inUse.has(work.pasid)) free.push({ text: `${work.name} of ${work.process} is still queued on ${device.name} under PASID ${work.pasid}, which is free`, objects: [about, id], range: null });
    }
    for (const [pasid, { mm }] of device.table) {
      if (mm === null || inUse.has(pasid)) continue;
      free.push({ text: `${device.name} still translates PASID ${pasid} by ${mm.name}’s page tables, and the number is free`, objects: [about, { key: `ioasid:${pasid}`, label: `IOASID ${pasid}` }], range: null });
    }
  }
  return [
    view("own-memory", "What a device has queued reaches the memory of who queued it", strange),
    view("pasid-quiet", "A PASID is free only when no device has to do with it any more", free),
  ];
}
