import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { localEngine } from "../local.ts";
import { CAUSES } from "./causes.ts";
import type { Finding } from "./finding.ts";
import type { InputFile } from "../../scenario/inputs.ts";

/** Reports as people write them, in our own words: what was in hand, and the cause that must come first. */
const FOLDER = `${import.meta.dirname}/reports`;

interface Report {
  /** An identifier of causes.ts, or "none": nothing failed. */
  cause: string;
  /** The inputs leave it open: the finding must say what to run. Written as "cause?". */
  isOpen: boolean;
  title: string;
  files: InputFile[];
}

/** Every report of the .txt files: "@@ cause | title", then its text; "-- name" begins another input. */
function allReports(): Report[] {
  const texts = readdirSync(FOLDER).filter((name) => name.endsWith(".txt")).toSorted().map((name) => readFileSync(`${FOLDER}/${name}`, "utf8"));
  return texts.flatMap((text) => text.split(/^@@ /m).slice(1).map(reportOf));
}

function reportOf(text: string): Report {
  const end = text.indexOf("\n");
  const [cause = "", title = ""] = text.slice(0, end).split(" | ");
  const parts = text.slice(end + 1).split(/^-- (.*)\n/m);
  const files = parts[0]?.trim() === "" ? [] : [{ name: "report", content: parts[0] as string }];
  for (let at = 1; at < parts.length; at += 2) files.push({ name: parts[at] as string, content: parts[at + 1] as string });
  return { cause: cause.replace("?", ""), isOpen: cause.endsWith("?"), title, files };
}

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
    expect(first?.needs.length).toBeGreaterThanOrEqual(report.isOpen ? 1 : 0);
  });

  it.each(REPORTS.filter(({ cause }) => cause === "none").map((report) => [report.title, report] as const))("gives no finding where nothing failed: %s", async (_name, report) => {
    expect((await findingsOf(report)).map(({ cause }) => cause)).toEqual([]);
  });

  it("is there at least three times for every cause", () => {
    for (const cause of Object.keys(CAUSES)) expect(`${cause}: ${REPORTS.filter((report) => report.cause === cause).length >= 3}`).toBe(`${cause}: true`);
  });
});
