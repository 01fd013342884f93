/** How far a person has come in each lesson; kept in the browser, if it lets us. */
import { recall, remember } from "../state/memory.ts";

export interface Progress {
  /** The furthest step reached, from 0. */
  step: number;
  done: boolean;
}

const NAME = "lessons";

function all(): Record<string, Progress> {
  try {
    const stored: unknown = JSON.parse(recall(NAME) ?? "{}");
    return typeof stored === "object" && stored !== null ? (stored as Record<string, Progress>) : {};
  } catch {
    return {};
  }
}

export function progressOf(id: string): Progress {
  const stored = all()[id];
  return { step: Number.isInteger(stored?.step) ? (stored as Progress).step : 0, done: stored?.done === true };
}

/** Notes that a step has been reached; a lesson that was done stays done. */
export function reached(id: string, step: number, last: boolean): void {
  const before = progressOf(id);
  remember(NAME, JSON.stringify({ ...all(), [id]: { step: Math.max(before.step, step), done: before.done || last } }));
}
