/** Runs a scenario's calls and keeps every step reachable. */
import { assert, ensure } from "../base/assert.ts";
import { CallTrace } from "../kernel/call-trace.ts";
import type { MachineConfig } from "../kernel/config.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { Machine } from "../kernel/machine.ts";
import { AreaRecorder } from "../kernel/ranges/area-recorder.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import type { AnyScenario, ScenarioCall } from "../scenario/scenario.ts";
import { sourceOf, type CallSource } from "./call-source.ts";
import { Checkpoints, copyOf, copyOfHead, Recent, type Kept } from "./checkpoints.ts";
import { makeCall, outcomeOf, type Made } from "./make-call.ts";
import { compareRecorded } from "./recorded.ts";
import { MARK } from "./views.ts";

/** After a step the call list asks for the lines around it: a copy left at a multiple of this is near where they begin. */
const PAGE = 128;
/** A copy for it pays as long as it makes no more objects than this. */
const PAGE_COST = 4096;

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
  readonly scenario: AnyScenario;
  readonly config: MachineConfig;
  private readonly source: CallSource;
  /** Room for one MARK per step, index 0 is step 1. */
  private allMarks: Uint8Array;
  private outcomes: Uint8Array;
  private readonly outcomeNames: string[] = [];
  private readonly outcomeIndex = new Map<string, number>();
  /** Steps at which the model itself failed: they leave the state alone. */
  private readonly broken = new Set<number>();
  /** The areas of big spaces after each step. */
  readonly areas: AreaRecorder;
  private readonly checkpoints: Checkpoints;
  private readonly recent: Recent;
  /** The step on screen is asked about again and again while one looks around. */
  private explained: Explained | null = null;
  private head: Machine;
  private done = 0;
  /** More calls are still to come. */
  private grows: boolean;

  constructor(scenario: AnyScenario, kernel: Kernel, options: { distance?: number; budget?: number; recentBudget?: number; recentMost?: number; areas?: { kept?: number; folded?: number }; grows?: boolean } = {}) {
    this.scenario = scenario;
    this.source = sourceOf(scenario.calls);
    this.allMarks = new Uint8Array(this.length);
    this.outcomes = new Uint8Array(this.length);
    const first = new Machine(machineConfig(scenario), kernel);
    this.config = first.config;
    this.head = first;
    this.areas = new AreaRecorder(options.areas);
    first.journal.recorder = this.areas;
    this.checkpoints = new Checkpoints(copyOf(0, first), options);
    this.grows = options.grows ?? false;
    this.recent = new Recent({ budget: options.recentBudget, most: options.recentMost });
  }

  /** Calls of the scenario; while its file is being read, those that are there. */
  get length(): number {
    return this.source.length;
  }

  /** One MARK per step made, index 0 is step 1. */
  get marks(): Uint8Array {
    return this.allMarks.subarray(0, this.done);
  }

  /** How many calls have been made. */
  get ran(): number {
    return this.done;
  }

  /** Makes up to `calls` more calls; true when the end is reached. */
  advance(calls: number = Infinity): boolean {
    const end = Math.min(this.length, this.done + calls);
    this.reserve(end);
    while (this.done < end) this.makeNext();
    if (this.done < this.length) return false;
    if (!this.grows) this.rest();
    return true;
  }

  /** No more calls will come: makes those that are left. */
  settle(): void {
    this.grows = false;
    this.advance();
  }

  /** How a step came out: "OK", an errno, a fault. */
  outcome(step: number): string {
    return ensure(this.outcomeNames[this.outcomes[step - 1] as number], `outcome of step ${step}`);
  }

  /** The call that leads to a step, 1 … length. */
  call(step: number): ScenarioCall {
    assert(step >= 1 && step <= this.length, `call ${step}`);
    return this.source.call(step - 1);
  }

  /** The name of the call that leads to a step. */
  callName(step: number): string {
    return this.source.name(step - 1);
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
      else visit(step, this.source.make(step - 1, machine, trace), machine, trace);
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
    const trace = new CallTrace(false);
    this.areas.begin(step);
    const made = this.source.make(step - 1, this.head, trace);
    if (made.problem === "internal-error") {
      this.broken.add(step);
      this.areas.undo();
      this.head = this.at(this.done).clone();
      this.head.journal.recorder = this.areas;
    }
    const { name, refused } = outcomeOf(made, trace);
    this.outcomes[step - 1] = this.indexOf(name);
    const agrees = !this.source.isRecorded(step - 1) || (compareRecorded(this.scenario, this.call(step), made, this.head)?.agrees ?? true);
    this.allMarks[step - 1] = !agrees ? MARK.diverges : refused ? MARK.refused : trace.damaged ? MARK.damage : MARK.ok;
    this.done = step;
    if (this.checkpoints.isDue(step)) this.checkpoints.add(copyOfHead(step, this.head));
  }

  private reserve(steps: number): void {
    if (steps <= this.outcomes.length) return;
    const room = Math.max(steps, this.outcomes.length * 2);
    const { allMarks, outcomes } = this;
    this.allMarks = new Uint8Array(room);
    this.allMarks.set(allMarks);
    this.outcomes = new Uint8Array(room);
    this.outcomes.set(outcomes);
  }

  /** The end is reached: only what brings back any step stays in memory. */
  private rest(): void {
    if (!this.head.journal.recorder) return;
    const last = copyOfHead(this.done, this.head);
    this.areas.rest();
    this.explained = null;
    this.recent.clear();
    this.recent.put(last);
    this.head = last.machine;
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
      if (!this.broken.has(at)) this.source.make(at - 1, there.machine, new CallTrace(false));
      const halfWay = at === leave && step - at >= nearest;
      if (halfWay) leave = at + ((step - at) >> 1);
      const pageBegins = at % PAGE === 0 && at < step && step - at < PAGE && there.cost < PAGE_COST;
      if (halfWay || pageBegins) this.recent.put(copyOf(at, there.machine));
    }
    this.recent.put(there);
    return there;
  }
}
