/**
 * What the page asks the engine, and what it gets: small typed answers about one step, never the whole state.
 * Everything here survives structured cloning; addresses are U64 (number or bigint).
 */
import type { Notation } from "../base/format.ts";
import type { Iova, U64 } from "../base/u64.ts";
import type { Json } from "../base/json.ts";
import type { ObjectRef, Range } from "../kernel/answer.ts";
import type { HoleKind, ObjectGraph, PasidSpace } from "../kernel/inspect.ts";
import type { Clues } from "../scenario/clues.ts";
import type { InputFile, Reading, ReadResult } from "../scenario/inputs.ts";
import type { Offers, ReadText, TextView, Tried } from "./queries/edit-views.ts";
import type { Diagnosis } from "./diagnose/finding.ts";
import type { FindQuery, Found, TimelineView } from "./queries/find-views.ts";
import type { DestroyTrial, Hunt, InvariantView, Quarry, StepChanges, StepDiff } from "./queries/history-views.ts";
import type { Exported, ExportForm, ExportOptions } from "./export/forms.ts";
import type { LaidBeside } from "../scenario/laid-beside.ts";
import type { LinkView } from "../scenario/link/view.ts";
import type { OtherForm } from "../scenario/other-form.ts";
import type { AnyScenario, PlatformSpec, Scenario, TraceKind } from "../scenario/scenario.ts";
import type { ScrubFound, ScrubKind } from "../scenario/scrub.ts";

export type { OtherForm } from "../scenario/other-form.ts";
export type { Clues } from "../scenario/clues.ts";
export type { LaidBeside, SourceInput } from "../scenario/laid-beside.ts";
export type { ScrubFound, ScrubKind } from "../scenario/scrub.ts";
export type { Diagnosis, Finding } from "./diagnose/finding.ts";
export type { FindHit, FindQuery, Found, HitKind, TimelineView } from "./queries/find-views.ts";
export type { DestroyTrial, Goal, Hunt, InvariantView, ObjectChange, Quarry, RangeChange, SpaceChange, StepChanges, StepDiff } from "./queries/history-views.ts";
export type { InputFile, InputReport, Reading, ReadResult } from "../scenario/inputs.ts";
export type { CallOffer, FieldOffer, Offers, ReadText, TextProblem, TextView, Tried } from "./queries/edit-views.ts";
export type { Exported, ExportForm, ExportOptions } from "./export/forms.ts";
export type { LinkView } from "../scenario/link/view.ts";

/** A check as people see it. `state` "unreached": the call was refused before it got there. */
export interface CheckView {
  rule: string;
  holds: string;
  meaning: string;
  fn: string;
  state: "passed" | "failed" | "unreached";
  objects: ObjectRef[];
  range: Range | null;
  note: string;
}

export interface EffectView {
  kind: string;
  text: string;
  objects: ObjectRef[];
  range: Range | null;
}

export interface AdviceView {
  text: string;
  fits: Range[];
  objects: ObjectRef[];
}

/** How one step's recorded answer compares with ours. */
export interface RecordedView {
  /** Where it comes from: "recorded", "from the log". */
  source: string;
  agrees: boolean;
  /** One line for people: "the kernel answered EINVAL, the model OK". */
  text: string;
}

/** One call in full: its fields, the answer and why. */
export interface StepDetail {
  step: number;
  call: string;
  summary: string;
  fields: { name: string; value: string }[];
  errno: string;
  /** Output fields for people, "out_ioas_id 2". */
  out: { name: string; value: string }[];
  /** The rule that refused; null when nothing did. */
  rule: { id: string; meaning: string; fn: string } | null;
  checks: CheckView[];
  effects: EffectView[];
  advice: AdviceView | null;
  recorded: RecordedView | null;
  note: string;
  /** Facts from outside that this answer rests on: "from the log: pinning failed with EFAULT". */
  given: string | null;
  /** One sentence for screen readers. */
  spoken: string;
}

/** One line of the call list. */
export interface StepRow {
  step: number;
  call: string;
  /** Second line: "0x0 + 2 GiB", "dev 1 → hwpt 3". */
  detail: string;
  errno: string;
  /** "→ ioas 2": what a successful call gave. */
  result: string;
  diverges: boolean;
  given: boolean;
  note: string;
  /** The call left something damaged behind, or used what was freed. */
  damaged?: boolean;
  /** What the step runs of a call on one of several CPUs; absent for whole calls. */
  lane?: LaneStep;
  /** The same call under the form compared with; absent when nothing is compared. */
  other?: OtherRow;
}

/** A lock region of a call: what happens inside it happens at once as others see it. */
export interface LaneRegion {
  title: string;
  /** The lock it runs under, "rcu" for a read section, null for none. */
  lock: string | null;
  /** Its place in the call, from 1. */
  number: number;
}

