/** Reads the file of a lesson. */
import { parseHead, type Entry } from "../../scenario/text/head.ts";
import { changeSetup, EMPTY_SETUP, isSetupKey } from "../../scenario/text/setup.ts";
import type { Lesson } from "../lesson.ts";
import { Problems, type Problem } from "../problem.ts";
import type { Line } from "../text/blocks.ts";
import { parseStep } from "./steps.ts";

export interface ReadLesson {
  lesson: Lesson;
  problems: Problem[];
}

/** Never throws: what can't be read is left out and said, with its line. */
export function parseLesson(file: string, text: string): ReadLesson {
  const problems = new Problems(file);
  const lines = text.replaceAll("\r", "").split("\n").map((line, index): Line => ({ text: line, number: index + 1 }));
  const { head, body } = splitFront(lines, problems);
  const entries = parseHead(head, problems);
  const lesson = lessonOf(entries, file, problems);
  const starts = body.flatMap((line, index) => (/^##\s/.test(line.text) ? [index] : []));
  const stray = body.slice(0, starts[0] ?? body.length).find((line) => line.text.trim() !== "");
  if (stray) problems.add(stray.number, "text before the first step: a step starts with ## Title");
  if (starts.length === 0) problems.add(body[0]?.number ?? 1, "the lesson has no step: ## Title");
  starts.forEach((start, index) => parseStep(body.slice(start, starts[index + 1]), lesson, problems));
  return { lesson, problems: problems.list.sort((one, other) => one.line - other.line) };
}

function splitFront(lines: Line[], problems: Problems): { head: Line[]; body: Line[] } {
  if (lines[0]?.text.trim() !== "---") {
    problems.add(1, "a lesson starts with its front matter, between two lines ---");
    return { head: [], body: lines };
  }
  const end = lines.findIndex((line, index) => index > 0 && line.text.trim() === "---");
  if (end < 0) problems.add(1, "the front matter is never closed with ---");
  return end < 0 ? { head: [], body: [] } : { head: lines.slice(1, end), body: lines.slice(end + 1) };
}

const OWN_KEYS: ReadonlySet<string> = new Set(["id", "title", "summary", "minutes", "needs", "sources", "label"]);

function lessonOf(entries: Entry[], file: string, problems: Problems): Lesson {
  const entry = (key: string) => entries.find((one) => one.key === key);
  const value = (key: string): string => {
    const found = entry(key)?.value ?? "";
    if (found === "") problems.add(entry(key)?.line ?? 1, `"${key}" is missing`);
    return found;
  };
  for (const { key, line } of entries) if (!OWN_KEYS.has(key) && !isSetupKey(key)) problems.add(line, `"${key}" is not known; see docs/writing-lessons.md`);
  const id = value("id");
  if (id !== "" && !/^[a-z0-9-]+$/.test(id)) problems.add(entry("id")?.line ?? 1, "an id has small letters, digits and dashes");
  const minutes = Number(value("minutes"));
  if (!Number.isInteger(minutes)) problems.add(entry("minutes")?.line ?? 1, "minutes must be a whole number");
  const sources = entry("sources")?.items.map((item) => item.text) ?? [];
  if (sources.length === 0) problems.add(entry("sources")?.line ?? 1, 'a lesson names its sources: "sources:" and lines with "- "');
  return {
    id, title: value("title"), summary: value("summary"), minutes, needs: (entry("needs")?.value ?? "").split(/[\s,]+/).filter((need) => need !== ""), sources,
    scenes: [{ label: entry("label")?.value ?? "", setup: changeSetup(EMPTY_SETUP, entries, problems), calls: [], line: 1 }], steps: [], file,
  };
}
