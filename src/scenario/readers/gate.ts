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
export const PCI_DEVICE: Needs = { is: "text", text: "\u0001" };

const DOT = 0x2e;
const COLON = 0x3a;

/** Texts that together suffice to take a closer look. */
interface Way {
  texts: Set<string>;
  group: number;
}

export class Gate {
  /** Groups that need nothing. */
  private readonly always: number = 0;
  /** Of each byte its class, of each state and class the next state. */
  private readonly classes = new Uint8Array(256);
  private readonly width: number;
  private readonly next: Uint16Array;
  /** Of each state, the texts that end there; null for none. */
  private readonly ends: (Uint16Array | null)[];
  /** 1 for states at which a text ends. */
  private readonly isEnd: Uint8Array;
  /** Of each text, the ways of which it is the longest text; of each way, its other texts and whom it lets in. */
  private readonly waysOf: Uint16Array[];
  private readonly others: Uint16Array[];
  private readonly groups: Uint32Array;
  private readonly address: number;
  /** Texts that were met in the line at hand, and a list of them. */
  private readonly met: Uint8Array;
  private readonly list: Uint16Array;
  private listed = 0;
  private state = 0;

  /** Each group has the bit of its place; at most 31. */
  constructor(groups: readonly Needs[]) {
    const ways = groups.flatMap((needs, group) => waysOf(needs).map((texts): Way => ({ texts, group })));
    for (const { texts, group } of ways) if (texts.size === 0) this.always |= 1 << group;
    const used = ways.filter(({ texts, group }) => texts.size > 0 && (this.always & (1 << group)) === 0);
    const texts = [...new Set(used.flatMap((way) => [...way.texts]))];
    const index = new Map(texts.map((text, place) => [text, place]));
    this.others = used.map((way) => Uint16Array.from([...way.texts].slice(1), (text) => index.get(text) as number));
    this.groups = Uint32Array.from(used, ({ group }) => 1 << group);
    this.waysOf = texts.map((text) => Uint16Array.from(used.flatMap((way, place) => (way.texts.values().next().value === text ? [place] : []))));
    this.met = new Uint8Array(texts.length);
    this.list = new Uint16Array(texts.length);
    this.address = index.get("\u0001") ?? -1;
    const letters = [...new Set(texts.join(""))];
    letters.forEach((letter, place) => {
      this.classes[letter.charCodeAt(0)] = place + 1;
      this.classes[letter.toUpperCase().charCodeAt(0)] = place + 1;
    });
    this.width = letters.length + 1;
    ({ next: this.next, ends: this.ends } = automaton(texts, this.classes, this.width));
    this.isEnd = Uint8Array.from(this.ends, (list) => (list === null ? 0 : 1));
  }

  /** The groups that the bytes [from, to) may be of. */
  bytes(bytes: Uint8Array, from: number, to: number): number {
    const { classes, next, width, isEnd } = this;
    let state = 0;
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      state = next[state * width + (classes[byte] as number)] as number;
      if (isEnd[state] !== 0) this.meet(this.ends[state] as Uint16Array);
      if (byte === DOT && this.address >= 0 && at - from >= 5 && isAddress(bytes[at - 5] as number, bytes[at - 4] as number, bytes[at - 3] as number, bytes[at - 2] as number, bytes[at - 1] as number) && (at + 3 >= to || isName(bytes[at + 2] as number, bytes[at + 3] as number))) this.meetOne(this.address);
    }
    return this.result();
  }

  /** The same for a text. */
  text(text: string): number {
    this.more(text);
    return this.result();
  }

  /** The groups that the text up to here may be of, and may be with what follows of it. */
  sofar(): number {
    let found = this.always;
    for (let place = 0; place < this.listed; place++) {
      const ways = this.waysOf[this.list[place] as number] as Uint16Array;
      for (let index = 0; index < ways.length; index++) {
        const way = ways[index] as number;
        if (this.isMet(this.others[way] as Uint16Array)) found |= this.groups[way] as number;
      }
    }
    return found;
  }

  /** The next part of a text; `result` ends it. */
  more(text: string): void {
    const { classes, next, width, isEnd } = this;
    let { state } = this;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      state = code > 0xff ? 0 : (next[state * width + (classes[code] as number)] as number);
      if (isEnd[state] !== 0) this.meet(this.ends[state] as Uint16Array);
      if (code === DOT && this.address >= 0 && at >= 5 && isAddress(text.charCodeAt(at - 5), text.charCodeAt(at - 4), text.charCodeAt(at - 3), text.charCodeAt(at - 2), text.charCodeAt(at - 1)) && (at + 3 >= text.length || isName(text.charCodeAt(at + 2), text.charCodeAt(at + 3)))) this.meetOne(this.address);
    }
    this.state = state;
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
    this.listed = 0;
    this.state = 0;
    return found;
  }

  private isMet(texts: Uint16Array): boolean {
    for (let index = 0; index < texts.length; index++) if (this.met[texts[index] as number] === 0) return false;
    return true;
  }
}

/** Is it "1f:03", the part of a PCI address before the dot? */
function isAddress(b0: number, b1: number, b2: number, b3: number, b4: number): boolean {
  return b2 === COLON && isHex(b0) && isHex(b1) && isHex(b3) && isHex(b4);
}

/** Is it a blank, and a quote or a capital after it? */
function isName(space: number, first: number): boolean {
  return space === 0x20 && (first === 0x22 || (first >= 0x41 && first <= 0x5a));
}

function isHex(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || ((code | 0x20) >= 0x61 && (code | 0x20) <= 0x66);
}

/** The sets of texts of which one must be there as a whole. */
function waysOf(needs: Needs): Set<string>[] {
  return expand(needs).map((texts) => new Set([...texts].filter((text) => ![...texts].some((other) => other !== text && other.includes(text))).sort((one, other) => weightOf(other) - weightOf(one)).slice(0, MOST_TEXTS)));
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

/** Aho and Corasick's automaton with all transitions worked out. */
function automaton(texts: readonly string[], classes: Uint8Array, width: number): { next: Uint16Array; ends: (Uint16Array | null)[] } {
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
  const next = new Uint16Array(tree.length * width);
  const fallback = new Uint16Array(tree.length);
  const queue = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] as number;
    const back = fallback[state] as number;
    if (state !== 0) own[state]?.push(...(own[back] as number[]));
    for (let letter = 0; letter < width; letter++) {
      const child = tree[state]?.get(letter);
      const onward = state === 0 ? 0 : (next[back * width + letter] as number);
      if (child === undefined) next[state * width + letter] = onward;
      else {
        next[state * width + letter] = child;
        fallback[child] = onward;
        queue.push(child);
      }
    }
  }
  return { next, ends: own.map((list) => (list.length === 0 ? null : Uint16Array.from(new Set(list)))) };
}
