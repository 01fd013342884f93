/** One open scenario, and everything that can be asked about it. Runs in the page's worker, in the terminal and in tests. */
import { Bug } from "../base/assert.ts";
import { setNotation, type Notation } from "../base/format.ts";
import type { Json } from "../base/json.ts";
import { CallError } from "../kernel/call.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { isPacked, MANY_CALLS, packCalls, plainScenario } from "../scenario/calls.ts";
import type { InputFile, ReadResult } from "../scenario/inputs.ts";
import type { LaidBeside, LinedText } from "../scenario/laid-beside.ts";
import type { LinkView } from "../scenario/link/view.ts";
import type { AnyScenario, PlatformSpec, Scenario } from "../scenario/scenario.ts";
import type { ScrubFound, ScrubKind } from "../scenario/scrub.ts";
import type { OtherForm } from "../scenario/other-form.ts";
import type { Beside } from "./compare/beside.ts";
import { describeRun } from "./describe.ts";
import { History } from "./history.ts";
import { kernelFor } from "./kernel-for.ts";
import { interleave } from "./lanes.ts";
import { buildFrame } from "./queries/frame.ts";
import { buildRows } from "./queries/rows.ts";
import type { Inputs } from "./open.ts";
import { NOBODY, partOf, runThrough, type Watch } from "./run-through.ts";
import { EngineError, USUAL_PX, type Clues, type Compared, type DestroyTrial, type Diagnosis, type Exported, type ExportForm, type ExportOptions, type FindQuery, type Followed, type Found, type Frame, type Hunt, type Interleaved, type InvariantView, type IovaQuery, type LaneTurn, type Loaded, type News, type Opened, type Offers, type Quarry, type ReadText, type RunSide, type StepDiff, type StepRow, type TextView, type TimelineView, type Tried } from "./views.ts";

const MOST_ROWS = 10_000;
/** Lines of a text that are handed out at once, and characters of one. */
const MOST_LINES = 1000;
const LONGEST_LINE = 1000;

/** Runs of fewer calls need no rehearsal. */
const LONG = 50_000;
const REHEARSALS = 16;
/** Its multiples spread evenly, however many there are. */
const GOLDEN = 0.618_034;

export class Session {
  private current: History | null = null;
  /** The same scenario under another form; null when nothing is compared. */
  private beside: Beside | null = null;
  /** What the open scenario is one of; its other sequences may be chosen. */
  private inputs: Inputs | null = null;
  /** Inputs with several sequences of which none has been chosen yet. */
  private offered: Inputs | null = null;
  /** The text of inputs that somebody looks at, line by line. */
  private texts: LinedText[] = [];
  /** A link that is followed, or was, without having been asked for. */
  private ahead: { fragment: string; px: number; coming: Promise<Followed> } | null = null;
  /** Addresses may be written in another way than the usual one. */
  private notated = false;
  /** The frame asked for last. */
  private asked: { step: number; query: IovaQuery } | null = null;

  /** Recognises inputs and turns them into scenarios. */
  async read(files: InputFile[]): Promise<ReadResult> {
    const { readInputs } = await import("../scenario/read-inputs.ts");
    return readInputs(files);
  }

  get isOpen(): boolean {
    return this.current !== null;
  }

  /** Reads inputs and makes what they hold the current scenario. If that fails or is stopped early, the one before stays. */
  async open(files: InputFile[], watch: Watch = NOBODY): Promise<Opened> {
    const { openedOf, readAndRun, READING } = await import("./open.ts");
    // The page need not ask for what it shows first.
    const withPicture = (news: News): News => (news.opened?.loaded ? { ...news, picture: this.frame(news.opened.loaded.interesting, { space: null, window: null, px: USUAL_PX }) } : news);
    const found = await readAndRun(files, { between: (done, total, news) => watch.between(done, total, news && withPicture(news)) }, (history) => this.replace(history));
    const { reading, scenarios, history, stopped } = found;
    this.offered = { reading, scenarios };
    if (history) {
      this.replace(history);
      return openedOf(history, reading, 0, stopped);
    }
    return scenarios.length === 1 ? this.choose(0, true, partOf(watch, READING, 1)) : { reading, loaded: null, index: 0, scenario: null, stopped };
  }

  async choose(index: number, offered: boolean, watch: Watch = NOBODY): Promise<Opened> {
    const inputs = (offered ? this.offered : this.inputs) ?? this.offered;
    const scenario = inputs?.scenarios[index];
    if (!inputs || !scenario) throw new EngineError("There is no such sequence.");
    const { openedOf } = await import("./open.ts");
    await this.load(scenario, watch);
    this.inputs = inputs;
    return openedOf(this.history(), inputs.reading, index, false);
  }

