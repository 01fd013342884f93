/**
 * The text of inputs beside what was made of it: what became of each line, and which step it makes. It reads the inputs once
 * more, with its marks on, so that opening an input costs nothing for what few look at.
 */
import { callCount } from "./calls.ts";
import { scenariosOf } from "./assemble/scenarios.ts";
import { originsOf, type Origins } from "./assemble/steps.ts";
import { InputError, type InputFile } from "./inputs.ts";
import { Facts } from "./readers/facts.ts";
import { LineMarks, type LineClass } from "./readers/line-marks.ts";
import { plainText } from "./readers/lines.ts";
import { readLines } from "./readers/read-lines.ts";
import { isWholeDocument } from "./read-inputs.ts";
import { looksLikeRecording } from "./recording.ts";
import { linesOfSequence } from "./recording-lines.ts";
import { ByteSource } from "./source.ts";

/** Characters of all inputs together beyond which a page has no use for them. */
const MOST_TEXT = 256 * 1024 * 1024;

export interface SourceInput {
  name: string;
  /** Lines of the text, blank ones too. */
  count: number;
  /** By line − 1: index into `classes`. */
  marks: Uint8Array;
  classes: LineClass[];
  /** By line − 1: the first step that it makes, from 1; 0: none. */
  steps: Int32Array;
}

/** What the page gets of it; the text itself it asks for line by line. */
export interface LaidBeside {
  inputs: SourceInput[];
  /** By step − 1: which of the inputs, and the line there that makes it, from 1; line 0: none does, the step is implied. */
  stepInput: Uint16Array;
  stepLine: Int32Array;
}

/** A text, cut into lines. */
export class LinedText {
  private readonly text: string;
  /** Where each line begins, and where the last one ends. */
  private readonly starts: Uint32Array;
  readonly count: number;

  constructor(text: string) {
    this.text = text;
    let starts = new Uint32Array(1024);
    let count = 0;
    const push = (at: number) => {
      if (count === starts.length) {
        const larger = new Uint32Array(2 * count);
        larger.set(starts);
        starts = larger;
      }
      starts[count++] = at;
    };
    push(0);
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== 0x0a && code !== 0x0d) continue;
      if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) at++;
      push(at + 1);
    }
    this.starts = starts.slice(0, count);
    // What ends in a line's end has no further line.
    this.count = (this.starts[count - 1] as number) >= text.length && count > 1 ? count - 1 : count;
  }

  /** Lines [from, from + count), from 0, each cut at `longest` characters. */
  lines(from: number, count: number, longest: number): string[] {
    const last = Math.min(this.count, from + count);
    return Array.from({ length: Math.max(0, last - from) }, (_, index) => {
      const start = this.starts[from + index] as number;
      const end = this.starts[from + index + 1] ?? this.text.length;
      return this.text.slice(start, Math.min(end, start + longest + 2)).replace(/[\r\n]+$/, "").slice(0, longest);
    });
  }
}

/** Reads the inputs with the marks on. `sequence`: which of the `sequences` scenarios that they make, from 0. Throws InputError. */
export async function layBeside(files: InputFile[], sequence: number, sequences: number): Promise<{ beside: LaidBeside; texts: LinedText[] }> {
  const facts = new Facts();
  const texts: LinedText[] = [];
  const marked: { name: string; marks: LineMarks }[] = [];
  let length = 0;
  let whole = 0;
  /** Sequences of recordings before the input at hand; null: one before is a document whose scenarios are not counted here. */
  let before: number | null = 0;
  let recording: Origins | null = null;
  for (const file of files) {
    const text = plainText(await textOf(file, MOST_TEXT - length));
    length += text.length;
    const marks = new LineMarks();
    const lined = new LinedText(text);
    if (isWholeDocument(text)) {
      whole++;
      for (let line = 1; line <= lined.count; line++) marks.understood(line);
      if (before !== null && !looksLikeRecording(text)) before = null;
      if (before !== null) {
        const { sequences: own, lines } = linesOfSequence(text, sequence - before);
        if (lines.length > 0) recording = { steps: lines.map((line) => ({ file: file.name, line })), told: [] };
        before += own;
      }
    } else readLines(file.name, text, facts, marks);
    texts.push(lined);
    marked.push({ name: file.name, marks });
  }
  const inputs = marked.map(({ name, marks }, index): SourceInput => {
    const count = texts[index]?.count ?? 0;
    const of = new Uint8Array(count);
    of.set(marks.of.subarray(0, count));
    return { name, count, marks: of, classes: marks.classes, steps: new Int32Array(count) };
  });
  facts.keepsOrigins = true;
  const made = whole < files.length ? await scenariosOf(facts) : [];
  // Those of whole documents come first; of these only recordings have lines of their own for calls.
  const scenario = made[sequence - (sequences - made.length)];
  if (!scenario) return { beside: { inputs, ...linked(inputs, recording, recording?.steps.length ?? 0) }, texts };
  return { beside: { inputs, ...linked(inputs, originsOf(scenario), callCount(scenario.calls)) }, texts };
}

function linked(inputs: SourceInput[], origins: Origins | null, steps: number): Pick<LaidBeside, "stepInput" | "stepLine"> {
  const stepInput = new Uint16Array(steps);
  const stepLine = new Int32Array(steps);
  const indexOf = new Map(inputs.map(({ name }, index) => [name, index]));
  const link = (name: string, line: number, step: number) => {
    const index = indexOf.get(name);
    const input = index === undefined ? undefined : inputs[index];
    if (!input || index === undefined || line < 1 || line > input.count) return;
    if ((input.steps[line - 1] as number) === 0) input.steps[line - 1] = step;
    if ((stepLine[step - 1] as number) === 0) {
      stepInput[step - 1] = index;
      stepLine[step - 1] = line;
    }
  };
  origins?.steps.forEach((at, index) => {
    if (at) link(at.file, at.line, index + 1);
  });
  for (const { at, step } of origins?.told ?? []) link(at.file, at.line, step);
  return { stepInput, stepLine };
}

async function textOf(file: InputFile, most: number): Promise<string> {
  if (typeof file.content === "string") {
    if (file.content.length > most) throw tooLong(file.name);
    return file.content;
  }
  const source = await ByteSource.open(file);
  const [one, two] = source.head;
  const decoder = new TextDecoder(one === 0xff && two === 0xfe ? "utf-16le" : one === 0xfe && two === 0xff ? "utf-16be" : "utf-8");
  const parts: string[] = [];
  let length = 0;
  for await (const piece of source.chunks()) {
    const part = decoder.decode(piece, { stream: true });
    length += part.length;
    if (length > most) throw tooLong(file.name);
    parts.push(part);
  }
  return parts.join("") + decoder.decode();
}

function tooLong(name: string): InputError {
  return new InputError(name, 0, `it is too long to be shown line by line: the inputs together may have ${MOST_TEXT / 1024 / 1024} million characters`);
}
