/**
 * iommu:map and iommu:unmap events as calls. They are page-table operations: one user mapping gives one per physically
 * contiguous run, so neighbours are joined, and split again where a later unmap shows a boundary.
 */
import { hex, sub, type U64 } from "../../base/u64.ts";
import { plural } from "../../base/format.ts";
import type { PackedList } from "../packed/packed-list.ts";
import type { Facts } from "../readers/facts.ts";
import type { TableEvent } from "../readers/page-table-events.ts";
import { LegacyContainer, TYPE1_MAP, TYPE1_UNMAP } from "./legacy.ts";
import { SLICE, Turns, type Slices } from "../slices.ts";
import type { Roster } from "./roster.ts";
import { IMPLIED, known, pieces, Steps, type Bulk } from "./steps.ts";
import { joinedWithoutProbes, Operations, TableReader } from "./table-operations.ts";

/** What is in a page table was let in. */
const MAPPED: Bulk = { ...TYPE1_MAP, recorded: known("OK") };

export async function pageTableCalls(events: PackedList<TableEvent>, facts: Facts, roster: Roster, input: string, slices: Slices): Promise<Steps> {
  const steps = new Steps(facts.keepsOrigins);
  const reader = new TableReader(events);
  const task = busiestOf(await reader.tasks(new Turns(slices, 0, 0.1)));
  const container = new LegacyContainer(steps, roster, facts);
  const all = new Operations(facts.keepsOrigins);
  let fault: Extract<TableEvent, { event: "fault" }> | null = null;
  let faults = 0;
  await reader.take(task, all, (event) => {
    if (event.event === "fault") {
      fault ??= event;
      faults++;
    }
    if (event.event !== "attach" || event.task !== task) return;
    const device = roster.device(event.device);
    steps.from(input, event.line);
    container.attach(device.group, device.name, IMPLIED);
  }, new Turns(slices, 0.1, 0.3));
  if (!container.open) {
    const device = roster.device(null);
    container.attach(device.group, device.name);
  }
  const operations = await joinedWithoutProbes(all, new Turns(slices, 0.3, 0.4));
  const cuts = await cutsOf(operations, new Turns(slices, 0.4, 0.6));
  await addCalls(steps, operations, cuts, input, new Turns(slices, 0.6, 1));
  const last = steps.calls.at(-1);
  if (last && fault) last.note = noteOf(fault, faults);
  return steps;
}

function noteOf(fault: { device: string; iova: U64 }, count: number): string {
  return `later a DMA of ${fault.device} to ${hex(fault.iova)} was refused (${plural(count, "page fault")} in the log)`;
}

/** The task with most page-table operations: the VMM. Its threads share its name. */
function busiestOf(counts: Map<string, number>): string {
  return [...counts].sort((one, other) => other[1] - one[1])[0]?.[0] ?? "";
}

async function addCalls(steps: Steps, operations: Operations, cuts: Map<number, Set<U64>>, input: string, turns: Turns): Promise<void> {
  const { isMap, first, end, lines, count } = operations;
  for (let index = 0; index < count; index++) {
    if (turns.isOver()) await turns.rest(index / count);
    // Of a short one the calls stay objects, and the last call always: something may be said of it.
    if (index % SLICE === SLICE - 1 && !steps.origins) steps.settle(undefined);
    for (const part of partsOf(first[index] as U64, end[index] as U64, cuts.get(index))) {
      const [own, ...more] = lines?.[index] ?? [];
      steps.from(input, own ?? null);
      const step = steps.count + 1;
      for (const line of more) steps.origins?.told.push({ at: { file: input, line }, step });
      for (const { start, size } of pieces(part.first, sub(part.end, 1))) addCall(steps, isMap[index] as boolean, start, size, index === count - 1);
    }
  }
}

/** The trace has physical addresses only; any user address stands for them. */
function addCall(steps: Steps, isMap: boolean, start: U64, size: U64, isLast: boolean): void {
  if (!isLast) {
    if (isMap) steps.addBulk(MAPPED, [32, 3, start, start, size], undefined);
    else steps.addBulk(TYPE1_UNMAP, [24, 0, start, size], undefined);
  } else if (isMap) steps.add("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: hex(start), iova: hex(start), size: hex(size) }, { recorded: known("OK") });
  else steps.add("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: hex(start), size: hex(size) });
}

/** A range, cut in pieces. */
function partsOf(first: U64, end: U64, cuts: Set<U64> | undefined): { first: U64; end: U64 }[] {
  if (!cuts) return [{ first, end }];
  const edges = [first, ...[...cuts].sort((one, other) => (one < other ? -1 : 1)), end];
  return edges.slice(1).map((edge, piece) => ({ first: edges[piece] as U64, end: edge }));
}

/** A part of a map that no unmap has taken yet. */
interface Piece {
  first: U64;
  end: U64;
  /** Index of the map among the operations. */
  owner: number;
}

/** Where each map is cut, by its index: where a later unmap begins or ends inside it, there were two user mappings. */
async function cutsOf(operations: Operations, turns: Turns): Promise<Map<number, Set<U64>>> {
  const cuts = new Map<number, Set<U64>>();
  /** By address, not overlapping: a second map of a place replaces the first. */
  const live: Piece[] = [];
  for (let index = 0; index < operations.count; index++) {
    if (turns.isOver()) await turns.rest(index / operations.count);
    const isMap = operations.isMap[index] as boolean;
    const first = operations.first[index] as U64;
    const end = operations.end[index] as U64;
    const from = firstEndingAfter(live, first);
    const only = live[from];
    // Most maps go where nothing is, and most unmaps take one map.
    if (only === undefined || only.first >= end) {
      if (isMap) live.splice(from, 0, { first, end, owner: index });
      continue;
    }
    if (!isMap && only.first === first && only.end === end) {
      live.splice(from, 1);
      continue;
    }
    let to = from;
    const left: Piece[] = [];
    for (; to < live.length && (live[to] as Piece).first < end; to++) {
      const piece = live[to] as Piece;
      if (!isMap) for (const cut of [first, end]) if (cut > piece.first && cut < piece.end) remember(cuts, piece.owner, cut);
      if (piece.first < first) left.push({ ...piece, end: first });
      if (piece.end > end) left.push({ ...piece, first: end });
    }
    if (isMap) left.push({ first, end, owner: index });
    left.sort((one, other) => (one.first < other.first ? -1 : 1));
    live.splice(from, to - from, ...left);
  }
  return cuts;
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
