/** Words that lessons explain where they stand: `## Term, other form` and one sentence. */
import { Problems, type Problem } from "../problem.ts";

export interface Term {
  term: string;
  /** One or two sentences, plain text. */
  meaning: string;
  line: number;
}

/** Terms by each of their forms, in small letters. */
export type Glossary = ReadonlyMap<string, Term>;

export function parseGlossary(file: string, text: string): { glossary: Glossary; problems: Problem[] } {
  const problems = new Problems(file);
  const glossary = new Map<string, Term>();
  let current: Term | null = null;
  text.split("\n").forEach((raw, index) => {
    const line = raw.trim();
    const heading = /^##\s+(.+)$/.exec(line);
    if (heading) {
      const forms = (heading[1] as string).split(",").map((form) => form.trim());
      current = { term: forms[0] as string, meaning: "", line: index + 1 };
      for (const form of forms) {
        if (glossary.has(form.toLowerCase())) problems.add(index + 1, `"${form}" is explained twice`);
        glossary.set(form.toLowerCase(), current);
      }
    } else if (current && line !== "") current.meaning = `${current.meaning} ${line}`.trim();
  });
  for (const term of new Set(glossary.values())) if (term.meaning === "") problems.add(term.line, `"${term.term}" is not explained`);
  return { glossary, problems: problems.list };
}
