/** What a call would be answered, without making it. */
import { CallTrace } from "../../kernel/call-trace.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import { parseCallText } from "../../scenario/text/parse.ts";
import { History } from "../history.ts";
import { makeCall } from "../make-call.ts";
import type { Tried } from "./edit-views.ts";
import { askedRange } from "./asked.ts";
import { lineOf, namedOf } from "./naming.ts";
import { stepDetail } from "./step-detail.ts";

const wide = new WeakMap<History, History>();

/** A run of the same calls on a kernel with everything in it: an added call may need what the calls so far do not. */
export function onWholeKernel(history: History): History {
  const kernel: Kernel = history.at(0).kernel;
  if (kernel.parts.length === wholeKernel.parts.length) return history;
  let other = wide.get(history);
  if (!other) {
    other = new History(history.scenario, wholeKernel);
    other.advance();
    wide.set(history, other);
  }
  return other;
}

/** The machine after `step` calls, with all subsystems when this call needs it; not to be changed. */
export function machineFor(history: History, step: number, call: string): Machine {
  const machine = history.at(step);
  return machine.defOf(call) ? machine : onWholeKernel(history).at(step);
}

/** Tries a call, written as in the text form, after `step` calls. */
export function tryCall(history: History, step: number, line: string): Tried {
  const { scenario, names } = namedOf(history);
  const ids = new Map(names.filter((given) => given.step <= step).map(({ name, id }) => [name, id]));
  const { call, problems } = parseCallText(line, scenario, ids.keys());
  if (!call) return { call: null, problems, detail: null, text: line, asked: null };
  const made: ScenarioCall = call.uses ? { ...call, in: { ...call.in, ...Object.fromEntries(Object.entries(call.uses).map(([field, name]) => [field, ids.get(name) ?? 0])) } } : call;
  const before = machineFor(history, step, made.call);
  const after = before.clone();
  const trace = new CallTrace(true);
  const result = makeCall(after, made, trace);
  // The sentence says of how many steps it would be one.
  const longer = { ...scenario, calls: [...scenario.calls, made] };
  const detail = stepDetail(longer, { ...result, step: step + 1, call: made, trace, before, after });
  return { call: made, problems, detail, text: lineOf(scenario, made), asked: askedRange({ call: made, answer: result.answer }) };
}
