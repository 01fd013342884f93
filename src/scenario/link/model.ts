/**
 * How values are expected to look, learnt while they go by: addresses are where earlier ranges began or ended, user
 * addresses keep their distance to IOVAs, texts repeat but for the numbers in them. Frozen with version 1 of the link: a
 * change here needs a new version.
 */
import { learn, newOdds, type BitCoder, type Odds } from "./range-coder.ts";
import { LinkError } from "./view.ts";

/** Values that a link may hold in all; more is an attack or a file. It takes a second or so to read as many. */
const MOST_VALUES = 750_000;
const MOST_LIST = 1_000_000;
const MOST_TEXT = 100_000;
/** Longer texts are called by a number where they would be part of many names: a name is looked up for every bit. */
const LONG_NAME = 200;

export class Model {
  private readonly coder: BitCoder;
  private readonly odds = new Map<string, Odds[]>();
  private readonly recents = new Map<string, unknown[]>();
  /** What it has learnt from and must not change: lists are copied from here when they are first asked for. */
  private readonly teacher: Model | null;
  private readonly letterOdds = new Map<number, Odds[]>();
  private readonly tags = new Map<string, string>();
  private values = 0;

  constructor(coder: BitCoder, teacher: Model | null = null) {
    this.coder = coder;
    this.teacher = teacher;
  }

  /** A model that has learnt the same, for another coder. This one must not learn any more. */
  copy(coder: BitCoder): Model {
    return new Model(coder, this);
  }

  get reading(): boolean {
    return this.coder.reading;
  }

  /** Counts values against the bound on what a link may unpack to. */
  spend(amount = 1): void {
    this.values += amount;
    if (this.values > MOST_VALUES) throw new LinkError("This link holds more than a link may hold; open the file instead.");
  }

  /** The odds of a context; copied from the teacher's when first asked for. Lists have gaps: odds nobody asked for yet. */
  private oddsOf(context: string): Odds[] {
    let list = this.odds.get(context);
    if (!list) this.odds.set(context, (list = copyOf(this.teacher?.odds.get(context))));
    return list;
  }

  flag(context: string, value: boolean): boolean {
    return this.coder.bit((this.oddsOf(context)[0] ??= newOdds()), value ? 1 : 0) === 1;
  }

  /** A number below 2^bits, most significant bit first, each bit in the light of those before. */
  tree(context: string, value: number, bits: number): number {
    const odds = this.oddsOf(context);
    let node = 1;
    for (let at = bits - 1; at >= 0; at--) node = node * 2 + this.coder.bit((odds[node] ??= newOdds()), (value >>> at) & 1);
    return node - 2 ** bits;
  }

  /** Steps up to `most`; the last needs no end mark. */
  unary(context: string, value: number, most: number): number {
    if (most === 0) return 0;
    const odds = this.oddsOf(context);
    let count = 0;
    while (count < most && this.coder.bit((odds[count] ??= newOdds()), count < value ? 1 : 0) === 1) count++;
    return count;
  }

  /** Any non-negative bigint below 2^127: its length, then its bits, the upper ones in context. */
  big(context: string, value: bigint): bigint {
    const length = this.tree(`${context} length`, value.toString(2).length - (value === 0n ? 1 : 0), 7);
    if (length <= 1) return length === 0 ? 0n : 1n;
    const odds = this.oddsOf(`${context} ${length} top`);
    // Sixteen bits at a time: arithmetic on bigints is slow.
    let result = 0n;
    let part = 1;
    let bits = 1;
    for (let at = length - 2; at >= 0; at--) {
      const bit = this.reading ? 0 : Number((value >> BigInt(at)) & 1n);
      const known = length - 2 - at;
      const coded = known < 3 ? this.coder.bit((odds[part] ??= newOdds()), bit) : this.coder.plain(bit);
      part = part * 2 + coded;
      if (++bits < 16) continue;
      result = (result << 16n) | BigInt(part);
      part = 0;
      bits = 0;
    }
    return (result << BigInt(bits)) | BigInt(part);
  }

  /** The same for values that end in zeros, as addresses and sizes do. */
  round(context: string, value: bigint): bigint {
    let zeros = 0;
    if (!this.reading && value !== 0n) while (((value >> BigInt(zeros)) & 1n) === 0n) zeros++;
    zeros = this.tree(`${context} zeros`, zeros, 7);
    return this.big(`${context} rest`, value >> BigInt(zeros)) << BigInt(zeros);
  }

