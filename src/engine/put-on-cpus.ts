import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";

/** A call that can be cut at its lock regions. */
function isIoasidCall(call: ScenarioCall | undefined): call is ScenarioCall {
  return call !== undefined && /^(?:ioasid_|private_free|iommu_\w+_global_pasid)/.test(call.call) && call.in.race === undefined;
}

/** May call `step` and the one after it run on two CPUs? */
export function canPutOnCpus(scenario: Scenario, step: number): boolean {
  return !scenario.calls.some((call) => call.call.startsWith("lane_")) && isIoasidCall(scenario.calls[step - 1]) && isIoasidCall(scenario.calls[step]);
}

/** Puts call `step` on CPU 0 and the next one on CPU 1; both begin, then each runs to its end. */
export function putOnCpus(scenario: Scenario, step: number): Scenario {
  const [first, second] = [scenario.calls[step - 1], scenario.calls[step]];
  if (!first || !second) return scenario;
  const start = (cpu: number, { call, in: input, note }: ScenarioCall): ScenarioCall => ({ call: "lane_start", in: { cpu, call, in: input }, ...(note !== undefined && { note }) });
  const plain = scenario.calls.map(({ recorded: _recorded, recordedAgrees: _agrees, ...call }): ScenarioCall => call);
  return {
    ...scenario,
    calls: [...plain.slice(0, step - 1), start(0, first), start(1, second), { call: "lane_finish", in: { cpu: 0 } }, { call: "lane_finish", in: { cpu: 1 } }, ...plain.slice(step + 1)],
  };
}
