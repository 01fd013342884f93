import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { History } from "../src/engine/history.ts";
import { linkTo, openLink } from "../src/engine/links.ts";
import { compareRecorded } from "../src/engine/recorded.ts";
import { wholeKernel } from "../src/kernel/whole.ts";
import { readInputs } from "../src/scenario/read-inputs.ts";
import { parseScenario, scenarioJson } from "../src/scenario/schema.ts";
import type { Scenario } from "../src/scenario/scenario.ts";

/** What real kernels and VMMs printed, and how many of its calls have an answer in it. */
const CAPTURES: readonly [string[], number][] = [
  [["qemu-10.0-iommufd-4G.log", "qemu-10.0-iommufd-4G.stderr", "intel-reserved_regions-grep.txt"], 39],
  [["qemu-10.0-iommufd-4G.log", "intel-reserved_regions-grep.txt"], 39],
  [["qemu-10.0-iommufd-width39.log", "qemu-10.0-iommufd-width39.stderr", "intel-reserved_regions-grep.txt"], 14],
  [["qemu-11.1-iommufd-512M.log"], 38],
  [["intel-ioctls-iommufd.log", "intel-reserved_regions-grep.txt"], 41],
  [["intel-ioctls-legacy.log", "intel-reserved_regions-grep.txt"], 41],
  [["amd-ioctls.log", "amd-reserved_regions-tail.txt"], 29],
  [["qemu-10.0-notviable.log", "qemu-10.0-notviable.stderr"], 1],
  [["qemu-10.0-legacy-4G.log", "intel-reserved_regions-grep.txt"], 0],
  [["qemu-10.0-legacy-arm.log", "arm-reserved_regions-for.txt"], 0],
  [["qemu-7.2-legacy-timestamps.log"], 0],
];

async function read(names: string[]): Promise<Scenario> {
  const files = names.map((name) => ({ name, content: new Uint8Array(readFileSync(new URL(`captures/${name}.gz`, import.meta.url))) }));
  const { scenarios } = await readInputs(files);
  return parseScenario(scenarioJson(scenarios[0] as Scenario));
}

describe.each(CAPTURES)("%j", (names, answers) => {
  it("answers as the log says, and makes every call that it implies", async () => {
    const scenario = await read(names);
    const history = new History(scenario, wholeKernel);
    history.advance();
    const wrong: string[] = [];
    let recorded = 0;
    history.eachAnswer(1, history.length, (step, made, after) => {
      const call = history.call(step);
      const compared = compareRecorded(scenario, call, made, after);
      if (compared) recorded++;
      if (compared && !compared.agrees) wrong.push(`${step} ${call.call}: ${JSON.stringify(compared.difference)}`);
      if (!compared && made.answer.errno !== "OK") wrong.push(`${step} ${call.call}: ${made.answer.errno}`);
    });
    expect(wrong).toEqual([]);
    expect(recorded).toBe(answers);
  });

  it("comes back from a link of less than 300 characters", async () => {
    const scenario = await read(names);
    const history = new History(scenario, wholeKernel);
    history.advance();
    const link = await linkTo(history, { step: 3 });
    expect(link.length).toBeLessThan(300);
    expect((await openLink(link)).scenario).toEqual(scenario);
  });
});
