/** When objects outnumber the room, those that are alike stand for each other: "+37 devices". Pure. */
import { group } from "d3-array";
import { plural } from "../../../base/format.ts";
import type { NodeKind, ObjectEdge, ObjectGraph, ObjectNode } from "../../../kernel/inspect.ts";
import type { Slots } from "./slots.ts";

/** A box that stands for several objects. */
export interface Stack {
  key: string;
  kind: NodeKind;
  title: string;
  detail: string;
  members: readonly ObjectNode[];
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

/**
 * Stacks the largest sets of alike objects of each column with more than `capacity` of them, until it fits or nothing is
 * alike. `keep`: objects that stay themselves; `open`: keys of stacks that a person has opened.
 */
export function stackUp(graph: ObjectGraph, slots: Slots, capacity: number, keep: ReadonlySet<string>, open: ReadonlySet<string>): Stacked {
  const byColumn = new Map<number, ObjectNode[]>();
  for (const node of graph.nodes) {
    const column = slots.get(node.key)?.column ?? 0;
    byColumn.set(column, [...(byColumn.get(column) ?? []), node]);
  }
  const standIn = new Map(graph.nodes.map((node) => [node.key, node.key]));
  const stacks: Stack[] = [];
  const neighbours = neighbourhood(graph.edges);
  for (const nodes of byColumn.values()) {
    let count = nodes.length;
    if (count <= capacity) continue;
    const alike = group(nodes, (node) => `${node.kind}|${node.pending ?? false}|${neighbours.get(node.key) ?? ""}`);
    for (const [signature, members] of [...alike].toSorted((left, right) => right[1].length - left[1].length)) {
      const hidden = members.slice(1).filter((node) => !keep.has(node.key));
      const key = `stack:${signature}`;
      if (count <= capacity || hidden.length < LEAST - 1 || open.has(key)) continue;
      const first = hidden[0]!;
      stacks.push({ key, kind: first.kind, title: `+${countOf(first.kind, hidden.length)}`, detail: `${first.title} … ${hidden.at(-1)!.title}`, members: hidden });
      for (const node of hidden) standIn.set(node.key, key);
      count -= hidden.length - 1;
    }
  }
  return { nodes: graph.nodes.filter((node) => standIn.get(node.key) === node.key), stacks, edges: mergedEdges(graph.edges, standIn), standIn };
}

/** What each object is joined to, as one comparable text. */
function neighbourhood(edges: readonly ObjectEdge[]): Map<string, string> {
  const lists = new Map<string, string[]>();
  const add = (key: string, text: string): void => void lists.set(key, [...(lists.get(key) ?? []), text]);
  for (const edge of edges) {
    add(edge.from, `>${edge.label}>${edge.to}`);
    add(edge.to, `<${edge.label}<`);
  }
  return new Map([...lists].map(([key, list]) => [key, list.toSorted().slice(0, 6).join()]));
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
