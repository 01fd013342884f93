/** Operations on page tables as trace events tell them, in columns: a long trace has very many. */
import { add, U64_MAX, type U64 } from "../../base/u64.ts";
import type { PackedList } from "../packed/packed-list.ts";
import { PackReader, partOf, type Shape } from "../packed/packed.ts";
import type { TableEvent } from "../readers/page-table-events.ts";
import type { Turns } from "../slices.ts";

/** Maps and unmaps in order. The lines that tell of each are kept where somebody asks for them. */
export class Operations {
  readonly isMap: boolean[] = [];
  readonly first: U64[] = [];
  /** Exclusive. */
  readonly end: U64[] = [];
  readonly lines: number[][] | null;

  constructor(keepsLines: boolean) {
    this.lines = keepsLines ? [] : null;
  }

  get count(): number {
    return this.first.length;
  }

  push(isMap: boolean, first: U64, end: U64, lines: number[] | null): void {
    this.isMap.push(isMap);
    this.first.push(first);
    this.end.push(end);
    this.lines?.push(lines ?? []);
  }
}

type RangeEvent = Extract<TableEvent, { event: "map" | "unmap" }>;

/** What all events of a shape have in common; the slots of their numbers, −1 for none. */
interface Form {
  event: TableEvent["event"];
  task: string;
  iova: number;
  end: number;
  size: number;
}

/** Visits events without making objects of those that only have a range. */
export class TableReader {
  private readonly reader: PackReader<TableEvent>;
  private readonly forms: (Form | null | undefined)[] = [];
  readonly count: number;

  constructor(events: PackedList<TableEvent>) {
    this.reader = new PackReader(events.writer.packed);
    this.count = events.length;
  }

  /** How many events each task has that are no faults, in the order in which they come. */
  async tasks(turns: Turns): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (let index = 0; index < this.count; index++) {
      if (turns.isOver()) await turns.rest(index / this.count);
      const { event, task } = this.formAt(index) ?? this.reader.at(index);
      if (event !== "fault") counts.set(task, (counts.get(task) ?? 0) + 1);
    }
    return counts;
  }

  /** Puts a task's maps and unmaps into `operations`; all that are neither go to `others`. */
  async take(task: string, operations: Operations, others: (event: Exclude<TableEvent, RangeEvent>) => void, turns: Turns): Promise<void> {
    const { reader } = this;
    for (let index = 0; index < this.count; index++) {
      if (turns.isOver()) await turns.rest(index / this.count);
      const form = this.formAt(index);
      if (form && operations.lines === null && (form.event === "map" || form.event === "unmap")) {
        if (form.task !== task) continue;
        const shape = this.shapeAt(index);
        const iova = reader.value(shape, form.iova);
        operations.push(form.event === "map", iova, form.end >= 0 ? endOf(reader.value(shape, form.end)) : add(iova, reader.value(shape, form.size)), null);
        continue;
      }
      const event = reader.at(index);
      if (!isRange(event)) others(event);
      else if (event.task === task) operations.push(event.event === "map", event.iova, "end" in event ? endOf(event.end) : add(event.iova, event.size), [event.line]);
    }
  }

  private shapeAt(index: number): Shape {
    return this.reader.packed.shapes[this.reader.seek(index)] as Shape;
  }

  /** Null: the event must be made to see what it is. */
  private formAt(index: number): Form | null {
    const number = this.reader.seek(index);
    return (this.forms[number] ??= formOf(this.reader.packed.shapes[number] as Shape)) ?? null;
  }
}

function isRange(event: TableEvent): event is RangeEvent {
  return event.event === "map" || event.event === "unmap";
}

/** 0 stands for 2^64. */
function endOf(end: U64): U64 {
  return end === 0 ? add(U64_MAX, 1) : end;
}

function formOf({ skeleton }: Shape): Form | null {
  const event = partOf(skeleton, "event");
  const task = partOf(skeleton, "task");
  if (event?.is !== "constant" || task?.is !== "constant") return null;
  const slot = (key: string) => {
    const part = partOf(skeleton, key);
    return part?.is === "slot" ? part.slot : -1;
  };
  const form: Form = { event: event.value as Form["event"], task: task.value as string, iova: slot("iova"), end: slot("end"), size: slot("size") };
  const isComplete = form.iova >= 0 && (form.end >= 0 || form.size >= 0);
  return isComplete || (form.event !== "map" && form.event !== "unmap") ? form : null;
}

/** The same without what type1 does at every attach to learn the hardware's page sizes: it maps and unmaps the first two pages. Neighbours are joined. */
export async function joinedWithoutProbes(operations: Operations, turns: Turns): Promise<Operations> {
  const { isMap, first, end, lines } = operations;
  const result = new Operations(lines !== null);
  for (let index = 0; index < operations.count; index++) {
    if (turns.isOver()) await turns.rest(index / operations.count);
    if (isProbe(operations, index)) continue;
    const own = lines?.[index] ?? null;
    const last = result.count - 1;
    if (last >= 0 && result.isMap[last] === isMap[index] && result.end[last] === first[index]) {
      result.end[last] = end[index] as U64;
      if (own) result.lines?.[last]?.push(...own);
    } else result.push(isMap[index] as boolean, first[index] as U64, end[index] as U64, own);
  }
  return result;
}

function isProbe({ isMap, first, end, count }: Operations, index: number): boolean {
  const at = isMap[index] ? index : first[index] === 0 ? index - 1 : index - 2;
  if (at < 0 || !isMap[at] || first[at] !== 0 || end[at] !== 0x2000) return false;
  const one = at + 1;
  const two = at + 2;
  if (one >= count || isMap[one] || first[one] !== 0) return false;
  return end[one] === 0x2000 || (end[one] === 0x1000 && two < count && !isMap[two] && first[two] === 0x1000 && end[two] === 0x2000);
}

