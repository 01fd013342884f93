/** A scenario as a file for people to keep: JSON, or a line for each call when they are many. */
import { eachCall, isLarge, plainScenario } from "../scenario/calls.ts";
import { callJson, headerJson, scenarioJson } from "../scenario/schema.ts";
import type { AnyScenario } from "../scenario/scenario.ts";

/** Characters that go into the file at once. */
const PIECE = 1024 * 1024;

export function fileOf(scenario: AnyScenario): { name: string; content: Blob } {
  const name = scenario.title.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 60) || "scenario";
  if (!isLarge(scenario)) return { name: `${name}.json`, content: new Blob([JSON.stringify(scenarioJson(plainScenario(scenario)), null, 1), "\n"], { type: "application/json" }) };
  const parts: Blob[] = [];
  let text = `${JSON.stringify(headerJson(scenario))}\n`;
  eachCall(scenario.calls, (call) => {
    text += `${JSON.stringify(callJson(call))}\n`;
    if (text.length < PIECE) return;
    parts.push(new Blob([text]));
    text = "";
  });
  return { name: `${name}.jsonl`, content: new Blob([...parts, text], { type: "application/x-ndjson" }) };
}
