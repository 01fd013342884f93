import type { History } from "./history.ts";
import type { News } from "./views.ts";

/** How a long run stays interruptible. */
export interface Watch {
  /** Called between slices of work, with what is done and what there is to do; may reject (with Stopped) to end it. */
  between(done: number, total: number, news?: News): Promise<void> | void;
}

export const NOBODY: Watch = { between: () => {} };

/** Watches a part of a piece of work, which makes up [from, to] of the whole (0 … 1). */
export function partOf(watch: Watch, from: number, to: number): Watch {
  return { between: (done, total, news) => watch.between(from + ((to - from) * done) / Math.max(1, total), 1, news) };
}

/** Nobody wants the answer any more. */
export class Stopped extends Error {
  override name = "Stopped";
}

/** Calls between two looks at the clock. */
const SLICE = 256;
/** Milliseconds that a run may go on before it looks up. */
const SLICE_MS = 25;

/** Makes all calls of a run. */
export async function runThrough(history: History, watch: Watch): Promise<void> {
  const patience = new Patience();
  while (!history.advance(SLICE)) if (patience.isOver()) await watch.between(history.ran, history.length);
}

/** Says when a piece of work has gone on long enough to look up. */
export class Patience {
  private since = performance.now();

  isOver(): boolean {
    const now = performance.now();
    if (now - this.since < SLICE_MS) return false;
    this.since = now;
    return true;
  }
}
