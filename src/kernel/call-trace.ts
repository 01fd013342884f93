import type { Advice, Answer, Check, Effect, EffectKind, ObjectRef, Range } from "./answer.ts";
import type { Errno, ErrnoOrOk } from "./errno.ts";
import type { Rule } from "./rules/rule.ts";

/** What decided a check. Built only when someone looks at the step. */
export interface Evidence {
  objects?: ObjectRef[];
  range?: Range | null;
  note?: string;
  /** The kernel function, when not the rule's usual one. */
  fn?: string;
  /** What would work instead; the rule's own advice text is used when absent. */
  advice?: { text?: string; fits?: Range[]; objects?: ObjectRef[] };
}

/** Which of the kernel's functions took an object apart: forms of the kernel differ in this where answers and states do not. */
export interface Way {
  object: ObjectRef;
  /** Half-made, so that nobody has seen it. */
  halfMade: boolean;
  functions: string[];
}

const NO_CHECKS: Check[] = [];
const NO_EFFECTS: Effect[] = [];

/**
 * Collects what a handler does: its checks in order, then its effects. In a bulk run (`explain` false) it only remembers
 * which rule refused; evidence closures are never called.
 */
export class CallTrace {
  readonly explain: boolean;
  readonly checks: Check[];
  readonly effects: Effect[];
  refusedBy: Rule | null = null;
  errno: ErrnoOrOk = "OK";
  advice: Advice | null = null;
  /** Something was damaged on the way: known in a bulk run too. */
  damaged = false;
  /** Known in a bulk run too. Null: nothing was taken apart whose way depends on the form. */
  ways: Way[] | null = null;

  constructor(explain: boolean) {
    this.explain = explain;
    // A bulk run makes a trace per call and never fills these.
    this.checks = explain ? [] : NO_CHECKS;
    this.effects = explain ? [] : NO_EFFECTS;
  }

  /** Records one check and says whether it passed. The first that fails decides the errno. */
  holds(rule: Rule, passed: boolean, evidence?: () => Evidence, errno: Errno = rule.errno): boolean {
    if (!passed && this.refusedBy === null) {
      this.refusedBy = rule;
      this.errno = errno;
    }
    if (this.explain) this.record(rule, passed, evidence?.() ?? {});
    return passed;
  }

  /** Records a check that failed; for code that has found the culprit already. */
  refuse(rule: Rule, evidence?: () => Evidence, errno: Errno = rule.errno): Answer {
    this.holds(rule, false, evidence, errno);
    return this.refusal();
  }

  /** The answer of a refused call. */
  refusal(out?: Record<string, unknown>): Answer {
    return out === undefined ? { errno: this.errno } : { errno: this.errno, out };
  }

  /**
   * Forgets a refusal that the kernel swallowed (an attach that falls back to another page table, say); the checks stay
   * listed.
   */
  swallow(): void {
    this.refusedBy = null;
    this.errno = "OK";
    this.advice = null;
  }

  /** Records one change of state. */
  effect(kind: EffectKind, describe: () => { objects: ObjectRef[]; text: string; range?: Range | null }): void {
    if (kind === "damage") this.damaged = true;
    if (!this.explain) return;
    const { objects, text, range } = describe();
    this.effects.push({ kind, objects, text, range: range ?? null });
  }

  /** Records functions that ran on the way to an object's end, after those recorded of it before. */
  goes(object: ObjectRef, halfMade: boolean, functions: readonly string[]): void {
    this.ways ??= [];
    const known = this.ways.find((way) => way.object.key === object.key);
    if (known) known.functions.push(...functions);
    else this.ways.push({ object, halfMade, functions: [...functions] });
  }

  private record(rule: Rule, passed: boolean, evidence: Evidence): void {
    const { objects = [], range = null, note = "", fn = rule.fn, advice } = evidence;
    this.checks.push({ rule, fn, passed, objects, range, note });
    if (!passed && this.advice === null) {
      this.advice = { text: advice?.text ?? rule.advice, fits: advice?.fits ?? [], objects: advice?.objects ?? [] };
    }
  }
}
