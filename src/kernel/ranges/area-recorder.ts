/** Writes down what happens to the areas of a machine while a run goes on, so that any step's areas can be had again. */
import { Bug } from "../../base/assert.ts";
import type { SelfCloning } from "../clone.ts";
import type { U64 } from "../../base/u64.ts";
import { fold } from "./area-fold.ts";
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
  private first = new Float64Array(ROOM);
  private last = new Float64Array(ROOM);
  private va = new Float64Array(ROOM);
  private flags = new Uint8Array(ROOM);
  private refs = new Uint32Array(ROOM);
  private steps = new Uint32Array(ROOM);
  private stores = new Uint32Array(ROOM);
  private readonly wideVas = new Map<number, U64>();
  private most = 0;

  constructor(options: { kept?: number; folded?: number } = {}) {
    this.kept = options.kept ?? KEPT;
    this.folded = options.folded ?? FOLDED;
  }

  /** An area that ends below 2^53 was made in a store. */
  made(store: number, first: number, last: number, va: U64, flags: number, ref: number): void {
    if (this.count === this.first.length) this.grow();
    const event = this.count++;
    this.first[event] = first;
    this.last[event] = last;
    if (typeof va === "number") this.va[event] = va;
    else {
      this.va[event] = -1;
      this.wideVas.set(event, va);
    }
    this.flags[event] = flags;
    this.refs[event] = ref;
    this.steps[event] = this.step;
    this.stores[event] = store;
    if (store >= this.most) this.most = store + 1;
  }

  /** The area that started at `first` was removed. */
  removed(store: number, first: number): void {
    if (this.count === this.first.length) this.grow();
    const event = this.count++;
    this.first[event] = first;
    this.last[event] = -1;
    this.refs[event] = 0;
    this.steps[event] = this.step;
    this.stores[event] = store;
  }

  /** Starts a step. */
  begin(step: number): void {
    if (this.count >= this.folded && this.count > this.history.rows * SHARE) this.fold();
    this.step = step;
  }

  /** Forgets what happened in the step that is being made. */
  undo(): void {
    while (this.count > 0 && this.steps[this.count - 1] === this.step) this.wideVas.delete(--this.count);
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
    [this.first, this.last, this.va] = [new Float64Array(ROOM), new Float64Array(ROOM), new Float64Array(ROOM)];
    this.flags = new Uint8Array(ROOM);
    [this.refs, this.steps, this.stores] = [new Uint32Array(ROOM), new Uint32Array(ROOM), new Uint32Array(ROOM)];
  }

  private fold(): void {
    if (this.count === 0) {
      this.history = new AreaHistory(this.step, this.history.columns, this.history.bounds);
      return;
    }
    const { count, first, last, va, flags, refs, steps, stores, wideVas } = this;
    this.history = fold(this.history, { count, first, last, va, flags, refs, step: steps, store: stores, wideVas }, this.most, this.step);
    this.count = 0;
    this.wideVas.clear();
  }

  private grow(): void {
    const room = this.first.length * 2;
    const float = (from: Float64Array) => {
      const grown = new Float64Array(room);
      grown.set(from);
      return grown;
    };
    const word = (from: Uint32Array) => {
      const grown = new Uint32Array(room);
      grown.set(from);
      return grown;
    };
    const flags = new Uint8Array(room);
    flags.set(this.flags);
    this.flags = flags;
    [this.first, this.last, this.va] = [float(this.first), float(this.last), float(this.va)];
    [this.refs, this.steps, this.stores] = [word(this.refs), word(this.steps), word(this.stores)];
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
