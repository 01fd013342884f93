/** `key: value` lines: the head of a scenario's text, the front matter of a lesson and the heads of its scenes. */
import type { ProblemSink } from "./problem.ts";
import { Statement, type Line } from "./scan.ts";

export interface Entry {
  key: string;
  /** What stands after the colon; empty when there is a list. */
  value: string;
  /** Lines below that start with "- ". */
  items: Statement[];
  line: number;
}

/** Reads such lines. An indented line continues the value, "- " starts an item. */
export function parseHead(lines: readonly Line[], problems: ProblemSink): Entry[] {
  const entries: Entry[] = [];
  for (const { text, number } of lines) {
    const current = entries.at(-1);
    const pair = /^([a-z][a-z_]*):(?:\s+(.*))?$/.exec(text);
    const item = /^\s*-\s+(\S.*)$/.exec(text);
    if (text.trim() === "" || text.startsWith("#")) continue;
    if (pair) entries.push({ key: pair[1] as string, value: (pair[2] ?? "").trim(), items: [], line: number });
    else if (item && current) current.items.push(new Statement(item[1] as string, number, text.indexOf(item[1] as string) + 1));
    else if (/^\s/.test(text) && current) {
      const last = current.items.at(-1);
      if (last) last.append(text.trim(), number, text.length - text.trimStart().length + 1);
      else current.value = `${current.value} ${text.trim()}`.trim();
    } else problems.add(number, `"${text}" is not key: value`, 1, text.length);
  }
  const seen = new Set<string>();
  for (const entry of entries) {
    if (seen.has(entry.key)) problems.add(entry.line, `"${entry.key}" is given twice`, 1, entry.key.length);
    seen.add(entry.key);
  }
  return entries;
}
