/**
 * Lines that are alike but for their digits are read once by their reader and from then on byte by byte: a long trace has a few
 * dozen kinds of lines. What a line's numbers do is found out by changing each and looking what becomes of the event.
 */
import { NumberTooLarge } from "./numbers.ts";
import { SlotValues, type PackWriter } from "../packed/pack-writer.ts";
import type { Plain } from "./reader.ts";

/** A reader whose lines may be known. */
export interface Teller<Event extends { line: number } = { line: number }> {
  /** What a line says by itself; null for one that says more than that, or is none of its lines. */
  plain: (line: string) => Plain<Event> | null;
  /** Packs the events of its lines. Asked only once it has read a line. */
  events: () => PackWriter<Event>;
}

/** What a line of a known kind was. */
export interface Known<By extends Teller> {
  readonly by: By;
  readonly ignored: string | undefined;
}

/** A kind of line. Numbers of other lengths make another kind. */
interface Kind<By extends Teller = Teller> extends Known<By> {
  /** The line with all digits of numbers made 0. */
  shape: Uint32Array;
  length: number;
  /** Digits that must be these very ones. */
  fixed: { at: number; bytes: Uint8Array }[];
  /** Numbers that go into the event. */
  numbers: { at: number; length: number; slot: number; hex: boolean }[];
  /** Numbers of the event that are the same in every such line. */
  constants: { slot: number; low: number; high: number }[];
  /** Null: it has no event. */
  skeleton: number | null;
  /** Where its event goes; null: nothing but a count comes of it. */
  events: PackWriter<{ line: number }> | null;
  /** Slots of a range: only one that goes upward is what the first line of the kind was. */
  first: number;
  last: number;
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

export class KnownLines<By extends Teller> {
  private readonly kinds = new Map<number, Kind<By>[]>();
  /** The line at hand with the digits of its numbers made 0, in fours of bytes. */
  private readonly words = new Uint32Array(LONGEST / 4 + 1);
  private readonly values = new SlotValues();
  private count = 0;
  private vain = 0;

  /** Reads the line in bytes [from, to) if it is of a known kind. Null: it is not. */
  take(bytes: Uint8Array, from: number, to: number, line: number): Known<By> | null {
    if (this.count === 0 || to - from > LONGEST) return null;
    const found = this.kinds.get(shapeInto(this.words, bytes, from, to));
    if (found === undefined) return null;
    for (const kind of found) if (this.fits(kind, bytes, from, to)) return this.read(kind, bytes, from, line) ? kind : null;
    return null;
  }

  /** Remembers the kind of a line that a reader took, if what it says is said by it alone. */
  learn(text: string, by: By): void {
    if (this.count >= MOST_KINDS || this.vain >= MOST_VAIN || text.length > LONGEST) return;
    this.vain++;
    const bytes = new TextEncoder().encode(text);
    if (bytes.length !== text.length) return;
    const kind = new KindFinder(by, this.values).kindOf(text, bytes);
    if (!kind) return;
    this.count++;
    const hash = shapeInto(this.words, bytes, 0, bytes.length);
    kind.shape = this.words.slice(0, (bytes.length + 3) >> 2);
    const same = this.kinds.get(hash);
    if (same) same.push(kind);
    else this.kinds.set(hash, [kind]);
  }

  /** Is it of this kind? The line's shape must be in `words`. */
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

  private read({ numbers, constants, skeleton, events, first, last }: Kind, bytes: Uint8Array, from: number, line: number): boolean {
    if (skeleton === null) return true;
    const { values } = this;
    values.set(0, line, 0);
    for (let index = 0; index < constants.length; index++) {
      const { slot, low, high } = constants[index] as Kind["constants"][number];
      values.set(slot, low, high);
    }
    for (let index = 0; index < numbers.length; index++) {
      const { at, length, slot, hex } = numbers[index] as Kind["numbers"][number];
      setNumber(values, slot, bytes, from + at, length, hex);
      // Decimal numbers of readers have 32 bits; of a larger one the reader must say what it is.
      if (!hex && values.high[slot] !== 0) return false;
    }
    if (first >= 0 && !isBelow(values, first, last)) return false;
    events?.write(skeleton, values);
    return true;
  }
}

/** Finds out what the numbers of a line do. */
class KindFinder<By extends Teller> {
  private readonly by: By;
  private readonly values: SlotValues;

  constructor(by: By, values: SlotValues) {
    this.by = by;
    this.values = values;
  }

