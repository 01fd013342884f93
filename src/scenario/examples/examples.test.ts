import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readInputs } from "../read-inputs.ts";
import { parseScenario, scenarioJson } from "../schema.ts";
import { examples } from "./examples.ts";

const fetchFile = (name: string) => Promise.resolve(new Uint8Array(readFileSync(new URL(`../../../public/examples/${name}`, import.meta.url))));

describe("examples", () => {
  it("have their own ids", () => {
    expect(new Set(examples.map((example) => example.id)).size).toBe(examples.length);
  });

  it.each(examples.map((example) => [example.id, example] as const))("%s loads without a warning", async (_id, example) => {
    const loaded = await example.load(fetchFile);
    const { scenarios, warnings } = Array.isArray(loaded) ? await readInputs(loaded) : { scenarios: [loaded], warnings: [] };
    expect(warnings).toEqual([]);
    expect(scenarios).toHaveLength(1);
    for (const scenario of scenarios) expect(parseScenario(scenarioJson(scenario)).calls.length).toBeGreaterThan(3);
  });
});
