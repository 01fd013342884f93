import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkLibrary, type TextFile } from "./check/library.ts";
import { parseLesson } from "./format/lesson.ts";
import { problemText } from "./problem.ts";

const HERE = import.meta.dirname;
const read = (path: string): TextFile => ({ name: path, text: readFileSync(join(HERE, path), "utf8") });
const library = readdirSync(join(HERE, "library")).filter((name) => name.endsWith(".md")).sort().map((name) => read(`library/${name}`));
const glossary = read("glossary.md");

describe("the lessons of the project", () => {
  const checked = checkLibrary(library, glossary);

  it("are twelve or more, and the tour comes first", () => {
    expect(checked.lessons.length).toBeGreaterThanOrEqual(12);
    expect(checked.lessons[0]?.lesson.id).toBe("tour");
  });

  it("say nothing that the model does not", () => {
    expect(checked.problems.map(problemText)).toEqual([]);
    expect(checked.statements).toBeGreaterThan(900);
  });

  it.each(checked.lessons.map(({ lesson }) => lesson))("$id asks before it tells, ends with a question and an invitation", (lesson) => {
    expect(lesson.steps.at(-1)?.kind).toBe("try");
    expect(lesson.steps.at(-2)?.question).not.toBeNull();
    expect(lesson.steps.filter((step) => step.question).length).toBeGreaterThanOrEqual(2);
    expect(lesson.sources.length).toBeGreaterThan(0);
    expect(lesson.steps.at(-1)?.prose.filter((block) => block.kind === "list"), "tasks").toHaveLength(1);
    expect(lesson.steps.at(-1)?.solutions.length).toBeGreaterThan(0);
  });

  it("name no reviewer", () => {
    const people = /\b(Auger|Gleixner|Gunthorpe|Williamson|Jacob Pan|Kolothum|Lu Baolu|Fenghua|Nicolin|Tian|Brucker)\b/;
    expect(library.filter(({ text }) => people.test(text)).map(({ name }) => name)).toEqual([]);
  });
});

describe("docs/writing-lessons.md", () => {
  it("has an example that is true", () => {
    const document = readFileSync(join(HERE, "../../docs/writing-lessons.md"), "utf8");
    const example = /`````markdown\n([\s\S]*?)`````/.exec(document)?.[1] ?? "";
    const others = library.map(({ name, text }) => parseLesson(name, text).lesson);
    expect(checkLibrary([{ name: "example.md", text: example }], glossary, others).problems).toEqual([]);
  });
});
