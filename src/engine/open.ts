/**
 * Reads inputs and runs what they hold. A recording is run while it is being read: as soon as some thousand calls are there
 * they can be looked at, and the rest follows.
 */
import { callCount, callNames, isLarge, MANY_CALLS, packCalls, plainScenario } from "../scenario/calls.ts";
import { InputError, type InputFile, type Reading } from "../scenario/inputs.ts";
import { openInputs, type OpenInput } from "../scenario/read-inputs.ts";
import { FormatError } from "../scenario/recording.ts";
import { RecordingReader } from "../scenario/recording-reader.ts";
import type { AnyScenario, PackedScenario } from "../scenario/scenario.ts";
import { describeRun } from "./describe.ts";
import { History } from "./history.ts";
import { kernelFor } from "./kernel-for.ts";
import { partOf, Patience, Stopped, type Watch } from "./run-through.ts";
import type { Opened } from "./views.ts";

/** The part that reading a log has of reading and running it. */
export const READING = 0.6;
/** So many calls make a first picture. */
const FIRST = 8192;
/** Milliseconds between two messages about steps that have become reachable. */
const NEWS_MS = 500;
/** Bytes that are read, and run, before the clock is looked at. */
const PIECE = 64 * 1024;

/** What inputs held. */
export interface Inputs {
  reading: Reading;
  scenarios: AnyScenario[];
}

export interface Found extends Inputs {
  /** A scenario that was run on the way; null: none was. */
  history: History | null;
  /** Reading was stopped before the end. */
  stopped: boolean;
}

/** Reads inputs; a long recording alone is run meanwhile, and `show` is given the run as soon as it is worth a look. */
export async function readAndRun(files: InputFile[], watch: Watch, show: (history: History) => void): Promise<Found> {
  const inputs = await openInputs(files, partOf(watch, 0, READING));
  const [only] = inputs.open;
  if (inputs.open.length === 1 && only?.recording) return new RecordingRun(only, watch, show).run();
  const result = await inputs.read();
  const scenarios = result.scenarios.map((scenario): AnyScenario => (callCount(scenario.calls) < MANY_CALLS ? plainScenario(scenario) : isLarge(scenario) ? scenario : { ...scenario, calls: packCalls(scenario.calls) }));
  const { reports, warnings, clues } = result;
  return { scenarios, reading: { sequences: sequencesOf(scenarios), reports, warnings, ...(clues && { clues }) }, history: null, stopped: false };
}

/** What the page is told of a run that is, or will be, all there is to see. */
export function openedOf(history: History, reading: Reading, index: number, stopped: boolean): Opened {
  const scenario = history.length < MANY_CALLS ? plainScenario(history.scenario) : null;
  return { reading, loaded: describeRun(history), scenario, index, stopped };
}

export function sequencesOf(scenarios: readonly AnyScenario[]): Reading["sequences"] {
  return scenarios.map(({ title, calls }) => ({ title, calls: callCount(calls) }));
}

class RecordingRun {
  private readonly input: OpenInput;
  private readonly watch: Watch;
  private readonly show: (history: History) => void;
  private readonly reader = new RecordingReader();
  private readonly patience = new Patience();
  private history: History | null = null;
  /** Shapes of the calls for which the run's kernel was chosen. */
  private shapes = 0;
  private shown = false;
  /** Steps of which the page knows. */
  private told = 0;
  private toldAt = 0;

  constructor(input: OpenInput, watch: Watch, show: (history: History) => void) {
    this.input = input;
    this.watch = watch;
    this.show = show;
  }

  async run(): Promise<Found> {
    const warnings: string[] = [];
    let stopped = false;
    try {
      await this.readAll();
    } catch (error) {
      // What is on screen stays, as far as it goes.
      if (!this.shown || !(error instanceof Stopped || error instanceof FormatError || error instanceof InputError)) throw this.named(error);
      stopped = true;
      this.reader.finish();
      const why = error instanceof Stopped ? "it was stopped" : this.named(error).message;
      warnings.push(`Reading ended after ${this.reader.filled.toLocaleString("en")} lines: ${why}.`);
    }
    if (this.history) await this.advance();
    this.history?.settle();
    const scenarios = Array.from({ length: this.reader.begun }, (_, index): AnyScenario => {
      const scenario = this.reader.sequence(index);
      return callCount(scenario.calls) < MANY_CALLS && this.history?.scenario !== scenario ? plainScenario(scenario) : scenario;
    });
    return { scenarios, reading: { ...this.reading(), warnings }, history: this.history, stopped };
  }

  private async readAll(): Promise<void> {
    for await (const bytes of this.input.source.chunks()) {
      for (let at = 0; at < bytes.length; at += PIECE) {
        this.reader.feed(bytes.subarray(at, at + PIECE));
        await this.follow();
      }
    }
    this.reader.end();
  }

  /** Runs what has been read. Of several sequences none is run: a person chooses first. */
  private async follow(): Promise<void> {
    if (this.reader.begun === 1 && this.reader.sequence(0).calls.count >= FIRST) await this.advance();
    if (this.patience.isOver() || (this.history && !this.shown)) await this.tell();
  }

  private async advance(): Promise<void> {
    const scenario = this.reader.sequence(0);
    const { shapes } = scenario.calls;
    if (!this.history || (shapes.length !== this.shapes && !this.knowsAll(scenario, this.shapes))) {
      // Another part of the kernel is needed, and a run is by one kernel from its first step.
      const history = new History(scenario, await kernelFor(scenario), { grows: true });
      while (!history.advance(1024)) if (this.patience.isOver()) await this.tell();
      this.history = history;
      if (this.shown) this.show(history);
    }
    this.shapes = shapes.length;
    this.history.advance();
  }

  private knowsAll(scenario: PackedScenario, from: number): boolean {
    const machine = (this.history as History).at(0);
    const fresh = callNames({ ...scenario.calls, shapes: scenario.calls.shapes.slice(from) });
    return machine.kernel.parts.length > 1 || [...fresh].every((name) => machine.defOf(name) !== null);
  }

  private async tell(): Promise<void> {
    const { source } = this.input;
    const { history, told } = this;
    const now = performance.now();
    if (history && !this.shown) {
      // Who has cancelled by now keeps what is open.
      await this.watch.between(source.taken, source.size);
      this.shown = true;
      this.show(history);
      this.told = history.ran;
      this.toldAt = now;
      const opened: Opened = { ...openedOf(history, this.reading(), 0, false), scenario: null };
      await this.watch.between(source.taken, source.size, { opened });
    } else if (history && history.ran > told && now - this.toldAt >= NEWS_MS) {
      this.told = history.ran;
      this.toldAt = now;
      await this.watch.between(source.taken, source.size, { marks: history.marks.slice(told) });
    } else await this.watch.between(source.taken, source.size);
  }

  private reading(): Reading {
    const { name } = this.input;
    const sequences = Array.from({ length: this.reader.begun }, (_, index) => this.reader.sequence(index));
    const lines = this.reader.filled;
    return { sequences: sequencesOf(sequences), reports: [{ name, format: "recording", understood: lines, lines, skipped: [], ignored: [] }], warnings: [] };
  }

  private named(error: unknown): Error {
    if (error instanceof FormatError) return new InputError(this.input.name, error.line, error.problem);
    return error instanceof Error ? error : new Error(String(error));
  }
}
