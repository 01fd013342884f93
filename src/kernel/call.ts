import type { Json, JsonObject } from "../base/json.ts";
import type { Answer } from "./answer.ts";
import type { CallTrace } from "./call-trace.ts";
import type { Errno } from "./errno.ts";
import type { Decoded, FieldTable } from "./fields.ts";
import type { Machine } from "./machine.ts";
import type { Rule } from "./rules/rule.ts";

/** A call as scenarios, links and recordings hold it. */
export interface Call {
  call: string;
  in: JsonObject;
  /** What the model can't know by itself, brought in from outside. */
  given?: Given;
}

/** An outside fact about one call: "the log says that pinning failed". Shown as such wherever it decides. */
export interface Given {
  /** Pinning or mapping the memory fails with this errno. */
  pin?: Errno;
  /** The driver or the host refuses with this errno. */
  driver?: Errno;
  /** The IOMMU driver breaks a promise about the page table it makes: its domain's type, its ops, or coherency. */
  bug?: "domain-type" | "user-op" | "coherency";
  /** Where it is known from, for people: "from the log". */
  source: string;
}

/** A call whose fields have been read. */
export interface ReadyCall {
  readonly def: CallDef;
  readonly fields: Record<string, unknown>;
  readonly given: Given | null;
  /** Number of the process that makes it; 0 is the first. */
  readonly process: number;
}

export type Handler<In> = (machine: Machine, fields: In, trace: CallTrace, given: Given | null) => Answer;

export interface CallDef {
  readonly name: string;
  readonly subsystem: "iommufd" | "vfio" | "ioasid" | "mm" | "host";
  /** One sentence for people. */
  readonly summary: string;
  readonly fields: FieldTable;
  /** The same as a list, for reading calls fast. */
  readonly fieldList: readonly (readonly [name: string, kind: FieldTable[string]])[];
  /** What fields mean that a call leaves out; copying it gives a call's fields their shape in one go. */
  readonly blank: Readonly<Record<string, unknown>>;
  /** Kinds of output fields; fields not named here are plain JSON already. */
  readonly outs: FieldTable;
  /** The checks in the kernel's order, for showing what a refusal left unreached. May be incomplete, never wrong. */
  readonly order: readonly Rule[];
  readonly run: Handler<any>;
}

/** Declares one call: its fields (typed into the handler), its outputs, its checks' order and its handler. */
export function defineCall<In extends FieldTable>(
  name: string,
  spec: { subsystem: CallDef["subsystem"]; summary: string; in: In; out?: FieldTable; order?: readonly Rule[] },
  run: Handler<Decoded<In>>,
): CallDef {
  const fieldList = Object.entries(spec.in);
  const blank = Object.fromEntries(fieldList.map(([field, kind]) => [field, kind.absent as unknown]));
  return { name, subsystem: spec.subsystem, summary: spec.summary, fields: spec.in, fieldList, blank, outs: spec.out ?? {}, order: spec.order ?? [], run };
}

/** A call that can't be made: which field, and why. */
export class CallError extends Error {
  override name = "CallError";

  constructor(message: string) {
    super(message.length > LONGEST_MESSAGE ? `${message.slice(0, LONGEST_MESSAGE)}…` : message);
  }
}

/** It quotes what was given, which may be anything. */
const LONGEST_MESSAGE = 400;

/** Reads a call's fields by its definition. Unknown fields are kept out of the handler's sight and are not an error. */
export function readyCall(def: CallDef, call: Call): ReadyCall {
  const fields: Record<string, unknown> = { ...def.blank };
  for (const [name, kind] of def.fieldList) {
    const json = call.in[name];
    if (json === undefined) {
      if (kind.absent === undefined) throw new CallError(`${def.name} needs the field "${name}" (${kind.name})`);
      continue;
    }
    const value: unknown = kind.decode(json);
    if (value === undefined) throw new CallError(`${def.name}: "${name}" must be a ${kind.name}, not ${JSON.stringify(json)}`);
    fields[name] = value;
  }
  return { def, fields, given: call.given ?? null, process: callerOf(def, call) };
}

/** The process that makes a call: a child's number in the field `process`, where the call has no field of that name itself. */
function callerOf(def: CallDef, call: Call): number {
  const number = def.fields.process === undefined ? call.in.process : undefined;
  return typeof number === "number" ? number : 0;
}

/** The answer's `out` as JSON. */
export function encodeOut(def: CallDef, out: Record<string, unknown>): JsonObject {
  const json: JsonObject = {};
  for (const [name, value] of Object.entries(out)) {
    if (value === undefined) continue;
    const kind = def.outs[name];
    json[name] = kind ? kind.encode(value as never) : (value as Json);
  }
  return json;
}
