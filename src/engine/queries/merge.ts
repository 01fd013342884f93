/** What the subsystems show of themselves, as one. */
import type { Machine } from "../../kernel/machine.ts";
import type { IovaSpace, ObjectGraph, ObjectSketch, PasidSpace, SketchedNode } from "../../kernel/inspect.ts";

function byKey<Item extends { key: string }>(items: Item[]): Item[] {
  return [...new Map(items.toReversed().map((item) => [item.key, item])).values()].toReversed();
}

/** All objects, each key once, and the edges between objects that are there. */
export function mergedGraph(machine: Machine): ObjectGraph {
  const graphs = machine.subsystems().map((subsystem) => subsystem.graph());
  const nodes = byKey(graphs.flatMap((graph) => graph.nodes));
  const known = new Set(nodes.map((node) => node.key));
  return { nodes, edges: graphs.flatMap((graph) => graph.edges).filter((edge) => known.has(edge.from) && known.has(edge.to)) };
}

/** The same, with nodes that are built when somebody asks for them. */
export function mergedSketch(machine: Machine): ObjectSketch {
  const sketches = machine.subsystems().map((subsystem) => subsystem.sketch?.() ?? sketchOf(subsystem.graph()));
  const filled = sketches.filter((sketch) => sketch.nodes.length > 0);
  const [only] = filled;
  if (!only) return { nodes: [], edges: [] };
  if (filled.length === 1) return only;
  const nodes = byKey(filled.flatMap((sketch) => sketch.nodes));
  const known = new Set(nodes.map((node) => node.key));
  return { nodes, edges: filled.flatMap((sketch) => sketch.edges).filter((edge) => known.has(edge.from) && known.has(edge.to)) };
}

function sketchOf(graph: ObjectGraph): ObjectSketch {
  return { nodes: graph.nodes.map((node): SketchedNode => ({ key: node.key, kind: node.kind, build: () => node })), edges: graph.edges };
}

export function allSpaces(machine: Machine): IovaSpace[] {
  return machine.subsystems().flatMap((subsystem) => subsystem.spaces());
}

/** The id space as the allocator and the processes see it; null when neither has anything to show. */
export function mergedPasids(machine: Machine): PasidSpace | null {
  const spaces = machine.subsystems().map((subsystem) => subsystem.pasids()).filter((space) => space !== null);
  const [first] = spaces;
  if (!first) return null;
  return {
    bits: Math.max(...spaces.map((space) => space.bits)),
    variant: [...new Set(spaces.map((space) => space.variant))].join(" · "),
    allocators: byKey(spaces.flatMap((space) => space.allocators)),
    sets: byKey(spaces.flatMap((space) => space.sets)),
    ids: byKey(spaces.flatMap((space) => space.ids)).sort((one, other) => one.id - other.id),
  };
}
