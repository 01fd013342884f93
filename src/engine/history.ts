/** Runs a scenario's calls and keeps every step reachable. */
import { assert, ensure } from "../base/assert.ts";
import { CallTrace } from "../kernel/call-trace.ts";
import type { MachineConfig } from "../kernel/config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Machine } from "../kernel/machine.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";
import { Checkpoints, copyOf, keep, Recent, type Kept } from "./checkpoints.ts";
import { makeCall, outcomeOf, type Made } from "./make-call.ts";
import { compareRecorded } from "./recorded.ts";
import { MARK } from "./views.ts";

/** One call made again with explanations, and the machines on both sides of it. */
export interface Explained extends Made {
  step: number;
  call: ScenarioCall;
  trace: CallTrace;
  before: Machine;
  after: Machine;
}

/**
 * A run of a scenario. Step 0 is the machine before the first call, step N the machine after call N. The list of calls is
 * the only truth: what is kept are a byte or two per step and copies of the machine at intervals; everything else is made
 * again from the nearest copy when asked for.
 */
export class History {
  readonly scenario: Scenario;
  readonly config: MachineConfig;
  readonly length: number;
  /** One MARK per step, index 0 is step 1. Filled as far as `done`. */
  readonly marks: Uint8Array;
  private readonly outcomes: Uint8Array;
  private readonly outcomeNames: string[] = [];
  private readonly outcomeIndex = new Map<string, number>();
  /** Steps at which the model itself failed: they leave the state alone. */
  private readonly broken = new Set<number>();
  private readonly checkpoints: Checkpoints;
  private readonly recent: Recent;
  /** The step on screen is asked about again and again while one looks around. */
  private explained: Explained | null = null;
  private head: Machine;
  private done = 0;

  constructor(scenario: Scenario, kernel: Kernel, options: { distance?: number; budget?: number; recentBudget?: number; recentMost?: number } = {}) {
    this.scenario = scenario;
    this.length = scenario.calls.length;
    this.marks = new Uint8Array(this.length);
    this.outcomes = new Uint8Array(this.length);
    const first = new Machine(machineConfig(scenario), kernel);
    this.config = first.config;
    this.head = first;
    this.checkpoints = new Checkpoints(copyOf(0, first), options);
    this.recent = new Recent({ budget: options.recentBudget, most: options.recentMost });
  }

  /** How many calls have been made. */
  get ran(): number {
    return this.done;
  }

  /** Makes up to `calls` more calls; true when the end is reached. */
  advance(calls: number = Infinity): boolean {
    const end = Math.min(this.length, this.done + calls);
    while (this.done < end) this.makeNext();
    if (this.done < this.length) return false;
    // The head moves no more, so it may be looked at.
    this.recent.put(keep(this.done, this.head, this.checkpoints.before(this.done).weight));
    return true;
  }

  /** How a step came out: "OK", an errno, a fault. */
  outcome(step: number): string {
    return ensure(this.outcomeNames[this.outcomes[step - 1] as number], `outcome of step ${step}`);
  }

  /** The call that leads to a step, 1 … length. */
  call(step: number): ScenarioCall {
    return ensure(this.scenario.calls[step - 1], `call ${step}`);
  }

  /** The machine after `step` calls. Callers must not change it. */
  at(step: number): Machine {
    assert(step >= 0 && step <= this.done, `step ${step} of ${this.done}`);
    return (this.recent.get(step) ?? this.revisit(step)).machine;
  }

  /** Makes call `step` once more, with explanations. */
  explain(step: number): Explained {
    if (this.explained?.step !== step) this.explained = this.explainAnew(step);
    return this.explained;
  }

  /**
   * Visits steps from … to (from ≥ 1, both included) with the answer of each, without explanations. The machine handed over is
   * the one after the step and changes with the next; the trace knows which rule refused.
   */
  eachAnswer(from: number, to: number, visit: (step: number, made: Made, machine: Machine, trace: CallTrace) => void): void {
    const kept = copyOf(to, this.at(from - 1));
    const { machine } = kept;
    for (let step = from; step <= to; step++) {
      const trace = new CallTrace(false);
      if (this.broken.has(step)) visit(step, { def: null, fields: {}, answer: { errno: "EINVAL" }, problem: "internal-error" }, machine, trace);
      else visit(step, makeCall(machine, this.call(step), trace), machine, trace);
    }
    this.recent.put(kept);
  }

  private explainAnew(step: number): Explained {
    const call = this.call(step);
    const before = this.at(step - 1);
    const kept = copyOf(step, before);
    const after = kept.machine;
    const trace = new CallTrace(true);
    const made = makeCall(after, call, trace);
    if (made.problem === "internal-error") {
      // Whatever failed, the call or only its explanation: show the step as it ran.
      return { ...made, step, call, trace, before, after: this.at(step) };
    }
    this.recent.put(kept);
    return { ...made, step, call, trace, before, after };
  }

  private makeNext(): void {
    const step = this.done + 1;
    const call = this.call(step);
    const trace = new CallTrace(false);
    const made = makeCall(this.head, call, trace);
    if (made.problem === "internal-error") {
      this.broken.add(step);
      this.head = this.at(this.done).clone();
    }
    const { name, refused } = outcomeOf(made, trace);
    this.outcomes[step - 1] = this.indexOf(name);
    const agrees = compareRecorded(this.scenario, call, made, this.head)?.agrees ?? true;
    this.marks[step - 1] = !agrees ? MARK.diverges : refused ? MARK.refused : trace.damaged ? MARK.damage : MARK.ok;
    this.done = step;
    if (this.checkpoints.isDue(step)) this.checkpoints.add(copyOf(step, this.head));
  }

  private indexOf(name: string): number {
    let index = this.outcomeIndex.get(name);
    if (index === undefined) {
      index = Math.min(this.outcomeNames.length, 255);
      this.outcomeNames[index] = name;
      this.outcomeIndex.set(name, index);
    }
    return index;
  }

  /**
   * Makes the calls up to a step from the nearest machine before it. Leaves copies half-way, three quarters of the way and so on,
   * so that going back from here step by step costs a few calls each, not the whole way every time.
   */
  private revisit(step: number): Kept {
    const checkpoint = this.checkpoints.before(step);
    const visited = this.recent.before(step);
    const from = visited && visited.step > checkpoint.step ? visited : checkpoint;
    if (from.step === step) return from;
    const there = copyOf(step, from.machine);
    const nearest = Math.max(8, there.weight >> 3);
    let leave = from.step + ((step - from.step) >> 1);
    for (let at = from.step + 1; at <= step; at++) {
      if (!this.broken.has(at)) makeCall(there.machine, this.call(at), new CallTrace(false));
      if (at === leave && step - at >= nearest) {
        this.recent.put(copyOf(at, there.machine));
        leave = at + ((step - at) >> 1);
      }
    }
    this.recent.put(there);
    return there;
  }
}
