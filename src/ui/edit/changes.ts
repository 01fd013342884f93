/** What can be done to a list of calls. Each gives a change for `Edits.change`. */
import { plural } from "../../base/format.ts";
import { firstDifference } from "../../base/json.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { Change } from "../state/edits.ts";

/** The scenario with other calls. What was recorded from the first changed step on was recorded of other calls. */
function withCalls(scenario: Scenario, calls: ScenarioCall[], from: number): Scenario {
  const forked = calls.map((call, index): ScenarioCall => {
    if (index < from - 1 || (call.recorded === undefined && call.recordedAgrees === undefined)) return call;
    const { recorded: _recorded, recordedAgrees: _agrees, ...plain } = call;
    return plain;
  });
  return { ...scenario, calls: forked };
}

/** Puts a call after step `at`. */
export function insertion(at: number, call: ScenarioCall): Change {
  return (scenario) => ({
    scenario: withCalls(scenario, scenario.calls.toSpliced(at, 0, withFreeNames(call, scenario)), at + 1), step: at + 1, done: `${call.call} was added as step ${at + 1}`,
  });
}

export function replacement(step: number, call: ScenarioCall): Change {
  return (scenario) => {
    const old = scenario.calls[step - 1];
    if (!old) return null;
    const noteOnly = sameCall(old, call);
    const calls = scenario.calls.with(step - 1, noteOnly ? { ...old, ...(call.note !== undefined && { note: call.note }), ...(call.binds && { binds: call.binds }) } : call);
    return { scenario: noteOnly ? { ...scenario, calls } : withCalls(scenario, calls, step), step, done: `step ${step}, ${call.call}, was changed` };
  };
}

function sameCall(one: ScenarioCall, other: ScenarioCall): boolean {
  return one.call === other.call && JSON.stringify([one.in, one.given ?? null]) === JSON.stringify([other.in, other.given ?? null]);
}

export function removal(step: number): Change {
  return (scenario) => {
    const old = scenario.calls[step - 1];
    return old ? { scenario: withCalls(scenario, scenario.calls.toSpliced(step - 1, 1), step), step: Math.min(step, scenario.calls.length - 1), done: `step ${step}, ${old.call}, was deleted` } : null;
  };
}

export function duplication(step: number): Change {
  return (scenario) => {
    const old = scenario.calls[step - 1];
    if (!old) return null;
    // What it gives is another object: it needs another name.
    const { binds: _binds, recorded: _recorded, recordedAgrees: _agrees, ...copy } = old;
    return { scenario: withCalls(scenario, scenario.calls.toSpliced(step, 0, copy), step + 1), step: step + 1, done: `step ${step}, ${old.call}, was duplicated` };
  };
}

/** Swaps a call with its neighbour. */
export function moving(step: number, by: 1 | -1): Change {
  return (scenario) => {
    const to = step + by;
    const [call, neighbour] = [scenario.calls[step - 1], scenario.calls[to - 1]];
    if (!call || !neighbour) return null;
    const calls = scenario.calls.with(to - 1, call).with(step - 1, neighbour);
    return { scenario: withCalls(scenario, calls, Math.min(step, to)), step: to, done: `${call.call} was moved ${by < 0 ? "up" : "down"} to step ${to}` };
  };
}

/** Puts a whole new list of calls in the place of the old one; answers recorded of what is the same up to there stay. */
export function rewriting(next: Scenario): Change {
  return (scenario, step) => {
    if (saysTheSame(scenario, next)) return null;
    const same = next.calls.findIndex((call, index) => {
      const old = scenario.calls[index];
      return !old || !sameCall(old, call);
    });
    const kept = same < 0 ? next.calls.length : same;
    const calls = next.calls.map((call, index) => {
      const recorded = index < kept ? scenario.calls[index]?.recorded : undefined;
      return recorded && !call.recorded ? { ...call, recorded } : call;
    });
    const more = next.calls.length - scenario.calls.length;
    const what = more === 0 ? "" : ` (${plural(Math.abs(more), "call")} ${more > 0 ? "more" : "fewer"})`;
    return { scenario: { ...next, calls }, step: Math.min(step, calls.length), done: `the text was changed${what}` };
  };
}

/** Nothing but recorded answers, which texts leave out, tells them apart. */
function saysTheSame(one: Scenario, other: Scenario): boolean {
  const bare = ({ calls, ...head }: Scenario) => ({ ...head, calls: calls.map(({ recorded: _recorded, recordedAgrees: _agrees, ...call }) => call) });
  return firstDifference(bare(one), bare(other)) === null;
}

/** A name that is taken would stand for two things: the new one gets a number that is free. */
function withFreeNames(call: ScenarioCall, scenario: Scenario): ScenarioCall {
  if (!call.binds) return call;
  const taken = new Set(scenario.calls.flatMap((each) => Object.values(each.binds ?? {})));
  const free = (name: string): string => {
    if (!taken.has(name)) return name;
    const stem = name.replace(/\d+$/, "");
    let number = 1;
    while (taken.has(`${stem}${number}`)) number++;
    return `${stem}${number}`;
  };
  return { ...call, binds: Object.fromEntries(Object.entries(call.binds).map(([out, name]) => [out, free(name)])) };
}
