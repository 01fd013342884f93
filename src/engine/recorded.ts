/** What a recording or a log says a call answered, held against what the model answers. */
import { firstDifference, type Json } from "../base/json.ts";
import type { Answer } from "../kernel/answer.ts";
import { encodeOut, type CallDef } from "../kernel/call.ts";
import type { Machine } from "../kernel/machine.ts";
import { differenceFromKnown } from "../scenario/recorded-shape.ts";
import type { AnyScenario, RecordedAnswer, ScenarioCall, TraceKind } from "../scenario/scenario.ts";
import type { Made } from "./make-call.ts";
import { PROBLEM_NAMES } from "./rules.ts";

export interface Difference {
  /** First field that differs: "errno", "out.iova", "state.ids[0].refs". */
  path: string;
  expected: unknown;
  got: unknown;
}

/** An answer in the shape recordings have. */
export function answerJson(def: CallDef, answer: Answer): RecordedAnswer {
  const json: RecordedAnswer = {};
  if (answer.fault !== undefined) json.fault = answer.fault;
  else if (answer.ret !== undefined) json.ret = answer.ret;
  else json.errno = answer.errno;
  if (answer.race_ret !== undefined) json.race_ret = answer.race_ret;
  if (answer.out !== undefined) json.out = encodeOut(def, answer.out);
  if (answer.events !== undefined && answer.events.length > 0) json.events = answer.events;
  return json;
}

/** The part of the state that a recording of this kind carries. */
export function recordedState(machine: Machine, trace: TraceKind): Json {
  return trace === "ioasid" ? machine.ioasid.state() : trace === "vfio-type1" ? machine.vfio.state() : machine.iommufd.state();
}

/** First difference between a recorded answer and ours; null when they agree. A `state` is compared only where one was recorded. */
export function differenceFrom(recorded: RecordedAnswer, ours: RecordedAnswer): Difference | null {
  return firstDifference(recorded, recorded.state === undefined ? { ...ours, state: undefined } : ours);
}

/** The model's answer to a call with all that the call's recorded answer has. Null when the model has no answer. */
export function ourAnswer(scenario: AnyScenario, call: ScenarioCall, made: Made, after: Machine): RecordedAnswer | null {
  if (made.problem || !made.def) return null;
  const ours = answerJson(made.def, made.answer);
  if (call.recorded?.state !== undefined) ours.state = recordedState(after, scenario.trace);
  return ours;
}

/** How the model's answer compares with the recorded one; null when none was recorded. */
export function compareRecorded(scenario: AnyScenario, call: ScenarioCall, made: Made, after: Machine): { agrees: boolean; difference: Difference | null } | null {
  const { recorded } = call;
  if (!recorded) return null;
  const ours = ourAnswer(scenario, call, made, after);
  if (!ours) return { agrees: false, difference: { path: "errno", expected: nameOf(recorded), got: made.problem ? PROBLEM_NAMES[made.problem] : "nothing" } };
  const difference = recorded.partial ? differenceFromKnown(recorded, ours) : differenceFrom(recorded, ours);
  return { agrees: difference === null, difference };
}

/** A recorded answer in a word. */
export function nameOf(recorded: RecordedAnswer): string {
  if (recorded.fault !== undefined) return recorded.fault;
  if (recorded.errno !== undefined) return recorded.errno;
  if (recorded.failed) return "an error";
  if (recorded.ret !== undefined) return typeof recorded.ret === "string" ? recorded.ret : JSON.stringify(recorded.ret);
  return "nothing";
}
