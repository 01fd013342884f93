/** Writes down what happens to the areas of a machine while a run goes on, so that any step's areas can be had again. */
import { Bug } from "../../base/assert.ts";
import type { SelfCloning } from "../clone.ts";
import type { U64 } from "../../base/u64.ts";
import { EVENT, fold, stepOf, tagOf, whenWhere } from "./area-fold.ts";
import { AreaHistory, NO_AREAS } from "./area-history.ts";

/** Stores with no more areas than this keep them: they cost less than the reading. */
const KEPT = 64;
/** Events are folded into the history when they are as many as this, */
const FOLDED = 131_072;
/** and as this share of its rows: so the time for folding goes with the length of the run. */
const SHARE = 0.5;
const ROOM = 1024;

export class AreaRecorder {
  /** The step that is being made. */
  step = 0;
  /** While a machine is copied to be kept: big stores leave their areas to the history. */
  leavesAreas = false;
  /** Areas that a store may have without leaving them. */
  readonly kept: number;
  private readonly folded: number;
  private history: AreaHistory = NO_AREAS;
  private count = 0;
  private events = new Float64Array(ROOM * EVENT);
  private readonly wideVas = new Map<number, U64>();
  private most = 0;

  constructor(options: { kept?: number; folded?: number } = {}) {
    this.kept = options.kept ?? KEPT;
    this.folded = options.folded ?? FOLDED;
  }

  /** An area that ends below 2^53 was made in a store. */
  made(store: number, first: number, last: number, va: U64, flags: number, ref: number): void {
    const at = this.next();
    const { events } = this;
    events[at] = first;
    events[at + 1] = last;
    if (typeof va === "number") events[at + 2] = va;
    else {
      events[at + 2] = -1;
      this.wideVas.set(at / EVENT, va);
    }
    events[at + 3] = tagOf(flags, ref);
    events[at + 4] = whenWhere(this.step, store);
    if (store >= this.most) this.most = store + 1;
  }

  /** The area that started at `first` was removed. */
  removed(store: number, first: number): void {
    const at = this.next();
    const { events } = this;
    events[at] = first;
    events[at + 1] = -1;
    events[at + 3] = 0;
    events[at + 4] = whenWhere(this.step, store);
  }

  /** Starts a step. */
  begin(step: number): void {
    if (this.count >= this.folded && this.count > this.history.rows * SHARE) this.fold();
    this.step = step;
  }

  /** Forgets what happened in the step that is being made. */
  undo(): void {
    while (this.count > 0 && stepOf(this.events[this.count * EVENT - 1] as number) === this.step) this.wideVas.delete(--this.count);
  }

  /** The areas after each step up to `step` (at least), which must have been made. */
  upTo(step: number): AreaHistory {
    if (step > this.history.until) this.fold();
    if (step > this.history.until) throw new Bug("areas of a step to come");
    return this.history;
  }

  /** Nothing more is going to happen for now: gives back memory that only writing needs. */
  rest(): void {
    this.fold();
    this.events = new Float64Array(ROOM * EVENT);
  }

  private fold(): void {
    if (this.count === 0) {
      this.history = new AreaHistory(this.step, this.history.columns, this.history.bounds);
      return;
    }
    this.history = fold(this.history, { count: this.count, numbers: this.events, wideVas: this.wideVas }, this.most, this.step);
    this.count = 0;
    this.wideVas.clear();
  }

  /** Where the next event goes. */
  private next(): number {
    const at = this.count++ * EVENT;
    if (at === this.events.length) {
      const grown = new Float64Array(this.events.length * 2);
      grown.set(this.events);
      this.events = grown;
    }
    return at;
  }
}

/** What a machine's area stores write to. A copy of a machine goes on numbering its stores, and writes nothing down. */
export class AreaJournal implements SelfCloning {
  /** How many stores there have been. */
  stores = 0;
  recorder: AreaRecorder | null = null;

  cloneSelf(): AreaJournal {
    const twin = new AreaJournal();
    twin.stores = this.stores;
    return twin;
  }
}
