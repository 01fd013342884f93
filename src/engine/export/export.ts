/** A run in one of the forms in which people take it away. */
import { unreachable } from "../../base/assert.ts";
import { MANY_CALLS, plainScenario } from "../../scenario/calls.ts";
import { scenarioJson } from "../../scenario/schema.ts";
import { withNames } from "../../scenario/text/names.ts";
import { callLine, scenarioText } from "../../scenario/text/print.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { History } from "../history.ts";
import { EngineError } from "../views.ts";
import { answeredCalls } from "./answers.ts";
import { cProgram } from "./c/assemble.ts";
import type { Exported, ExportForm, ExportOptions } from "./forms.ts";
import { scenarioMarkdown, stepMarkdown } from "./markdown.ts";
import { recordingText } from "./recording.ts";

const ENDINGS: Readonly<Record<ExportForm, { ending: string; type: string }>> = {
  text: { ending: "iova", type: "text/plain" },
  json: { ending: "json", type: "application/json" },
  recording: { ending: "jsonl", type: "application/x-ndjson" },
  markdown: { ending: "md", type: "text/markdown" },
  step: { ending: "md", type: "text/markdown" },
  c: { ending: "c", type: "text/x-c" },
};

/** More calls than this are written by file.ts, piece by piece. */
const MOST_CALLS = 200_000;

/** A title as a file name. */
function slug(title: string): string {
  return title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "scenario";
}

/** Throws EngineError where a form can't hold the scenario. */
export function exportAs(history: History, form: ExportForm, options: ExportOptions): Exported {
  if (!Object.hasOwn(ENDINGS, form)) throw new EngineError("There is no such form to export to.");
  if (form !== "step" && history.length > MOST_CALLS) throw new EngineError(`With more than ${MOST_CALLS.toLocaleString("en")} calls a scenario leaves as its file only; this one has ${history.length.toLocaleString("en")}.`);
  const { ending, type } = ENDINGS[form];
  const name = `${slug(history.scenario.title)}${form === "step" ? `-step-${options.step}` : ""}.${ending}`;
  return { name, type, text: textOf(history, form, options) };
}

function textOf(history: History, form: ExportForm, { step, link }: ExportOptions): string {
  switch (form) {
    case "text":
      return scenarioText(named(history), history.at(0).kernel);
    case "json":
      return `${JSON.stringify(scenarioJson(plainScenario(history.scenario)), null, 1)}\n`;
    case "recording":
      return recordingText(history.scenario, answeredCalls(history), history.length);
    case "markdown":
      return scenarioMarkdown(history, answeredCalls(history, callsOf(history)), link);
    case "step": {
      if (step < 1 || step > history.length) throw new EngineError("Go to the step that you want to copy: before the first call there is nothing to say.");
      return stepMarkdown(history, step, callLine(callsOf(history)(step), history.explain(step).def), link);
    }
    case "c":
      return cProgram(history, answeredCalls(history, callsOf(history)), { link });
    default:
      return unreachable(form);
  }
}

/** The scenario with names for its ids; of a very long one, with its numbers. */
function named(history: History): Scenario {
  const scenario = plainScenario(history.scenario);
  return history.length < MANY_CALLS ? withNames(scenario, history.at(0).kernel) : scenario;
}

function callsOf(history: History): (step: number) => ScenarioCall {
  if (history.length >= MANY_CALLS) return (step) => history.call(step);
  const { calls } = named(history);
  return (step) => calls[step - 1] as ScenarioCall;
}