  /** Runs the current scenario's calls on another platform. */
  rerun(platform: PlatformSpec, watch: Watch = NOBODY): Promise<Loaded> {
    return this.load({ ...this.history().scenario, platform }, watch);
  }

  /** Runs a scenario to the end and makes it the current one. If that fails or is stopped, the one before stays. */
  async load(scenario: AnyScenario, watch: Watch = NOBODY): Promise<Loaded> {
    // A program may hand over anything; files and links were looked at when they were read.
    if (!isCallList(scenario?.calls) || typeof scenario.platform !== "object") throw new EngineError("This is not a scenario: it needs a platform and a list of calls.");
    const history = startHistory(scenario, await kernelFor(scenario));
    await runThrough(history, watch);
    this.replace(history);
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

  /** Runs a changed scenario beside the open one: it must have as many calls. */
  async compareWith(scenario: Scenario, name: string): Promise<Compared> {
    const history = this.history();
    if (scenario.calls.length !== history.length) throw new EngineError("Only scenarios of as many calls can be held side by side.");
    const { runAgainst } = await import("./compare/beside.ts");
    const beside = await runAgainst(history, scenario, name, kernelFor, NOBODY);
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
    this.asked = { step, query };
    const frame = buildFrame(history, stepOf(history, step), query);
    return this.beside ? this.beside.joined(frame, query) : frame;
  }

  /**
   * Looks at a step somewhere in a long run while nobody waits: the first jumps of a person then find compiled code and no rubbish of
   * the loading. The last turn leaves ready what is on screen. False: there is nothing to do, or no more.
   */
  rehearse(turn: number): boolean {
    const { asked, current } = this;
    if (!current || !asked || current.length < LONG || turn >= REHEARSALS) return false;
    const { length } = current;
    buildFrame(current, turn + 1 === REHEARSALS ? Math.min(asked.step, length) : Math.floor(((turn * GOLDEN) % 1) * length), asked.query);
    return true;
  }

  state(step: number): Json {
    const history = this.history();
    return history.at(stepOf(history, step)).state();
  }

  async runUntil(hunt: Hunt, watch: Watch = NOBODY): Promise<Quarry | null> {
    const history = this.history();
    const { runUntil } = await import("./queries/run-until.ts");
    return runUntil(history, { ...hunt, from: stepOf(history, hunt.from) }, watch);
  }

  async diff(one: number, other: number, side: RunSide): Promise<StepDiff> {
    const history = this.run(side);
    const { diffSteps } = await import("./queries/diff.ts");
    return diffSteps(history, stepOf(history, one), stepOf(history, other));
  }

  async invariants(step: number, side: RunSide): Promise<InvariantView[]> {
    const history = this.run(side);
    const { invariantsAt } = await import("./queries/invariants.ts");
    return invariantsAt(history, stepOf(history, step));
  }

  async tryDestroy(step: number, key: string, side: RunSide): Promise<DestroyTrial | null> {
    const history = this.run(side);
    const { tryDestroy } = await import("./queries/destroy.ts");
    return tryDestroy(history, stepOf(history, step), key);
  }

  async find(query: FindQuery): Promise<Found> {
    const history = this.history();
    const { find } = await import("./queries/find.ts");
    return find(history, { ...query, step: stepOf(history, query.step) });
  }

  async timeline(slots: number): Promise<TimelineView> {
    const history = this.history();
    const { timelineView } = await import("./queries/timeline.ts");
    return timelineView(history, whole(slots, "slots"));
  }

  async diagnose(clues: Clues): Promise<Diagnosis> {
    const history = this.history();
    const { diagnose } = await import("./diagnose/diagnose.ts");
    return diagnose(history, clues);
  }

  async layBeside(files: InputFile[], sequence: number, sequences: number): Promise<LaidBeside> {
    const { layBeside } = await import("../scenario/laid-beside.ts");
    this.texts = [];
    const { beside, texts } = await layBeside(files, sequence, sequences);
    this.texts = texts;
    return beside;
  }

  sourceLines(input: number, from: number, count: number): string[] {
    return this.texts[input]?.lines(whole(from, "from"), Math.min(MOST_LINES, whole(count, "count")), LONGEST_LINE) ?? [];
  }

  async findScrub(): Promise<ScrubFound[]> {
    const { scrub } = await import("../scenario/scrub.ts");
    return scrub(plainScenario(this.history().scenario), []).found;
  }

  async scrub(kinds: ScrubKind[], watch: Watch = NOBODY): Promise<{ loaded: Loaded; scenario: Scenario | null }> {
    const { scrub } = await import("../scenario/scrub.ts");
    const { scenario } = scrub(plainScenario(this.history().scenario), kinds);
    const isLong = scenario.calls.length >= MANY_CALLS;
    const { inputs } = this;
    const loaded = await this.load(isLong ? { ...scenario, calls: packCalls(scenario.calls) } : scenario, watch);
    this.inputs = inputs;
    return { loaded, scenario: isLong ? null : scenario };
  }

  scenario(): Scenario {
    const history = this.history();
    if (history.length > MANY_CALLS && isPacked(history.scenario.calls)) throw new EngineError(`A scenario of ${history.length} calls is too large to be handed about; save it as a file.`);
    return plainScenario(history.scenario);
  }

  async file(): Promise<{ name: string; content: Blob }> {
    const { fileOf } = await import("./file.ts");
    return fileOf(this.history().scenario);
  }

  async link(view: LinkView): Promise<string> {
    const { linkTo } = await import("./links.ts");
    return linkTo(this.history(), view);
  }

  async unlink(fragment: string): Promise<{ scenario: Scenario; view: LinkView }> {
    const { openLink } = await import("./links.ts");
    return openLink(fragment);
  }

  async follow(fragment: string, px: number, watch: Watch = NOBODY): Promise<Followed> {
    const { ahead } = this;
    this.ahead = null;
    // What was made ahead is as good, unless another way of writing addresses has been asked for since.
    if (ahead?.fragment === fragment && ahead.px === px && !this.notated) return ahead.coming;
    const { scenario, view } = await this.unlink(fragment);
    const loaded = await this.load(scenario, watch);
    const step = Math.max(0, Math.min(loaded.steps, view.step));
    return { loaded, scenario, view, frame: view.compare ? null : this.frame(step, { space: view.space ?? null, window: null, px }) };
  }

  /** Follows a link before anybody has asked: the page that will is still on its way. */
  followAhead(fragment: string, px: number): void {
    const coming = this.follow(fragment, px);
    // Who asks is told what went wrong.
    coming.catch(() => {});
    this.ahead = { fragment, px, coming };
  }

  async export(form: ExportForm, options: ExportOptions): Promise<Exported> {
    const history = this.history();
    const { exportAs } = await import("./export/export.ts");
    return exportAs(history, form, { ...options, step: stepOf(history, options.step) });
  }

  notation(notation: Notation): void {
    this.notated = true;
    setNotation(notation);
  }

  private run(side: RunSide): History {
    return side === "right" && this.beside ? this.beside.right : this.history();
  }

  async text(): Promise<TextView> {
    const { textOf } = await import("./queries/naming.ts");
    return textOf(this.history());
  }

  async readText(text: string): Promise<ReadText> {
    const { readText } = await import("./queries/naming.ts");
    return readText(text);
  }

  async named(): Promise<Scenario> {
    const { namedOf } = await import("./queries/naming.ts");
    return namedOf(this.history()).scenario;
  }

  async resolve(scenario: Scenario): Promise<Scenario> {
    const { resolved } = await import("./queries/naming.ts");
    return resolved(scenario);
  }

  async offers(step: number): Promise<Offers> {
    const { offersAt } = await import("./queries/offers.ts");
    return offersAt(this.history(), stepOf(this.history(), step));
  }

  async tryCall(step: number, line: string): Promise<Tried> {
    const { tryCall } = await import("./queries/try-call.ts");
    return tryCall(this.history(), stepOf(this.history(), step), line);
  }

  private replace(history: History): void {
    if (this.current === history) return;
    this.current = history;
    this.beside = null;
  }

  private history(): History {
    if (!this.current) throw new EngineError("No scenario is open.");
    return this.current;
  }
}

function isCallList(calls: unknown): boolean {
  return Array.isArray(calls) || (calls as { packed?: unknown } | null | undefined)?.packed === 1;
}

function startHistory(scenario: AnyScenario, kernel: Kernel): History {
  try {
    return new History(scenario, kernel);
  } catch (error) {
    if (error instanceof Bug || error instanceof CallError) throw new EngineError(`This scenario can't be started: ${error.message.slice(0, 500)}.`);
    throw error;
  }
}

function whole(value: number, what: string): number {
  if (!Number.isFinite(value)) throw new EngineError(`"${what}" must be a number.`);
  return Math.trunc(value);
}

/** A step of the run: requests beyond its ends mean the ends. */
function stepOf(history: History, step: number): number {
  return Math.max(0, Math.min(history.ran, whole(step, "step")));
}

/** Errors whose message is made for people. */
const FOR_PEOPLE: ReadonlySet<string> = new Set(["EngineError", "InputError", "LinkError", "FormatError", "ScenarioError"]);

/** Any failure as one sentence for people. */
export function messageFor(error: unknown): string {
  if (!(error instanceof Error)) return `iovascope failed: ${String(error)}`;
  if (FOR_PEOPLE.has(error.name) || error instanceof CallError) return error.message;
  return `iovascope failed: ${error.message}`;
}
