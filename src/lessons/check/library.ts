/** Reads and checks several lessons with their glossary. */
import { parseGlossary, type Glossary } from "../format/glossary.ts";
import { parseLesson } from "../format/lesson.ts";
import type { Lesson } from "../lesson.ts";
import type { Problem } from "../problem.ts";
import { checkLesson } from "./check.ts";

export interface TextFile {
  name: string;
  text: string;
}

export interface CheckedLibrary {
  lessons: { lesson: Lesson; statements: number; problems: Problem[] }[];
  glossary: Glossary;
  /** All of them, by file. */
  problems: Problem[];
  statements: number;
}

/** `others`: lessons elsewhere that these may name. */
export function checkLibrary(files: readonly TextFile[], glossaryFile: TextFile, others: readonly Lesson[] = []): CheckedLibrary {
  const { glossary, problems: glossaryProblems } = parseGlossary(glossaryFile.name, glossaryFile.text);
  const read = files.map(({ name, text }) => parseLesson(name, text));
  const known = new Map([...others, ...read.map(({ lesson }) => lesson)].map((lesson) => [lesson.id, lesson.steps.length]));
  const lessons = read.map(({ lesson, problems }, index) => {
    const twin = read.findIndex((other) => other.lesson.id === lesson.id);
    const twins: Problem[] = twin < index ? [{ file: lesson.file, line: 1, message: `the id "${lesson.id}" is also that of ${read[twin]?.lesson.file}` }] : [];
    const checked = checkLesson(lesson, { lessons: known, glossary });
    return { lesson, statements: checked.statements, problems: [...problems, ...twins, ...checked.problems] };
  });
  return {
    lessons, glossary, problems: [...glossaryProblems, ...lessons.flatMap(({ problems }) => problems)],
    statements: lessons.reduce((sum, { statements }) => sum + statements, 0),
  };
}
