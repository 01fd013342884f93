/** The figures that the page shows of itself are those of the recordings: `UPDATE_KNOWN=1 npx vitest run conformance` writes them anew. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { SIMPLIFIED } from "../src/ui/trust/simplified.ts";

interface Count {
  calls: number;
  divergences: number;
}

const read = (path: string) => readFileSync(join(import.meta.dirname, path), "utf8");
const SHOWN = "../src/ui/trust/figures.json";
/** Of all families together: all that the page needs at first. */
const SUM = "../src/ui/trust/agree.json";

function figures(): Record<string, { recordings: number; calls: number; agree: number }> {
  const families: ReturnType<typeof figures> = {};
  for (const [path, { calls, divergences }] of Object.entries(JSON.parse(read("known.json")) as Record<string, Count>)) {
    const family = (families[path.split("/")[1] ?? ""] ??= { recordings: 0, calls: 0, agree: 0 });
    family.recordings++;
    family.calls += calls;
    family.agree += calls - divergences;
  }
  return families;
}

it("the page's figures are those of known.json", () => {
  const sum = Object.values(figures()).reduce((agree, family) => agree + family.agree, 0);
  if (process.env.UPDATE_KNOWN) {
    writeFileSync(join(import.meta.dirname, SHOWN), JSON.stringify(figures(), null, 2) + "\n");
    writeFileSync(join(import.meta.dirname, SUM), `${sum}\n`);
  }
  expect(JSON.parse(read(SUM))).toBe(sum);
  expect(JSON.parse(read(SHOWN))).toEqual(figures());
});

it("what the page says is simplified stands in docs/model.md", () => {
  const listed = read("../docs/model.md").split("## Simplified")[1]?.split("\n## ")[0]?.replaceAll(/\s+/g, " ") ?? "";
  expect(listed.split(" - ").map((item) => item.trim()).filter(Boolean)).toEqual(SIMPLIFIED);
});
