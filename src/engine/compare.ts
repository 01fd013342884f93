/** Runs one scenario under two sets of variants and finds where they part. */
import { firstDifference, type Json } from "../base/json.ts";
import { hex } from "../base/u64.ts";
import type { Range } from "../kernel/answer.ts";
import type { Variants } from "../kernel/config.ts";
import type { Machine } from "../kernel/machine.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { History } from "./history.ts";
import { answerJson } from "./recorded.ts";

/** How two runs compare at one step. */
export const PART = { same: 0, answer: 1, state: 2 } as const;

/** The first place where two runs part. */
export interface Parting {
  step: number;
  /** The answer itself differs, or only what the call left behind. */
  what: "answer" | "state";
  /** One sentence for people. */
  text: string;
}

export interface Comparison {
  /** Null: the two agree to the end. */
  first: Parting | null;
  /** One PART per step, index 0 is step 1. */
  parts: Uint8Array;
}

/** The same calls on a machine with other variants. */
export function underVariants(scenario: Scenario, variants: Partial<Variants>): Scenario {
  return { ...scenario, variants: { ...scenario.variants, ...variants } };
}

function rangeJson(range: Range): Json {
  return [hex(range.first), hex(range.last)];
}

/**
 * What a machine shows of itself, in a form that does not depend on how a variant keeps it: ids with their owners, who is
 * active, windows and mappings of each space, objects and their counts. Two variants are compared by this.
 */
export function pictureOf(machine: Machine): Json {
  const picture: Record<string, Json> = {};
  for (const subsystem of machine.subsystems()) {
    const pasids = subsystem.pasids();
    if (pasids) {
      for (const allocator of pasids.allocators) if (allocator.active) picture.active = allocator.label;
      for (const entry of pasids.ids) picture[`id ${entry.id}`] = { set: entry.set, refs: entry.refs, state: entry.state };
    }
    for (const node of subsystem.graph().nodes) picture[node.key] = { users: node.users };
    for (const space of subsystem.spaces()) {
      const mappings: Json[] = [];
      space.eachMapping(0, (1n << 64n) - 1n, (mapping) => mappings.push(rangeJson(mapping)) < 10_000);
      picture[space.label] = { valid: space.valid().map(rangeJson), mappings };
    }
  }
  return picture;
}

function show(value: unknown): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}

/** Compares two finished runs of the same calls, step by step. Cost: one bulk run of each and a picture per step. */
export function compareHistories(left: History, right: History): Comparison {
  const steps = Math.min(left.length, right.length);
  const parts = new Uint8Array(steps);
  const answers: Json[] = [];
  const pictures: Json[] = [];
  left.eachAnswer(1, steps, (_, made, machine) => {
    answers.push((made.def ? answerJson(made.def, made.answer) : { errno: made.problem ?? "" }) as Json);
    pictures.push(pictureOf(machine));
  });
  let first: Parting | null = null;
  right.eachAnswer(1, steps, (step, made, machine) => {
    const answer = (made.def ? answerJson(made.def, made.answer) : { errno: made.problem ?? "" }) as Json;
    const answered = firstDifference(answers[step - 1], answer);
    const leftBehind = firstDifference(pictures[step - 1], pictureOf(machine));
    parts[step - 1] = answered ? PART.answer : leftBehind ? PART.state : PART.same;
    const found = answered ?? leftBehind;
    if (first !== null || !found) return;
    first = { step, what: answered ? "answer" : "state", text: `${found.path}: ${show(found.expected)} on the left, ${show(found.got)} on the right` };
  });
  return { first, parts };
}
