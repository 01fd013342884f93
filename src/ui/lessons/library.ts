/** All lessons of the project, read once. */
import { parseGlossary, type Glossary } from "../../lessons/format/glossary.ts";
import { parseLesson } from "../../lessons/format/lesson.ts";
import type { Lesson } from "../../lessons/lesson.ts";
import glossaryText from "../../lessons/glossary.md?raw";

const files = import.meta.glob<string>("../../lessons/library/*.md", { query: "?raw", import: "default", eager: true });

/** In the order of their files' names. */
export const lessons: readonly Lesson[] = Object.entries(files)
  .sort(([left], [right]) => (left < right ? -1 : 1))
  .map(([file, text]) => parseLesson(file, text).lesson);

export const glossary: Glossary = parseGlossary("glossary.md", glossaryText).glossary;
