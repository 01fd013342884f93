import { CHUNK, MARK_EVERY, type Chunk, type Packed, type Shape, type Skeleton, type SlotKind } from "./packed.ts";

/** So many skeletons with strings in them; then strings are told by entry. */
const MOST_STRICT = 256;
/** So many skeletons at all; then what has a new one is kept as text. */
const MOST_SKELETONS = 4096;
const TWO32 = 0x1_0000_0000;
/** Keys under which texts are never told by entry: they say what kind of entry it is. */
const KINDS: ReadonlySet<string> = new Set(["call", "event"]);
/** Canonical forms only: what is read back is the same text. */
const HEX = /^0x(?:0|[1-9a-f][0-9a-f]{0,15})$/;

/** Skeletons that an entry is compared with before its own is worked out. */
const MOST_RECENT = 8;

/** A skeleton, and the newest shape that has it. */
interface Known {
  skeleton: Skeleton;
  slots: SlotKind[];
  /** Index of the shape. Values that need more bytes than it has get a wider one. */
  shape: number;
}

/** Numbers of the entry being written: low and high 32 bits of each slot. */
export class SlotValues {
  low = new Uint32Array(64);
  high = new Uint32Array(64);

  set(slot: number, low: number, high: number): void {
    if (slot >= this.low.length) this.grow();
    this.low[slot] = low;
    this.high[slot] = high;
  }

  private grow(): void {
    const { low, high } = this;
    this.low = new Uint32Array(low.length * 2);
    this.high = new Uint32Array(low.length * 2);
    this.low.set(low);
    this.high.set(high);
  }
}

/** Packs entries, one after the other. The list can be read while it grows. */
export class PackWriter<Entry> {
  readonly packed: Packed = { packed: 1, count: 0, shapes: [], chunks: [], texts: [] };
  private readonly known: Known[] = [];
  private readonly byKey = new Map<string, number>();
  private readonly textIndex = new Map<string, number>();
  private readonly values = new SlotValues();
  private slots: SlotKind[] = [];
  private key = "";
  /** Skeletons of the entries added lately, the latest first. */
  private readonly recent: number[] = [];
  private chunk: Chunk = { shapes: new Uint16Array(0), bytes: new Uint8Array(0), marks: new Uint32Array(0) };
  private used = 0;

  /** Adds an entry of plain data. Only what JSON can hold (and bigints below 2^64) comes back. */
  add(entry: Entry): void {
    const { recent } = this;
    for (let index = 0; index < recent.length; index++) {
      const skeleton = recent[index] as number;
      if (!this.fill((this.known[skeleton] as Known).skeleton, entry)) continue;
      if (index > 0) {
        recent.copyWithin(1, 0, index);
        recent[0] = skeleton;
      }
      this.write(skeleton, this.values);
      return;
    }
    const skeleton = this.learn(entry);
    if (!(this.known[skeleton] as Known).slots.includes("json")) {
      recent.unshift(skeleton);
      if (recent.length > MOST_RECENT) recent.pop();
    }
    this.write(skeleton, this.values);
  }

  /** Puts an entry's numbers in their places, if the entry is one of this skeleton. Slower ways find the others. */
  private fill(skeleton: Skeleton, value: unknown): boolean {
    if (skeleton.is === "constant") return value === skeleton.value && value !== 0;
    if (skeleton.is === "slot") return this.fillSlot(skeleton.slot, skeleton.hex, value);
    if (skeleton.is === "list") return Array.isArray(value) && value.length === skeleton.items.length && skeleton.items.every((item, index) => this.fill(item, value[index]));
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    const { keys, items } = skeleton;
    let index = 0;
    for (const key of Object.keys(value)) {
      const field = (value as Record<string, unknown>)[key];
      if (field === undefined) continue;
      if (key !== keys[index] || !this.fill(items[index] as Skeleton, field)) return false;
      index++;
    }
    return index === keys.length;
  }

