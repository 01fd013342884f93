/** How all the steps of a run came out, in as many slots as there is room for on a screen. */
import type { History } from "../history.ts";
import type { TimelineView } from "./find-views.ts";

/** More than any screen has. */
const MOST_SLOTS = 8192;

/** Names in the order in which they first appear. */
class Names {
  readonly list: string[] = [];
  private readonly known = new Map<string, number>();

  index(name: string): number {
    let index = this.known.get(name);
    if (index === undefined) {
      index = this.list.push(name) - 1;
      this.known.set(name, index);
    }
    return index;
  }
}

/** Counts per name, and a table of them by slot, the most frequent name first. */
function table(names: Names, ofStep: Uint16Array, slotOf: (index: number) => number, slots: number): { ranked: { name: string; count: number }[]; counts: Uint32Array; firsts: Uint32Array } {
  const totals = new Uint32Array(names.list.length);
  for (const name of ofStep) totals[name]!++;
  const order = names.list.map((_, index) => index).toSorted((one, other) => totals[other]! - totals[one]!);
  const place = new Uint16Array(order.length);
  order.forEach((name, rank) => (place[name] = rank));
  const counts = new Uint32Array(slots * order.length);
  const firsts = new Uint32Array(slots * order.length);
  for (let index = 0; index < ofStep.length; index++) {
    const at = slotOf(index) * order.length + place[ofStep[index]!]!;
    if (counts[at]!++ === 0) firsts[at] = index + 1;
  }
  return { ranked: order.map((name) => ({ name: names.list[name]!, count: totals[name]! })), counts, firsts };
}

export function timelineView(history: History, wanted: number): TimelineView {
  const steps = history.ran;
  const slots = Math.max(1, Math.min(MOST_SLOTS, Math.floor(wanted), steps || 1));
  const slotOf = (index: number): number => Math.floor((index * slots) / steps);
  const outcomes = new Names();
  const calls = new Names();
  const outcomeOf = new Uint16Array(steps);
  const callOf = new Uint16Array(steps);
  for (let step = 1; step <= steps; step++) {
    outcomeOf[step - 1] = outcomes.index(history.outcome(step));
    callOf[step - 1] = calls.index(history.callName(step));
  }
  const byOutcome = table(outcomes, outcomeOf, slotOf, slots);
  const byCall = table(calls, callOf, slotOf, slots);
  return {
    steps, slots, outcomes: byOutcome.ranked, calls: byCall.ranked,
    byOutcome: byOutcome.counts, byCall: byCall.counts, firstOutcome: byOutcome.firsts, firstCall: byCall.firsts,
  };
}
