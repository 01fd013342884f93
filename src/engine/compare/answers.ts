/** In what two answers to the same call differ, told in sentences. */
import { rangeText } from "../../base/format.ts";
import { firstDifference, isJsonObject, type Json } from "../../base/json.ts";
import { parseU64 } from "../../base/u64.ts";
import type { Call } from "../../kernel/call.ts";
import type { CallTrace } from "../../kernel/call-trace.ts";
import type { RecordedAnswer } from "../../scenario/scenario.ts";
import { outcomeOf, type Made } from "../make-call.ts";
import { resultLine } from "../queries/call-line.ts";
import { plainText } from "../queries/values.ts";
import { answerJson } from "../recorded.ts";
import type { DifferenceView } from "../views.ts";

/** One side's answer, as far as it is compared and told. */
export interface Answered {
  /** "OK", an errno, a fault. */
  outcome: string;
  /** This form of the kernel has no such call. */
  unknown: boolean;
  /** The CPU that should go on has no call: it has ended already. */
  idle: boolean;
  answer: RecordedAnswer;
}

/** Rules that refuse a call because the form does not have it. */
const NO_SUCH_CALL: ReadonlySet<string> = new Set(["call-in-this-form", "ioasid-still-exists", "sva-call-in-era"]);

export function answered(made: Made, trace: CallTrace): Answered {
  const unknown = made.problem === "not-modelled" || NO_SUCH_CALL.has(trace.refusedBy?.id ?? "");
  return { outcome: outcomeOf(made, trace).name, unknown, idle: trace.refusedBy?.id === "cpu-has-call", answer: made.def && !made.problem ? answerJson(made.def, made.answer) : {} };
}

/** The difference between two answers; null when they say the same. */
export function tellAnswers(call: Call, left: Answered, right: Answered): DifferenceView | null {
  const words = answerWords(call, left, right);
  return words && { ...words, objects: [] };
}

/** The first thing that happened on the way to the answers on one side only; null when it was the same on both. */
export function tellEvents(call: Call, left: Answered, right: Answered): DifferenceView | null {
  if (left.unknown || right.unknown || isUnderWay(left) !== isUnderWay(right)) return null;
  const words = eventWords(call.call, listOf(left.answer.events), listOf(right.answer.events));
  return words && { ...words, objects: [] };
}

type Words = Omit<DifferenceView, "objects">;

function answerWords(call: Call, left: Answered, right: Answered): Words | null {
  const name = call.call;
  if (left.unknown && right.unknown) return null;
  if (left.unknown || right.unknown) {
    const text = `The form on the ${left.unknown ? "left" : "right"} has no ${name}; on the ${left.unknown ? "right" : "left"} it answers ${left.unknown ? right.outcome : left.outcome}.`;
    return { subject: `answer of ${name}`, left: left.unknown ? "no such call" : left.outcome, right: right.unknown ? "no such call" : right.outcome, text };
  }
  // A call of several lock regions may need more steps in one form than in the other.
  if ((isUnderWay(left) || left.idle) && (isUnderWay(right) || right.idle || right.outcome === "OK")) return null;
  if ((isUnderWay(right) || right.idle) && left.outcome === "OK") return null;
  if (left.outcome !== right.outcome) return { subject: `answer of ${name}`, left: left.outcome, right: right.outcome, text: `${name} answers ${left.outcome} on the left, ${right.outcome} on the right.` };
  const [one, other] = [said(left.answer), said(right.answer)];
  // Whether a function returns anything is part of its form; what it returns is compared where both do.
  if (one.ret === undefined || other.ret === undefined) for (const answer of [one, other]) if (typeof answer.ret === "boolean") delete answer.ret;
  const found = firstDifference(one, other);
  return found && valueWords(call, one, other, found.path);
}

/** What an answer says, without what happened on the way; 0 and null say no more than that it is done. */
function said({ events: _events, ...answer }: RecordedAnswer): RecordedAnswer {
  if (answer.ret === 0 || answer.ret === null) delete answer.ret;
  return answer;
}