  kindOf(text: string, bytes: Uint8Array): Kind<By> | null {
    const { by } = this;
    const base = this.plainOf(text);
    if (!base) return null;
    const { ignored, isSilent } = base;
    const skeleton = base.event && this.learnEvent(base.event);
    const slots = this.slots();
    const kind: Kind<By> = {
      by, ignored, shape: new Uint32Array(0), length: bytes.length, fixed: [], numbers: [], constants: [], skeleton, events: skeleton === null || isSilent ? null : by.events(), first: -1, last: -1,
    };
    for (const token of tokensOf(bytes)) {
      const changed = this.plainOf(withOtherDigit(text, token));
      const found = changed && changed.ignored === ignored && changed.isSilent === isSilent ? this.changedSlot(changed.event, skeleton, slots) : null;
      if (found === null) kind.fixed.push({ at: token.at, bytes: bytes.slice(token.at, token.at + token.length) });
      else if (found >= 0) {
        // What goes into the event must be the number itself, nothing that is made of it.
        setNumber(this.values, 0, bytes, token.at, token.length, token.hex);
        if (by.events().isText(skeleton as number, found) || slots[found]?.low !== this.values.low[0] || slots[found]?.high !== this.values.high[0]) return null;
        kind.numbers.push({ ...token, slot: found });
      }
    }
    if (skeleton === null) return kind;
    const given = new Set(kind.numbers.map(({ slot }) => slot));
    if (given.size !== kind.numbers.length) return null;
    kind.constants = slots.slice(0, by.events().slotsOf(skeleton)).flatMap((value, slot) => (slot === 0 || given.has(slot) ? [] : [{ slot, ...value }]));
    const event = base.event as { line: number };
    const [first, last] = RANGES.find(([one, other]) => one in event && other in event) ?? [];
    if (first === undefined || last === undefined) return kind;
    kind.first = this.slotOf(event, skeleton, slots, first);
    kind.last = this.slotOf(event, skeleton, slots, last);
    // A range of which one end can't be found can't be checked.
    return kind.first >= 0 && kind.last >= 0 ? kind : null;
  }

  /** What a line says by itself; null too when one of its numbers, changed by a digit, is larger than any. */
  private plainOf(text: string): Plain<{ line: number }> | null {
    try {
      return this.by.plain(text);
    } catch (error) {
      if (error instanceof NumberTooLarge) return null;
      throw error;
    }
  }

  /** The slot that differs: −1 when none does, null when more than that is different. */
  private changedSlot(event: { line: number } | null, skeleton: number | null, slots: { low: number; high: number }[]): number | null {
    if ((event === null) !== (skeleton === null)) return null;
    if (event === null) return -1;
    if (this.learnEvent(event) !== skeleton) return null;
    const differing = this.slots().flatMap(({ low, high }, slot) => (low !== slots[slot]?.low || high !== slots[slot]?.high ? [slot] : []));
    if (differing.length === 0) return -1;
    return differing.length === 1 ? (differing[0] as number) : null;
  }

  private slotOf(event: object, skeleton: number, slots: { low: number; high: number }[], key: string): number {
    const value = (event as Record<string, unknown>)[key];
    const other = typeof value === "bigint" ? value - 1n : (value as number) + 1;
    return this.changedSlot({ ...(event as { line: number }), [key]: other }, skeleton, slots) ?? -1;
  }

  private learnEvent(event: { line: number }): number {
    return this.by.events().learn({ ...event, line: 1 });
  }

  private slots(): { low: number; high: number }[] {
    const { low, high } = this.by.events().learned;
    return Array.from({ length: 32 }, (_, slot) => ({ low: low[slot] as number, high: high[slot] as number }));
  }
}

/** Keys of events under which a range begins and ends. */
const RANGES = [["first", "last"], ["iova", "end"]] as const;

/**
 * What becomes of a byte, and what the next one stands in, by what it stands in itself: 0 anything, 1 behind the digit 0, 2 in a
 * number that began with 0x. Digits of numbers become 0. The next state is in the upper byte.
 */
const STEPS = Uint16Array.from({ length: 3 * 256 }, (_, index) => {
  const byte = index & 0xff;
  const state = index >> 8;
  const isDigit = byte >= ZERO && byte <= 0x39;
  if (state === 2 && (isDigit || (byte >= 0x61 && byte <= 0x66))) return 0x200 | ZERO;
  const next = byte === 0x78 && state === 1 ? 2 : byte === ZERO ? 1 : 0;
  return (next << 8) | (isDigit ? ZERO : byte);
});

/** Writes the line with the digits of its numbers made 0, and zeros up to a whole word; returns a number by which to find it again. */
function shapeInto(words: Uint32Array, bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  let place = 0;
  let at = from;
  let step = 0;
  for (const end = to - 3; at < end; at += 4) {
    step = STEPS[(step & 0x300) | (bytes[at] as number)] as number;
    let word = step & 0xff;
    step = STEPS[(step & 0x300) | (bytes[at + 1] as number)] as number;
    word |= (step & 0xff) << 8;
    step = STEPS[(step & 0x300) | (bytes[at + 2] as number)] as number;
    word |= (step & 0xff) << 16;
    step = STEPS[(step & 0x300) | (bytes[at + 3] as number)] as number;
    word |= step << 24;
    words[place++] = word;
    hash = Math.imul(hash ^ word, 0x9e37_79b1);
    hash ^= hash >>> 15;
  }
  if (at === to) return hash;
  let word = 0;
  for (let shift = 0; at < to; at++, shift += 8) {
    step = STEPS[(step & 0x300) | (bytes[at] as number)] as number;
    word |= (step & 0xff) << shift;
  }
  words[place] = word;
  hash = Math.imul(hash ^ word, 0x9e37_79b1);
  return hash ^ (hash >>> 15);
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
