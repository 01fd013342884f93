/** When objects outnumber the room, those that are alike stand for each other: "+37 devices". Pure. */
import { group } from "d3-array";
import { plural } from "../../../base/format.ts";
import type { Crowd, NodeKind, ObjectEdge, ObjectGraph, ObjectNode } from "../../../kernel/inspect.ts";
import type { Slots } from "./slots.ts";

/** A box that stands for several objects. */
export interface Stack {
  key: string;
  kind: NodeKind;
  title: string;
  /** The same where there is little room: "+147 dev". */
  short: string;
  detail: string;
  members: readonly ObjectNode[];
  /** The engine made it: it is never opened, and its members are only the first few of so many. */
  count?: number;
}

export interface Stacked {
  nodes: ObjectNode[];
  stacks: Stack[];
  /** Edges between what is drawn, without duplicates; `many` how many each stands for. */
  edges: (ObjectEdge & { many: number })[];
  /** Which drawn key stands for an object's key. */
  standIn: ReadonlyMap<string, string>;
}

const NAMES: Record<NodeKind, [string, string]> = {
  device: ["device", "devices"], group: ["group", "groups"], ioas: ["IOAS", "IOASes"], "hwpt-paging": ["page table", "page tables"], "hwpt-nested": ["nested table", "nested tables"],
  access: ["access", "accesses"], fault: ["fault queue", "fault queues"], selftest: ["selftest device", "selftest devices"], container: ["container", "containers"], domain: ["domain", "domains"],
  process: ["process", "processes"], ioasid: ["IOASID", "IOASIDs"], mm: ["mm", "mms"], other: ["object", "objects"],
};

export function countOf(kind: NodeKind, count: number): string {
  return plural(count, ...NAMES[kind]);
}

/** Fewer alike than this are not worth a stack. */
const LEAST = 3;
/** Objects of a family that stand by themselves with the one that is marked. */
const MOST_OF_FAMILY = 12;

/**
 * Stacks the largest sets of alike objects of each column with more than `capacity` of them, until it fits. Alike are objects
 * that are joined to the same drawn ones: when address spaces stand for each other, so do their page tables and the devices
 * behind. Where too few are alike, those of one kind stand together. `keep`: objects that stay themselves; `open`: keys of
 * stacks that a person has opened.
 */
export function stackUp(graph: ObjectGraph, slots: Slots, capacity: number, keep: ReadonlySet<string>, open: ReadonlySet<string>): Stacked {
  const byColumn = new Map<number, ObjectNode[]>();
  for (const node of graph.nodes) {
    const column = slots.get(node.key)?.column ?? 0;
    const known = byColumn.get(column);
    if (known) known.push(node);
    else byColumn.set(column, [node]);
  }
  const standIn = new Map(graph.nodes.map((node) => [node.key, node.key]));
  const stacks: Stack[] = [];
  for (const node of graph.nodes) {
    if (!node.crowd) continue;
    stacks.push(crowdStack(node, node.crowd));
    for (const member of node.crowd.sample) standIn.set(member.key, node.key);
  }
  const joined = joints(graph.edges);
  // Whatever is held stands to the right of its holders, and tells which of those are alike.
  for (const [, nodes] of [...byColumn].toSorted(([left], [right]) => right - left)) {
    let count = nodes.length;
    if (count <= capacity) continue;
    const opened = new Set<string>();
    const put = (key: string, members: ObjectNode[]): void => {
      stacks.push(stackOf(key, members));
      for (const node of members) standIn.set(node.key, key);
      count -= members.length - 1;
    };
    /** Stacks of which one stays as the example. */
    const examples: { at: number; example: ObjectNode }[] = [];
    const alike = group(nodes.filter((node) => !node.crowd), (node) => `${node.kind}|${node.pending ?? false}|${likenessOf(node.key, joined, standIn)}`);
    for (const [signature, members] of [...alike].toSorted((left, right) => right[1].length - left[1].length)) {
      // One of them stays as the example, unless what it is joined to is a stack itself.
      const alone = signature.includes(">stack:");
      const hidden = (alone ? members : members.slice(1)).filter((node) => !keep.has(node.key));
      const key = `stack:${signature}`;
      if (open.has(key)) members.forEach((node) => opened.add(node.key));
      else if (count > capacity && hidden.length >= LEAST - 1) {
        put(key, hidden);
        if (!alone && !keep.has(members[0]!.key)) examples.push({ at: stacks.length - 1, example: members[0]! });
      }
    }
    // Examples of many stacks are as many rows again: they go to the others like them.
    if (count > capacity) {
      for (const { at, example } of examples) {
        const { key, members } = stacks[at]!;
        stacks[at] = stackOf(key, [example, ...members]);
        standIn.set(example.key, key);
        count--;
      }
    }
    if (count <= capacity) continue;
    const left = nodes.filter((node) => !node.crowd && standIn.get(node.key) === node.key && !keep.has(node.key) && !opened.has(node.key));
    for (const [kind, members] of group(left, (node) => node.kind)) {
      const key = `stack:any ${kind}`;
      if (!open.has(key) && count > capacity && members.length >= LEAST) put(key, members);
    }
  }
  return { nodes: graph.nodes.filter((node) => !node.crowd && standIn.get(node.key) === node.key), stacks, edges: mergedEdges(graph.edges, standIn), standIn };
}