  private fillSlot(slot: number, hex: boolean, value: unknown): boolean {
    if (hex) return typeof value === "string" && hexInto(this.values, slot, value);
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) return false;
    const high = value < TWO32 ? 0 : Math.floor(value / TWO32);
    this.values.set(slot, value - high * TWO32, high);
    return !(value === 0 && Object.is(value, -0));
  }

  /** The number of the entry's skeleton; its numbers are in `valuesOf` then. Adds nothing. */
  learn(entry: Entry): number {
    const strict = this.known.length < MOST_STRICT;
    let skeleton = this.take(entry, strict, "");
    let known = this.byKey.get(this.key);
    if (known === undefined && this.known.length >= MOST_SKELETONS) {
      this.slots = [];
      skeleton = this.text(entry);
      this.key = "json";
      known = this.byKey.get(this.key);
    }
    if (known !== undefined) return known;
    const widths = this.slots.map(() => 1);
    this.known.push({ skeleton, slots: this.slots, shape: this.newShape(skeleton, this.slots, widths) });
    this.byKey.set(this.key, this.known.length - 1);
    return this.known.length - 1;
  }

  /** Numbers of the entry that was learned last. */
  get learned(): SlotValues {
    return this.values;
  }

  /** How many numbers entries with this skeleton have. */
  slotsOf(skeleton: number): number {
    return (this.known[skeleton] as Known).slots.length;
  }

  /** Is a number of such entries the place of a text? */
  isText(skeleton: number, slot: number): boolean {
    return (this.known[skeleton] as Known).slots[slot] === "json";
  }

  /** Adds an entry with a known skeleton and these numbers. */
  write(skeleton: number, values: SlotValues): void {
    const { packed } = this;
    const known = this.known[skeleton] as Known;
    const { low, high } = values;
    let shape = packed.shapes[known.shape] as Shape;
    const { widths } = shape;
    for (let slot = 0; slot < widths.length; slot++) {
      if (widthOf(low[slot] as number, high[slot] as number) > (widths[slot] as number)) {
        shape = this.widen(known, shape, values);
        break;
      }
    }
    const inside = packed.count % CHUNK;
    if (inside === 0) this.begin();
    const { chunk } = this;
    if (this.used + shape.size > chunk.bytes.length) this.grow(shape.size);
    chunk.shapes[inside] = known.shape;
    if (inside % MARK_EVERY === 0) chunk.marks[inside / MARK_EVERY] = this.used;
    const { bytes } = chunk;
    let at = this.used;
    for (let slot = 0; slot < shape.widths.length; slot++) {
      const width = shape.widths[slot] as number;
      let rest = low[slot] as number;
      bytes[at] = rest;
      if (width > 1) bytes[at + 1] = rest >>> 8;
      if (width > 2) bytes[at + 2] = rest >>> 16;
      if (width > 3) bytes[at + 3] = rest >>> 24;
      if (width > 4) {
        rest = high[slot] as number;
        bytes[at + 4] = rest;
        bytes[at + 5] = rest >>> 8;
        if (width > 6) {
          bytes[at + 6] = rest >>> 16;
          bytes[at + 7] = rest >>> 24;
        }
      }
      at += width;
    }
    this.used = at;
    packed.count++;
    if (inside === CHUNK - 1) this.seal();
  }

  /** The list; to be called when nothing more is added. */
  finish(): Packed {
    if (this.packed.count % CHUNK !== 0) this.seal();
    return this.packed;
  }

  private begin(): void {
    // As large as the last one was; a little more than most need.
    const before = this.packed.chunks.at(-1)?.bytes.length ?? 0;
    this.chunk = { shapes: new Uint16Array(CHUNK), bytes: new Uint8Array(Math.max(4096, before + (before >> 4))), marks: new Uint32Array(CHUNK / MARK_EVERY) };
    this.packed.chunks.push(this.chunk);
    this.used = 0;
  }

  private grow(by: number): void {
    const bytes = new Uint8Array(Math.max(this.chunk.bytes.length * 2, this.used + by));
    bytes.set(this.chunk.bytes.subarray(0, this.used));
    this.chunk.bytes = bytes;
  }

  /** Gives back what the chunk does not need. */
  private seal(): void {
    const { chunk } = this;
    const count = this.packed.count - (this.packed.chunks.length - 1) * CHUNK;
    chunk.bytes = chunk.bytes.slice(0, this.used);
    if (count === CHUNK) return;
    chunk.shapes = chunk.shapes.slice(0, count);
    chunk.marks = chunk.marks.slice(0, Math.ceil(count / MARK_EVERY));
  }

  private widen(known: Known, shape: Shape, { low, high }: SlotValues): Shape {
    const widths = shape.widths.map((width, slot) => Math.max(width, widthOf(low[slot] as number, high[slot] as number)));
    known.shape = this.newShape(known.skeleton, known.slots, widths);
    return this.packed.shapes[known.shape] as Shape;
  }

  private newShape(skeleton: Skeleton, slots: SlotKind[], widths: number[]): number {
    this.packed.shapes.push({ skeleton, slots, widths, size: widths.reduce((sum, width) => sum + width, 0) });
    return this.packed.shapes.length - 1;
  }

  /** The skeleton of a value; its numbers go to `values`, what tells it from other skeletons to `key`. */
  private take(value: unknown, strict: boolean, name: string): Skeleton {
    if (name === "") {
      this.slots = [];
      this.key = "";
    }
    if (typeof value === "number" || typeof value === "bigint") {
      if (typeof value === "bigint" || (Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0))) return this.slot("number", value);
      return strict ? this.constant(value) : this.text(value);
    }
    if (typeof value === "string") {
      if (value.length <= 18 && HEX.test(value)) return this.hex(value);
      return strict || KINDS.has(name) ? this.constant(value) : this.text(value);
    }
    if (typeof value !== "object" || value === null) return this.constant((value ?? null) as null | boolean);
    if (Array.isArray(value)) {
      this.key += "[";
      const items = value.map((item) => this.take(item, strict, "item"));
      this.key += "]";
      return { is: "list", items };
    }
    const keys: string[] = [];
    const items: Skeleton[] = [];
    this.key += "{";
    for (const [field, item] of Object.entries(value)) {
      if (item === undefined) continue;
      this.key += `${JSON.stringify(field)}:`;
      keys.push(field);
      items.push(this.take(item, strict, field === "" ? "item" : field));
      this.key += ",";
    }
    this.key += "}";
    return { is: "object", keys, items };
  }

  private constant(value: string | number | boolean | null): Skeleton {
    this.key += Object.is(value, -0) ? "-0" : JSON.stringify(value);
    return { is: "constant", value };
  }

  private slot(kind: SlotKind, value: number | bigint): Skeleton {
    const slot = this.slots.length;
    this.key += kind === "number" ? "#" : kind === "hex" ? "$" : "?";
    this.slots.push(kind);
    if (typeof value === "number") this.values.set(slot, value % TWO32, Math.floor(value / TWO32));
    else this.values.set(slot, Number(value & 0xffff_ffffn), Number(value >> 32n));
    return { is: "slot", slot, hex: kind === "hex" };
  }

  private hex(text: string): Skeleton {
    return this.slot("hex", text.length <= 15 ? Number(text) : BigInt(text));
  }

  private text(value: unknown): Skeleton {
    const json = JSON.stringify(value);
    let index = this.textIndex.get(json);
    if (index === undefined) {
      index = this.packed.texts.push(json) - 1;
      this.textIndex.set(json, index);
    }
    return this.slot("json", index);
  }
}

/** Puts the number of a canonical "0x…" into a slot; false for any other text. */
function hexInto(values: SlotValues, slot: number, text: string): boolean {
  const { length } = text;
  if (length < 3 || length > 18 || text.charCodeAt(0) !== 0x30 || text.charCodeAt(1) !== 0x78 || (length > 3 && text.charCodeAt(2) === 0x30)) return false;
  let low = 0;
  let high = 0;
  for (let index = 2; index < length; index++) {
    const code = text.charCodeAt(index);
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
    if (digit < 0) return false;
    high = ((high << 4) | (low >>> 28)) >>> 0;
    low = ((low << 4) | digit) >>> 0;
  }
  values.set(slot, low, high);
  return true;
}

/** Bytes that a number needs, of those that slots may have. */
function widthOf(low: number, high: number): number {
  if (high !== 0) return high < 0x1_0000 ? 6 : 8;
  return low < 0x100 ? 1 : low < 0x1_0000 ? 2 : low < 0x100_0000 ? 3 : 4;
}
