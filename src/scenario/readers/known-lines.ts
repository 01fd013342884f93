/**
 * Lines that are alike but for their digits are read once by their reader and from then on byte by byte: a long trace has a few
 * dozen kinds of lines. What a line's numbers do is found out by changing each and looking what becomes of the event.
 */
import { NumberTooLarge } from "./numbers.ts";
import { SlotValues, type PackWriter } from "../packed/pack-writer.ts";
import type { Plain } from "./reader.ts";

/** A kind of line. Numbers of other lengths make another kind. */
interface Kind {
  /** The line with all digits of numbers made 0. */
  shape: Uint32Array;
  length: number;
  /** Digits that must be these very ones. */
  fixed: { at: number; bytes: Uint8Array }[];
  /** Numbers that go into the event. */
  numbers: { at: number; length: number; slot: number; hex: boolean }[];
  /** Numbers of the event that are the same in every such line. */
  constants: { slot: number; low: number; high: number }[];
  /** Null: nothing but a count comes of it. */
  skeleton: number | null;
  /** Slots of an inclusive range, which must not be turned around. */
  first: number;
  last: number;
  ignored: string | undefined;
}

interface Token {
  at: number;
  length: number;
  hex: boolean;
}

const MOST_KINDS = 4096;
/** After so many lines in vain no more kinds are looked for. */
const MOST_VAIN = 4096;
/** Longer lines are read as text. */
const LONGEST = 512;
const ZERO = 0x30;

export class KnownLines<Event extends { line: number }> {
  private readonly kinds = new Map<number, Kind[]>();
  private readonly plain: (line: string) => Plain<Event> | null;
  private readonly events: () => PackWriter<Event>;
  private readonly shape = new Uint8Array(LONGEST + 4);
  /** The same in fours, which are compared faster. */
  private readonly words = new Uint32Array(this.shape.buffer);
  private readonly values = new SlotValues();
  private count = 0;
  private vain = 0;

  /** `plain` says what a line tells by itself; the events it makes are packed by what `events` gives. */
  constructor(plain: (line: string) => Plain<Event> | null, events: () => PackWriter<Event>) {
    this.plain = plain;
    this.events = events;
  }

  /** Reads the line in bytes [from, to) if it is of a known kind. Null: it is not. */
  take(bytes: Uint8Array, from: number, to: number, line: number): Pick<Plain<Event>, "ignored"> | null {
    if (to - from > LONGEST || this.count === 0) return null;
    shapeInto(this.shape, bytes, from, to);
    const found = this.kinds.get(hashOf(this.words, to - from));
    if (!found) return null;
    for (const kind of found) if (this.fits(kind, bytes, from, to)) return this.read(kind, bytes, from, line) ? kind : null;
    return null;
  }

  /** Remembers the kind of a line, if what it says is said by it alone. */
  learn(text: string): void {
    if (this.count >= MOST_KINDS || this.vain >= MOST_VAIN || text.length > LONGEST) return;
    this.vain++;
    const bytes = new TextEncoder().encode(text);
    if (bytes.length !== text.length) return;
    const kind = this.kindOf(text, bytes);
    if (!kind) return;
    this.count++;
    shapeInto(this.shape, bytes, 0, bytes.length);
    const hash = hashOf(this.words, bytes.length);
    const same = this.kinds.get(hash);
    if (same) same.push(kind);
    else this.kinds.set(hash, [kind]);
  }

  private fits({ shape, length, fixed }: Kind, bytes: Uint8Array, from: number, to: number): boolean {
    const { words } = this;
    if (length !== to - from) return false;
    for (let index = 0; index < shape.length; index++) if (shape[index] !== words[index]) return false;
    for (let one = 0; one < fixed.length; one++) {
      const digits = fixed[one] as Kind["fixed"][number];
      for (let index = 0; index < digits.bytes.length; index++) if (bytes[from + digits.at + index] !== digits.bytes[index]) return false;
    }
    return true;
  }

  private read({ numbers, constants, skeleton, first, last }: Kind, bytes: Uint8Array, from: number, line: number): boolean {
    if (skeleton === null) return true;
    const { values } = this;
    values.set(0, line, 0);
    for (const { slot, low, high } of constants) values.set(slot, low, high);
    for (const { at, length, slot, hex } of numbers) setNumber(values, slot, bytes, from + at, length, hex);
    if (first >= 0 && isBelow(values, last, first)) return false;
    this.events().write(skeleton, values);
    return true;
  }

  /** What a line says by itself; null too when one of its numbers, changed by a digit, is larger than any. */
  private plainOf(text: string): Plain<Event> | null {
    try {
      return this.plain(text);
    } catch (error) {
      if (error instanceof NumberTooLarge) return null;
      throw error;
    }
  }

