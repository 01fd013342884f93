/** Makes calls again one after another, in slices that leave time for others. */
import type { Answer } from "../../kernel/answer.ts";
import type { Errno } from "../../kernel/errno.ts";
import { CallTrace, type Evidence } from "../../kernel/call-trace.ts";
import type { Rule } from "../../kernel/rules/rule.ts";
import type { History } from "../history.ts";
import { makeCall, type Made } from "../make-call.ts";
import { Patience, type Watch } from "../run-through.ts";

/** Collects effects and which rule refused, but none of the evidence: what a call changed, at half the price of explaining it. */
export class EffectTrace extends CallTrace {
  constructor() {
    super(true);
  }

  override holds(rule: Rule, passed: boolean, _evidence?: () => Evidence, errno: Errno = rule.errno): boolean {
    if (!passed && this.refusedBy === null) {
      this.refusedBy = rule;
      this.errno = errno;
    }
    return passed;
  }

  override refuse(rule: Rule, _evidence?: () => Evidence, errno: Errno = rule.errno): Answer {
    this.holds(rule, false, undefined, errno);
    return this.refusal();
  }
}

/** Steps between two looks at the clock. */
const SLICE = 64;

/** Visits steps from … to (both included) until `visit` says true; tells which it was, null when none. */
export async function walk(
  history: History, from: number, to: number, makeTrace: () => CallTrace, visit: (step: number, made: Made, trace: CallTrace) => boolean, watch: Watch,
): Promise<number | null> {
  if (from > to) return null;
  const patience = new Patience();
  let machine = history.at(from - 1).clone();
  for (let step = from; step <= to; step++) {
    const trace = makeTrace();
    const made = makeCall(machine, history.call(step), trace);
    if (made.problem === "internal-error") machine = history.at(step).clone();
    if (visit(step, made, trace)) return step;
    if ((step - from) % SLICE === SLICE - 1 && patience.isOver()) await watch.between(step - from, to - from + 1);
  }
  return null;
}