  whole(context: string, value: number): number {
    return Number(this.big(context, BigInt(value)));
  }

  /** How many entries a list has. */
  count(context: string, value: number): number {
    const count = this.whole(context, value);
    if (count > MOST_LIST) throw new LinkError("This link holds more than a link may hold; open the file instead.");
    return count;
  }

  /** A short name that stands for a long one. */
  private tagOf(name: string): string {
    if (name.length <= LONG_NAME) return name;
    let tag = this.teacher?.tags.get(name) ?? this.tags.get(name);
    if (tag === undefined) this.tags.set(name, (tag = `\0${(this.teacher?.tags.size ?? 0) + this.tags.size}`));
    return tag;
  }

  /** Values seen under a key, newest first. */
  private recent<Value>(key: string): Value[] {
    let list = this.recents.get(key);
    if (!list) this.recents.set(key, (list = [...(this.teacher?.recents.get(key) ?? [])]));
    return list as Value[];
  }

  /** Puts a value in front of those seen under a key. */
  remember(key: string, value: unknown, most = 64): void {
    const list = this.recent(key);
    const at = list.indexOf(value);
    if (at >= 0) list.splice(at, 1);
    list.unshift(value);
    if (list.length > most) list.pop();
  }

  newest(key: string): unknown {
    return this.recent(key)[0];
  }

  /** A value that is one of those seen under a key, or else is coded by `fresh`. It becomes the newest of them. */
  oneOf<Value>(context: string, key: string, value: Value, fresh: (value: Value) => Value, most = 16): Value {
    const list = this.recent<Value>(key);
    return this.choose(context, list.slice(0, most), value, fresh, (chosen) => this.remember(key, chosen));
  }

  /** One of the candidates, the likeliest first, or else coded by `fresh`. */
  choose<Value>(context: string, candidates: Value[], value: Value, fresh: (value: Value) => Value, then: (value: Value) => void = () => {}): Value {
    const at = this.reading ? 0 : candidates.indexOf(value);
    const most = candidates.length;
    const index = this.unary(context, at < 0 ? most : at, most);
    const result = index < most ? (candidates[index] as Value) : fresh(value);
    then(result);
    return result;
  }

  // ---- texts

  /** A text: its pattern (the text with its numbers taken out) and the numbers. */
  text(context: string, value: string): string {
    this.spend();
    const parts = this.reading ? null : takeApart(value);
    const pattern = this.pattern(context, parts?.pattern ?? "");
    this.spend(pattern.length >>> 3);
    const tag = this.tagOf(pattern);
    const place = this.tagOf(context);
    let index = 0;
    let result = "";
    for (const piece of pattern) {
      const kind = MARKS.indexOf(piece);
      if (kind < 0) {
        result += piece;
        continue;
      }
      this.spend();
      const number = parts?.numbers[index] ?? 0n;
      const at = `${tag} ${index++}`;
      const last = this.newest(at) as bigint | undefined;
      const candidates = [...this.recent<bigint>(at).slice(0, 4), ...(last === undefined ? [] : [last + 1n])];
      const coded = this.choose(`number in ${place} ${tag}`, candidates, number, (fresh) => this.round(`number in text ${kind}`, fresh));
      this.remember(at, coded);
      result += kind === 0 ? coded.toString() : kind === 1 ? `0x${coded.toString(16)}` : bdfText(coded);
    }
    // The escape takes the marks themselves out of literal text.
    return unescapeMarks(result);
  }

  private pattern(context: string, value: string): string {
    return this.oneOf(`pattern of ${context}`, `patterns of ${context}`, value, (fresh) => this.oneOf("pattern", "patterns", fresh, (text) => this.letters(text), 40), 8);
  }