/** In the middle of a call on one of several CPUs. */
function isUnderWay({ answer: { ret } }: Answered): boolean {
  return isJsonObject(ret) && ret.done === false && "cpu" in ret;
}

function valueWords({ call: name, in: fields }: Call, left: RecordedAnswer, right: RecordedAnswer, path: string): Words {
  const [one, other] = [left, right].map((answer) => resultLine(name, fields, answer)).map((line) => (line === "" ? "nothing" : line.replace(/^→ /, ""))) as [string, string];
  if (one !== other) return { subject: `answer of ${name}`, left: one, right: other, text: `${name} gives ${one} on the left, ${other} on the right.` };
  // Down to one entry of a list, "ret.iova_ranges[1]": deeper than that is nothing to read.
  const [place = path] = /^[^[]*(?:\[\d+\])?/.exec(path) ?? [];
  const field = place.replace(/^(?:out|ret)\./, "").replace(/\[(\d+)\]/, (_all, index: string) => ` ${Number(index) + 1}`).replaceAll(".", ", ");
  const [mine, theirs] = [shown(valueAt(left, place)), shown(valueAt(right, place))];
  return { subject: `${name}: ${field}`, left: mine, right: theirs, text: `${name} gives ${field} as ${mine} on the left, ${theirs} on the right.` };
}

function valueAt(answer: RecordedAnswer, place: string): Json | undefined {
  let value: unknown = answer;
  for (const key of place.split(/[.[\]]+/).filter((part) => part !== "")) value = (value as Record<string, unknown> | undefined)?.[key];
  return value as Json | undefined;
}

/** A value for people; two addresses are a range. */
function shown(value: Json | undefined): string {
  const pair = Array.isArray(value) ? value : isJsonObject(value) ? [value.start, value.end] : [];
  const [first, last] = pair.map((end) => parseU64(end));
  if (pair.length === 2 && first !== null && first !== undefined && last !== null && last !== undefined) return rangeText(first, last);
  const text = value === undefined ? "nothing" : plainText(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function eventWords(name: string, mine: Json[], theirs: Json[]): Words | null {
  const at = mine.findIndex((event, index) => firstDifference(event, theirs[index]) !== null);
  const index = at < 0 ? mine.length : at;
  const [one, other] = [mine[index], theirs[index]];
  if (one === undefined && other === undefined) return null;
  const words = [one, other].map((event) => (event === undefined ? "nothing" : eventText(event))) as [string, string];
  const text = one !== undefined && other !== undefined ? `During ${name}, ${words[0]} on the left, ${words[1]} on the right.` : `During ${name}, ${one === undefined ? words[1] : words[0]}, on the ${one === undefined ? "right" : "left"} only.`;
  return { subject: `during ${name}`, left: words[0], right: words[1], text };
}

function listOf(json: Json | undefined): Json[] {
  return Array.isArray(json) ? json : [];
}

/** One event of a recording in words. */
function eventText(event: Json): string {
  if (!isJsonObject(event)) return plainText(event);
  if (event.op === "free") return `host pool ${plainText(event.pool)} is told that ${plainText(event.id)} is free`;
  if (event.op === "alloc") return `host pool ${plainText(event.pool)} is asked for an id in ${plainText(event.min)}–${plainText(event.max)} and gives ${plainText(event.ret)}`;
  if (event.getter !== undefined) return `the getter is asked about ${plainText(event.getter)}`;
  if (event.nb !== undefined) return `listener ${plainText(event.nb)} hears ${plainText(event.event)} of ${plainText(event.id)}`;
  if (event.warn !== undefined || event.refcount_warn !== undefined) return "the kernel warns";
  if (event.kfree_rcu_null !== undefined) return "a null pointer goes to the deferred free";
  if (event.double_free !== undefined) return "memory is freed twice";
  if (event.msi_cookie !== undefined) return `the MSI window is placed at ${plainText(event.msi_cookie)}`;
  if (event.refresh_failed !== undefined) return "rebuilding the list of valid IOVAs fails";
  return JSON.stringify(event);
}
