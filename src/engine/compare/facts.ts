/**
 * What a machine shows of itself, in a form that does not depend on how a variant keeps it: who is active, ids with their
 * owners, windows and mappings of each space, objects and what holds them. Two forms of the kernel are compared by this.
 */
import type { Range } from "../../kernel/answer.ts";
import type { IdState, IovaSpace, ObjectGraph, ObjectNode, PasidSpace } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import { U64_MAX } from "../../base/u64.ts";
import { allSpaces, mergedGraph, mergedPasids } from "../queries/merge.ts";

/** What a fact is about; also the order in which differences are told. */
export const ABOUT = ["active", "registered", "id", "valid", "allowed", "mapping", "set", "object", "link"] as const;
export type About = (typeof ABOUT)[number];

/** One thing that can be looked at on both sides. */
export interface Fact {
  about: About;
  /** Key of the object to light up; empty when there is none. */
  object: string;
  /** For people: "IOASID 2", "container 1". */
  name: string;
  /** By name of the trait. Null: this form of the kernel has no such trait, so it is not compared. */
  traits: Record<string, string | null>;
}

export type Facts = ReadonlyMap<string, Fact>;

/** How much of two machines can be held against each other. */
export interface Scope {
  /** Both forms know states of an id beyond "in use". */
  idStates: boolean;
  /** Both keep the same kinds of objects. Not so when VFIO and iommufd answer the same calls: then only the spaces are compared, in their order. */
  objects: boolean;
}

export function scopeOf(left: Machine, right: Machine): Scope {
  const isSeries = (machine: Machine) => machine.config.variants.ioasid.startsWith("series-");
  return { idStates: isSeries(left) && isSeries(right), objects: left.config.container === right.config.container };
}

/** More mappings than this are compared by their number only. */
const MOST_MAPPINGS = 20_000;

export function factsOf(machine: Machine, scope: Scope): Facts {
  const facts = new Map<string, Fact>();
  const pasids = mergedPasids(machine);
  if (pasids) pasidFacts(pasids, scope, facts);
  allSpaces(machine).forEach((space, index) => spaceFacts(space, scope.objects ? { key: space.key, name: space.label } : { key: `space ${index}`, name: index === 0 ? "the IOVA space" : `IOVA space ${index + 1}` }, facts));
  if (scope.objects) graphFacts(mergedGraph(machine), facts);
  return facts;
}

function pasidFacts(space: PasidSpace, scope: Scope, facts: Map<string, Fact>): void {
  const active = space.allocators.filter((entry) => entry.active);
  facts.set("active", { about: "active", object: active[0]?.key ?? "", name: "active allocator", traits: { who: active.map((entry) => entry.label).join(" and ") } });
  const members = [...new Set(space.allocators.flatMap((entry) => entry.members))].sort();
  facts.set("registered", { about: "registered", object: "", name: "registered allocators", traits: { who: members.join(", ") } });
  for (const entry of space.ids) {
    if (entry.state === "reserved") continue;
    facts.set(entry.key, {
      about: "id", object: entry.key, name: `IOASID ${entry.id}`,
      traits: {
        state: stateOf(entry.state, scope), refs: entry.refs === null ? null : String(entry.refs), set: entry.set?.replace(/^set:/, "") ?? "none",
        data: dataOf(entry.lines[0] ?? ""), issuer: entry.allocator.replace(/^allocator:/, ""),
      },
    });
  }
  for (const set of space.sets) {
    if (set.quota === null) continue;
    facts.set(set.key, { about: "set", object: set.key, name: set.label.startsWith("set ") ? set.label : `set ${set.label}`, traits: { quota: String(set.quota) } });
  }
}

/** What a caller attached. Where the kernel itself took the id, each form points to something of its own. */
function dataOf(line: string): string | null {
  return /^private (?:mm of|svm) /.test(line) ? null : line;
}

function stateOf(state: IdState, scope: Scope): string {
  return !scope.idStates && state === "idle" ? "active" : state;
}

function spaceFacts(space: IovaSpace, { key, name }: { key: string; name: string }, facts: Map<string, Fact>): void {
  const about = { object: space.key, name };
  facts.set(`valid ${key}`, { about: "valid", ...about, traits: { windows: space.valid().map(rangeKey).join(" ") } });
  const allowed = space.allowed();
  if (allowed.length > 0) facts.set(`allowed ${key}`, { about: "allowed", ...about, traits: { windows: allowed.map(rangeKey).join(" ") } });
  facts.set(`mappings ${key}`, { about: "mapping", ...about, traits: { all: digestOf(space) } });
}

/** The number of mappings and a checksum of where they are. */
function digestOf(space: IovaSpace): string {
  const count = space.mappingCount();
  if (count > MOST_MAPPINGS) return String(count);
  let sum = 0x811c9dc5;
  const add = (value: number | bigint) => {
    const low = typeof value === "number" ? value % 0x1_0000_0000 : Number(value & 0xffff_ffffn);
    const high = typeof value === "number" ? Math.floor(value / 0x1_0000_0000) : Number(value >> 32n);
    sum = Math.imul(Math.imul(sum ^ low, 0x01000193) ^ high, 0x01000193);
  };
  space.eachMapping(0, U64_MAX, (mapping) => {
    add(mapping.first);
    add(mapping.last);
    add(mapping.userVa);
    add(Number(mapping.readable) + 2 * Number(mapping.writable));
    return true;
  });
  return `${count} ${sum >>> 0}`;
}

export function rangeKey(range: Range): string {
  return `${range.first.toString(16)}-${range.last.toString(16)}`;
}

function graphFacts(graph: ObjectGraph, facts: Map<string, Fact>): void {
  const titles = new Map(graph.nodes.map((node) => [node.key, node.title]));
  for (const node of graph.nodes) {
    facts.set(node.key, {
      about: "object", object: node.key, name: node.title,
      traits: { users: node.users === null ? null : String(node.users), leaving: String(node.pending ?? false), lines: linesOf(node) },
    });
  }
  for (const edge of graph.edges) {
    const key = `${edge.from} ${edge.label} ${edge.to}`;
    facts.set(key, { about: "link", object: edge.from, name: `${titles.get(edge.from) ?? edge.from}, ${edge.label}, ${titles.get(edge.to) ?? edge.to}`, traits: {} });
  }
}

/** Page tables describe their form in their lines; what a process, an mm or a device says of itself is its state. */
function linesOf(node: ObjectNode): string | null {
  return node.kind === "process" || node.kind === "mm" || node.kind === "device" ? node.lines.join("\n") : null;
}
