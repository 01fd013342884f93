/** Which lines of a text are shown, and where one of them stands among these. */
import { MARK, type LaidBeside, type SourceInput } from "../../engine/views.ts";

export const SHOWN = ["all", "steps", "quiet", "skipped"] as const;
export type Shown = (typeof SHOWN)[number];

/** What a line counts as for somebody who looks at the text. */
export type LineState = "blank" | "step" | "host" | "quiet" | "skipped";

export function stateOf(input: SourceInput, line: number): LineState {
  const kind = input.classes[input.marks[line - 1] ?? 0]?.kind ?? "blank";
  if (kind !== "understood") return kind;
  return (input.steps[line - 1] ?? 0) > 0 ? "step" : "host";
}

/** Why it is what it is, in words. */
export function whyOf(input: SourceInput, line: number): string {
  const state = stateOf(input, line);
  if (state === "step") return `makes step ${input.steps[line - 1]}`;
  if (state === "host") return "understood; it makes no step, it tells of the host or of what failed";
  const why = input.classes[input.marks[line - 1] ?? 0]?.why ?? "";
  if (state === "quiet") return `understood, makes no step: ${why}`;
  return state === "skipped" ? `skipped: ${why}` : "";
}

/**
 * An input with its lines leading to what they are about: a message of a refusal implies calls before the refused one, and
 * leads to that. `marks`: what became of each step, index 0 is step 1.
 */
export function aboutRefusals(beside: LaidBeside, index: number, marks: Uint8Array): SourceInput | undefined {
  const input = beside.inputs[index];
  if (!input) return undefined;
  const steps = input.steps.slice();
  for (let step = beside.stepLine.length; step >= 1; step--) {
    const line = beside.stepLine[step - 1] as number;
    if (line > 0 && beside.stepInput[step - 1] === index && (marks[step - 1] ?? MARK.ok) !== MARK.ok) steps[line - 1] = step;
  }
  return { ...input, steps };
}

export interface Tally {
  step: number;
  /** Understood, without a step. */
  quiet: number;
  skipped: number;
}

export function tallyOf(input: SourceInput): Tally {
  const tally = { step: 0, quiet: 0, skipped: 0 };
  for (let line = 1; line <= input.count; line++) {
    const state = stateOf(input, line);
    if (state === "step" || state === "skipped") tally[state]++;
    else if (state !== "blank") tally.quiet++;
  }
  return tally;
}

/** Lines, from 1, that are shown; null: all. */
export function linesShown(input: SourceInput, shown: Shown): Int32Array | null {
  if (shown === "all") return null;
  const wanted: readonly LineState[] = shown === "steps" ? ["step"] : shown === "quiet" ? ["host", "quiet"] : ["skipped"];
  const found: number[] = [];
  for (let line = 1; line <= input.count; line++) if (wanted.includes(stateOf(input, line))) found.push(line);
  return Int32Array.from(found);
}

/** The row of a line, or of the last before it; 0 when there is none. */
export function rowOf(lines: Int32Array | null, line: number): number {
  if (lines === null) return line - 1;
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle] as number) <= line) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
