import { add, sub, toBig, type U64 } from "./u64.ts";

/** How addresses and sizes are written for people. Texts only: no answer depends on it. */
export interface Notation {
  /** 0xfee0_0000, or 0xfee00000. */
  digits: "grouped" | "plain";
  /** "gib": no unit above GiB, so that sizes can be compared at a glance. */
  sizes: "usual" | "gib";
}

let notation: Notation = { digits: "grouped", sizes: "usual" };

/** For the whole program, as far as it runs in this thread. */
export function setNotation(wanted: Notation): void {
  notation = wanted;
}

/** Hex in groups of four digits for reading: 0xfee0_0000. */
export function groupedHex(value: U64): string {
  const digits = value.toString(16);
  if (notation.digits === "plain") return "0x" + digits;
  let out = "";
  for (let end = digits.length; end > 0; end -= 4) {
    const group = digits.slice(Math.max(0, end - 4), end);
    out = out === "" ? group : `${group}_${out}`;
  }
  return "0x" + out;
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;

/** A size for people: exact where it is a whole number of a unit, else at most three significant digits. */
export function humanSize(length: U64): string {
  let value = toBig(length);
  let unit = 0;
  let scale = 1n;
  const largest = notation.sizes === "gib" ? UNITS.indexOf("GiB") : UNITS.length - 1;
  while (unit < largest && value >= scale * 1024n) {
    scale *= 1024n;
    unit++;
  }
  if (value % scale === 0n) return `${value / scale} ${UNITS[unit]}`;
  const number = Number(value) / Number(scale);
  return `${number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2)} ${UNITS[unit]}`;
}

/** An inclusive range for people: 0xfee0_0000–0xfeef_ffff (1 MiB). */
export function rangeText(first: U64, last: U64): string {
  return `${groupedHex(first)}–${groupedHex(last)} (${humanSize(add(sub(last, first), 1))})`;
}

const GROUPED = new Intl.NumberFormat("en");

/** A count for people: 1,234,567. Unlike `toLocaleString` it does not look for the language's rules each time. */
export function countText(count: number): string {
  // Asking Intl costs microseconds, and most numbers on screen are small.
  return count >= 0 && count < 1000 ? String(count) : GROUPED.format(count);
}

/** "1 call", "2 calls", "1,000 calls". */
export function plural(count: number, one: string, many = one + "s"): string {
  return `${countText(count)} ${count === 1 ? one : many}`;
}
