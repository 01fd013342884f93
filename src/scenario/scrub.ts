/**
 * Takes out of a scenario what says more about people and machines than about IOMMUs, before it leaves the page. The same
 * thing is always replaced by the same other thing, and what answers depend on stays: alignment of addresses, distances
 * within a piece of memory, order.
 */
import { toBig, parseU64 } from "../base/u64.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { RecordedAnswer, Scenario } from "./scenario.ts";

export const SCRUB_KINDS = ["memory", "devices", "ids", "networks", "people", "paths", "serials"] as const;
export type ScrubKind = (typeof SCRUB_KINDS)[number];

export interface ScrubFound {
  kind: ScrubKind;
  /** Places in the scenario, each counted. */
  count: number;
  /** Different things. */
  different: number;
  /** The first few, with what would stand instead. */
  examples: { from: string; to: string }[];
}

export interface Scrubbed {
  scenario: Scenario;
  found: ScrubFound[];
}

const EXAMPLES = 4;
/** Different things of a kind that are counted. */
const MOST_KEPT = 10_000;

/** Fields that hold addresses of a process's own memory. */
const MEMORY_FIELDS: ReadonlySet<string> = new Set(["user_va", "vaddr", "va", "uptr"]);
/** Fields that hold the length of what lies there. */
const LENGTH_FIELDS = ["length", "size"] as const;
/** Below are null pointers and their like, above is no user memory: both are there on purpose. */
const LOWEST = 0x1_0000n;
const HIGHEST = 1n << 47n;
/** Pieces of memory farther apart than this have nothing to do with each other. */
const APART = 1n << 30n;
const FIRST_PLACE = 0x1000_0000_0000n;
/** Large pages begin at multiples of this. */
const LARGE_PAGE_BITS = 21n;

/** What stands for each address that was seen. */
class Memory {
  private readonly spans: { first: bigint; end: bigint }[] = [];
  private places: { first: bigint; end: bigint; delta: bigint }[] = [];

  see(address: bigint, length: bigint): void {
    if (address >= LOWEST && address < HIGHEST) this.spans.push({ first: address, end: address + (length > 0n && address + length < HIGHEST ? length : 1n) });
  }

  /** Gives every piece of memory another place: its addresses keep the lowest bit that is set, and what lies below it. */
  place(): void {
    const spans = this.spans.toSorted((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
    const pieces: { first: bigint; end: bigint; bits: bigint }[] = [];
    for (const { first, end } of spans) {
      const bits = lowestBit(first) + 1n;
      const last = pieces.at(-1);
      if (last && first < last.end + APART) {
        if (end > last.end) last.end = end;
        if (bits > last.bits) last.bits = bits;
      } else pieces.push({ first, end, bits: bits > LARGE_PAGE_BITS ? bits : LARGE_PAGE_BITS });
    }
    let next = FIRST_PLACE;
    this.places = pieces.map(({ first, end, bits }) => {
      const unit = 1n << bits;
      const at = next + ((((first - next) % unit) + unit) % unit);
      next = at + (end - first) + APART;
      return { first, end, delta: at - first };
    });
    // Too much to find room for: then things stay where they are.
    if (next >= HIGHEST) this.places = this.places.map((piece) => ({ ...piece, delta: 0n }));
  }

  of(address: bigint): bigint | null {
    let low = 0;
    let high = this.places.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.places[middle] as { end: bigint }).end > address) high = middle;
      else low = middle + 1;
    }
    const piece = this.places[low];
    return piece && address >= piece.first ? address + piece.delta : null;
  }
}

function lowestBit(value: bigint): bigint {
  let bit = 0n;
  while (bit < 64n && ((value >> bit) & 1n) === 0n) bit++;
  return bit;
}

