import { FormatError } from "./recording.ts";

/** Bytes of the longest line that is read. */
export const LONGEST_LINE = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** Told of a line: bytes [from, to) without its end, and its number from 1. Nobody writes to the bytes later. */
export type TakeLine = (bytes: Uint8Array, from: number, to: number, number: number) => void;

/** Of a line that is too long, so much is shown. */
const HEAD = 500;

/** Cuts pieces of a file into lines, wherever the pieces end. */
export class LineBytes {
  private readonly longest: number;
  private readonly tooLong: (head: Uint8Array, number: number) => void;
  /** In the middle of a line that is too long. */
  private passing = false;
  /** The beginning of a line whose end has not come yet. */
  private rest: Uint8Array | null = null;
  private number = 0;

  /** `tooLong` is told of lines of more than `longest` bytes instead; without it they are an error. */
  constructor(longest: number = LONGEST_LINE, tooLong: (head: Uint8Array, number: number) => void = refuse) {
    this.longest = longest;
    this.tooLong = tooLong;
  }

  feed(bytes: Uint8Array, take: TakeLine): void {
    let from = 0;
    if (this.passing) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) return;
      this.passing = false;
      from = end + 1;
    } else if (this.rest) {
      const end = bytes.indexOf(NEWLINE);
      if (end < 0) {
        this.keep(joined(this.rest, bytes));
        return;
      }
      const line = joined(this.rest, bytes.subarray(0, end));
      this.rest = null;
      this.emit(line, 0, line.length, take);
      from = end + 1;
    }
    for (let end = bytes.indexOf(NEWLINE, from); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      this.emit(bytes, from, end, take);
      from = end + 1;
    }
    if (from < bytes.length) this.keep(bytes.slice(from));
  }

  /** The last line, when it has no end. */
  end(take: TakeLine): void {
    const { rest } = this;
    this.rest = null;
    if (rest) this.emit(rest, 0, rest.length, take);
  }

  private emit(bytes: Uint8Array, from: number, end: number, take: TakeLine): void {
    this.number++;
    const to = end > from && bytes[end - 1] === RETURN ? end - 1 : end;
    if (to - from > this.longest) this.tooLong(bytes.slice(from, from + HEAD), this.number);
    else if (to > from) take(bytes, from, to, this.number);
  }

  private keep(rest: Uint8Array): void {
    if (rest.length > this.longest) {
      this.number++;
      this.rest = null;
      this.passing = true;
      this.tooLong(rest.slice(0, HEAD), this.number);
    } else this.rest = rest;
  }
}

function refuse(_head: Uint8Array, number: number): void {
  throw new FormatError(number, `it is longer than ${LONGEST_LINE / 1024 / 1024} MiB, which no line of a log or recording is`);
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