/** One step of a call that runs on one of several CPUs. */
export interface LaneStep {
  cpu: number;
  /** The call on that CPU. */
  call: string;
  /** "start": the call is put on the CPU and nothing of it runs; "waits": it could not go on. */
  what: "start" | "runs" | "waits";
  regions: LaneRegion[];
  /** How many regions the call has. */
  of: number;
  /** The call has ended with this step. */
  done: boolean;
}

/** Whose turn it is: a CPU's, or ("w") that of the next whole call of another task. */
export type LaneTurn = number | "w";

/** The CPUs of a scenario and the order in which they run. */
export interface LanesView {
  cpus: number[];
  turns: LaneTurn[];
  /** The step of each turn. */
  steps: number[];
}

/** A scenario whose CPUs run in another order, and the step after each of the turns asked for. */
export interface Interleaved {
  scenario: Scenario;
  steps: number[];
}

/**
 * How two runs compare at one step. "carried": they differ as they did before; the step adds nothing. "path": answer and state
 * are the same, but other functions of the kernel took the objects apart.
 */
export const PART = { same: 0, answer: 1, state: 2, carried: 3, path: 4 } as const;

/** A historic form of some part of the kernel, for people to choose. */
export interface FormView {
  target: OtherForm;
  /** The part of the kernel: "IOASID allocator". */
  part: string;
  /** "v3 as posted". */
  name: string;
  /** "May 2019". */
  era: string;
  /** Code that was posted, code that was merged, or an idea that never was code. */
  kind: "posted" | "merged" | "proposal";
  /** What is particular about it, one or two sentences. */
  about: string;
  /** The scenario runs under it. */
  current: boolean;
}

/** One thing that is not the same on both sides. */
export interface DifferenceView {
  /** One sentence: "IOASID 2 is orphaned on the left, free on the right." */
  text: string;
  /** The same in pieces: what it is about, and what it is on each side. */
  subject: string;
  left: string;
  right: string;
  objects: ObjectRef[];
}

/** The first step at which two runs part. */
export interface Parting {
  step: number;
  /** The answer itself differs, or only what the call left behind, or only the way there. */
  what: "answer" | "state" | "path";
  /** The most telling difference in one sentence. */
  text: string;
  /** How many further differences the step makes. */
  more: number;
}

/** Two runs of the same calls, held against each other. */
export interface Compared {
  /** Empty: a changed scenario. */
  target: OtherForm;
  /** Names of the two forms. */
  left: string;
  right: string;
  /** Null: they agree to the end. */
  first: Parting | null;
  /** One PART per step, index 0 is step 1. */
  parts: Uint8Array;
  /** Answers were compared at each step, states at every so many (1 unless the run is huge). */
  every: number;
}

export interface OtherRow {
  part: number;
  errno: string;
  result: string;
}

/** The other side of a comparison at the same step. */
export interface OtherSide {
  frame: Frame;
  /** What is not the same, the most telling first; the first few. */
  differences: DifferenceView[];
  /** How many more there are. */
  more: number;
  part: number;
}

/** Marks on the timeline, one byte per step (index 0 is step 1). */
export const MARK = { ok: 0, refused: 1, diverges: 2, damage: 3 } as const;

export type SpanKind = HoleKind | "aperture-field" | "valid" | "allowed" | "mapping" | "call" | "call-hit";

/** Something drawn on the IOVA axis. `count` > 1: it stands for that many. */
export interface Span extends Range {
  key: string;
  kind: SpanKind;
  label: string;
  detail: string;
  count: number;
  /** Keys of objects to light up with it. */
  objects: string[];
}

export interface Lane {
  key: string;
  title: string;
  detail: string;
  kind: "contributor" | "holes" | "valid" | "mapped" | "call";
  spans: Span[];
  /** How many things the lane has altogether. */
  total: number;
  /** Of which IovaSpace it tells, when several are shown on one axis; absent: the one asked for. */
  space?: string;
  /** In place of spans where there are more than can be told apart; `spans` is empty then. */
  dense?: DenseLane;
}

/** What a lane covers, column by column: exact at every zoom, whatever there is of it. */
export interface DenseLane {
  /** The columns divide this window evenly; `last` inclusive. */
  first: Iova;
  last: Iova;
  /** Per column the share of its addresses that is covered, 1 … 255 of 255; 0 only where nothing is. */
  cover: Uint8Array;
  /** Per column how many areas touch it. */
  counts: Uint32Array;
  /** Those of the query, when it had any: the columns follow them, each stretch divided evenly by its own. */
  stretches?: readonly Stretch[];
}

