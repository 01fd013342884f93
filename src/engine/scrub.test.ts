import { readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { localEngine } from "./local.ts";
import type { ScrubKind, StepRow } from "./views.ts";

const EXAMPLES = new URL("../../public/examples/", import.meta.url);
const ALL: ScrubKind[] = ["memory", "devices", "ids", "networks", "people", "paths", "serials"];

/** What each step answers: errno, what it gives, whether the log's kernel agrees. */
function answers(rows: StepRow[]): string[] {
  return rows.map((row) => `${row.call} ${row.errno} ${row.result} ${row.diverges}`);
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
    const secrets = found.filter(({ kind }) => kind !== "devices").flatMap(({ examples }) => examples.map(({ from }) => from));
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
});
