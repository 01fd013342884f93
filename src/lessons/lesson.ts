/** A lesson as the page and the checker see it. Written as Markdown; see docs/writing-lessons.md. */
import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";
import type { Setup } from "../scenario/text/setup.ts";
import type { Block, Inline } from "./text/blocks.ts";
import type { Claim } from "./text/claim.ts";

export interface Lesson {
  id: string;
  title: string;
  /** One sentence for the list of lessons. */
  summary: string;
  /** About how long it takes. */
  minutes: number;
  /** Ids of lessons to take first. */
  needs: string[];
  /** Where its facts come from: a thread, kernel functions, a specification. */
  sources: string[];
  scenes: Scene[];
  steps: Step[];
  /** The file it was read from. */
  file: string;
}

/** A scenario that a lesson walks through. A new scene may start with the calls of the one before. */
export interface Scene {
  /** "as posted", "merged", or empty. */
  label: string;
  setup: Setup;
  calls: SceneCall[];
  line: number;
}

export interface SceneCall {
  call: ScenarioCall;
  /** As it is written. */
  text: string;
  expected: Expectation;
  line: number;
}

/** What a call is said to answer. */
export interface Expectation {
  /** "OK", an errno, a fault, or what a library function returns instead of a value. */
  answer: string;
  /** Id of the rule that refuses; null: not said. */
  rule: string | null;
  /** Output fields, and "ret", with their values. */
  outs: { name: string; value: string }[];
}

/** A moment of the lesson's scenario: the state after `step` calls of a scene (from 0). */
export interface Place {
  scene: number;
  step: number;
}

/** What a step points at: an object by its key, a range of addresses (of a space), or a panel of the page. */
export type Focus = { kind: "object"; key: string; line: number } | { kind: "range"; first: string; last: string; space: string | null; line: number } | { kind: "panel"; panel: string; line: number };

export const PANELS = ["calls", "objects", "iova", "pasids", "why", "timeline", "header"] as const;

export interface Step {
  title: string;
  line: number;
  /** "try": the invitation at the end, with the scenario free to change. */
  kind: "step" | "try";
  /** Where a question is asked; the same as `place` in a step without one. */
  asked: Place;
  /** Where the step ends. */
  place: Place;
  /** Read before the question. */
  prose: Block[];
  focus: Focus | null;
  question: Question | null;
  /** Read after the answer. */
  after: Block[];
  /** Where to look after the answer. */
  focusAfter: Focus | null;
  comparison: Comparison | null;
  /** "try" only: scenes, by number, that do what the invitation asks for. */
  solutions: number[];
}

export type QuestionKind = "choice" | "address" | "click" | "concept";

export interface Question {
  kind: QuestionKind;
  prompt: Inline[];
  options: Option[];
  line: number;
}

export interface Option {
  right: boolean;
  text: Inline[];
  /** The reason, for those who chose it. */
  feedback: Block[];
  claim: Claim | null;
  /** Stands for every answer that is not listed. */
  other: boolean;
  /** What is typed or clicked: an address, or an object's key. */
  target: string | null;
  line: number;
}

/** The same calls under another variant or on another host. */
export interface Comparison {
  label: string;
  setup: Setup;
  expected: Expectation;
  line: number;
}

/** The link to a step, from 1. */
export function lessonLink(id: string, step: number): string {
  return `#lesson=${id}/${step}`;
}

/** Reads what `lessonLink` wrote; null when it is no link to a lesson. */
export function parseLessonLink(fragment: string): { id: string; step: number } | null {
  const match = /^#lesson=([a-z0-9-]+)(?:\/(\d{1,4}))?$/.exec(fragment);
  return match ? { id: match[1] as string, step: Math.max(1, Number(match[2] ?? "1")) } : null;
}

/** The scenario of a scene, or of a comparison on it, up to all of its calls. */
export function sceneScenario(lesson: Lesson, place: Place, comparison: Comparison | null = null): Scenario {
  const scene = lesson.scenes[place.scene] as Scene;
  return { ...(comparison?.setup ?? scene.setup), title: lesson.title, calls: scene.calls.map(({ call }) => call) };
}
