/** Objects by the ten thousand as a few hundred: those that are alike and joined to the same ones stand for each other. */
import type { NodeKind, ObjectEdge, ObjectGraph, ObjectNode, ObjectSketch, SketchedNode } from "../../kernel/inspect.ts";
import { plural } from "../../base/format.ts";

/** As many objects as this are handed out one by one. */
export const MOST_OBJECTS = 1200;
/** Crowds of one kind; where there would be more they are one. */
const MOST_CROWDS = 60;
/** Fewer alike are no crowd. */
const LEAST = 4;
/** Objects of a crowd that can be looked at. */
const SAMPLE = 40;
/** Neighbours of an object of interest that stand by themselves with it. */
const FAMILY = 12;

/** Whatever is held comes before those that hold it, and tells which of those are alike. */
const RANK: Record<NodeKind, number> = {
  ioas: 0, container: 0, mm: 0, "hwpt-paging": 1, domain: 1, ioasid: 1, fault: 1, "hwpt-nested": 2, group: 3, device: 4, access: 4, selftest: 5, process: 5, other: 5,
};

/** The graph as it is when it is small. Of a large one `wanted` objects and what they hold stand by themselves, others in crowds. */
export function crowded(sketch: ObjectSketch, wanted: Iterable<string>): ObjectGraph {
  if (sketch.nodes.length <= MOST_OBJECTS) return { nodes: sketch.nodes.map((node) => node.build()), edges: sketch.edges };
  const alone = familiesOf(sketch, wanted);
  const holds = new Map<string, ObjectEdge[]>();
  for (const edge of sketch.edges) {
    const list = holds.get(edge.from);
    if (list) list.push(edge);
    else holds.set(edge.from, [edge]);
  }
  const kinds = new Map<NodeKind, SketchedNode[]>();
  const rankOf = new Map<string, number>();
  for (const node of sketch.nodes) {
    rankOf.set(node.key, RANK[node.kind]);
    const list = kinds.get(node.kind);
    if (list) list.push(node);
    else kinds.set(node.kind, [node]);
  }
  const standIn = new Map<string, string>();
  const nodes: ObjectNode[] = [];
  for (const [kind, members] of [...kinds].toSorted(([left], [right]) => RANK[left] - RANK[right])) {
    const alike = new Map<string, SketchedNode[]>();
    for (const node of members) {
      const signature = alone.has(node.key) ? null : likeness(node, holds, rankOf, standIn);
      if (signature === null) {
        nodes.push(node.build());
        standIn.set(node.key, node.key);
        continue;
      }
      const list = alike.get(signature);
      if (list) list.push(node);
      else alike.set(signature, [node]);
    }
    for (const [signature, crowd] of alike.size > MOST_CROWDS ? merged(alike) : alike) {
      if (crowd.length < LEAST) {
        for (const node of crowd) {
          nodes.push(node.build());
          standIn.set(node.key, node.key);
        }
        continue;
      }
      const key = `crowd:${kind}${signature}`;
      for (const node of crowd) standIn.set(node.key, key);
      nodes.push(crowdNode(key, kind, crowd));
    }
  }
  return { nodes, edges: joined(sketch.edges, standIn) };
}

/** Too many kinds of alike: the largest stay, the rest is one crowd. */
function merged(alike: ReadonlyMap<string, SketchedNode[]>): [string, SketchedNode[]][] {
  const sorted = [...alike].toSorted(([, left], [, right]) => right.length - left.length);
  const large = sorted.slice(0, MOST_CROWDS - 1).filter(([, members]) => members.length >= LEAST);
  return [...large, ["", sorted.slice(large.length).flatMap(([, members]) => members)]];
}

/** What an object is joined to that was drawn before it, as one comparable text. */
function likeness(node: SketchedNode, holds: ReadonlyMap<string, ObjectEdge[]>, rankOf: ReadonlyMap<string, number>, standIn: ReadonlyMap<string, string>): string {
  const rank = RANK[node.kind];
  let text = "";
  for (const { to, label } of holds.get(node.key) ?? []) if ((rankOf.get(to) ?? rank) < rank) text += `|${label}>${standIn.get(to) ?? ""}`;
  return text;
}

function crowdNode(key: string, kind: NodeKind, members: readonly SketchedNode[]): ObjectNode {
  const sample = members.slice(0, SAMPLE).map((node) => node.build());
  const first = sample[0] as ObjectNode;
  const last = (members.at(-1) as SketchedNode).build();
  const words = `${plural(members.length, "object")} like ${first.title}`;
  return { key, kind, label: words, title: words, type: first.type, lines: [`${first.title} … ${last.title}`], users: null, holders: [], crowd: { count: members.length, sample } };
}

/** Edges between what is drawn, each once. */
function joined(edges: readonly ObjectEdge[], standIn: ReadonlyMap<string, string>): ObjectEdge[] {
  const known = new Map<string, Set<string>>();
  const found: ObjectEdge[] = [];
  for (const edge of edges) {
    const from = standIn.get(edge.from);
    const to = standIn.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    let ends = known.get(from);
    if (!ends) known.set(from, (ends = new Set()));
    const end = `${to}|${edge.label}`;
    if (ends.has(end)) continue;
    ends.add(end);
    found.push({ ...edge, from, to });
  }
  return found;
}

/** These objects, and those joined to them as long as they are few. */
function familiesOf({ edges }: ObjectSketch, wanted: Iterable<string>): ReadonlySet<string> {
  const family = new Set(wanted);
  if (family.size === 0) return family;
  const near = new Map<string, string[]>();
  for (const { from, to } of edges) {
    for (const [one, other] of [[from, to], [to, from]] as const) {
      if (!family.has(one)) continue;
      const list = near.get(one);
      if (list) list.push(other);
      else near.set(one, [other]);
    }
  }
  for (const others of near.values()) if (others.length <= FAMILY) for (const other of others) family.add(other);
  return family;
}
