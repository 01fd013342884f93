import type { Answer } from "../kernel/answer.ts";
import { CallError, type Call, type CallDef, type ReadyCall } from "../kernel/call.ts";
import type { CallTrace } from "../kernel/call-trace.ts";
import type { Machine } from "../kernel/machine.ts";
import { modelRules, PROBLEM_NAMES, type Problem } from "./rules.ts";

/** One call that has been made, or that could not be. */
export interface Made {
  /** Null: the model does not know the call. */
  def: CallDef | null;
  /** Decoded fields; empty when they could not be read. */
  fields: Record<string, unknown>;
  answer: Answer;
  /** Why there is no kernel's answer; null when there is one. */
  problem: Problem | null;
}

/**
 * Makes a call on a machine. Never throws: what can't be made is refused by a rule of the model's own. After an
 * "internal-error" the machine may be damaged and must be thrown away; in every other case it is good.
 */
export function makeCall(machine: Machine, call: Call, trace: CallTrace): Made {
  const def = machine.defOf(call.call);
  let fields: Record<string, unknown> = {};
  try {
    const ready = machine.ready(call);
    fields = ready.fields;
    return { def, fields, answer: machine.run(ready, trace), problem: null };
  } catch (error) {
    return failed(def, fields, error, trace);
  }
}

/** The same for a call whose fields have been read. */
export function makeReady(machine: Machine, ready: ReadyCall, trace: CallTrace): Made {
  const { def, fields } = ready;
  try {
    return { def, fields, answer: machine.run(ready, trace), problem: null };
  } catch (error) {
    return failed(def, fields, error, trace);
  }
}

function failed(def: CallDef | null, fields: Record<string, unknown>, error: unknown, trace: CallTrace): Made {
  const problem: Problem = error instanceof CallError ? (def ? "call-malformed" : "not-modelled") : "internal-error";
  const message = error instanceof Error ? error.message : String(error);
  return { def, fields, answer: trace.refuse(modelRules[problem], () => ({ note: message })), problem };
}

/** How a call came out, in a word: "OK", an errno, a fault of the real code, or why the model has no answer. */
export function outcomeOf(made: Made, trace: CallTrace): { name: string; refused: boolean } {
  if (made.problem) return { name: PROBLEM_NAMES[made.problem], refused: true };
  const { answer } = made;
  if (answer.fault !== undefined) return { name: answer.fault, refused: true };
  if (answer.errno !== "OK") return { name: answer.errno, refused: true };
  // The library functions of the IOASID allocator refuse with a value (INVALID_IOASID, false), not with an errno.
  if (trace.refusedBy !== null) return { name: typeof answer.ret === "string" ? answer.ret : "refused", refused: true };
  return { name: "OK", refused: false };
}
