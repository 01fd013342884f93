/** Calls of two CPUs, cut at their lock regions: what each step runs, and the same calls in another order. */
import type { LaneNow } from "../kernel/ioasid/lanes.ts";
import { CallTrace } from "../kernel/call-trace.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Machine } from "../kernel/machine.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import { callNames, plainScenario, unpackCalls } from "../scenario/calls.ts";
import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";
import type { History } from "./history.ts";
import { makeCall } from "./make-call.ts";
import type { Interleaved, LaneStep, LaneTurn, LanesView } from "./views.ts";

const LANE_CALL = /^lane_(start|step|finish)$/;
/** Turns that a given order may have; each call has a handful of regions. */
const MOST_TURNS = 500;

function cpuOf(call: ScenarioCall): number | null {
  const { cpu } = call.in;
  return LANE_CALL.test(call.call) && typeof cpu === "number" ? cpu : null;
}

/** What each CPU is in the middle of; a kernel without the allocator has no such CPUs. */
export function lanesNow(machine: Machine): LaneNow[] {
  return machine.kernel.parts.some((part) => part.name === "ioasid") ? machine.ioasid.lanesNow() : [];
}

function laneOf(machine: Machine, cpu: number): LaneNow | null {
  return lanesNow(machine).find((lane) => lane.cpu === cpu) ?? null;
}

/** What a step of a lane runs; null for other calls. `before` and `after` are the CPUs around it. */
export function laneStep(call: ScenarioCall, before: readonly LaneNow[], after: readonly LaneNow[]): LaneStep | null {
  const cpu = cpuOf(call);
  if (cpu === null) return null;
  const [was, is] = [before, after].map((lanes) => lanes.find((lane) => lane.cpu === cpu) ?? null) as [LaneNow | null, LaneNow | null];
  if (call.call === "lane_start") return { cpu, call: typeof call.in.call === "string" ? call.in.call : "", what: "start", regions: [], of: is?.regions.length ?? 0, done: false };
  if (!was) return { cpu, call: "", what: "waits", regions: [], of: 0, done: false };
  const until = is ? is.at : call.call === "lane_step" ? was.at + 1 : was.regions.length;
  const regions = was.regions.slice(was.at, until).map((region, index) => ({ ...region, number: was.at + index + 1 }));
  return { cpu, call: was.call, what: regions.length === 0 ? "waits" : "runs", regions, of: was.regions.length, done: is === null };
}

/** The lanes of a scenario: its CPUs and the order of their regions; null when it has none. */
export function lanesOf(history: History): LanesView | null {
  if (!callNames(history.scenario.calls).has("lane_start")) return null;
  const calls = unpackCalls(history.scenario.calls);
  const begin = calls.findIndex((call) => call.call === "lane_start");
  const cpus = [...new Set(calls.flatMap((call) => cpuOf(call) ?? []))].sort((one, other) => one - other);
  const turns: LaneTurn[] = [];
  const steps: number[] = [];
  let before = lanesNow(history.at(begin));
  history.eachAnswer(begin + 1, history.length, (step, _made, machine) => {
    const call = history.call(step);
    const after = lanesNow(machine);
    const cpu = cpuOf(call);
    const ran = laneStep(call, before, after);
    const count = ran === null ? 1 : ran.what === "start" ? 0 : Math.max(1, ran.regions.length);
    for (let turn = 0; turn < count; turn++) {
      turns.push(cpu ?? "w");
      steps.push(step);
    }
    before = after;
  });
  return { cpus, turns, steps };
}

/** Makes a list of calls while running them, so that it knows which CPU is still busy. */
class Weaver {
  readonly calls: ScenarioCall[] = [];
  private readonly machine: Machine;
  /** Calls that each CPU has still to begin. */
  private readonly programs = new Map<number, ScenarioCall[]>();
  /** Whole calls of other tasks. */
  private readonly whole: ScenarioCall[];

  constructor(scenario: Scenario, kernel: Kernel, begin: number) {
    this.machine = new Machine(machineConfig(scenario), kernel);
    for (const call of scenario.calls.slice(0, begin)) this.make(call);
    const rest = scenario.calls.slice(begin);
    this.whole = rest.filter((call) => !LANE_CALL.test(call.call));
    for (const call of rest) {
      const cpu = cpuOf(call);
      if (call.call === "lane_start" && cpu !== null) this.programs.set(cpu, [...(this.programs.get(cpu) ?? []), call]);
    }
    for (const cpu of this.programs.keys()) this.begin(cpu);
  }

  /** One turn; false when there was nothing to do for it. */
  take(turn: LaneTurn): boolean {
    if (turn === "w") {
      const call = this.whole.shift();
      if (call) this.make(call);
      return call !== undefined;
    }
    if (!this.isBusy(turn)) return false;
    this.make({ call: "lane_step", in: { cpu: turn } });
    if (!this.isBusy(turn)) this.begin(turn);
    return true;
  }

  /** Runs what is left: CPU by CPU as far as locks let them, then the whole calls. */
  complete(): void {
    let moved = true;
    while (moved) {
      moved = false;
      for (const cpu of this.programs.keys()) while (this.isBusy(cpu) && this.canStep(cpu)) moved = this.take(cpu) || moved;
    }
    while (this.take("w"));
  }

  private isBusy(cpu: number): boolean {
    return laneOf(this.machine, cpu) !== null;
  }

  /** Would a step move it? Tried on a copy. */
  private canStep(cpu: number): boolean {
    const copy = this.machine.clone();
    const at = laneOf(copy, cpu)?.at;
    makeCall(copy, { call: "lane_step", in: { cpu } }, new CallTrace(false));
    return laneOf(copy, cpu)?.at !== at;
  }

  /** Puts a CPU's next call on it; one that can't begin is left behind, and the next is tried. */
  private begin(cpu: number): void {
    for (let call = this.programs.get(cpu)?.shift(); call; call = this.programs.get(cpu)?.shift()) {
      this.make(call);
      if (this.isBusy(cpu)) return;
    }
  }

  private make(call: ScenarioCall): void {
    const { recorded: _recorded, recordedAgrees: _agrees, ...plain } = call;
    this.calls.push(plain);
    makeCall(this.machine, plain, new CallTrace(false));
  }
}

/**
 * The same calls with their regions in another order. Turns: the number of a CPU runs its next region (a CPU that is through
 * takes its next call at once), "w" makes the next whole call of another task. Turns with nothing left to do are passed over;
 * what the order leaves out runs afterwards. `steps` says where each turn led.
 */
export function interleave(history: History, turns: readonly LaneTurn[]): Interleaved {
  const scenario = plainScenario(history.scenario);
  const begin = scenario.calls.findIndex((call) => call.call === "lane_start");
  if (begin < 0) return { scenario, steps: [] };
  const weaver = new Weaver(scenario, history.at(0).kernel, begin);
  const steps = turns.slice(0, MOST_TURNS).map((turn) => {
    weaver.take(turn);
    return weaver.calls.length;
  });
  weaver.complete();
  return { scenario: { ...scenario, calls: weaver.calls }, steps };
}
