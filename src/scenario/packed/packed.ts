/**
 * Long lists of alike objects, kept small: what is alike is said once, in a shape; what differs are numbers in a few bytes
 * each. Plain data throughout, so that a copy for another thread is a copy of a few buffers.
 */
import type { Json } from "../../base/json.ts";

/**
 * What an object is made of. A slot's value is in the bytes: a number (or bigint) as it is, the text "0x…" of one, or the
 * place of a piece of JSON in `texts`.
 */
export type Skeleton =
  | { is: "constant"; value: Json }
  | { is: "slot"; slot: number; hex: boolean }
  | { is: "list"; items: Skeleton[] }
  | { is: "object"; keys: string[]; items: Skeleton[] };

export type SlotKind = "number" | "hex" | "json";

export interface Shape {
  readonly skeleton: Skeleton;
  readonly slots: readonly SlotKind[];
  /** Bytes of each slot: 1, 2, 3, 4, 6 or 8, little-endian. */
  readonly widths: readonly number[];
  /** Sum of the widths. */
  readonly size: number;
}

/** So many entries, one after the other. */
export interface Chunk {
  /** Of each entry, its shape. */
  shapes: Uint16Array;
  bytes: Uint8Array;
  /** Where in `bytes` every MARK_EVERY-th entry begins. */
  marks: Uint32Array;
}

export interface Packed {
  readonly packed: 1;
  /** Entries; grows while a writer is at work. */
  count: number;
  readonly shapes: Shape[];
  /** CHUNK entries each, the last one fewer. */
  readonly chunks: Chunk[];
  readonly texts: string[];
}

export const CHUNK = 8192;
export const MARK_EVERY = 64;
const TWO32 = 0x1_0000_0000;

/** Reads entries. The values of the entry last looked up are there until the next is. */
export class PackReader<Entry> {
  readonly packed: Packed;
  private index = -1;
  private offset = 0;
  private chunk: Chunk | null = null;

  constructor(packed: Packed) {
    this.packed = packed;
  }

  /** Looks entry `index` up and says which shape it has. */
  seek(index: number): number {
    if (index < 0 || index >= this.packed.count) throw new RangeError(`entry ${index} of ${this.packed.count}`);
    const inside = index % CHUNK;
    if (index === this.index + 1 && inside !== 0) {
      const { shapes } = this.chunk as Chunk;
      this.offset += (this.packed.shapes[shapes[inside - 1] as number] as Shape).size;
    } else if (index !== this.index || this.chunk === null) {
      this.chunk = this.packed.chunks[Math.floor(index / CHUNK)] as Chunk;
      const { shapes, marks } = this.chunk;
      let at = inside - (inside % MARK_EVERY);
      let offset = marks[at / MARK_EVERY] as number;
      for (; at < inside; at++) offset += (this.packed.shapes[shapes[at] as number] as Shape).size;
      this.offset = offset;
    }
    this.index = index;
    return (this.chunk as Chunk).shapes[inside] as number;
  }

  /** The number in a slot of the entry last looked up; a bigint from 2^53 up. */
  value(shape: Shape, slot: number): number | bigint {
    const { widths } = shape;
    let at = this.offset;
    for (let before = 0; before < slot; before++) at += widths[before] as number;
    return numberAt((this.chunk as Chunk).bytes, at, widths[slot] as number);
  }

  /** Entry `index`, made anew. */
  at(index: number): Entry {
    const shape = this.packed.shapes[this.seek(index)] as Shape;
    return this.build(shape.skeleton, shape) as Entry;
  }

  /** A part of the entry last looked up, made anew. */
  build(skeleton: Skeleton, shape: Shape): unknown {
    if (skeleton.is === "constant") return skeleton.value;
    if (skeleton.is === "slot") return this.leaf(skeleton.slot, shape);
    if (skeleton.is === "list") return skeleton.items.map((item) => this.build(item, shape));
    const made: Record<string, unknown> = {};
    const { keys, items } = skeleton;
    for (let index = 0; index < keys.length; index++) put(made, keys[index] as string, this.build(items[index] as Skeleton, shape));
    return made;
  }

  private leaf(slot: number, shape: Shape): unknown {
    const value = this.value(shape, slot);
    const kind = shape.slots[slot];
    return kind === "number" ? value : kind === "hex" ? `0x${value.toString(16)}` : JSON.parse(this.packed.texts[value as number] as string);
  }
}

/** The part of an object that stands under a key; null without one. */
export function partOf(skeleton: Skeleton | null, key: string): Skeleton | null {
  if (skeleton?.is !== "object") return null;
  return skeleton.items[skeleton.keys.indexOf(key)] ?? null;
}

/** Assignment, but for the one name by which it would change what the object is. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  else object[key] = value;
}

function numberAt(bytes: Uint8Array, at: number, width: number): number | bigint {
  const b0 = bytes[at] as number;
  if (width === 1) return b0;
  if (width === 2) return b0 | ((bytes[at + 1] as number) << 8);
  if (width === 3) return b0 | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  const low = (b0 | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24)) >>> 0;
  if (width === 4) return low;
  let high = (bytes[at + 4] as number) | ((bytes[at + 5] as number) << 8);
  if (width === 8) high = (high | ((bytes[at + 6] as number) << 16) | ((bytes[at + 7] as number) << 24)) >>> 0;
  return high < 0x20_0000 ? high * TWO32 + low : (BigInt(high) << 32n) | BigInt(low);
}
