/**
 * Which readers may know a line, found in one walk over it: most lines of a long log are of no concern to any, and asking
 * them all takes a hundred patterns a line. An automaton (Aho and Corasick's) finds all texts that patterns need at once.
 */
import { textsOf, type Needs } from "./literals.ts";

/** Several ways to fit are told apart up to so many; of more, the parts that multiply them are left out. */
const MOST_WAYS = 64;
/** Of the texts that a way needs, the longest few are looked for. */
const MOST_TEXTS = 3;
/** And of each the beginning: a small automaton stays in the processor's cache. */
const LONGEST = 8;
/** '00:1f.6 "' or "00:1f.6 S", wherever it stands: an address and the beginning of a name. A text that no line has as such. */
export const PCI_DEVICE: Needs & { is: "text" } = { is: "text", text: "\u0001" };

/** Single characters that have bits of their own; more are looked for as texts are. */
const MOST_SINGLES = 31;

const BLANK = 0x20;
const DOT = 0x2e;
const COLON = 0x3a;

/** Texts that together suffice to take a closer look. */
interface Way {
  texts: Set<string>;
  group: number;
}

/** What was met in a line: its texts, and what of others stands at its end. */
export interface Met {
  texts: Uint16Array;
  /** Bits of the single characters. */
  chars: number;
  state: number;
}

/** Lists of small numbers, one behind the other, which is kinder to the processor's cache than many arrays. */
class Lists {
  /** Where each begins; the next one's beginning is its end. */
  readonly starts: Uint16Array;
  readonly items: Uint16Array;

  constructor(lists: readonly (readonly number[])[]) {
    this.starts = new Uint16Array(lists.length + 1);
    lists.forEach((list, index) => (this.starts[index + 1] = (this.starts[index] as number) + list.length));
    this.items = Uint16Array.from(lists.flat());
  }
}

export class Gate {
  /** Groups that need nothing. */
  private readonly always: number = 0;
  /** Of each byte its class, of each state and class the next state. */
  private readonly classes = new Uint8Array(256);
  /** Places of `next` that a state has: two to this power. */
  private readonly shift: number;
  private readonly next: Uint16Array;
  /** The first state at which a text ends; they are the last ones. */
  private readonly firstEnd: number;
  /** Of each of these, the texts that end there. */
  private readonly ends: Lists;
  /** Of each state, the state of the longest shorter end of what has been met. */
  private readonly fallback: Uint16Array;
  /** Of each state, the texts that may be met where a line that ended with it is joined with the next one; found when asked for. */
  private readonly acrossAt: (readonly Across[] | undefined)[] = [];
  private readonly across: readonly Across[];
  /** Of each text, the ways of which it is the longest text; of each way, its other texts, its single characters and whom it lets in. */
  private readonly waysOf: Lists;
  private readonly others: Lists;
  private readonly chars: Uint32Array;
  private readonly groups: Uint32Array;
  /** Ways that need nothing but single characters. */
  private readonly waysOfChars: Uint16Array;
  /** Of each byte, the bit of the single character it is. Most lines have many of these, so they are found without looking. */
  private readonly charBits = new Uint32Array(256);
  private readonly address: number;
  /** Texts that were met in the line at hand, and a list of them. */
  private readonly met: Uint8Array;
  private readonly list: Uint16Array;
  private listed = 0;
  private seen = 0;
  private state = 0;
  /** The same of the line before: how many, and where it ended. */
  private last = 0;
  private lastSeen = 0;
  private lastState = 0;

