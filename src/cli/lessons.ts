import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { checkLibrary, type TextFile } from "../lessons/check/library.ts";
import { parseLesson } from "../lessons/format/lesson.ts";
import { lessonLink, type Lesson, type Step } from "../lessons/lesson.ts";
import { problemText } from "../lessons/problem.ts";
import { plainText } from "../lessons/text/blocks.ts";
import { plural } from "../base/format.ts";
import { parseArguments } from "./arguments.ts";
import { readText } from "./files.ts";
import { CommandError, UsageError, type Output } from "./output.ts";

const OURS = join(import.meta.dirname, "../lessons/library");
const GLOSSARY = join(import.meta.dirname, "../lessons/glossary.md");

/** The lessons of a folder, in the order of their file names. */
function lessonFiles(folder: string): TextFile[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith(".md") && name !== "README.md" && name !== "glossary.md").sort();
  } catch {
    throw new CommandError(`${folder}: no such folder`);
  }
  if (names.length === 0) throw new CommandError(`${folder}: no lesson (*.md) in it`);
  return names.map((name) => textFile(join(folder, name)));
}

function textFile(path: string): TextFile {
  const name = relative(process.cwd(), path);
  return { name: name.startsWith("..") ? path : name, text: readText(path) };
}

/**
 * `lessons [--json]` lists the project's lessons; `lessons --check [DIR]` holds every statement of the lessons in a folder against
 * the model: one line "file:line: what is false" each, exit 1 if there is any.
 */
export function lessonsCommand(args: string[], output: Output): number {
  const { files, options } = parseArguments(args, { "--json": true, "--check": true });
  if (options.has("--check")) return check(files, options.has("--json"), output);
  if (files.length > 0) throw new UsageError("a folder goes with --check");
  const lessons = lessonFiles(OURS).map(({ name, text }) => parseLesson(name, text).lesson);
  if (options.has("--json")) output.print(JSON.stringify(lessons.map(lessonJson), null, 1) + "\n");
  else for (const lesson of lessons) output.print(lessonText(lesson));
  return 0;
}

function check(folders: string[], json: boolean, output: Output): number {
  const [folder = OURS, ...more] = folders;
  if (more.length > 0) throw new UsageError("one folder at a time");
  const ours = folder === OURS ? [] : lessonFiles(OURS).map(({ name, text }) => parseLesson(name, text).lesson);
  const { lessons, problems, statements } = checkLibrary(lessonFiles(folder), textFile(GLOSSARY), ours);
  if (json) output.print(JSON.stringify({ lessons: lessons.length, statements, problems }, null, 1) + "\n");
  else {
    for (const problem of problems) output.print(problemText(problem) + "\n");
    output.print(`${plural(lessons.length, "lesson")}, ${plural(statements, "statement")}, ${problems.length} false or broken\n`);
  }
  return problems.length > 0 ? 1 : 0;
}

function callsOf(lesson: Lesson, index: number): { call: string; in: unknown; answer: string }[] {
  const { place } = lesson.steps[index] as Step;
  const before = lesson.steps[index - 1]?.place;
  const from = before?.scene === place.scene ? before.step : 0;
  return lesson.scenes[place.scene]?.calls.slice(from, place.step).map(({ call, expected }) => ({ call: call.call, in: call.in, answer: expected.answer })) ?? [];
}

function questionJson({ question }: Step): unknown {
  if (!question) return null;
  const options = question.options.map((option) => ({ text: plainText(option.text), right: option.right }));
  return { kind: question.kind, prompt: plainText(question.prompt), options };
}

function lessonJson(lesson: Lesson): unknown {
  const { id, title, summary, minutes, needs, sources, steps, file } = lesson;
  return {
    id, title, summary, minutes, needs, sources, file, link: lessonLink(id, 1),
    steps: steps.map((step, index) => ({ step: index + 1, title: step.title, kind: step.kind, link: lessonLink(id, index + 1), calls: callsOf(lesson, index), question: questionJson(step), solutions: step.solutions.map((scene) => lesson.scenes[scene]?.label) })),
  };
}

function lessonText({ id, title, summary, minutes, steps }: Lesson): string {
  const lines = steps.map((step, index) => `  ${lessonLink(id, index + 1).padEnd(id.length + 12)} ${step.title}${step.question ? `\n${" ".repeat(id.length + 15)}? ${plainText(step.question.prompt)}` : ""}`);
  return [`${id}: ${title} (${plural(steps.length, "step")}, ${plural(steps.filter((step) => step.question).length, "question")}, about ${plural(minutes, "minute")})`, `  ${summary}`, ...lines, "", ""].join("\n");
}
