/**
 * An adaptive binary range coder: each yes/no costs as many bits as it surprises. One interface for writing, reading and
 * training, so that a format is described once and can't differ between its two directions.
 */
import { LinkError } from "./view.ts";

/** The chance of 0 in 1/65536, and how often it was seen: it moves fast at first and slower later. */
export interface Odds {
  zero: number;
  seen: number;
}

/** Codes one bit with the given odds and moves them. Writers get the bit and give it back; readers ignore theirs. */
export interface BitCoder {
  readonly reading: boolean;
  bit(odds: Odds, bit: number): number;
  /** A bit of which nothing is known. */
  plain(bit: number): number;
}

const SLOWEST = 40;
const LEAST = 48;

export function newOdds(): Odds {
  return { zero: 32768, seen: 0 };
}

/** Moves the odds towards a bit that was seen. */
export function learn(odds: Odds, bit: number): void {
  const target = bit === 0 ? 65536 : 0;
  // Whole-number steps of 1/(n + 1.6): the same on every machine.
  odds.zero += Math.trunc(((target - odds.zero) * 10) / (10 * odds.seen + 16));
  odds.zero = Math.max(LEAST, Math.min(65536 - LEAST, odds.zero));
  if (odds.seen < SLOWEST) odds.seen++;
}

/** Moves the odds and writes nothing. */
export class Trainer implements BitCoder {
  readonly reading = false;

  bit(odds: Odds, bit: number): number {
    learn(odds, bit);
    return bit;
  }

  plain(bit: number): number {
    return bit;
  }
}

const TOP = 0x1000000;

export class BitWriter implements BitCoder {
  readonly reading = false;
  private readonly bytes: number[] = [];
  private low = 0;
  private range = 0xffffffff;
  private cache = 0;
  private pending = 1;

  bit(odds: Odds, bit: number): number {
    const bound = (this.range >>> 16) * odds.zero;
    if (bit === 0) this.range = bound;
    else {
      this.low += bound;
      this.range -= bound;
    }
    learn(odds, bit);
    while (this.range < TOP) {
      this.range = (this.range * 256) % 0x100000000;
      this.shift();
    }
    return bit;
  }

  plain(bit: number): number {
    this.range = this.range >>> 1;
    if (bit !== 0) this.low += this.range;
    while (this.range < TOP) {
      this.range = (this.range * 256) % 0x100000000;
      this.shift();
    }
    return bit;
  }

  private shift(): void {
    if (this.low < 0xff000000 || this.low >= 0x100000000) {
      const carry = this.low >= 0x100000000 ? 1 : 0;
      for (let byte = this.cache; this.pending > 0; this.pending--, byte = 0xff) this.bytes.push((byte + carry) & 0xff);
      this.cache = Math.floor(this.low / TOP) & 0xff;
    }
    this.pending++;
    this.low = (this.low % TOP) * 256;
  }

  /** All bytes. The end is chosen so that it has most zeros, which are left out: a reader takes what is missing as zero. */
  finish(): Uint8Array {
    const high = this.low + this.range - 1;
    for (const step of [0x100000000, 0x1000000, 0x10000, 0x100]) {
      const rounded = Math.floor(high / step) * step;
      if (rounded >= this.low) {
        this.low = rounded;
        break;
      }
    }
    for (let count = 0; count < 5; count++) this.shift();
    // The first byte is always the empty cache.
    let end = this.bytes.length;
    while (end > 1 && this.bytes[end - 1] === 0) end--;
    return Uint8Array.from(this.bytes.slice(1, end));
  }
}

export class BitReader implements BitCoder {
  readonly reading = true;
  private readonly bytes: Uint8Array;
  private at = 0;
  private range = 0xffffffff;
  private code = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    for (let count = 0; count < 4; count++) this.code = this.code * 256 + this.next();
  }

  bit(odds: Odds): number {
    const bound = (this.range >>> 16) * odds.zero;
    const bit = this.code < bound ? 0 : 1;
    if (bit === 0) this.range = bound;
    else {
      this.code -= bound;
      this.range -= bound;
    }
    learn(odds, bit);
    this.refill();
    return bit;
  }

  plain(): number {
    this.range = this.range >>> 1;
    const bit = this.code < this.range ? 0 : 1;
    if (bit !== 0) this.code -= this.range;
    this.refill();
    return bit;
  }

  private refill(): void {
    while (this.range < TOP) {
      this.range = (this.range * 256) % 0x100000000;
      this.code = this.code * 256 + this.next();
    }
  }

  private next(): number {
    // A few zeros may have been left out at the end; a reader that needs many more reads what nobody wrote.
    if (this.at >= this.bytes.length + 64) throw new LinkError("This link is damaged: it ends too early.");
    return this.bytes[this.at++] ?? 0;
  }
}