  private kindOf(text: string, bytes: Uint8Array): Kind | null {
    const base = this.plainOf(text);
    if (!base) return null;
    const skeleton = base.event && this.learnEvent(base.event);
    const slots = this.slots();
    shapeInto(this.shape, bytes, 0, bytes.length);
    const kind: Kind = { shape: this.words.slice(0, (bytes.length + 3) >> 2), length: bytes.length, fixed: [], numbers: [], constants: [], skeleton, first: -1, last: -1, ignored: base.ignored };
    for (const token of tokensOf(bytes)) {
      const changed = this.plainOf(withOtherDigit(text, token));
      const found = changed && changed.ignored === base.ignored ? this.changedSlot(changed.event, skeleton, slots) : null;
      if (found === null) kind.fixed.push({ at: token.at, bytes: bytes.slice(token.at, token.at + token.length) });
      else if (found >= 0) {
        // What goes into the event must be the number itself, nothing that is made of it.
        setNumber(this.values, 0, bytes, token.at, token.length, token.hex);
        if (slots[found]?.low !== this.values.low[0] || slots[found]?.high !== this.values.high[0]) return null;
        kind.numbers.push({ ...token, slot: found });
      }
    }
    if (skeleton === null) return kind;
    const given = new Set(kind.numbers.map(({ slot }) => slot));
    if (given.size !== kind.numbers.length) return null;
    kind.constants = slots.slice(0, this.events().slotsOf(skeleton)).flatMap((value, slot) => (slot === 0 || given.has(slot) ? [] : [{ slot, ...value }]));
    const keys = Object.keys(base.event as Event);
    const place = (key: string) => (keys.includes(key) ? this.slotOf(base.event as Event, skeleton, slots, key) : -1);
    kind.first = place("first");
    kind.last = place("last");
    return kind;
  }

  /** The slot that differs: −1 when none does, null when more than that is different. */
  private changedSlot(event: Event | null, skeleton: number | null, slots: { low: number; high: number }[]): number | null {
    if ((event === null) !== (skeleton === null)) return null;
    if (event === null) return -1;
    if (this.learnEvent(event) !== skeleton) return null;
    const differing = this.slots().flatMap(({ low, high }, slot) => (low !== slots[slot]?.low || high !== slots[slot]?.high ? [slot] : []));
    if (differing.length === 0) return -1;
    return differing.length === 1 ? (differing[0] as number) : null;
  }

  private slotOf(event: Event, skeleton: number, slots: { low: number; high: number }[], key: string): number {
    const value = event[key as keyof Event] as unknown;
    const other = typeof value === "bigint" ? value - 1n : (value as number) + 1;
    return this.changedSlot({ ...event, [key]: other }, skeleton, slots) ?? -1;
  }

  private learnEvent(event: Event): number {
    return this.events().learn({ ...event, line: 1 });
  }

  private slots(): { low: number; high: number }[] {
    const { low, high } = this.events().learned;
    return Array.from({ length: 32 }, (_, slot) => ({ low: low[slot] as number, high: high[slot] as number }));
  }
}

/** What each byte becomes: digits 0, others what they are. And in a number that began with 0x, where 0 ends it. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) => (byte >= ZERO && byte <= 0x39 ? ZERO : byte));
const HEX = Uint8Array.from({ length: 256 }, (_, byte) => ((byte >= ZERO && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66) ? ZERO : 0));

/** Writes the line with the digits of its numbers made 0, and zeros up to a whole word. */
function shapeInto(shape: Uint8Array, bytes: Uint8Array, from: number, to: number): void {
  let before = 0;
  let place = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    shape[place++] = PLAIN[byte] as number;
    if (byte === 0x78 && before === ZERO) {
      for (at++; at < to && HEX[bytes[at] as number] === ZERO; at++) shape[place++] = ZERO;
      at--;
      before = bytes[at] as number;
    } else before = byte;
  }
  while ((place & 3) !== 0) shape[place++] = 0;
}

/** A number by which to find a shape again. */
function hashOf(words: Uint32Array, length: number): number {
  let hash = length;
  for (let index = 0; index < (length + 3) >> 2; index++) {
    hash = Math.imul(hash ^ (words[index] as number), 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** The numbers of a line: runs of digits, and of hexadecimal ones after 0x. */
function tokensOf(bytes: Uint8Array): Token[] {
  const tokens: Token[] = [];
  let open: Token | null = null;
  let inHex = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const isDigit = (byte >= ZERO && byte <= 0x39) || (inHex && byte >= 0x61 && byte <= 0x66);
    if (isDigit) {
      if (!open) tokens.push((open = { at, length: 0, hex: inHex }));
      open.length++;
      continue;
    }
    inHex = byte === 0x78 && bytes[at - 1] === ZERO;
    open = null;
  }
  return tokens;
}

function withOtherDigit(text: string, { at, length }: Token): string {
  const place = at + length - 1;
  const digit = text.charAt(place);
  const other = digit === "9" ? "8" : digit === "f" ? "e" : String.fromCharCode(digit.charCodeAt(0) + 1);
  return text.slice(0, place) + other + text.slice(place + 1);
}

function setNumber(values: SlotValues, slot: number, bytes: Uint8Array, from: number, length: number, hex: boolean): void {
  let low = 0;
  let high = 0;
  if (hex) {
    for (let at = from; at < from + length; at++) {
      const byte = bytes[at] as number;
      high = ((high << 4) | (low >>> 28)) >>> 0;
      low = ((low << 4) | (byte > 0x39 ? byte - 0x57 : byte - ZERO)) >>> 0;
    }
  } else {
    let value = 0;
    for (let at = from; at < from + length; at++) value = value * 10 + (bytes[at] as number) - ZERO;
    high = Math.floor(value / 0x1_0000_0000);
    low = value - high * 0x1_0000_0000;
  }
  values.set(slot, low, high);
}

function isBelow({ low, high }: SlotValues, one: number, other: number): boolean {
  const difference = (high[one] as number) - (high[other] as number);
  return difference < 0 || (difference === 0 && (low[one] as number) < (low[other] as number));
}
