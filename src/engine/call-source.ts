/** Where a run takes its calls from: a plain list, or a packed one whose numbers go to the handlers as they are. */
import { readyCall, type CallDef, type Given, type ReadyCall } from "../kernel/call.ts";
import type { CallTrace } from "../kernel/call-trace.ts";
import { pointer, u32, u64 } from "../kernel/fields.ts";
import type { Machine } from "../kernel/machine.ts";
import { callCount, isPacked, type CallList } from "../scenario/calls.ts";
import { PackReader, partOf, type Packed, type Shape, type Skeleton } from "../scenario/packed/packed.ts";
import type { ScenarioCall } from "../scenario/scenario.ts";
import { makeCall, makeReady, type Made } from "./make-call.ts";

export interface CallSource {
  /** Calls that are there; a file that is being read brings more. */
  readonly length: number;
  /** The call at an index, from 0. */
  call(index: number): ScenarioCall;
  /** Only its name. */
  name(index: number): string;
  /** Has it an answer that was recorded? */
  isRecorded(index: number): boolean;
  /** Makes it, as makeCall does. */
  make(index: number, machine: Machine, trace: CallTrace): Made;
}

export function sourceOf(calls: CallList): CallSource {
  return isPacked(calls) ? new PackedSource(calls) : new ListSource(calls);
}

class ListSource implements CallSource {
  private readonly calls: readonly ScenarioCall[];

  constructor(calls: readonly ScenarioCall[]) {
    this.calls = calls;
  }

  get length(): number {
    return callCount(this.calls);
  }

  call(index: number): ScenarioCall {
    return this.calls[index] as ScenarioCall;
  }

  name(index: number): string {
    return this.call(index).call;
  }

  isRecorded(index: number): boolean {
    return this.call(index).recorded !== undefined;
  }

  make(index: number, machine: Machine, trace: CallTrace): Made {
    return makeCall(machine, this.call(index), trace);
  }
}

/** How the calls of one shape are read. */
interface Plan {
  shape: Shape;
  def: CallDef;
  /** The fields of all of them, with those that differ still to be filled in. */
  fields: Readonly<Record<string, unknown>>;
  names: string[];
  slots: number[];
  /** Is it an address of the calling process, which a handler gets as one? */
  pointers: boolean[];
  given: Given | null;
  process: number;
}

class PackedSource implements CallSource {
  private readonly packed: Packed;
  private readonly reader: PackReader<ScenarioCall>;
  /** By shape; null: such calls are read like any other. */
  private readonly plans: (Plan | null)[] = [];
  private readonly recorded: boolean[] = [];
  /** By shape; null: the name differs from call to call. */
  private readonly names: (string | null)[] = [];

  constructor(packed: Packed) {
    this.packed = packed;
    this.reader = new PackReader(packed);
  }

  get length(): number {
    return this.packed.count;
  }

  call(index: number): ScenarioCall {
    return this.reader.at(index);
  }

  name(index: number): string {
    const shape = this.reader.seek(index);
    let name = this.names[shape];
    if (name === undefined) {
      const part = partOf((this.packed.shapes[shape] as Shape).skeleton, "call");
      this.names[shape] = name = part?.is === "constant" && typeof part.value === "string" ? part.value : null;
    }
    return name ?? this.call(index).call;
  }

  isRecorded(index: number): boolean {
    const shape = this.reader.seek(index);
    return (this.recorded[shape] ??= partOf((this.packed.shapes[shape] as Shape).skeleton, "recorded") !== null);
  }

  make(index: number, machine: Machine, trace: CallTrace): Made {
    const shape = this.reader.seek(index);
    let plan = this.plans[shape];
    if (plan === undefined) this.plans[shape] = plan = planOf(this.packed.shapes[shape] as Shape, machine, this.reader);
    if (plan === null) return makeCall(machine, this.reader.at(index), trace);
    const fields = { ...plan.fields };
    const { names, slots, pointers } = plan;
    for (let field = 0; field < slots.length; field++) {
      const value = this.reader.value(plan.shape, slots[field] as number);
      fields[names[field] as string] = pointers[field] ? { va: value } : value;
    }
    return makeReady(machine, { def: plan.def, fields, given: plan.given, process: plan.process }, trace);
  }
}

/** Null where a call's fields need more than numbers put in their places. */
function planOf(shape: Shape, machine: Machine, reader: PackReader<ScenarioCall>): Plan | null {
  const { skeleton } = shape;
  const name = partOf(skeleton, "call");
  const input = partOf(skeleton, "in");
  const def = name?.is === "constant" && typeof name.value === "string" ? machine.defOf(name.value) : null;
  if (!def || input?.is !== "object") return null;
  const names: string[] = [];
  const slots: number[] = [];
  const pointers: boolean[] = [];
  for (const [field, kind] of def.fieldList) {
    const part = partOf(input, field);
    if (part?.is !== "slot") continue;
    const slotKind = shape.slots[part.slot];
    const isPointer = kind.decode === pointer.decode;
    if (slotKind === "json" || !(isPointer || kind.decode === u64.decode || (kind.decode === u32.decode && slotKind === "number"))) return null;
    names.push(field);
    slots.push(part.slot);
    pointers.push(isPointer);
  }
  const process = partOf(input, "process");
  const given = partOf(skeleton, "given");
  if (process?.is === "slot" && def.fields.process === undefined) return null;
  let first: ReadyCall;
  try {
    first = readyCall(def, reader.build(skeleton, shape) as ScenarioCall);
  } catch {
    return null;
  }
  // What is no plain value may be kept or changed by a handler: each call needs its own.
  if (Object.entries(first.fields).some(([field, value]) => typeof value === "object" && value !== null && !names.includes(field))) return null;
  if (given !== null && hasSlots(given)) return null;
  return { shape, def, fields: first.fields, names, slots, pointers, given: first.given, process: first.process };
}

function hasSlots(skeleton: Skeleton): boolean {
  if (skeleton.is === "slot") return true;
  return skeleton.is !== "constant" && skeleton.items.some(hasSlots);
}
