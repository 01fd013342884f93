/**
 * iommu:map and iommu:unmap events as calls. They are page-table operations: one user mapping gives one per physically
 * contiguous run, so neighbours are joined, and split again where a later unmap shows a boundary.
 */
import { add, hex, sub, type U64 } from "../../base/u64.ts";
import { plural } from "../../base/format.ts";
import type { Facts } from "../readers/facts.ts";
import type { TableEvent } from "../readers/page-table-events.ts";
import { LegacyContainer } from "./legacy.ts";
import { SLICE, type Slices } from "../slices.ts";
import type { Roster } from "./roster.ts";
import { IMPLIED, known, pieces, Steps } from "./steps.ts";

interface Operation {
  event: "map" | "unmap";
  first: U64;
  /** Exclusive. */
  end: U64;
  /** The lines that tell of it; where it was cut, those of all of it. */
  lines: number[];
}

export async function pageTableCalls(events: TableEvent[], facts: Facts, roster: Roster, input: string, slices: Slices): Promise<Steps> {
  const steps = new Steps(facts.keepsOrigins);
  const task = busiestTask(events);
  const mine = events.filter((event) => event.task === task || (event.event !== "map" && event.event !== "unmap"));
  const container = new LegacyContainer(steps, roster, facts);
  for (const event of mine) {
    if (event.event !== "attach" || event.task !== task) continue;
    const device = roster.device(event.device);
    steps.from(input, event.line);
    container.attach(device.group, device.name, IMPLIED);
  }
  if (!container.open) {
    const device = roster.device(null);
    container.attach(device.group, device.name);
  }
  const operations = await split(joined(withoutProbes(mine)), slices);
  let count = 0;
  for (const operation of operations) {
    if (++count % SLICE === 0) await slices.between();
    steps.from(input, operation.lines[0] ?? null);
    const step = steps.calls.length + 1;
    for (const line of operation.lines.slice(1)) steps.origins?.told.push({ at: { file: input, line }, step });
    for (const { start, size } of pieces(operation.first, sub(operation.end, 1))) {
      // The trace has physical addresses only; any user address stands for them. What is in a page table was let in.
      if (operation.event === "map") steps.add("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: hex(start), iova: hex(start), size: hex(size) }, { recorded: known("OK") });
      else steps.add("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: hex(start), size: hex(size) });
    }
  }
  const last = steps.calls.at(-1);
  const faults = mine.filter((event) => event.event === "fault");
  const [fault] = faults;
  if (last && fault) last.note = `later a DMA of ${fault.device} to ${hex(fault.iova)} was refused (${plural(faults.length, "page fault")} in the log)`;
  return steps;
}

/** The task with most page-table operations: the VMM. Its threads share its name. */
function busiestTask(events: TableEvent[]): string {
  const counts = new Map<string, number>();
  for (const event of events) if (event.event !== "fault") counts.set(event.task, (counts.get(event.task) ?? 0) + 1);
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? "";
}

/** type1 maps and unmaps the first two pages at every attach to learn the hardware's page sizes. */
function withoutProbes(events: TableEvent[]): Operation[] {
  const operations: Operation[] = [];
  for (const event of events) {
    if (event.event === "map" || event.event === "unmap") operations.push({ event: event.event, first: event.iova, end: add(event.iova, event.size), lines: [event.line] });
  }
  return operations.filter((operation, index) => {
    const at = operation.event === "map" ? index : operation.first === 0 ? index - 1 : index - 2;
    const [map, one, two] = [operations[at], operations[at + 1], operations[at + 2]];
    if (!map || map.event !== "map" || map.first !== 0 || map.end !== 0x2000 || one?.event !== "unmap" || one.first !== 0) return true;
    return !(one.end === 0x2000 || (one.end === 0x1000 && two?.event === "unmap" && two.first === 0x1000 && two.end === 0x2000 && index <= at + 2));
  });
}

function joined(operations: Operation[]): Operation[] {
  const result: Operation[] = [];
  for (const operation of operations) {
    const before = result.at(-1);
    if (before && before.event === operation.event && before.end === operation.first) {
      before.end = operation.end;
      before.lines.push(...operation.lines);
    } else result.push({ ...operation });
  }
  return result;
}

/** A part of a map that no unmap has taken yet. */
interface Piece {
  first: U64;
  end: U64;
  /** Index of the map among the operations. */
  owner: number;
}

/** Cuts each map where a later unmap begins or ends inside it: there were two user mappings. */
async function split(operations: Operation[], slices: Slices): Promise<Operation[]> {
  const cuts = new Map<number, Set<U64>>();
  /** By address, not overlapping: a second map of a place replaces the first. */
  const live: Piece[] = [];
  for (const [index, { event, first, end }] of operations.entries()) {
    if ((index + 1) % SLICE === 0) await slices.between();
    const from = firstEndingAfter(live, first);
    let to = from;
    const left: Piece[] = [];
    for (; to < live.length && (live[to] as Piece).first < end; to++) {
      const piece = live[to] as Piece;
      for (const cut of event === "unmap" ? [first, end] : []) if (cut > piece.first && cut < piece.end) remember(cuts, piece.owner, cut);
      if (piece.first < first) left.push({ ...piece, end: first });
      if (piece.end > end) left.push({ ...piece, first: end });
    }
    if (event === "map") left.push({ first, end, owner: index });
    left.sort((one, other) => (one.first < other.first ? -1 : 1));
    live.splice(from, to - from, ...left);
  }
  return operations.flatMap((operation, index) => {
    const inside = cuts.get(index);
    if (!inside) return [operation];
    const edges = [operation.first, ...[...inside].sort((one, other) => (one < other ? -1 : 1)), operation.end];
    return edges.slice(1).map((end, piece) => ({ event: operation.event, first: edges[piece] as U64, end, lines: operation.lines }));
  });
}

function remember(cuts: Map<number, Set<U64>>, owner: number, cut: U64): void {
  const before = cuts.get(owner);
  if (before) before.add(cut);
  else cuts.set(owner, new Set([cut]));
}

/** Index of the first piece that ends after `address`. */
function firstEndingAfter(live: Piece[], address: U64): number {
  let low = 0;
  let high = live.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((live[middle] as Piece).end > address) high = middle;
    else low = middle + 1;
  }
  return low;
}
