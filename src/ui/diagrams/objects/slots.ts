/** Which column and row each object keeps for as long as it lives. Pure: the next table comes from the last one and the graph. */
import type { NodeKind, ObjectGraph, ObjectNode } from "../../../kernel/inspect.ts";

export interface Slot {
  column: number;
  row: number;
}

export type Slots = ReadonlyMap<string, Slot>;

/** Columns from left to right: who uses devices, devices, page tables, address spaces. */
const COLUMN: Record<NodeKind, number> = {
  process: 0, selftest: 0, other: 0,
  device: 1, group: 1, access: 1, fault: 1, mm: 1,
  "hwpt-paging": 2, "hwpt-nested": 2, domain: 2, ioasid: 2,
  ioas: 3, container: 3,
};

/** Spaces and page tables first: what attaches to them can then stand beside them. */
const ORDER: Record<NodeKind, number> = {
  ioas: 0, container: 0, "hwpt-paging": 1, domain: 1, ioasid: 1, "hwpt-nested": 2, device: 3, group: 3, mm: 3, access: 4, fault: 4, process: 5, selftest: 5, other: 5,
};

/** A device behind a VFIO group that is a box of its own stands left of it. */
function columnOf(node: ObjectNode, graph: ObjectGraph, kinds: ReadonlyMap<string, NodeKind>): number {
  if (node.kind !== "device") return COLUMN[node.kind];
  const grouped = graph.edges.some((edge) => (edge.from === node.key && kinds.get(edge.to) === "group") || (edge.to === node.key && kinds.get(edge.from) === "group"));
  return grouped ? 0 : COLUMN.device;
}

/** Every living object keeps its slot; new ones take the free row nearest below what they belong to. */
export function assignSlots(graph: ObjectGraph, before: Slots): Slots {
  const slots = new Map<string, Slot>();
  const kinds = new Map(graph.nodes.map((node) => [node.key, node.kind]));
  const columns = new Map(graph.nodes.map((node) => [node.key, columnOf(node, graph, kinds)]));
  const taken = new Set<string>();
  const put = (node: ObjectNode, row: number): void => {
    const column = columns.get(node.key) ?? 0;
    slots.set(node.key, { column, row });
    taken.add(`${column}/${row}`);
  };
  for (const node of graph.nodes) {
    const slot = before.get(node.key);
    if (slot && slot.column === columns.get(node.key)) put(node, slot.row);
  }
  const fresh = graph.nodes.filter((node) => !slots.has(node.key)).toSorted((left, right) => ORDER[left.kind] - ORDER[right.kind]);
  for (const node of fresh) {
    const column = columns.get(node.key) ?? 0;
    let row = wantedRow(node, column, graph, slots);
    while (taken.has(`${column}/${row}`)) row++;
    put(node, row);
  }
  return slots;
}

/** Beside its first neighbour that already stands; under its parent when that is in the same column. */
function wantedRow(node: ObjectNode, column: number, graph: ObjectGraph, slots: Slots): number {
  for (const edge of graph.edges) {
    const other = edge.from === node.key ? edge.to : edge.to === node.key ? edge.from : null;
    const slot = other === null ? undefined : slots.get(other);
    if (!slot) continue;
    return slot.column === column ? slot.row + 1 : slot.row;
  }
  return 0;
}

/** More objects of one kind than this stand side by side when nothing else does. */
const MOST_IN_LINE = 3;

/**
 * Objects that are joined to nothing, all of one column, say ten address spaces that no device uses: in up to `rows`
 * rows of `across`, for a column of them at the edge of an empty panel shows less than there is room for. Others keep their slots.
 */
export function spreadOut(graph: ObjectGraph, slots: Slots, across: number, rows: number): Slots {
  const columns = new Set([...slots.values()].map(({ column }) => column));
  if (graph.edges.length > 0 || columns.size !== 1 || slots.size <= MOST_IN_LINE || slots.size > across * rows) return slots;
  const inOrder = [...slots].toSorted(([, before], [, after]) => before.row - after.row);
  return new Map(inOrder.map(([key], index) => [key, { column: 1 + (index % across), row: Math.floor(index / across) }]));
}