  /** The characters of a pattern, each in the light of the two before. */
  private letters(value: string): string {
    let before = 0;
    let last = 0;
    let result = "";
    for (let at = 0; at <= MOST_TEXT; at++) {
      if (at % 4 === 0) this.spend();
      const code = at < value.length ? value.charCodeAt(at) : END;
      const symbol = this.letter(before, last, code === END ? LETTER_END : code < 128 ? code : LETTER_WIDE);
      if (symbol === LETTER_END) return result;
      let letter = symbol;
      if (symbol === LETTER_WIDE) {
        letter = 0;
        for (let bit = 15; bit >= 0; bit--) letter = letter * 2 + this.coder.plain((code >>> bit) & 1);
      }
      result += String.fromCharCode(letter);
      before = last;
      last = Math.min(letter, 128);
    }
    throw new LinkError("This link holds a text that is too long for a link.");
  }

  /** One symbol of 8 bits: by the two letters before where that pair is known, else by the one. */
  private letter(before: number, last: number, symbol: number): number {
    const pairs = this.lettersOf(before * LETTERS + last, () => `letters ${before} ${last}`);
    const singles = this.lettersOf(-1 - last, () => `letter ${last}`);
    let node = 1;
    for (let at = 7; at >= 0; at--) {
      const bit = (symbol >>> at) & 1;
      const byPair = (pairs[node] ??= newOdds());
      const bySingle = (singles[node] ??= newOdds());
      let coded: number;
      if (byPair.seen > 0) {
        coded = this.coder.bit(byPair, bit);
        learn(bySingle, coded);
      } else {
        coded = this.coder.bit(bySingle, bit);
        learn(byPair, coded);
      }
      node = node * 2 + coded;
    }
    return node - 256;
  }

  /** The odds of letters, found without making their name each time. */
  private lettersOf(key: number, name: () => string): Odds[] {
    let list = this.letterOdds.get(key);
    if (!list) this.letterOdds.set(key, (list = this.oddsOf(name())));
    return list;
  }
}

/** Codes of letters that make contexts. */
const LETTERS = 129;

function copyOf(odds: readonly Odds[] | undefined): Odds[] {
  const copied: Odds[] = [];
  odds?.forEach(({ zero, seen }, index) => (copied[index] = { zero, seen }));
  return copied;
}

const END = -1;
const LETTER_WIDE = 128;
const LETTER_END = 129;
/** Stand in a pattern for a decimal number, a hexadecimal one and a PCI address. */
const MARKS = "\u0001\u0002\u0003";
/** Before a character of a literal text that is itself a mark or an escape. */
const ESCAPE = "\u0004";
const NUMBER = /([0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])(?![0-9a-f])|(0x(?:0|[1-9a-f][0-9a-f]{0,15}))(?![0-9a-fA-FxX])|((?:0|[1-9][0-9]{0,14}))(?![0-9a-zA-Z])/g;

function takeApart(text: string): { pattern: string; numbers: bigint[] } {
  const numbers: bigint[] = [];
  // eslint-disable-next-line no-control-regex -- the marks are control characters so that they do not occur in text
  const escaped = text.replace(/[\u0001-\u0004]/g, (mark) => ESCAPE + String.fromCharCode(mark.charCodeAt(0) + 0x10));
  const pattern = escaped.replace(NUMBER, (_all, bdf: string | undefined, hexadecimal: string | undefined, decimal: string | undefined) => {
    numbers.push(bdf !== undefined ? bdfNumber(bdf) : BigInt((hexadecimal ?? decimal) as string));
    return MARKS[bdf !== undefined ? 2 : hexadecimal !== undefined ? 1 : 0] as string;
  });
  return { pattern, numbers };
}

function unescapeMarks(text: string): string {
  // eslint-disable-next-line no-control-regex -- see above
  return text.replace(/\u0004([\u0011-\u0014])/g, (_all, mark: string) => String.fromCharCode(mark.charCodeAt(0) - 0x10));
}

function bdfNumber(text: string): bigint {
  const [domain, bus, rest] = text.split(":") as [string, string, string];
  const [device, fn] = rest.split(".") as [string, string];
  return (BigInt(`0x${domain}`) << 16n) | (BigInt(`0x${bus}`) << 8n) | (BigInt(`0x${device}`) << 3n) | BigInt(fn);
}

function bdfText(value: bigint): string {
  const hexOf = (number: bigint, digits: number) => number.toString(16).padStart(digits, "0");
  return `${hexOf(value >> 16n, 4)}:${hexOf((value >> 8n) & 0xffn, 2)}:${hexOf((value >> 3n) & 0x1fn, 2)}.${value & 7n}`;
}
