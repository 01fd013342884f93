/**
 * What the page asks the engine, and what it gets: small typed answers about one step, never the whole state.
 * Everything here survives structured cloning; addresses are U64 (number or bigint).
 */
import type { Iova, U64 } from "../base/u64.ts";
import type { Json } from "../base/json.ts";
import type { ObjectRef, Range } from "../kernel/answer.ts";
import type { HoleKind, ObjectGraph, PasidSpace } from "../kernel/inspect.ts";
import type { InputFile, ReadResult } from "../scenario/inputs.ts";
import type { LinkView } from "../scenario/link/view.ts";
import type { PlatformSpec, Scenario } from "../scenario/scenario.ts";

export type { InputFile, InputReport, ReadResult } from "../scenario/inputs.ts";
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
}

/** Marks on the timeline, one byte per step (index 0 is step 1). */
export const MARK = { ok: 0, refused: 1, diverges: 2 } as const;

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
}

export interface IovaQuery {
  /** Key of an IovaSpace; null: the one the step's call concerns, else the last used. */
  space: string | null;
  /** Only what touches this window; null: everything. */
  window: { first: Iova; last: Iova } | null;
  /** Width on screen; lanes never carry more spans than this. */
  px: number;
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
  graph: ObjectGraph;
  pasids: PasidSpace | null;
  spaces: SpaceSummary[];
  iova: IovaView | null;
}

export interface Loaded {
  title: string;
  steps: number;
  platform: PlatformSpec;
  platformName: string;
  kernel: string;
  /** "as merged", "RFC v2 as posted": chips under the title. */
  variants: string[];
  marks: Uint8Array;
  /** The step worth opening first: the first refusal or divergence, else the last step. */
  interesting: number;
}

/** The engine as the page sees it. Every method may reject with an EngineError whose message is for people. */
export interface Engine {
  /** Recognises inputs by their content and turns them into scenarios. Loads nothing. */
  read(files: InputFile[]): Promise<ReadResult>;
  /** Makes a scenario the current one and runs it to the end. */
  load(scenario: Scenario): Promise<Loaded>;
  /** Lines of the call list: steps [from, from + count). */
  rows(from: number, count: number): Promise<StepRow[]>;
  frame(step: number, iova: IovaQuery): Promise<Frame>;
  /** The kernel state after `step` calls as plain JSON. */
  state(step: number): Promise<Json>;
  /** The current scenario. */
  scenario(): Promise<Scenario>;
  /** The fragment ("#…") of a link to the current scenario. */
  link(view: LinkView): Promise<string>;
  /** Opens a fragment. Loads nothing. */
  unlink(fragment: string): Promise<{ scenario: Scenario; view: LinkView }>;
}

export class EngineError extends Error {
  override name = "EngineError";
}

/** A frame or a load that a newer one of the same kind overtook: nothing to tell a person. */
export class SupersededError extends EngineError {}
