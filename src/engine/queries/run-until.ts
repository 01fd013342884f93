/** Finds the next or the previous step at which something happens. */
import type { Range } from "../../kernel/answer.ts";
import type { Call } from "../../kernel/call.ts";
import { CallTrace } from "../../kernel/call-trace.ts";
import type { History } from "../history.ts";
import type { Made } from "../make-call.ts";
import { Patience, type Watch } from "../run-through.ts";
import { askedList, askedRange } from "./asked.ts";
import type { Goal, Hunt, Quarry } from "./history-views.ts";
import { EffectTrace, walk } from "./walk.ts";

/** Going back, so many steps are made again at first; then twice as many, up to the most. */
const FIRST_LEG = 256;
const LONGEST_LEG = 131_072;
/** Steps between two looks at the clock where nothing is made again. */
const SLICE = 4096;

/** What of a step tells without making its call again. */
type Glance = (step: number) => boolean;

/** The nearest step after (or before) `from` that meets one of the goals; null when there is none. */
export async function runUntil(history: History, { from, direction, goals, until }: Hunt, watch: Watch): Promise<Quarry | null> {
  const first = direction === 1 ? from + 1 : Math.max(1, until ?? 1);
  const last = direction === 1 ? Math.min(history.ran, until ?? history.ran) : from - 1;
  if (goals.length === 0 || first > last) return null;
  const glances = goals.map((goal) => glanceOf(history, from, goal));
  if (glances.every((glance) => glance !== null)) return glanceAlong(direction === 1 ? first : last, direction === 1 ? last : first, direction, glances, watch);
  const meets = (step: number, made: Made, trace: CallTrace): number => goals.findIndex((goal, index) => glances[index]?.(step) ?? isMet(goal, history.call(step), made, trace));
  const makeTrace = goals.some((goal) => goal.kind === "object" || goal.kind === "range") ? () => new EffectTrace() : () => new CallTrace(false);
  if (direction === 1) {
    let goal = -1;
    const step = await walk(history, first, last, makeTrace, (at, made, trace) => (goal = meets(at, made, trace)) >= 0, watch);
    return step === null ? null : { step, goal };
  }
  let length = FIRST_LEG;
  for (let end = last; end >= first; end -= length, length = Math.min(LONGEST_LEG, 2 * length)) {
    let found: Quarry | null = null;
    await walk(history, Math.max(first, end - length + 1), end, makeTrace, (step, made, trace) => {
      const goal = meets(step, made, trace);
      if (goal >= 0) found = { step, goal };
      return false;
    }, { between: () => watch.between(last - end, last - first + 1) });
    if (found) return found;
  }
  return null;
}

async function glanceAlong(start: number, end: number, direction: 1 | -1, glances: readonly Glance[], watch: Watch): Promise<Quarry | null> {
  const patience = new Patience();
  const total = Math.abs(end - start) + 1;
  for (let done = 0; done < total; done++) {
    const step = start + direction * done;
    const goal = glances.findIndex((glance) => glance(step));
    if (goal >= 0) return { step, goal };
    if (done % SLICE === SLICE - 1 && patience.isOver()) await watch.between(done, total);
  }
  return null;
}

/** How to see that a goal is met from what is kept of each step; null: its call must be made again. */
function glanceOf(history: History, from: number, goal: Goal): Glance | null {
  if (goal.kind === "errno") return goal.errno === "refused" ? (step) => history.outcome(step) !== "OK" : (step) => history.outcome(step) === goal.errno;
  if (goal.kind === "call") return (step) => history.call(step).call === goal.call;
  if (goal.kind !== "different") return null;
  const here = from === 0 ? "" : alikeKey(history, from);
  return (step) => alikeKey(history, step) !== here;
}

/** Fields that say which objects a call is about. */
const NAMES_OBJECT = /(?:^|_)(?:id|dev|group|set|container|pool|ops|process|cpu|name)$|^(?:ioasid|device|fd)$/;

/** The same for calls that do the same to the same objects with the same outcome. */
function alikeKey(history: History, step: number): string {
  const { call, in: fields } = history.call(step);
  let key = `${call} ${history.outcome(step)}`;
  for (const name in fields) if (NAMES_OBJECT.test(name)) key += ` ${name}=${JSON.stringify(fields[name])}`;
  return key;
}

function isMet(goal: Goal, call: Call, made: Made, trace: CallTrace): boolean {
  if (goal.kind === "rule") return trace.refusedBy?.id === goal.rule;
  if (goal.kind === "object") return trace.effects.some((effect) => effect.objects.some((object) => object.key === goal.key));
  return goal.kind === "range" && (touches(goal, askedRange({ call, answer: made.answer })) || askedList(call.in).some((range) => touches(goal, range)) || trace.effects.some((effect) => touches(goal, effect.range)));
}

function touches(wanted: Range, range: Range | null): boolean {
  return range !== null && range.first <= wanted.last && range.last >= wanted.first;
}
