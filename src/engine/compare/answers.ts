/** In what two answers to the same call differ, told in sentences. */
import { firstDifference, isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
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
  answer: RecordedAnswer;
}

/** Rules that refuse a call because the form does not have it. */
const NO_SUCH_CALL: ReadonlySet<string> = new Set(["call-in-this-form", "ioasid-still-exists", "sva-call-in-era"]);

export function answered(made: Made, trace: CallTrace): Answered {
  const unknown = made.problem === "not-modelled" || NO_SUCH_CALL.has(trace.refusedBy?.id ?? "");
  return { outcome: outcomeOf(made, trace).name, unknown, answer: made.def && !made.problem ? answerJson(made.def, made.answer) : {} };
}

/** The difference between two answers; null when they are the same. */
export function tellAnswers(call: Call, left: Answered, right: Answered): DifferenceView | null {
  const words = wordsFor(call, left, right);
  return words && { ...words, objects: [] };
}

type Words = Omit<DifferenceView, "objects">;

function wordsFor(call: Call, left: Answered, right: Answered): Words | null {
  const name = call.call;
  if (left.unknown && right.unknown) return null;
  if (left.unknown || right.unknown) {
    const text = `The form on the ${left.unknown ? "left" : "right"} has no ${name}; on the ${left.unknown ? "right" : "left"} it answers ${left.unknown ? right.outcome : left.outcome}.`;
    return { subject: `answer of ${name}`, left: left.unknown ? "no such call" : left.outcome, right: right.unknown ? "no such call" : right.outcome, text };
  }
  if (left.outcome !== right.outcome) return { subject: `answer of ${name}`, left: left.outcome, right: right.outcome, text: `${name} answers ${left.outcome} on the left, ${right.outcome} on the right.` };
  const { events: leftEvents = [], ...one } = left.answer;
  const { events: rightEvents = [], ...other } = right.answer;
  const found = firstDifference(one, other);
  if (found) return laneWords(one, other) ?? valueWords(call, one, other, found);
  return eventWords(name, leftEvents, rightEvents);
}

/** A call of several lock regions may need more steps in one form than in another. */
function laneWords(left: RecordedAnswer, right: RecordedAnswer): Words | null {
  const at = ({ ret }: RecordedAnswer) => (isJsonObject(ret) && ret.done === false ? `next: ${plainText(ret.next)}` : "its call is done");
  const cpu = [left.ret, right.ret].find((ret) => isJsonObject(ret) && ret.done === false) as JsonObject | undefined;
  if (!cpu || at(left) === at(right)) return null;
  return { subject: `CPU ${plainText(cpu.cpu)}`, left: at(left), right: at(right), text: `CPU ${plainText(cpu.cpu)} – ${at(left)} on the left, ${at(right)} on the right.` };
}

function valueWords({ call: name, in: fields }: Call, left: RecordedAnswer, right: RecordedAnswer, found: { path: string; expected: unknown; got: unknown }): Words {
  const [one, other] = [left, right].map((answer) => resultLine(name, fields, answer)).map((line) => (line === "" ? "nothing" : line.replace(/^→ /, ""))) as [string, string];
  if (one !== other) return { subject: `answer of ${name}`, left: one, right: other, text: `${name} gives ${one} on the left, ${other} on the right.` };
  const field = found.path.replace(/^out\./, "").replaceAll(/\[(\d+)\]/g, " $1").replaceAll(".", ", ");
  const [mine, theirs] = [shown(found.expected), shown(found.got)];
  return { subject: `${name}: ${field}`, left: mine, right: theirs, text: `${name} gives ${field} as ${mine} on the left, ${theirs} on the right.` };
}

function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : plainText(value as Json);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/** The first thing that happened on the way on one side only. */
function eventWords(name: string, left: Json, right: Json): Words | null {
  const [mine, theirs] = [listOf(left), listOf(right)];
  const at = mine.findIndex((event, index) => firstDifference(event, theirs[index]) !== null);
  const index = at < 0 ? mine.length : at;
  const [one, other] = [mine[index], theirs[index]];
  if (one === undefined && other === undefined) return null;
  const words = [one, other].map((event) => (event === undefined ? "nothing" : eventText(event))) as [string, string];
  const text = one !== undefined && other !== undefined ? `During ${name}, ${words[0]} on the left, ${words[1]} on the right.` : `During ${name}, ${one === undefined ? words[1] : words[0]} on the ${one === undefined ? "right" : "left"} only.`;
  return { subject: `during ${name}`, left: words[0], right: words[1], text };
}

function listOf(json: Json): Json[] {
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
