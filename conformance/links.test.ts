import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { History } from "../src/engine/history.ts";
import { linkTo, openLink } from "../src/engine/links.ts";
import { wholeKernel } from "../src/kernel/whole.ts";
import { decodeLink } from "../src/scenario/link/link.ts";
import { parseScenario } from "../src/scenario/schema.ts";

const folder = new URL("../bench/links/", import.meta.url);
const LIMITS: Readonly<Record<number, number>> = { 10: 200, 30: 300, 100: 1000 };
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));

describe("links to real logs (bench/links)", () => {
  it("has cases of every size", () => {
    for (const size of [10, 30, 100]) expect(names.filter((name) => name.endsWith(`-${size}.json`)).length).toBeGreaterThanOrEqual(5);
  });

  it.each(names)("%s: short, and exact", async (name) => {
    const scenario = parseScenario(JSON.parse(readFileSync(new URL(name, folder), "utf8")));
    const history = new History(scenario, wholeKernel);
    history.advance();
    const link = await linkTo(history, { step: 3 });
    expect(link.length).toBeLessThan(LIMITS[scenario.calls.length] as number);
    expect((await openLink(link)).scenario).toEqual(scenario);
    // An answer travels only where the model's differs.
    const { scenario: travelled } = await decodeLink(link);
    const inFull = travelled.calls.filter((call) => call.recorded).length;
    expect(inFull).toBeLessThanOrEqual([...history.marks].filter((mark) => mark === 2).length);
  });
});
