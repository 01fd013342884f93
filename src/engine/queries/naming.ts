/** The open scenario with names for its ids. */
import { wholeKernel } from "../../kernel/whole.ts";
import { isLarge } from "../../scenario/calls.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import { nameIds, resolveNames, type GivenName } from "../../scenario/text/names.ts";
import { parseScenarioText } from "../../scenario/text/parse.ts";
import { callText, scenarioText } from "../../scenario/text/print.ts";
import { containerOf, defIn } from "../../scenario/text/vocabulary.ts";
import type { History } from "../history.ts";
import { EngineError } from "../views.ts";
import type { ReadText, TextView } from "./edit-views.ts";

export interface Named {
  scenario: Scenario;
  names: GivenName[];
}

const known = new WeakMap<History, Named>();

/** Throws an EngineError when the scenario is too large to be edited call by call. */
export function namedOf(history: History): Named {
  let named = known.get(history);
  if (!named) {
    named = nameIds(editable(history), wholeKernel);
    known.set(history, named);
  }
  return named;
}

function editable(history: History): Scenario {
  const { scenario } = history;
  if (isLarge(scenario)) throw new EngineError(`A scenario of ${history.length.toLocaleString("en")} calls is edited as a file: export it, change it, import it again.`);
  return scenario;
}

export function textOf(history: History): TextView {
  return textView(namedOf(history).scenario);
}

export function textView(scenario: Scenario): TextView {
  const text = scenarioText(scenario);
  return { text, lines: parseScenarioText(text).lines };
}

/** Names as numbers, for a scenario whose calls have changed. */
export function resolved(scenario: Scenario): Scenario {
  return resolveNames(scenario, wholeKernel);
}

export function readText(text: string): ReadText {
  const { scenario, lines, problems } = parseScenarioText(text);
  return { scenario: scenario && resolved(scenario), lines, problems };
}

/** One call of a scenario as its line. */
export function lineOf(scenario: Scenario, call: ScenarioCall): string {
  return callText(call, defIn(wholeKernel, containerOf(scenario), call.call));
}
