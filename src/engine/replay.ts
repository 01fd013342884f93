/** Runs a recording against the model and says where they part. */
import { firstDifference, type Json } from "../base/json.ts";
import type { Answer } from "../kernel/answer.ts";
import { CallError, encodeOut, type CallDef } from "../kernel/call.ts";
import { Machine } from "../kernel/machine.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import type { RecordedAnswer, Scenario, TraceKind } from "../scenario/scenario.ts";

export interface Divergence {
  /** Index of the call in the scenario, from 0. */
  index: number;
  call: string;
  /** First field that differs: "errno", "out.iova", "state.ids[0].refs". */
  field: string;
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

/** First difference between a recorded answer and ours; null when they agree. Only a recorded `state` is compared. */
export function differenceFrom(recorded: RecordedAnswer, ours: RecordedAnswer): { path: string; expected: unknown; got: unknown } | null {
  return firstDifference(recorded, recorded.state === undefined ? { ...ours, state: undefined } : ours);
}

/** Replays a scenario with recorded answers, reporting each call that differs; returns how many calls there were. */
export function replay(scenario: Scenario, report: (divergence: Divergence) => void): number {
  const machine = new Machine(machineConfig(scenario));
  scenario.calls.forEach((call, index) => {
    if (!call.recorded) return;
    try {
      const ready = machine.ready(call);
      const ours = answerJson(ready.def, machine.run(ready));
      if (call.recorded.state !== undefined) ours.state = recordedState(machine, scenario.trace);
      const found = differenceFrom(call.recorded, ours);
      if (found) report({ index, call: call.call, field: found.path, expected: found.expected, got: found.got });
    } catch (error) {
      // A call that can't be made, or a mistake of ours: either way we did not answer as the kernel did.
      const got = error instanceof CallError ? error.message : `internal error: ${String(error)}`;
      report({ index, call: call.call, field: "call", expected: "an answer", got });
    }
  });
  return scenario.calls.length;
}
