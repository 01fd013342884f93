/** What is wrong with a lesson, and where. */
export interface Problem {
  file: string;
  /** From 1. */
  line: number;
  message: string;
}

/** Collects problems of one file. */
export class Problems {
  readonly file: string;
  readonly list: Problem[] = [];

  constructor(file: string) {
    this.file = file;
  }

  add(line: number, message: string): void {
    this.list.push({ file: this.file, line, message });
  }
}

/** "library/tour.md:12: no such term". */
export function problemText({ file, line, message }: Problem): string {
  return `${file}:${line}: ${message}`;
}
