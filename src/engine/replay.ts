/** Runs a recording against the model and says where they part. */
import { CallError } from "../kernel/call.ts";
import { Machine } from "../kernel/machine.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { answerJson, differenceFrom, recordedState } from "./recorded.ts";

export interface Divergence {
  /** Index of the call in the scenario, from 0. */
  index: number;
  call: string;
  /** First field that differs: "errno", "out.iova", "state.ids[0].refs". */
  field: string;
  expected: unknown;
  got: unknown;
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
