/** Which lines of a recording make the calls of which sequence: every line with something on it makes one, but for headers. */
const HEADER = '"trace"';

export interface SequenceLines {
  /** How many sequences the recording has. */
  sequences: number;
  /** By step − 1 of the sequence that was asked for: its line, from 1. */
  lines: number[];
}

/** Looks for the lines of a sequence, from 0, of a recording that has been read without errors. */
export function linesOfSequence(text: string, sequence: number): SequenceLines {
  const found: SequenceLines = { sequences: 0, lines: [] };
  let from = 0;
  for (let line = 1; from < text.length; line++) {
    const newline = text.indexOf("\n", from);
    const end = newline < 0 ? text.length : newline;
    const content = text.slice(from, end);
    from = end + 1;
    if (content.trim() === "") continue;
    if (isHeader(content)) found.sequences++;
    else if (found.sequences === sequence + 1) found.lines.push(line);
  }
  return found;
}

function isHeader(content: string): boolean {
  return content.includes(HEADER) && typeof (JSON.parse(content) as { trace?: unknown } | null)?.trace === "string";
}
