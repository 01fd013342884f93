/** What the model knows at one place of a lesson: the state, and the call that led there with its reasons. */
import { wholeKernel } from "../../kernel/whole.ts";
import { History, type Explained } from "../../engine/history.ts";
import { outcomeOf } from "../../engine/make-call.ts";
import { allSpaces, mergedGraph, mergedPasids } from "../../engine/queries/merge.ts";
import type { IovaSpace, ObjectGraph, PasidSpace } from "../../kernel/inspect.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { Scenario } from "../../scenario/scenario.ts";

export class Moment {
  readonly step: number;
  readonly machine: Machine;
  /** Null before the first call. */
  readonly explained: Explained | null;
  readonly graph: ObjectGraph;
  readonly spaces: IovaSpace[];
  readonly pasids: PasidSpace | null;

  constructor(history: History, step: number) {
    this.step = step;
    this.explained = step === 0 ? null : history.explain(step);
    this.machine = this.explained?.after ?? history.at(step);
    this.graph = mergedGraph(this.machine);
    this.spaces = allSpaces(this.machine);
    this.pasids = mergedPasids(this.machine);
  }

  /** How the call came out, in a word; "nothing" before the first. */
  answer(): string {
    return this.explained ? outcomeOf(this.explained, this.explained.trace).name : "nothing";
  }

  /** The IOVA space of a key or, without one, the only one there is. */
  space(key: string | undefined): IovaSpace | null {
    return key === undefined ? (this.spaces.length === 1 ? (this.spaces[0] as IovaSpace) : null) : (this.spaces.find((space) => space.key === key) ?? null);
  }
}

/** A scenario run once, with its moments kept. */
export class Run {
  private readonly history: History;
  private readonly moments = new Map<number, Moment>();

  constructor(scenario: Scenario) {
    this.history = new History(scenario, wholeKernel);
    this.history.advance();
  }

  get length(): number {
    return this.history.length;
  }

  /** The moment after `step` calls. */
  at(step: number): Moment {
    let moment = this.moments.get(step);
    if (!moment) {
      moment = new Moment(this.history, step);
      this.moments.set(step, moment);
    }
    return moment;
  }
}
