/** Cuts the text of a call or of a named thing into words: `io, dev = NAME word field=value "field"=json … -> ANSWER # remark`. */
import type { ProblemSink } from "./problem.ts";

/** A stretch of a statement. Offsets are into its text. */
export interface Word {
  text: string;
  from: number;
}

/** `field=value`; a bare word has no field. */
export interface Argument {
  field: Word | null;
  /** The field's name stands in quotes: its value is JSON as it is, whatever the field usually takes. */
  asItIs: boolean;
  value: Word;
}

/** A line, and the indented lines that continue it. */
export class Statement {
  text: string;
  readonly line: number;
  /** Where each physical line starts in the text. */
  private readonly pieces: { from: number; line: number; column: number }[];

  constructor(text: string, line: number, column: number) {
    this.text = text;
    this.line = line;
    this.pieces = [{ from: 0, line, column }];
  }

  /** Joins an indented line below. */
  append(text: string, line: number, column: number): void {
    this.pieces.push({ from: this.text.length + 1, line, column });
    this.text += ` ${text}`;
  }

  /** Line and column, both from 1, of an offset. */
  place(offset: number): { line: number; column: number } {
    const piece = this.pieces.findLast(({ from }) => from <= offset) ?? { from: 0, line: this.line, column: 1 };
    return { line: piece.line, column: piece.column + offset - piece.from };
  }

  tell(problems: ProblemSink, word: Word, message: string): void {
    const { line, column } = this.place(word.from);
    problems.add(line, message, column, word.text.length);
  }
}

export interface Scanned {
  binds: Word[];
  name: Word;
  /** The name stands in quotes: nothing about the call is looked at. */
  asItIs: boolean;
  args: Argument[];
  /** What follows " -> ". */
  answer: Word | null;
  /** What follows " # ". */
  remark: string | null;
}

/** A text that can't be cut into words, and where. */
export class ScanError extends Error {
  override name = "ScanError";
  readonly word: Word;

  constructor(word: Word, message: string) {
    super(message);
    this.word = word;
  }
}

const FIELD = /[A-Za-z_][\w.]*/y;

/** Reads one statement. Throws ScanError. */
export function scan(text: string): Scanned {
  const scanner = new Scanner(text);
  const binds = scanner.binds();
  const { name, asItIs } = scanner.name();
  const args: Argument[] = [];
  let answer: Word | null = null;
  let remark: string | null = null;
  while (scanner.more()) {
    if (scanner.rest.startsWith("#")) {
      remark = scanner.rest.slice(1).trim();
      break;
    }
    if (/^->\s/.test(scanner.rest)) {
      const from = scanner.at + 2;
      const hash = text.indexOf(" #", from);
      const tail = text.slice(from, hash < 0 ? undefined : hash);
      answer = { text: tail.trim(), from: from + (tail.length - tail.trimStart().length) };
      if (hash >= 0) remark = text.slice(hash + 2).trim();
      break;
    }
    args.push(scanner.argument());
  }
  return { binds, name, asItIs, args, answer, remark };
}

class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  get rest(): string {
    return this.text.slice(this.at);
  }

  more(): boolean {
    while (/\s/.test(this.text[this.at] ?? "")) this.at++;
    return this.at < this.text.length;
  }

  /** "io =", "dev, hwpt, _ =". */
  binds(): Word[] {
    const match = /^\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*=\s+(?=\S)/.exec(this.text);
    if (!match) return [];
    const words = [...(match[1] as string).matchAll(/\w+/g)];
    const from = match[0].indexOf(match[1] as string);
    this.at = match[0].length;
    return words.map((word) => ({ text: word[0], from: from + word.index }));
  }

  name(): { name: Word; asItIs: boolean } {
    if (!this.more()) throw new ScanError({ text: " ", from: this.at }, "a name is missing");
    const from = this.at;
    if (this.text[from] === '"') return { name: { text: this.quoted(), from }, asItIs: true };
    const text = /^\S+/.exec(this.rest)?.[0] ?? "";
    this.at += text.length;
    return { name: { text, from }, asItIs: false };
  }

  argument(): Argument {
    const from = this.at;
    if (this.text[from] === '"') {
      const quoted = this.quoted();
      if (this.text[this.at] === "=") {
        this.at++;
        return { field: { text: quoted, from }, asItIs: true, value: this.value(quoted) };
      }
      this.at = from;
      return { field: null, asItIs: false, value: this.value("") };
    }
    FIELD.lastIndex = from;
    const field = FIELD.exec(this.text)?.[0];
    if (field !== undefined && this.text[from + field.length] === "=") {
      this.at = from + field.length + 1;
      return { field: { text: field, from }, asItIs: false, value: this.value(field) };
    }
    return { field: null, asItIs: false, value: this.value("") };
  }

  /** One value: JSON up to its closing bracket or quote, else up to the next space. */
  private value(field: string): Word {
    const from = this.at;
    const opening = this.text[from] ?? " ";
    if (/\s/.test(opening)) throw new ScanError({ text: field === "" ? " " : field, from: Math.max(0, from - field.length - 1) }, `"${field}" has no value`);
    const isJson = "[{\"".includes(opening);
    let depth = 0;
    let quoted = false;
    for (let at = from; at < this.text.length; at++) {
      const sign = this.text[at] as string;
      if (quoted && sign === "\\") at++;
      else if (sign === '"') quoted = !quoted;
      else if (quoted) continue;
      else if (isJson && (sign === "[" || sign === "{")) depth++;
      else if (isJson && (sign === "]" || sign === "}")) depth--;
      else if (!isJson && /\s/.test(sign)) return this.take(from, at);
      if (isJson && depth === 0 && !quoted) return this.take(from, at + 1);
    }
    if (isJson || quoted) throw new ScanError({ text: this.text.slice(from), from }, field === "" ? "this does not end" : `the value of "${field}" does not end`);
    return this.take(from, this.text.length);
  }

  private quoted(): string {
    const from = this.at;
    const match = /^"(?:[^"\\]|\\.)*"/.exec(this.rest);
    if (!match) throw new ScanError({ text: this.rest, from }, "this does not end");
    this.at += match[0].length;
    try {
      return JSON.parse(match[0]) as string;
    } catch {
      throw new ScanError({ text: match[0], from }, "this is not a JSON text");
    }
  }

  private take(from: number, to: number): Word {
    this.at = to;
    return { text: this.text.slice(from, to), from };
  }
}

/** The statements of a block, its remarks, and its blank lines (as ""), in order. */
export interface Line {
  text: string;
  /** From 1. */
  number: number;
}

/** Joins indented lines to the one above; blank lines and lines that start with "#" stay apart. */
export function statementsOf(lines: Iterable<Line>): (Statement | { remark: string; line: number } | { blank: number })[] {
  const found: ReturnType<typeof statementsOf> = [];
  for (const { text, number } of lines) {
    const trimmed = text.trim();
    const column = text.length - text.trimStart().length + 1;
    const last = found.at(-1);
    if (trimmed === "") found.push({ blank: number });
    else if (trimmed.startsWith("#")) found.push({ remark: trimmed.slice(1).replace(/^ /, ""), line: number });
    else if (column > 1 && last instanceof Statement) last.append(trimmed, number, column);
    else found.push(new Statement(trimmed, number, column));
  }
  return found;
}
