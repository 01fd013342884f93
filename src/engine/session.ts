/** One open scenario, and everything that can be asked about it. Runs in the page's worker, in the terminal and in tests. */
import { Bug } from "../base/assert.ts";
import type { Json } from "../base/json.ts";
import { CallError } from "../kernel/call.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { InputFile, ReadResult } from "../scenario/inputs.ts";
import type { LinkView } from "../scenario/link/view.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { OtherForm } from "../scenario/other-form.ts";
import type { Beside } from "./compare/beside.ts";
import { describeRun } from "./describe.ts";
import { History } from "./history.ts";
import { kernelFor } from "./kernel-for.ts";
import { interleave } from "./lanes.ts";
import { buildFrame } from "./queries/frame.ts";
import { buildRows } from "./queries/rows.ts";
import { NOBODY, runThrough, type Watch } from "./run-through.ts";
import { EngineError, type Clues, type Compared, type Diagnosis, type Frame, type Interleaved, type IovaQuery, type LaneTurn, type Loaded, type StepRow } from "./views.ts";

const MOST_ROWS = 10_000;

export class Session {
  private current: History | null = null;
  /** The same scenario under another form; null when nothing is compared. */
  private beside: Beside | null = null;

  /** Recognises inputs and turns them into scenarios. */
  async read(files: InputFile[]): Promise<ReadResult> {
    const { readInputs } = await import("../scenario/read-inputs.ts");
    return readInputs(files);
  }

  /** Runs a scenario to the end and makes it the current one. If that fails or is stopped, the one before stays. */
  async load(scenario: Scenario, watch: Watch = NOBODY): Promise<Loaded> {
    // A program may hand over anything; files and links were looked at when they were read.
    if (!Array.isArray(scenario?.calls) || typeof scenario.platform !== "object") throw new EngineError("This is not a scenario: it needs a platform and a list of calls.");
    const history = startHistory(scenario, await kernelFor(scenario));
    await runThrough(history, watch);
    this.current = history;
    this.beside = null;
    return describeRun(history);
  }

  /** Runs the open scenario under another form too; null: no more. If it fails or is stopped, what was compared before stays. */
  async compare(target: OtherForm | null, watch: Watch = NOBODY): Promise<Compared | null> {
    const history = this.history();
    if (target === null) {
      this.beside = null;
      return null;
    }
    const { runBeside } = await import("./compare/beside.ts");
    const beside = await runBeside(history, target, kernelFor, watch);
    this.beside = beside;
    return beside.compared;
  }

  /** The open scenario with its CPUs taking turns in another order. */
  interleave(turns: LaneTurn[]): Interleaved {
    return interleave(this.history(), turns);
  }

  rows(from: number, count: number): StepRow[] {
    const history = this.history();
    const rows = buildRows(history, whole(from, "from"), Math.min(MOST_ROWS, whole(count, "count")));
    return this.beside ? this.beside.withOther(rows) : rows;
  }

  frame(step: number, query: IovaQuery): Frame {
    const history = this.history();
    const frame = buildFrame(history, stepOf(history, step), query);
    return this.beside ? this.beside.joined(frame, query) : frame;
  }

  state(step: number): Json {
    const history = this.history();
    return history.at(stepOf(history, step)).state();
  }

  async diagnose(clues: Clues): Promise<Diagnosis> {
    const history = this.history();
    const { diagnose } = await import("./diagnose/diagnose.ts");
    return diagnose(history, clues);
  }

  scenario(): Scenario {
    return this.history().scenario;
  }

  async link(view: LinkView): Promise<string> {
    const { linkTo } = await import("./links.ts");
    return linkTo(this.history(), view);
  }

  async unlink(fragment: string): Promise<{ scenario: Scenario; view: LinkView }> {
    const { openLink } = await import("./links.ts");
    return openLink(fragment);
  }

  private history(): History {
    if (!this.current) throw new EngineError("No scenario is open.");
    return this.current;
  }
}

function startHistory(scenario: Scenario, kernel: Kernel): History {
  try {
    return new History(scenario, kernel);
  } catch (error) {
    if (error instanceof Bug) throw new EngineError(`This scenario can't be started: ${error.message}.`);
    throw error;
  }
}

function whole(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new EngineError(`"${what}" must be a number.`);
  return Math.trunc(value);
}

/** A step of the run: requests beyond its ends mean the ends. */
function stepOf(history: History, step: number): number {
  return Math.max(0, Math.min(history.length, whole(step, "step")));
}

/** Errors whose message is made for people. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["EngineError", "InputError", "LinkError", "FormatError", "ScenarioError"]);

/** Any failure as one sentence for people. */
export function messageFor(error: unknown): string {
  if (!(error instanceof Error)) return `iovascope failed: ${String(error)}`;
  if (FOR_PEOPLE.has(error.name) || error instanceof CallError) return error.message;
  return `iovascope failed: ${error.message}`;
}
