/** Words about objects: what holds them, what that means for destroying them. Pure. */
import { group } from "d3-array";
import type { Frame } from "../../../engine/views.ts";
import type { NodeKind, ObjectGraph, ObjectNode } from "../../../kernel/inspect.ts";
import type { Selection } from "../../state/selection.ts";
import type { TipText } from "../common/Tooltip.tsx";
import { listed } from "../common/words.ts";
import { countOf, objectsIn, type Stack } from "./stacks.ts";

const TEACH: Record<NodeKind, string> = {
  device: "A physical device bound to this context. It reaches memory only through the page table that it is attached to.",
  group: "Devices that the IOMMU cannot tell apart. All of them share one page table at a time.",
  ioas: "An I/O address space: the list of mappings. Page tables made from it all carry the same mappings.",
  "hwpt-paging": "A hardware page table: what the IOMMU walks. It is filled from its IOAS.",
  "hwpt-nested": "A guest’s own stage-1 table. What it yields is translated once more by its parent.",
  access: "A kernel driver that reads, writes or pins memory of an IOAS without a device’s DMA.",
  fault: "A queue on which page faults of devices are reported to user space.",
  selftest: "A made-up device of the kernel’s selftests.",
  container: "A VFIO container: one type1 address space for all its groups.",
  domain: "An IOMMU domain: one page table, shared by the groups attached to it.",
  process: "A process that opened the files.",
  ioasid: "An id that tags DMA with an address space.",
  mm: "The memory of a process. It may own a PASID.",
  other: "An object of this context.",
};

const DESTROYABLE = new Set<NodeKind>(["ioas", "hwpt-paging", "hwpt-nested", "fault"]);

/** Keys of objects that keep this one alive, by edges that count. */
export function holdersOf(graph: ObjectGraph, key: string): string[] {
  return graph.edges.filter((edge) => edge.to === key && edge.counts).map((edge) => edge.from);
}

/** One or two sentences about an object. */
export function sentenceOf(graph: ObjectGraph, node: ObjectNode, most = 3): string {
  const held = holdersOf(graph, node.key).length;
  const parts: string[] = [];
  const own = node.users === node.holders.length + 1 ? (node.users === 1 ? ", the table’s own" : " (one is the table’s own)") : "";
  if (node.users !== null) parts.push(`${node.title} has users ${node.users}${own}${node.holders.length > 0 ? `: ${listed(node.holders, most)}` : ""}.`);
  else parts.push(node.holders.length > 0 ? `${node.title}: ${listed(node.holders, most)}.` : `${node.title}${node.lines.length > 0 ? `: ${node.lines.join(", ")}` : ""}.`);
  if (node.pending) parts.push("It is on its way out: the last reference frees it.");
  else if (node.auto) parts.push("The kernel made it for an attach and drops it with the last device.");
  else if (DESTROYABLE.has(node.kind) && held === 0 && (node.users ?? 0) <= 1) parts.push("Nothing else holds it.");
  return parts.join(" ");
}

/** The line under the drawing: about the selection, else about what the step concerned, else how much there is. */
export function captionOf(frame: Frame, selection: Selection | null): string {
  const { graph, detail } = frame;
  const find = (key: string): ObjectNode | undefined => graph.nodes.find((node) => node.key === key);
  const selected = selection && "key" in selection ? find(selection.key) : undefined;
  if (selected) return sentenceOf(graph, selected);
  const concerned = [
    ...(detail?.checks ?? []).filter((check) => check.state === "failed").flatMap((check) => check.objects),
    ...(detail?.effects ?? []).toReversed().flatMap((effect) => effect.objects),
  ];
  for (const object of concerned) {
    const node = find(object.key);
    if (node) return sentenceOf(graph, node);
  }
  if (graph.nodes.length === 0) return "";
  const kinds = group(graph.nodes, (node) => node.kind);
  return `${listed([...kinds].map(([kind, nodes]) => countOf(kind, objectsIn(nodes))), 6)}. Select one to see what holds it.`;
}

export function nodeTip(node: ObjectNode): TipText {
  const rows = [{ name: "type", value: node.type, mono: true }];
  for (const line of node.lines) rows.push({ name: "", value: line, mono: false });
  if (node.users !== null) rows.push({ name: "users", value: String(node.users), mono: true });
  if (node.holders.length > 0) rows.push({ name: "held by", value: listed(node.holders, 5), mono: false });
  return { title: node.title.toLowerCase() === node.label.toLowerCase() || node.label === "" ? node.title : `${node.title} · ${node.label}`, rows: rows.map((row, index) => ({ ...row, name: row.name === "" ? (index === 1 ? "is" : "and") : row.name })), teach: TEACH[node.kind] };
}

export function stackTip(stack: Stack): TipText {
  return { title: stack.title, rows: [{ name: "are", value: listed(stack.members.map((member) => member.title), 12) }], teach: "They are joined to the same objects, so one box stands for all. Press it to see them one by one." };
}

/** One line for the list that stands in for the picture. */
export function nodeText(graph: ObjectGraph, node: ObjectNode): string {
  const to = graph.edges.filter((edge) => edge.from === node.key).map((edge) => `${edge.label} ${graph.nodes.find((other) => other.key === edge.to)?.title ?? edge.to}`);
  return [`${node.title}, ${node.type}`, ...node.lines, ...(node.users === null ? [] : [`users ${node.users}`]), ...(to.length > 0 ? [listed(to, 4)] : []), ...(node.holders.length > 0 ? [`held by: ${listed(node.holders, 6)}`] : [])].join(", ");
}
