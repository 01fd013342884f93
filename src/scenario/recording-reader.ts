/** Recordings as they come in, piece by piece: calls are packed as they are read, and can be used while more arrive. */
import { LineForms, textOfLine } from "./packed/line-forms.ts";
import { PackWriter } from "./packed/pack-writer.ts";
import { FormatError, headerOf, parseLine, type Header } from "./recording.ts";
import type { PackedScenario, ScenarioCall } from "./scenario.ts";
import { LineBytes } from "./line-bytes.ts";

/** More than any machine of ours holds at once. */
const MAX_CALLS = 4_000_000;
const MAX_SEQUENCES = 100_000;

interface Growing {
  scenario: PackedScenario;
  writer: PackWriter<ScenarioCall>;
  forms: LineForms<ScenarioCall>;
  callOf: Header["callOf"];
}

export class RecordingReader {
  private readonly sequences: Growing[] = [];
  private readonly lines = new LineBytes();
  private calls = 0;
  /** Lines with something on them. */
  filled = 0;

  /** Reads a piece of the file. Throws FormatError. */
  feed(bytes: Uint8Array): void {
    this.lines.feed(bytes, this.take);
  }

  /** The file has ended. Throws FormatError. */
  end(): void {
    this.lines.end(this.take);
    this.finish();
  }

  /** Nothing more will come: what has been read is all. */
  finish(): void {
    this.sequences.at(-1)?.writer.finish();
  }

  /** How many sequences have begun. */
  get begun(): number {
    return this.sequences.length;
  }

  /** A sequence, from 0; the last one may still grow. */
  sequence(index: number): PackedScenario {
    return (this.sequences[index] as Growing).scenario;
  }

  private readonly take = (bytes: Uint8Array, from: number, to: number, number: number): void => {
    const current = this.sequences.at(-1);
    if (current?.forms.add(bytes, from, to)) {
      this.count(number);
      return;
    }
    const text = textOfLine(bytes, from, to);
    if (text.trim() === "") return;
    const value = parseLine(text, number);
    if (typeof value.trace === "string") {
      this.begin(headerOf(value, number), number);
      return;
    }
    if (!current) throw new FormatError(number, "a call before any header line");
    current.writer.add(current.callOf(value, number));
    current.forms.learn(text);
    this.count(number);
  };

  private count(number: number): void {
    this.filled++;
    if (++this.calls > MAX_CALLS) throw new FormatError(number, `more than ${MAX_CALLS} calls are more than can be shown`);
  }

  private begin({ scenario: header, callOf }: Header, number: number): void {
    if (this.sequences.length >= MAX_SEQUENCES) throw new FormatError(number, `more than ${MAX_SEQUENCES} sequences are more than can be shown`);
    this.finish();
    this.filled++;
    const writer = new PackWriter<ScenarioCall>();
    const forms = new LineForms(writer, (text) => callOf(parseLine(text, 0), 0));
    this.sequences.push({ scenario: { ...header, calls: writer.packed }, writer, forms, callOf });
  }
}
