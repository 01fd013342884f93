/** What the composer and the text editor ask, and what they get. */
import type { U64 } from "../../base/u64.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { TextProblem } from "../../scenario/text/problem.ts";
import type { StepDetail } from "../views.ts";

export type { TextProblem } from "../../scenario/text/problem.ts";

/** A scenario as text; `lines` has the line of each call, from 1. */
export interface TextView {
  text: string;
  lines: number[];
}

export interface ReadText {
  /** With its names resolved; null when there are problems. */
  scenario: Scenario | null;
  lines: number[];
  problems: TextProblem[];
}

export type FieldForm = "flags" | "choice" | "id" | "address" | "length" | "yes-no" | "number" | "text";

/** What a field of a call takes, in the words of the text form. */
export interface FieldOffer {
  name: string;
  form: FieldForm;
  /** For people: "id of an IOAS", "address". */
  takes: string;
  required: boolean;
  /** What the form starts with; empty: left out. */
  suggested: string;
  /** What leaving it out means, where that can be said. */
  absent: string;
  /** Values to pick: flags, choices, live objects, what was used before. */
  values: { text: string; label: string }[];
  /** Seldom needed: sizes of structures, reserved fields. */
  seldom: boolean;
}

export interface CallOffer {
  call: string;
  summary: string;
  /** Heading in the list: "iommufd", "iommufd selftest", "VFIO". */
  group: string;
  /** Why it makes no sense here; null when it does. */
  reason: string | null;
  /** With what is suggested it would be answered OK, and scenarios usually go on so. */
  likely: boolean;
  fields: FieldOffer[];
  /** What names for its ids start with, in the order of its outputs. */
  gives: string[];
  /** Names of two fields that make up a range of I/O addresses. */
  range: { first: string; length: string } | null;
}

export interface Offers {
  step: number;
  calls: CallOffer[];
  /** Names that calls up to this step give. */
  names: { name: string; id: number; label: string }[];
}

/** A call as typed, tried at a step and not made. */
export interface Tried {
  /** Null when it can't be read. */
  call: ScenarioCall | null;
  problems: TextProblem[];
  /** What the answer would be, and why. */
  detail: StepDetail | null;
  /** Its line in the text form. */
  text: string;
  /** The space it asks for a place in, and what is asked, for the diagram; null: none. */
  asked: { first: U64; last: U64 } | null;
}
