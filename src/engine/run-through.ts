import type { History } from "./history.ts";

/** How a long run stays interruptible. */
export interface Watch {
  /** Called between slices of a run, with calls made and calls to make; may reject to stop the run. */
  between(done: number, total: number): Promise<void> | void;
}

export const NOBODY: Watch = { between: () => {} };

/** Calls between two looks at the clock. */
const SLICE = 256;
/** Milliseconds that a run may go on before it looks up. */
const SLICE_MS = 40;

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
