import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { replay } from "../src/engine/replay.ts";
import { readRecording } from "../src/scenario/recording.ts";

interface Count {
  calls: number;
  divergences: number;
}

const HERE = import.meta.dirname;
const KNOWN_FILE = join(HERE, "known.json");
const known = existsSync(KNOWN_FILE) ? (JSON.parse(readFileSync(KNOWN_FILE, "utf8")) as Record<string, Count>) : {};
const files = readdirSync(join(HERE, "recordings"), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".jsonl.gz"))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();

function count(file: string): Count {
  const total = { calls: 0, divergences: 0 };
  for (const { scenario } of readRecording(gunzipSync(readFileSync(file)).toString("utf8"))) {
    const calls = replay(scenario, () => {
      if (!scenario.undefined_behaviour) total.divergences++;
    });
    if (!scenario.undefined_behaviour) total.calls += calls;
  }
  return total;
}

describe("replay of the recordings", () => {
  it("known.json lists exactly the recordings there are", () => {
    if (process.env.UPDATE_KNOWN) return;
    expect(Object.keys(known).sort()).toEqual(files.map((file) => relative(HERE, file)));
  });

  const now: Record<string, Count> = {};
  it.each(files.map((file) => [relative(HERE, file), file]))("%s", (name, file) => {
    const found = count(file);
    now[name] = found;
    if (process.env.UPDATE_KNOWN) {
      writeFileSync(KNOWN_FILE, JSON.stringify(now, null, 2) + "\n");
      return;
    }
    const before = known[name];
    expect(found.calls, "number of calls").toBe(before?.calls);
    expect(found.divergences, "it got worse").toBeLessThanOrEqual(before?.divergences ?? 0);
    expect(found.divergences, `it got better: lower the number in known.json to ${found.divergences}`).toBe(before?.divergences);
  });
});
