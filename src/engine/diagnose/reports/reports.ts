/** Reports as people write them, in our own words, for tests: what was in hand, and the cause that must come first. */
import { readdirSync, readFileSync } from "node:fs";
import type { InputFile } from "../../../scenario/inputs.ts";

export interface Report {
  /** An identifier of causes.ts, or "none": nothing failed. */
  cause: string;
  title: string;
  files: InputFile[];
}

/** Every report of the .txt files beside this one: "@@ cause | title", then its text; "-- name" begins another input. */
export function allReports(): Report[] {
  const texts = readdirSync(import.meta.dirname).filter((name) => name.endsWith(".txt")).toSorted().map((name) => readFileSync(`${import.meta.dirname}/${name}`, "utf8"));
  return texts.flatMap((text) => text.split(/^@@ /m).slice(1).map(reportOf));
}

function reportOf(text: string): Report {
  const end = text.indexOf("\n");
  const [cause = "", title = ""] = text.slice(0, end).split(" | ");
  const parts = text.slice(end + 1).split(/^-- (.*)\n/m);
  const files = parts[0]?.trim() === "" ? [] : [{ name: "report", content: parts[0] as string }];
  for (let at = 1; at < parts.length; at += 2) files.push({ name: parts[at] as string, content: parts[at + 1] as string });
  return { cause, title, files };
}
