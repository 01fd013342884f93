/** Lets others have a turn while a long input is being read or made into calls; may reject to end it. */
export interface Slices {
  /** `part`: how much of the work is done, 0 … 1, where who does it can say. */
  between(part?: number): Promise<void> | void;
}

export const AT_ONCE: Slices = { between: () => {} };
/** Lines or events that are handled before others have a turn: some milliseconds of work. */
export const SLICE = 8192;

/** Steps between two looks at the clock, and milliseconds that work goes on before others have a turn. */
const LOOK = 256;
const TURN_MS = 12;

/** Ends slices of work by the clock, where steps may take very different times. */
export class Turns {
  private readonly slices: Slices;
  private readonly from: number;
  private readonly to: number;
  private steps = 0;
  private since = performance.now();

  /** The work at hand makes up [from, to] of the whole (0 … 1). */
  constructor(slices: Slices, from = 0, to = 1) {
    this.slices = slices;
    this.from = from;
    this.to = to;
  }

  /** Has this slice of work gone on for long enough? To be asked at each step. */
  isOver(): boolean {
    if (++this.steps < LOOK) return false;
    this.steps = 0;
    return performance.now() - this.since >= TURN_MS;
  }

  /** Lets others have a turn. `part`: how much of the work at hand is done. */
  async rest(part: number): Promise<void> {
    await this.slices.between(this.from + (this.to - this.from) * part);
    this.since = performance.now();
  }
}