function stackOf(key: string, members: readonly ObjectNode[]): Stack {
  const first = members[0]!;
  return { key, kind: first.kind, title: `+${countOf(first.kind, members.length)}`, short: `+${members.length} ${first.title.split(" ")[0] ?? ""}`, detail: `${first.title} … ${members.at(-1)!.title}`, members };
}

function crowdStack({ key, kind, lines }: ObjectNode, { count, sample }: Crowd): Stack {
  const first = sample[0]?.title.split(" ")[0] ?? "";
  return { key, kind, title: `+${countOf(kind, count)}`, short: `+${count} ${first}`, detail: lines[0] ?? "", members: sample, count };
}

/** Objects in a graph, those in crowds too. */
export function objectsIn(nodes: readonly ObjectNode[]): number {
  return nodes.reduce((sum, node) => sum + (node.crowd?.count ?? 1), 0);
}

/** An object, what it hangs on and, if wanted, what hangs on it, as long as that is not too much. */
export function familyOf(graph: ObjectGraph, key: string, withHolders = true): string[] {
  const family = new Set([key]);
  const follow = (from: "from" | "to", to: "from" | "to", most: number): void => {
    for (let layer = [key]; layer.length > 0; ) {
      const ends = new Set(layer);
      const next = graph.edges.filter((edge) => ends.has(edge[from]) && edge.counts && !family.has(edge[to])).map((edge) => edge[to]);
      if (next.length + family.size > most) return;
      next.forEach((found) => family.add(found));
      layer = [...new Set(next)];
    }
  };
  follow("from", "to", MOST_OF_FAMILY);
  if (withHolders) follow("to", "from", MOST_OF_FAMILY);
  return [...family];
}

interface Joint {
  label: string;
  /** The object at the other end; null when it is a holder: of those only how they hold matters. */
  held: string | null;
}

function joints(edges: readonly ObjectEdge[]): Map<string, Joint[]> {
  const found = new Map<string, Joint[]>();
  const add = (key: string, joint: Joint): void => {
    const list = found.get(key);
    if (list) list.push(joint);
    else found.set(key, [joint]);
  };
  for (const edge of edges) {
    add(edge.from, { label: edge.label, held: edge.to });
    add(edge.to, { label: edge.label, held: null });
  }
  return found;
}

/** What an object is joined to, as one comparable text. */
function likenessOf(key: string, joined: ReadonlyMap<string, Joint[]>, standIn: ReadonlyMap<string, string>): string {
  const texts = (joined.get(key) ?? []).map(({ label, held }) => (held === null ? `<${label}<` : `>${label}>${standIn.get(held) ?? held}`));
  return texts.toSorted().slice(0, 6).join();
}

function mergedEdges(edges: readonly ObjectEdge[], standIn: ReadonlyMap<string, string>): Stacked["edges"] {
  const merged = new Map<string, ObjectEdge & { many: number }>();
  for (const edge of edges) {
    const from = standIn.get(edge.from);
    const to = standIn.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    const key = `${from}>${to}>${edge.label}`;
    const known = merged.get(key);
    if (known) known.many++;
    else merged.set(key, { ...edge, from, to, many: 1 });
  }
  return [...merged.values()];
}
