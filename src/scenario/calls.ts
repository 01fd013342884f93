/** The calls of a scenario of any length: a plain list, or a packed one when they are many. */
import type { PackedScenario, Scenario, AnyScenario, ScenarioCall } from "./scenario.ts";
import { PackReader, partOf, type Packed } from "./packed/packed.ts";
import { PackWriter } from "./packed/pack-writer.ts";

export type CallList = readonly ScenarioCall[] | Packed;

/** Scenarios of fewer calls are handed about as plain lists. */
export const MANY_CALLS = 10_000;

export function isPacked(calls: CallList): calls is Packed {
  return !Array.isArray(calls);
}

export function callCount(calls: CallList): number {
  return isPacked(calls) ? calls.count : calls.length;
}

/** Visits the calls in order, each with its index, from 0. Packed ones are made anew for each visit. */
export function eachCall(calls: CallList, visit: (call: ScenarioCall, index: number) => void): void {
  const reader = isPacked(calls) ? new PackReader<ScenarioCall>(calls) : null;
  const count = callCount(calls);
  for (let index = 0; index < count; index++) visit(reader ? reader.at(index) : ((calls as readonly ScenarioCall[])[index] as ScenarioCall), index);
}

/** The call at an index, from 0; undefined beyond the ends. */
export function callAt(calls: CallList, index: number): ScenarioCall | undefined {
  if (!isPacked(calls)) return calls[index];
  return index >= 0 && index < calls.count ? new PackReader<ScenarioCall>(calls).at(index) : undefined;
}

/** The names that occur among the calls. */
export function callNames(calls: CallList): Set<string> {
  if (!isPacked(calls)) return new Set(calls.map((call) => call.call));
  const names = new Set<string>();
  for (const { skeleton } of calls.shapes) {
    const name = partOf(skeleton, "call");
    if (name?.is === "constant" && typeof name.value === "string") names.add(name.value);
    else return namesOfAll(calls);
  }
  return names;
}

function namesOfAll(calls: Packed): Set<string> {
  const names = new Set<string>();
  eachCall(calls, ({ call }) => names.add(call));
  return names;
}

export function packCalls(calls: readonly ScenarioCall[]): Packed {
  const writer = new PackWriter<ScenarioCall>();
  for (const call of calls) writer.add(call);
  return writer.finish();
}

export function unpackCalls(calls: CallList): ScenarioCall[] {
  if (!isPacked(calls)) return [...calls];
  const reader = new PackReader<ScenarioCall>(calls);
  return Array.from({ length: calls.count }, (_, index) => reader.at(index));
}

/** The same calls without what was recorded of them. */
export function withoutAnswers(calls: Packed): Packed {
  if (!calls.shapes.some(({ skeleton }) => skeleton.is !== "object" || skeleton.keys.includes("recorded"))) return calls;
  const writer = new PackWriter<ScenarioCall>();
  eachCall(calls, ({ recorded: _recorded, recordedAgrees: _agrees, ...call }) => writer.add(call));
  return writer.finish();
}

/** Is its list of calls packed? */
export function isLarge(scenario: AnyScenario): scenario is PackedScenario {
  return isPacked(scenario.calls);
}

/** The same scenario with a plain list of calls. */
export function plainScenario(scenario: AnyScenario): Scenario {
  return isLarge(scenario) ? { ...scenario, calls: unpackCalls(scenario.calls) } : scenario;
}
