/** The text form holds every recording and every capture there is: printed with names for ids, read, and resolved, it is the same. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { firstDifference } from "../src/base/json.ts";
import { wholeKernel } from "../src/kernel/whole.ts";
import { readInputs } from "../src/scenario/read-inputs.ts";
import { readRecording } from "../src/scenario/recording.ts";
import type { Scenario } from "../src/scenario/scenario.ts";
import { resolveNames, withNames, withoutNames } from "../src/scenario/text/names.ts";
import { parseScenarioText } from "../src/scenario/text/parse.ts";
import { scenarioText } from "../src/scenario/text/print.ts";

const HERE = import.meta.dirname;

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(join(HERE, folder), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith(ending)).map((entry) => join(entry.parentPath, entry.name)).sort();
}

/** Recorded answers stay behind: the text is the scenario, not the recording. */
function withoutAnswers(scenario: Scenario): Scenario {
  return { ...scenario, calls: scenario.calls.map(({ recorded: _recorded, ...call }) => call) };
}

/** What is wrong with a scenario after it has gone through its text; null when it is the same. */
function damage(scenario: Scenario): unknown {
  const bare = withoutAnswers(scenario);
  const { scenario: read, problems } = parseScenarioText(scenarioText(withNames(bare, wholeKernel)));
  return read ? firstDifference(bare, withoutNames(resolveNames(read, wholeKernel))) : problems[0];
}

describe("the text form", () => {
  it.each(filesIn("recordings", ".jsonl.gz").map((file) => relative(HERE, file)))("%s", (file) => {
    // The longest recordings say nothing that their first sequences do not.
    const sequences = readRecording(gunzipSync(readFileSync(join(HERE, file))).toString("utf8")).slice(0, 40);
    expect(sequences.map(({ scenario }) => damage(scenario)).filter((found) => found !== null)).toEqual([]);
  });

  it.each(filesIn("captures", ".gz").map((file) => relative(HERE, file)))("%s", async (file) => {
    const { scenarios } = await readInputs([{ name: file, content: readFileSync(join(HERE, file)) }]);
    expect(scenarios.map(damage).filter((found) => found !== null)).toEqual([]);
  });
});