/** Texts that are replaced wherever they stand, each with what stands for the number-th different one. */
const TEXTS: readonly { kind: ScrubKind; pattern: RegExp; stand: (number: number, text: string) => string }[] = [
  { kind: "ids", pattern: /\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, stand: (number) => `00000000-0000-0000-0000-${number.toString(16).padStart(12, "0")}` },
  { kind: "networks", pattern: /\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gi, stand: (number) => `02:00:00:00:${hex2(number >> 8)}:${hex2(number & 255)}` },
  { kind: "networks", pattern: /\b(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}\b/g, stand: (number) => `192.0.2.${number % 256}` },
  { kind: "people", pattern: /\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\b/g, stand: (number) => `user${number}@host${number}` },
  { kind: "people", pattern: /(?<=\b(?:guest|vm|domain|host(?:name)?|user)[=: ]['"]?)(?![0-9a-f]{4}:|[0-9a-f]{2}:)[A-Za-z][\w.-]*\d[\w.-]*|(?<=\b(?:guest|hostname)=)[\w.-]+/gi, stand: (number) => `name${number}` },
  { kind: "serials", pattern: /(?<=\b(?:serial(?: number)?|s\/n)[=: #]+)[\w-]{4,}/gi, stand: (number) => `SERIAL${number}` },
  { kind: "paths", pattern: /(?<![\w.:/])\/(?!dev\/(?:vfio|iommu)\b|sys\/(?:kernel|bus|class)\b|proc\/(?:iomem|cmdline)\b)(?:[\w.@+~-]+\/)+[\w.@+~-]+/g, stand: (number) => `/path/${number}` },
  { kind: "devices", pattern: /\b(?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-1][0-9a-f]\.[0-7]\b/g, stand: (number, text) => `0000:${hex2(Math.floor(number / 32) + 0x80)}:${hex2(number % 32)}.${text.at(-1) ?? "0"}` },
];

function hex2(number: number): string {
  return number.toString(16).padStart(2, "0");
}

class Scrubber {
  private readonly kinds: ReadonlySet<ScrubKind>;
  private readonly memory = new Memory();
  private readonly seen = new Map<ScrubKind, { count: number; to: Map<string, string> }>();
  private readonly slots = new Map<string, number>();
  private readonly numbers = new Map<ScrubKind, number>();

  constructor(kinds: readonly ScrubKind[]) {
    this.kinds = new Set(kinds);
  }

  run(scenario: Scenario): Scrubbed {
    for (const buffer of scenario.buffers ?? []) this.memory.see(bigOf(buffer.va), bigOf(buffer.size));
    for (const call of scenario.calls) this.look(call.in);
    this.memory.place();
    const { calls, buffers, platform, ...rest } = scenario;
    const made: Scenario = {
      ...rest, title: this.text(scenario.title),
      platform: { ...platform, ...(platform.devices && { devices: platform.devices.map((device) => ({ ...device, name: this.text(device.name), ...(device.model !== undefined && { model: this.text(device.model) }) })) }) },
      ...(buffers && { buffers: buffers.map((buffer) => ({ ...buffer, va: this.address(buffer.va) })) }),
      calls: calls.map((call) => ({
        ...call, in: this.json(call.in) as JsonObject, ...(call.note !== undefined && { note: this.text(call.note) }),
        ...(call.recorded && { recorded: this.json(call.recorded as unknown as Json) as unknown as RecordedAnswer }),
      })),
    };
    return { scenario: made, found: SCRUB_KINDS.flatMap((kind) => this.foundOf(kind)) };
  }

  private foundOf(kind: ScrubKind): ScrubFound[] {
    const seen = this.seen.get(kind);
    if (!seen) return [];
    return [{ kind, count: seen.count, different: seen.to.size, examples: [...seen.to].slice(0, EXAMPLES).map(([from, to]) => ({ from, to })) }];
  }

  /** Notes the memory that a call speaks of, with its length. */
  private look(fields: Json): void {
    if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return;
    const length = LENGTH_FIELDS.map((name) => parseU64(fields[name])).find((value) => value !== null) ?? 1;
    for (const [name, value] of Object.entries(fields)) {
      if (MEMORY_FIELDS.has(name)) this.memory.see(bigOf(value), toBig(length));
      else this.look(value);
    }
  }

  private json(value: Json, name = ""): Json {
    if (typeof value === "string") return MEMORY_FIELDS.has(name) ? this.address(value) : this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.json(item, name));
    if (typeof value === "object" && value !== null) return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.json(item, key)]));
    return value;
  }

  private address(text: string): string {
    const value = parseU64(text);
    const place = value === null ? null : this.memory.of(toBig(value));
    if (place === null) return this.text(text);
    return this.replace("memory", text, () => `0x${place.toString(16)}`);
  }

  private text(text: string): string {
    // Bare addresses and names of calls are most of a scenario, and hold nothing of this.
    if (/^(?:0x[0-9a-f]+|\w*)$/i.test(text)) return text;
    let result = text;
    for (const { kind, pattern, stand } of TEXTS) result = result.replace(pattern, (found) => this.replace(kind, found, () => stand(this.numberOf(kind, found), found)));
    return result;
  }

  /** Functions of one slot stay functions of one slot. */
  private numberOf(kind: ScrubKind, text: string): number {
    const key = kind === "devices" ? `devices ${(text.length < 12 ? `0000:${text}` : text).slice(0, -2)}` : `${kind} ${text}`;
    const known = this.slots.get(key);
    if (known !== undefined) return known;
    const number = (this.numbers.get(kind) ?? 0) + 1;
    this.numbers.set(kind, number);
    this.slots.set(key, number);
    return number;
  }

  private replace(kind: ScrubKind, from: string, to: () => string): string {
    let seen = this.seen.get(kind);
    if (!seen) this.seen.set(kind, (seen = { count: 0, to: new Map() }));
    seen.count++;
    let stands = seen.to.get(from);
    if (stands === undefined) {
      stands = to();
      // What stands for something follows from it, so not all need be remembered.
      if (seen.to.size < MOST_KEPT) seen.to.set(from, stands);
    }
    return this.kinds.has(kind) ? stands : from;
  }
}

function bigOf(value: Json): bigint {
  const number = parseU64(value);
  return number === null ? 0n : toBig(number);
}

/** The scenario without what the kinds name, and all that was found of any kind. The given one stays as it is. */
export function scrub(scenario: Scenario, kinds: readonly ScrubKind[]): Scrubbed {
  return new Scrubber(kinds).run(scenario);
}