/** A part of the window that the axis draws at one scale, `columns` px wide; `last` inclusive. */
export interface Stretch extends Range {
  columns: number;
}

/** Columns of a plot whose width is not known yet. */
export const USUAL_PX = 900;

export interface IovaQuery {
  /** Key of an IovaSpace; null: the one the step's call concerns, else the last used. */
  space: string | null;
  /** Only what touches this window; null: everything. */
  window: { first: Iova; last: Iova } | null;
  /** Width on screen; lanes never carry more spans than this. */
  px: number;
  /** Keys of further IovaSpaces whose mappings are shown below it on the same axis, one lane each. */
  also?: readonly string[];
  /** Keys of objects that stand by themselves however many there are. */
  keep?: readonly string[];
  /**
   * The window as the axis draws it: ascending stretches without gaps, each at its own scale (a folded axis has many). Lanes
   * are dense only when these are given and more areas touch the window than can be labelled, some 1,500 on all lanes
   * together; without them, and in the overview, crowds are joined spans, from which the page finds where the axis folds.
   */
  stretches?: readonly Stretch[];
}

export interface IovaView {
  space: string;
  label: string;
  alignment: U64;
  lanes: Lane[];
  /** The call on screen when it asked for a place here. */
  asked: { range: Range; errno: string; decidedBy: Range | null } | null;
  /**
   * When a window was asked for: the same lanes over the whole space, coarse (a few hundred spans a lane at most).
   * They fix the folds of the axis and fill the whole-space strip. Absent: `lanes` are the whole space.
   */
  overview?: Lane[];
  /** The window asked for; absent: everything. */
  window?: Range;
}

export interface SpaceSummary {
  key: string;
  label: string;
  mappings: number;
}

/** Everything the page shows of one step, consistent. */
export interface Frame {
  step: number;
  /** Null at step 0. */
  detail: StepDetail | null;
  /** Where there are more than some 1,200 objects, those that are alike stand in crowds. */
  graph: ObjectGraph;
  pasids: PasidSpace | null;
  /** The first few hundred, and those on screen. */
  spaces: SpaceSummary[];
  /** How many more there are; absent: none. */
  moreSpaces?: number;
  iova: IovaView | null;
  /** What the call changed; absent at step 0 and where nothing did. */
  changes?: StepChanges;
  /** The same step under the form compared with; absent when nothing is compared. */
  other?: OtherSide;
}

export interface Loaded {
  title: string;
  trace: TraceKind;
  steps: number;
  platform: PlatformSpec;
  platformName: string;
  kernel: string;
  /** "as merged", "RFC v2 as posted": chips under the title. */
  variants: string[];
  marks: Uint8Array;
  /** The step worth opening first: the first refusal or divergence, else the last step. */
  interesting: number;
  /** The forms of the kernel that mean something to this scenario, its own among them. */
  forms: FormView[];
  /** Null: no call runs on a CPU of its own. */
  lanes: LanesView | null;
  /** It runs on a kernel that hands out PASIDs. */
  pasids: boolean;
}

/** Which of two runs held against each other; with one run there is only the left. */
export type RunSide = "left" | "right";

/** A scenario that was opened from inputs, or as much of it as has been read. */
export interface Opened {
  reading: Reading;
  /** Null: the inputs hold several sequences, one must be chosen. */
  loaded: Loaded | null;
  /** Which of the reading's sequences it is, from 0. */
  index: number;
  /** The scenario, where it is small enough to be handed about. */
  scenario: Scenario | null;
  /** Reading was ended before the end of the inputs; what was read by then is open. */
  stopped: boolean;
}

/** What there is to see before a long piece of work is done. */
export interface News {
  /** The first steps are there: they can be asked about from now on. */
  opened?: Opened;
  /** The picture of the step that is most worth seeing of them. */
  picture?: Frame;
  /** Marks of further steps that can be asked about. */
  marks?: Uint8Array;
}

/** How far a long piece of work is: a load, a comparison, inputs being read. */
export interface Progress {
  done: number;
  total: number;
  news?: News;
}

/** What a link opened. */
export interface Followed {
  loaded: Loaded;
  scenario: Scenario;
  view: LinkView;
  /** Null for a link that shows two forms: their picture comes when both have run. */
  frame: Frame | null;
}

