/**
 * Lines of JSON that are alike but for numbers, read without making objects: the first of its kind is parsed and taken
 * apart, the others are compared byte by byte, their numbers going straight into the packed list.
 */
import type { PackWriter } from "./pack-writer.ts";
import { SlotValues } from "./pack-writer.ts";

/** Text, a number or hexadecimal digits, text, … */
interface Form {
  /** What stands before each number, and after the last one. */
  literals: Uint8Array[];
  hex: boolean[];
  /** For each number its slot in the entry; −1: it is left out there. */
  slots: Int32Array;
  skeleton: number;
}

/** Forms that are tried for a line, the latest used first. */
const MOST_TRIED = 12;
const MOST_FORMS = 2048;
/** After so many lines in vain no more forms are looked for. */
const MOST_VAIN = 2000;
const NUMBER = /(?:0|[1-9]\d{0,14})(?![\d.eE])/y;
const HEX = /"0x(?:0|[1-9a-f][0-9a-f]{0,15})"/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
/** Values that stand for a line's numbers while it is taken apart: no real one is like them. */
const STAND_IN = 2 ** 52 + 0x1234_5678;
const TWO32 = 0x1_0000_0000;

const utf8 = new TextDecoder();
const toBytes = new TextEncoder();

export class LineForms<Entry> {
  private readonly writer: PackWriter<Entry>;
  private readonly entryOf: (text: string) => Entry;
  /** The latest used first. */
  private readonly recent: Form[] = [];
  private readonly values = new SlotValues();
  private vain = 0;
  private count = 0;

  /** `entryOf` makes the entry of a line's text; it must look at the kinds of values only, never at a number itself. */
  constructor(writer: PackWriter<Entry>, entryOf: (text: string) => Entry) {
    this.writer = writer;
    this.entryOf = entryOf;
  }

  /** Adds the entry of the line in bytes [from, to), if it is of a known form. */
  add(bytes: Uint8Array, from: number, to: number): boolean {
    const { recent } = this;
    for (let index = 0; index < recent.length; index++) {
      const form = recent[index] as Form;
      if (!this.matches(form, bytes, from, to)) continue;
      if (index > 0) {
        recent.copyWithin(1, 0, index);
        recent[0] = form;
      }
      this.writer.write(form.skeleton, this.values);
      return true;
    }
    return false;
  }

  /** Remembers the form of a line that parsed well. */
  learn(text: string): void {
    if (this.vain > MOST_VAIN || this.count >= MOST_FORMS) return;
    this.vain++;
    const form = this.formOf(text);
    if (!form) return;
    this.count++;
    this.recent.unshift(form);
    if (this.recent.length > MOST_TRIED) this.recent.pop();
  }

  private matches(form: Form, bytes: Uint8Array, from: number, to: number): boolean {
    const { literals, hex, slots } = form;
    let at = from;
    for (let part = 0; ; part++) {
      const literal = literals[part] as Uint8Array;
      const { length } = literal;
      if (at + length > to) return false;
      for (let index = 0; index < length; index++) if (bytes[at + index] !== literal[index]) return false;
      at += length;
      if (part === slots.length) return at === to;
      const begin = at;
      let low = 0;
      let high = 0;
      if (hex[part]) {
        for (; at < to; at++) {
          const code = bytes[at] as number;
          const digit = code >= 0x61 ? code - 0x57 : code - 0x30;
          if (digit < 0 || digit > 15 || (digit > 9 && code < 0x61)) break;
          high = ((high << 4) | (low >>> 28)) >>> 0;
          low = ((low << 4) | digit) >>> 0;
        }
        if (at - begin > 16) return false;
      } else {
        let value = 0;
        for (; at < to; at++) {
          const digit = (bytes[at] as number) - 0x30;
          if (digit < 0 || digit > 9) break;
          value = value * 10 + digit;
        }
        if (at - begin > 15) return false;
        high = value < TWO32 ? 0 : Math.floor(value / TWO32);
        low = value - high * TWO32;
      }
      // Canonical only: no digits, or zeros in front, would come out as another text.
      if (at === begin || (bytes[begin] === 0x30 && at - begin > 1)) return false;
      const slot = slots[part] as number;
      if (slot >= 0) this.values.set(slot, low, high);
    }
  }

  private formOf(text: string): Form | null {
    const literals: string[] = [];
    const hex: boolean[] = [];
    let standIns = "";
    let literal = "";
    for (let at = 0; at < text.length;) {
      const address = match(HEX, text, at);
      if (address !== null && !isKey(text, at + address.length)) {
        literals.push(`${literal}"0x`);
        standIns += `${literal}"0x${(STAND_IN + hex.length).toString(16)}`;
        hex.push(true);
        literal = '"';
        at += address.length;
        continue;
      }
      const string = match(STRING, text, at);
      if (string !== null) {
        literal += string;
        at += string.length;
        continue;
      }
      const number = text[at - 1] === "-" || isDigitOrPoint(text[at - 1]) ? null : match(NUMBER, text, at);
      if (number !== null) {
        literals.push(literal);
        standIns += literal + String(STAND_IN + hex.length);
        hex.push(false);
        literal = "";
        at += number.length;
        continue;
      }
      literal += text[at++] as string;
    }
    const slots = this.slotsOf(standIns + literal, hex.length);
    return slots && { literals: [...literals, literal].map((part) => toBytes.encode(part)), hex, slots: slots.slots, skeleton: slots.skeleton };
  }

  /** Where in the entry the numbers of a line go: found by looking for the stand-ins. */
  private slotsOf(text: string, numbers: number): { slots: Int32Array; skeleton: number } | null {
    let skeleton: number;
    try {
      skeleton = this.writer.learn(this.entryOf(text));
    } catch {
      return null;
    }
    const { low, high } = this.writer.learned;
    const slots = new Int32Array(numbers).fill(-1);
    for (let slot = 0; slot < this.writer.slotsOf(skeleton); slot++) {
      const number = (high[slot] as number) * TWO32 + (low[slot] as number) - STAND_IN;
      if (number < 0 || number >= numbers || slots[number] !== -1) return null;
      slots[number] = slot;
    }
    return { slots, skeleton };
  }
}

/** The text of a line in bytes [from, to). */
export function textOfLine(bytes: Uint8Array, from: number, to: number): string {
  return utf8.decode(bytes.subarray(from, to));
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function isKey(text: string, after: number): boolean {
  return /^\s*:/.test(text.slice(after, after + 20));
}

function isDigitOrPoint(character: string | undefined): boolean {
  return character !== undefined && /[\d.eE+]/.test(character);
}
