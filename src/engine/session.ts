/** One open scenario, and everything that can be asked about it. Runs in the page's worker, in the terminal and in tests. */
import { Bug } from "../base/assert.ts";
import type { Json } from "../base/json.ts";
import { CallError } from "../kernel/call.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { InputFile, ReadResult } from "../scenario/inputs.ts";
import type { LinkView } from "../scenario/link/view.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { describeRun } from "./describe.ts";
import { History } from "./history.ts";
import { kernelFor } from "./kernel-for.ts";
import { buildFrame } from "./queries/frame.ts";
import { buildRows } from "./queries/rows.ts";
import { EngineError, type Frame, type IovaQuery, type Loaded, type StepRow } from "./views.ts";

/** How a long run stays interruptible. */
export interface Watch {
  /** Called between slices of a run, with calls made and calls to make; may reject to stop the run. */
  between(done: number, total: number): Promise<void> | void;
}

const NOBODY: Watch = { between: () => {} };
/** Calls between two looks at the clock. */
const SLICE = 256;
/** Milliseconds that a run may go on before it looks up. */
const SLICE_MS = 40;
const MOST_ROWS = 10_000;

export class Session {
  private current: History | null = null;

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
    let sliceStart = performance.now();
    while (!history.advance(SLICE)) {
      if (performance.now() - sliceStart < SLICE_MS) continue;
      await watch.between(history.ran, history.length);
      sliceStart = performance.now();
    }
    this.current = history;
    return describeRun(history);
  }

  rows(from: number, count: number): StepRow[] {
    const history = this.history();
    return buildRows(history, whole(from, "from"), Math.min(MOST_ROWS, whole(count, "count")));
  }

  frame(step: number, query: IovaQuery): Frame {
    const history = this.history();
    return buildFrame(history, stepOf(history, step), query);
  }

  state(step: number): Json {
    const history = this.history();
    return history.at(stepOf(history, step)).state();
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