/** The engine as the page sees it. Every method may reject with an EngineError whose message is for people. */
export interface Engine {
  /** Recognises inputs by their content and turns them into scenarios. Loads nothing. */
  read(files: InputFile[]): Promise<ReadResult>;
  /**
   * Recognises inputs, and runs what they hold if that is one scenario. A long recording can be asked about before it has been
   * read to the end (see News); ended early, it stays open as far as it was read.
   */
  open(files: InputFile[]): Promise<Opened>;
  /** Runs one of the sequences that were offered last, or of those from which the current scenario was chosen. */
  choose(index: number, offered: boolean): Promise<Opened>;
  /** Runs the current scenario's calls on another platform. */
  rerun(platform: PlatformSpec): Promise<Loaded>;
  /** Makes a scenario the current one and runs it to the end. */
  load(scenario: AnyScenario): Promise<Loaded>;
  /** Runs the current scenario under another form too; rows and frames then have both. Null: back to one. */
  compare(target: OtherForm | null): Promise<Compared | null>;
  /** The current scenario with its CPUs taking turns in this order. Loads nothing. */
  interleave(turns: LaneTurn[]): Promise<Interleaved>;
  /** Lines of the call list: steps [from, from + count). */
  rows(from: number, count: number): Promise<StepRow[]>;
  frame(step: number, iova: IovaQuery): Promise<Frame>;
  /** The next step, or the one before, at which one of the goals is met; null when there is none. A newer question ends it. */
  runUntil(hunt: Hunt): Promise<Quarry | null>;
  /** All that is not the same after `one` and after `other` calls. */
  diff(one: number, other: number, side: RunSide): Promise<StepDiff>;
  /** What must hold after `step` calls, and whether it does. */
  invariants(step: number, side: RunSide): Promise<InvariantView[]>;
  /** What destroying an object after `step` calls would give; null: no call destroys such a thing. Changes nothing. */
  tryDestroy(step: number, key: string, side: RunSide): Promise<DestroyTrial | null>;
  /** A slice of a search through the state on screen and all calls; the caller goes on from where it ended. */
  find(query: FindQuery): Promise<Found>;
  /** How all steps came out, in so many slots. */
  timeline(slots: number): Promise<TimelineView>;
  /** Why what failed in the current scenario failed, with what the inputs it was read from said besides. */
  diagnose(clues: Clues): Promise<Diagnosis>;
  /**
   * The text of inputs beside what was made of it: what became of each line, and which step of the sequence it makes (of
   * `sequences` in all). The engine keeps the text until it is asked for other inputs; none lets it go.
   */
  layBeside(files: InputFile[], sequence: number, sequences: number): Promise<LaidBeside>;
  /** Lines [from, from + count), from 0, of one of the inputs laid beside; long ones are cut. */
  sourceLines(input: number, from: number, count: number): Promise<string[]>;
  /** What the current scenario says of people and machines, by kind. */
  findScrub(): Promise<ScrubFound[]>;
  /** Takes these kinds out of the current scenario; its answers stay the same. */
  scrub(kinds: ScrubKind[]): Promise<{ loaded: Loaded; scenario: Scenario | null }>;
  /** The kernel state after `step` calls as plain JSON. */
  state(step: number): Promise<Json>;
  /** The current scenario. Rejects for one that is too large to be handed about. */
  scenario(): Promise<Scenario>;
  /** The current scenario as a file: JSON, or as a recording (JSON Lines) when it is large. */
  file(): Promise<{ name: string; content: Blob }>;
  /** The fragment ("#…") of a link to the current scenario. */
  link(view: LinkView): Promise<string>;
  /** Opens a fragment. Loads nothing. */
  unlink(fragment: string): Promise<{ scenario: Scenario; view: LinkView }>;
  /** Opens a link's fragment, runs it and makes it the current scenario, with the picture of its step on a plot of `px` columns. */
  follow(fragment: string, px: number): Promise<Followed>;
  /** The current scenario as a text to take away. */
  export(form: ExportForm, options: ExportOptions): Promise<Exported>;
  /** From now on texts for people write addresses and sizes so. */
  notation(notation: Notation): Promise<void>;
  /** The current scenario in the text form, with names for its ids. */
  text(): Promise<TextView>;
  /** Reads the text form. Loads nothing. */
  readText(text: string): Promise<ReadText>;
  /** The current scenario with names for its ids, for editing: ids may shift, and names follow. */
  named(): Promise<Scenario>;
  /** A changed scenario with the ids that its names stand for now. Loads nothing. */
  resolve(scenario: Scenario): Promise<Scenario>;
  /** Which calls make sense after `step` calls, and what their fields may hold. */
  offers(step: number): Promise<Offers>;
  /** What a call, written as in the text form, would be answered after `step` calls. Changes nothing. */
  tryCall(step: number, line: string): Promise<Tried>;
  /** Runs another scenario of as many calls beside the current one, as `compare` does with another form; `name` heads its side. */
  compareWith(scenario: Scenario, name: string): Promise<Compared>;
}

export class EngineError extends Error {
  override name = "EngineError";
}

/** A frame or a load that a newer one of the same kind overtook: nothing to tell a person. */
export class SupersededError extends EngineError {}