  /** Each group has the bit of its place; at most 31. */
  constructor(groups: readonly Needs[]) {
    const ways = groups.flatMap((needs, group) => waysOf(needs).map((texts): Way => ({ texts, group })));
    for (const { texts, group } of ways) if (texts.size === 0) this.always |= 1 << group;
    const used = ways.filter(({ texts, group }) => texts.size > 0 && (this.always & (1 << group)) === 0);
    const needed = [...new Set(used.flatMap((way) => [...way.texts]))];
    const all = [...new Set([...needed, ...needed.flatMap(endsOf)])];
    const singles = all.filter((text) => text.length === 1 && text !== PCI_DEVICE.text).slice(0, MOST_SINGLES);
    singles.forEach((char, place) => {
      for (const one of [char, char.toUpperCase()]) this.charBits[one.charCodeAt(0)] = 1 << place;
    });
    const bitsOf = (of: readonly string[]) => of.reduce((bits, text) => bits | (singles.includes(text) ? 1 << singles.indexOf(text) : 0), 0);
    const texts = all.filter((text) => !singles.includes(text));
    const index = new Map(texts.map((text, place) => [text, place]));
    const longest = ({ texts: [first] }: { texts: string[] }) => first;
    const parts = used.map((way) => ({ texts: [...way.texts].filter((text) => index.has(text)), chars: bitsOf([...way.texts]) }));
    this.others = new Lists(parts.map((way) => way.texts.slice(1).map((text) => index.get(text) as number)));
    this.chars = Uint32Array.from(parts, ({ chars }) => chars);
    this.groups = Uint32Array.from(used, ({ group }) => 1 << group);
    this.waysOf = new Lists(texts.map((text) => parts.flatMap((way, place) => (longest(way) === text ? [place] : []))));
    this.waysOfChars = Uint16Array.from(parts.flatMap((way, place) => (longest(way) === undefined ? [place] : [])));
    this.met = new Uint8Array(texts.length);
    this.list = new Uint16Array(texts.length);
    this.address = index.get(PCI_DEVICE.text) ?? -1;
    const letters = [...new Set(texts.join(""))];
    letters.forEach((letter, place) => {
      this.classes[letter.charCodeAt(0)] = place + 1;
      this.classes[letter.toUpperCase().charCodeAt(0)] = place + 1;
    });
    this.shift = Math.ceil(Math.log2(letters.length + 1));
    ({ next: this.next, ends: this.ends, fallback: this.fallback, firstEnd: this.firstEnd } = automaton(texts, this.classes, this.shift));
    this.across = needed.flatMap((text) => (index.has(text) ? blanksOf(text).map((at): Across => {
      const right = text.slice(at + 1);
      return {
        text: index.get(text) as number, left: this.stateOf(text.slice(0, at)), right: index.get(right) ?? -1, chars: bitsOf([right]),
        rightEnd: right.includes(" ") ? this.stateOf(right.split(" ")[0] as string) : 0,
      };
    }) : []));
  }

