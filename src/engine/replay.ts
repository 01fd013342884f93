/** Runs a recording against the model and says where they part. */
import { CallError } from "../kernel/call.ts";
import { Machine } from "../kernel/machine.ts";
import { wholeKernel } from "../kernel/whole.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import { readRecording } from "../scenario/recording.ts";
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
  const machine = new Machine(machineConfig(scenario), wholeKernel);
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

export interface ReplayCounts {
  calls: number;
  divergences: number;
  /** Of sequences that go through memory corruption: shown apart, never counted above. */
  undefinedCalls: number;
  undefinedDivergences: number;
}

/** Replays every sequence of a recording's text, with the line (from 1) of each divergence. Throws FormatError. */
export function replayText(text: string, report: (line: number, divergence: Divergence) => void = () => {}): ReplayCounts {
  const counts: ReplayCounts = { calls: 0, divergences: 0, undefinedCalls: 0, undefinedDivergences: 0 };
  for (const { scenario, lines } of readRecording(text)) {
    let found = 0;
    const calls = replay(scenario, (divergence) => {
      found++;
      if (!scenario.undefined_behaviour) report(lines[divergence.index] as number, divergence);
    });
    if (scenario.undefined_behaviour) {
      counts.undefinedCalls += calls;
      counts.undefinedDivergences += found;
    } else {
      counts.calls += calls;
      counts.divergences += found;
    }
  }
  return counts;
}
