/** What is wrong with a text, and where. */

export interface TextProblem {
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
  /** How many of them it is about, at least 1; never past the end of the line. */
  length: number;
  message: string;
}

/** Where a problem is told; a lesson's own collection keeps the line only. */
export interface ProblemSink {
  add(line: number, message: string, column?: number, length?: number): void;
}

/** Collects the problems of one text. */
export class TextProblems implements ProblemSink {
  readonly list: TextProblem[] = [];

  add(line: number, message: string, column = 1, length = 1): void {
    this.list.push({ line, column, length: Math.max(1, length), message });
  }

  /** In the order of the text. */
  sorted(): TextProblem[] {
    return this.list.sort((one, other) => one.line - other.line || one.column - other.column);
  }
}

/** A problem in one line, for a person. */
export function textProblem({ line, column, message }: TextProblem): string {
  return `line ${line}, column ${column}: ${message}`;
}
