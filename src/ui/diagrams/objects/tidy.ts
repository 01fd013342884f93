/** What of the graph is drawn: groups of drawn devices become outlines, edges that say nothing new go. Pure. */
import type { ObjectGraph, ObjectNode } from "../../../kernel/inspect.ts";

export interface Tidy {
  graph: ObjectGraph;
  /** The group that a device is drawn in, by the device's key. */
  groupOf: ReadonlyMap<string, ObjectNode>;
}

/** A group that only frames devices (iommufd's) is no box of its own; a VFIO group, which others hold, is. */
function framedGroups(graph: ObjectGraph): Map<string, ObjectNode> {
  const nodes = new Map(graph.nodes.map((node) => [node.key, node]));
  const groupOf = new Map<string, ObjectNode>();
  for (const edge of graph.edges) {
    const group = nodes.get(edge.to);
    if (group?.kind === "group" && group.users === null && !edge.counts && nodes.get(edge.from)?.kind === "device") groupOf.set(edge.from, group);
  }
  for (const edge of graph.edges) {
    // Somebody counts on it, so it has to be seen.
    if (edge.counts) for (const [device, group] of groupOf) if (group.key === edge.from || group.key === edge.to) groupOf.delete(device);
  }
  return groupOf;
}

export function tidied(graph: ObjectGraph): Tidy {
  const groupOf = framedGroups(graph);
  const framed = new Set([...groupOf.values()].map((group) => group.key));
  const counting = new Set(graph.edges.filter((edge) => edge.counts).flatMap((edge) => [`${edge.from}|${edge.to}`, `${edge.to}|${edge.from}`]));
  return {
    groupOf,
    graph: {
      nodes: graph.nodes.filter((node) => !framed.has(node.key)),
      edges: graph.edges.filter((edge) => !framed.has(edge.from) && !framed.has(edge.to) && (edge.counts || !counting.has(`${edge.from}|${edge.to}`))),
    },
  };
}