  /** The groups that the bytes [from, to) may be of. */
  bytes(bytes: Uint8Array, from: number, to: number): number {
    const { classes, next, shift, firstEnd, charBits, address } = this;
    let state = 0;
    let seen = 0;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      seen |= charBits[byte] as number;
      state = next[(state << shift) | (classes[byte] as number)] as number;
      if (state >= firstEnd) this.meetAt(state - firstEnd);
      if (byte === DOT && address >= 0 && at - from >= 5 && bytes[at - 3] === COLON && isAddress(bytes[at - 5] as number, bytes[at - 4] as number, bytes[at - 3] as number, bytes[at - 2] as number, bytes[at - 1] as number) && (at + 3 >= to || isName(bytes[at + 2] as number, bytes[at + 3] as number))) this.meetOne(address);
    }
    this.state = state;
    this.seen = seen;
    return this.result();
  }

  /** What was met in the line of which `bytes` was asked last. */
  lastMet(): Met {
    return { texts: this.last === 0 ? NOTHING_MET : this.list.slice(0, this.last), chars: this.lastSeen, state: this.lastState };
  }

  /**
   * The groups that lines may be of when they are joined with blanks between them, even if something is taken off their
   * ends. More than they really may be, never less.
   */
  joined(lines: readonly Met[]): number {
    this.seen = this.charBits[BLANK] as number;
    for (const { texts, chars } of lines) {
      this.meet(texts);
      this.seen |= chars;
    }
    for (let place = 1; place < lines.length; place++) {
      const before = (lines[place - 1] as Met).state;
      const { texts, chars, state } = lines[place] as Met;
      for (const across of (this.acrossAt[before] ??= this.across.filter(({ left }) => this.endsWith(before, left)))) {
        if (this.met[across.text] !== 0 || (chars & across.chars) !== across.chars) continue;
        if (across.right < 0 || texts.includes(across.right) || (across.rightEnd > 0 && this.endsWith(state, across.rightEnd))) this.meetOne(across.text);
      }
    }
    return this.result();
  }

  /** The state in which a text, or the beginning of one, leaves the automaton. */
  private stateOf(text: string): number {
    let state = 0;
    for (let at = 0; at < text.length; at++) state = this.next[(state << this.shift) | (this.classes[text.charCodeAt(at)] as number)] as number;
    return state;
  }

  /** Does what was met at `state` end with what is met at `end`? Everything ends with nothing. */
  private endsWith(state: number, end: number): boolean {
    let back = state;
    while (back !== end && back !== 0) back = this.fallback[back] as number;
    return back === end;
  }

  /** The same for a text. */
  text(text: string): number {
    this.more(text);
    return this.result();
  }

  /** The groups that the text up to here may be of, and may be with what follows of it. */
  sofar(): number {
    const { seen } = this;
    const { starts, items } = this.waysOf;
    let found = this.always;
    for (let index = 0; index < this.waysOfChars.length; index++) {
      const way = this.waysOfChars[index] as number;
      if (this.hasChars(way, seen)) found |= this.groups[way] as number;
    }
    for (let place = 0; place < this.listed; place++) {
      const text = this.list[place] as number;
      const end = starts[text + 1] as number;
      for (let at = starts[text] as number; at < end; at++) {
        const way = items[at] as number;
        if (this.hasChars(way, seen) && this.areOthersMet(way)) found |= this.groups[way] as number;
      }
    }
    return found;
  }

  /** The next part of a text; `result` ends it. */
  more(text: string): void {
    const { classes, next, shift, firstEnd } = this;
    let { state, seen } = this;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code <= 0xff) seen |= this.charBits[code] as number;
      state = code > 0xff ? 0 : (next[(state << shift) | (classes[code] as number)] as number);
      if (state >= firstEnd) this.meetAt(state - firstEnd);
      if (code === DOT && this.address >= 0 && at >= 5 && isAddress(text.charCodeAt(at - 5), text.charCodeAt(at - 4), text.charCodeAt(at - 3), text.charCodeAt(at - 2), text.charCodeAt(at - 1)) && (at + 3 >= text.length || isName(text.charCodeAt(at + 2), text.charCodeAt(at + 3)))) this.meetOne(this.address);
    }
    this.state = state;
    this.seen = seen;
  }

  private hasChars(way: number, seen: number): boolean {
    const chars = this.chars[way] as number;
    return (seen & chars) >>> 0 === chars;
  }

  /** Meets the texts that end at a state, counted from the first such state. */
  private meetAt(end: number): void {
    const { starts, items } = this.ends;
    const last = starts[end + 1] as number;
    for (let at = starts[end] as number; at < last; at++) this.meetOne(items[at] as number);
  }

  private meet(texts: Uint16Array): void {
    for (let index = 0; index < texts.length; index++) this.meetOne(texts[index] as number);
  }

  private meetOne(text: number): void {
    if (this.met[text] !== 0) return;
    this.met[text] = 1;
    this.list[this.listed++] = text;
  }

  /** The groups that the text may be of; the next one may begin. */
  result(): number {
    const found = this.sofar();
    for (let place = 0; place < this.listed; place++) this.met[this.list[place] as number] = 0;
    this.last = this.listed;
    this.lastSeen = this.seen;
    this.lastState = this.state;
    this.listed = 0;
    this.seen = 0;
    this.state = 0;
    return found;
  }

  private areOthersMet(way: number): boolean {
    const { starts, items } = this.others;
    const end = starts[way + 1] as number;
    for (let at = starts[way] as number; at < end; at++) if (this.met[items[at] as number] === 0) return false;
    return true;
  }
}

/** A text that may be met where two lines are joined: there stands one of its blanks. */
interface Across {
  text: number;
  /** State of what stands before that blank: the first line ends with it. */
  left: number;
  /** The text behind the blank, which the second line begins with; −1: it may be anything with these characters in it. */
  right: number;
  chars: number;
  /** State of what stands before the next blank, which may be all of the second line; 0 for none. */
  rightEnd: number;
}

/** What stands behind blanks of a text. Not a letter or two, which many lines have. */
function endsOf(text: string): string[] {
  return blanksOf(text).map((at) => text.slice(at + 1)).filter((end) => end !== "" && !/^[a-z0-9]{1,2}$/.test(end));
}

function blanksOf(text: string): number[] {
  return [...text.matchAll(/ /g)].map(({ index }) => index);
}

