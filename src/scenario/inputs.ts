/** What people bring, and what became of it. */
import type { Clues } from "./clues.ts";
import type { Scenario } from "./scenario.ts";

export interface InputFile {
  name: string;
  /** Text, or a (possibly gzipped) file or its bytes. */
  content: string | Uint8Array | Blob;
}

/** What became of one input. Every non-empty line is either understood or skipped. */
export interface InputReport {
  name: string;
  /** "reserved_regions", "QEMU VFIO trace", "recording"; several joined by " + ". */
  format: string;
  /** Lines that a reader knew, whether they made a step or not. */
  understood: number;
  /** Non-empty lines. */
  lines: number;
  /** First lines that were not understood, with the reason. */
  skipped: { line: number; text: string; why: string }[];
  /** Lines that were understood and make no step, counted by reason: "not modelled: VFIO_DEVICE_SET_IRQS". */
  ignored: { why: string; count: number }[];
}

export interface ReadResult {
  /** Usually one; a file of several sequences gives several. */
  scenarios: Scenario[];
  reports: InputReport[];
  warnings: string[];
  /** What a diagnosis of these scenarios rests on; absent when no input was a log. */
  clues?: Clues;
}

/** What inputs hold, without the calls themselves. */
export interface Reading {
  sequences: { title: string; calls: number }[];
  reports: InputReport[];
  warnings: string[];
  clues?: Clues;
}

/** Characters of a reason. */
const LONGEST = 600;

/** An input that can't be used: which one, where, and why in words. */
export class InputError extends Error {
  override name = "InputError";
  /** Name of the input. */
  readonly input: string;
  /** From 1; 0 when it is not about one line. */
  readonly line: number;

  constructor(input: string, line: number, why: string) {
    // What is wrong may quote what was found, and that may be anything.
    const words = why.length > LONGEST ? `${why.slice(0, LONGEST)}…` : why;
    super(line > 0 ? `${input}, line ${line}: ${words}` : `${input}: ${words}`);
    this.input = input;
    this.line = line;
  }
}
