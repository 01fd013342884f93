/** A run once more, call by call, as exports need it: each call as a line of text, what the model answers, and why it refused. */
import { CallTrace } from "../../kernel/call-trace.ts";
import type { Machine } from "../../kernel/machine.ts";
import type { RecordedAnswer, ScenarioCall } from "../../scenario/scenario.ts";
import { callLine } from "../../scenario/text/print.ts";
import type { History } from "../history.ts";
import { makeCall, outcomeOf, type Made } from "../make-call.ts";
import { answerJson } from "../recorded.ts";

export interface AnsweredCall {
  /** From 1. */
  step: number;
  call: ScenarioCall;
  made: Made;
  /** In the shape of recordings; null when the model has no answer. */
  answer: RecordedAnswer | null;
  /** "OK", an errno, a fault. */
  outcome: string;
  refused: boolean;
  /** The call in the text form. */
  line: string;
  /** Why it was refused, one sentence; empty when it was not. */
  reason: string;
  /** The machine after the call; it changes with the next. */
  after: Machine;
}

/** Makes the calls of a run again, in order. `calls` may be the same calls with names for ids. */
export function* answeredCalls(history: History, calls: (step: number) => ScenarioCall = (step) => history.call(step)): Generator<AnsweredCall> {
  let machine = history.at(0).clone();
  for (let step = 1; step <= history.length; step++) {
    const call = calls(step);
    const trace = new CallTrace(false);
    const made = makeCall(machine, call, trace);
    // A machine that failed may be damaged: the run kept the one before.
    if (made.problem === "internal-error") machine = history.at(step).clone();
    const { name: outcome, refused } = outcomeOf(made, trace);
    yield {
      step, call, made, outcome, refused, answer: made.def && !made.problem ? answerJson(made.def, made.answer) : null, line: callLine(call, made.def), reason: refused ? (trace.refusedBy?.meaning ?? "") : "", after: machine,
    };
  }
}