/** Is it "1f:03", the part of a PCI address before the dot? */
function isAddress(b0: number, b1: number, b2: number, b3: number, b4: number): boolean {
  return b2 === COLON && isHex(b0) && isHex(b1) && isHex(b3) && isHex(b4);
}

/** Is it a blank, and a quote, a capital or the 3 of "3D controller" after it? */
function isName(space: number, first: number): boolean {
  return space === 0x20 && (first === 0x22 || first === 0x33 || (first >= 0x41 && first <= 0x5a));
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

/** The sets of texts of which one must be there as a whole. */
function waysOf(needs: Needs): Set<string>[] {
  return expand(needs).map((texts) => {
    const all = [...texts].filter((text) => ![...texts].some((other) => other !== text && other.includes(text))).sort((one, other) => weightOf(other) - weightOf(one)).slice(0, MOST_TEXTS);
    // Nearly all lines have a blank: beside another text it tells nothing, and takes time.
    return new Set(all.filter((text) => text !== " " || all.length === 1));
  });
}

/** How much a text tells: few lines have a long one, or a device's address. */
function weightOf(text: string): number {
  return text === "\u0001" ? 4 : text.length;
}

function expand(needs: Needs): Set<string>[] {
  if (needs.is === "text") return [new Set([needs.text.slice(0, LONGEST)])];
  if (needs.is === "any") return needs.of.flatMap(expand);
  let ways: Set<string>[] = [new Set()];
  // Those with the longest texts count most, when not all can.
  const parts = needs.of.map((part) => ({ ways: expand(part), length: Math.min(...textsOf(part).map((text) => text.length)) })).sort((one, other) => other.length - one.length);
  for (const part of parts) {
    if (ways.length > 1 && ways.length * part.ways.length > MOST_WAYS) continue;
    ways = ways.flatMap((way) => part.ways.map((more) => new Set([...way, ...more])));
  }
  return ways;
}

interface Automaton {
  next: Uint16Array;
  fallback: Uint16Array;
  ends: Lists;
  firstEnd: number;
}

/** Aho and Corasick's automaton with all transitions worked out. States at which texts end have the highest numbers. */
function automaton(texts: readonly string[], classes: Uint8Array, shift: number): Automaton {
  const tree: Map<number, number>[] = [new Map()];
  const own: number[][] = [[]];
  texts.forEach((text, index) => {
    let state = 0;
    for (let at = 0; at < text.length; at++) {
      const letter = classes[text.charCodeAt(at)] as number;
      let child = tree[state]?.get(letter);
      if (child === undefined) {
        child = tree.push(new Map()) - 1;
        own.push([]);
        tree[state]?.set(letter, child);
      }
      state = child;
    }
    own[state]?.push(index);
  });
  const width = 1 << shift;
  const next = new Uint16Array(tree.length << shift);
  const fallback = new Uint16Array(tree.length);
  const queue = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as number;
    const back = fallback[state] as number;
    if (state !== 0) own[state]?.push(...(own[back] as number[]));
    for (let letter = 0; letter < width; letter++) {
      const child = tree[state]?.get(letter);
      const onward = state === 0 ? 0 : (next[(back << shift) | letter] as number);
      if (child === undefined) next[(state << shift) | letter] = onward;
      else {
        next[(state << shift) | letter] = child;
        fallback[child] = onward;
        queue.push(child);
      }
    }
  }
  return endsLast(next, fallback, own, shift);
}

/** The same automaton with its states in another order: whether a text ends at one is then seen by its number. */
function endsLast(next: Uint16Array, fallback: Uint16Array, own: readonly number[][], shift: number): Automaton {
  const states = own.map((_, state) => state);
  const isEnd = (state: number) => (own[state] as number[]).length > 0;
  const order = [...states.filter((state) => !isEnd(state)), ...states.filter(isEnd)];
  const place = new Uint16Array(order.length);
  order.forEach((state, index) => (place[state] = index));
  const moved = next.map((_, index) => place[next[((order[index >> shift] as number) << shift) | (index & ((1 << shift) - 1))] as number] as number);
  const firstEnd = states.length - order.filter(isEnd).length;
  return { next: moved, fallback: fallback.map((_, index) => place[fallback[order[index] as number] as number] as number), ends: new Lists(order.slice(firstEnd).map((state) => [...new Set(own[state])])), firstEnd };
}

const NOTHING_MET = new Uint16Array(0);
