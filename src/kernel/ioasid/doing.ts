/** What one IOASID call does while it runs: its explanation, and the events that recordings list in order. */
import type { JsonObject } from "../../base/json.ts";
import type { EffectKind, ObjectRef } from "../answer.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Rule } from "../rules/rule.ts";
import { defectMark, type DefectId } from "./defects.ts";

/** The real code can't go on: a BUG, a wild call, a deadlock. */
export class KernelStopped extends Error {
  override name = "KernelStopped";
  readonly fault: string;

  constructor(fault: string) {
    super(fault);
    this.fault = fault;
  }
}

export class Doing {
  readonly trace: CallTrace;
  readonly events: JsonObject[] = [];

  constructor(trace: CallTrace) {
    this.trace = trace;
  }

  /** Something that recordings list. */
  event(event: JsonObject): void {
    this.events.push(event);
  }

  effect(kind: EffectKind, describe: () => { objects: ObjectRef[]; text: string }): void {
    this.trace.effect(kind, describe);
  }

  /** An effect that shows a defect; says whether a reviewer raised it or we deduced it. */
  damage(defect: DefectId, describe: () => { objects: ObjectRef[]; text: string }): void {
    this.trace.effect("damage", () => {
      const { objects, text } = describe();
      return { objects, text: `${text} ${defectMark(defect)}` };
    });
  }

  /** A kernel warning (WARN_ON) fires. */
  warn(describe: () => { objects: ObjectRef[]; text: string }): void {
    this.event({ warn: true });
    this.trace.effect("warn", describe);
  }

  /** Ends everything: the rule says what would have had to hold, the fault is the recordings' word for what happens instead. */
  stop(fault: string, rule: Rule, describe: () => { objects: ObjectRef[]; text: string }): never {
    this.trace.holds(rule, false, () => ({ objects: describe().objects }));
    this.trace.effect("damage", describe);
    throw new KernelStopped(fault);
  }
}
