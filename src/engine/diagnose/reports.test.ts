import { describe, expect, it } from "vitest";
import { localEngine } from "../local.ts";
import { CAUSES } from "./causes.ts";
import type { Finding } from "./finding.ts";
import { allReports, type Report } from "./reports/reports.ts";

async function findingsOf({ files }: Report): Promise<Finding[]> {
  const engine = localEngine();
  const { scenarios, clues } = await engine.read(files);
  const found: Finding[] = [];
  for (const scenario of scenarios) {
    await engine.load(scenario);
    if (clues) found.push(...(await engine.diagnose(clues)).findings);
  }
  return found;
}

const REPORTS = allReports();

describe("a report as people write it", () => {
  it.each(REPORTS.filter(({ cause }) => cause !== "none").map((report) => [`${report.cause}: ${report.title}`, report] as const))("%s", async (_name, report) => {
    const [first] = await findingsOf(report);
    expect(first?.cause).toBe(report.cause);
    expect(first?.text).not.toBe("");
    expect(first?.remedy).not.toBe("");
  });

  it.each(REPORTS.filter(({ cause }) => cause === "none").map((report) => [report.title, report] as const))("gives no finding where nothing failed: %s", async (_name, report) => {
    expect((await findingsOf(report)).map(({ cause }) => cause)).toEqual([]);
  });

  it("is there at least three times for every cause", () => {
    for (const cause of Object.keys(CAUSES)) expect(`${cause}: ${REPORTS.filter((report) => report.cause === cause).length >= 3}`).toBe(`${cause}: true`);
  });
});
