import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { localEngine } from "./local.ts";
import type { ScrubKind, StepRow } from "./views.ts";

const EXAMPLES = new URL("../../public/examples/", import.meta.url);
const ALL: ScrubKind[] = ["memory", "devices", "ids", "networks", "people", "paths", "serials"];

/** Names of rules and errnos of every step: what a scenario answers, without the words for it. */
function answers(rows: StepRow[]): string[] {
  return rows.map((row) => `${row.call} ${row.errno}`);
}

describe("a scrubbed scenario", () => {
  it.each(readdirSync(EXAMPLES).filter((name) => /\.(?:log|txt)\.gz$/.test(name)))("answers as before: %s", async (name) => {
    const engine = localEngine();
    const content = gunzipSync(readFileSync(new URL(name, EXAMPLES))).toString();
    const { reading } = await engine.open([{ name, content }]);
    if (reading.sequences.length > 1) await engine.choose(0, true);
    const before = answers(await engine.rows(1, 5000));
    const found = await engine.findScrub();
    const { loaded } = await engine.scrub(ALL);
    const after = await engine.rows(1, 5000);
    expect(answers(after)).toEqual(before);
    expect(loaded.steps).toBe(Math.max(loaded.steps, before.length));
    const text = JSON.stringify(await engine.scenario(), (_key, value: unknown) => (typeof value === "bigint" ? value.toString(16) : value));
    for (const { kind, examples } of found) for (const { from } of examples) if (kind !== "devices") expect(text).not.toContain(from);
  });
});
