/**
 * Exact unsigned 64-bit numbers without paying for `bigint` where it is not needed.
 *
 * A `U64` is a plain number below 2^53 and a bigint from there up: one canonical form per value, so `===` is
 * equality and `<`, `<=`, `>`, `>=` compare exactly across both forms. Only `+`, `-`, masks and shifts need the
 * functions below. Real IOVAs fit 52 bits nearly always, so the bigint branch is rare and the common one is fast.
 */
import type { Flavor } from "./flavor.ts";

export type U64 = number | bigint;
/** An I/O virtual address, in bytes. */
export type Iova = Flavor<U64, "iova">;
/** A size in bytes. */
export type Length = Flavor<U64, "length">;
/** A user virtual address, in bytes. */
export type UserVa = Flavor<U64, "user-va">;

const SAFE = Number.MAX_SAFE_INTEGER;
const TWO64 = 1n << 64n;
const TWO32 = 4294967296;

/** 2^64 − 1, the last byte of the space and the kernel's ULONG_MAX. */
export const U64_MAX: U64 = TWO64 - 1n;

/** The canonical form of a bigint in [0, 2^64). */
export function fromBig(value: bigint): U64 {
  return value <= 9007199254740991n ? Number(value) : value;
}

/** The value as a bigint. */
export function toBig(value: U64): bigint {
  return typeof value === "bigint" ? value : BigInt(value);
}

/** left + right; may exceed 2^64 − 1 (compare with U64_MAX to see a wrap, or use addWrap). */
export function add(left: U64, right: U64): U64 {
  if (typeof left === "number" && typeof right === "number") {
    const sum = left + right;
    if (sum <= SAFE) return sum;
  }
  return fromBig(toBig(left) + toBig(right));
}

/** left + right modulo 2^64, as C's unsigned long adds. */
export function addWrap(left: U64, right: U64): U64 {
  const sum = add(left, right);
  return typeof sum === "bigint" && sum >= TWO64 ? fromBig(sum - TWO64) : sum;
}

/** left − right; left must not be smaller. */
export function sub(left: U64, right: U64): U64 {
  if (typeof left === "number" && typeof right === "number") return left - right;
  return fromBig(toBig(left) - toBig(right));
}

/** left − right modulo 2^64. */
export function subWrap(left: U64, right: U64): U64 {
  return left >= right ? sub(left, right) : fromBig(TWO64 + toBig(left) - toBig(right));
}

/** Does first + length − 1 run past the last byte of the space? `length` must not be 0. */
export function wraps(first: U64, length: U64): boolean {
  return typeof first === "number" && typeof length === "number" ? false : toBig(first) + toBig(length) > TWO64;
}

/** The inclusive last byte of a range; the caller has checked that it does not wrap and is not empty. */
export function lastOf(first: U64, length: U64): U64 {
  if (typeof first === "number" && typeof length === "number") {
    // In this order: above 2^53 a sum is rounded, and taking 1 from it then would hide that.
    const last = first + (length - 1);
    if (last <= SAFE) return last;
  }
  return fromBig(toBig(first) + toBig(length) - 1n);
}

/** The length in bytes of an inclusive range; 2^64 (a value above U64_MAX) for the whole space. */
export function lengthOf(first: U64, last: U64): U64 {
  return add(sub(last, first), 1);
}

/** value modulo a power of two. */
export function maskLow(value: U64, powerOfTwo: U64): U64 {
  if (typeof value === "number" && typeof powerOfTwo === "number") {
    // `&` works on the low 32 bits, and exactly so for every safe integer.
    return powerOfTwo <= 0x40000000 ? value & (powerOfTwo - 1) : value % powerOfTwo;
  }
  return fromBig(toBig(value) & (toBig(powerOfTwo) - 1n));
}

/** Is value a multiple of a power of two? */
export function isAligned(value: U64, powerOfTwo: U64): boolean {
  return maskLow(value, powerOfTwo) === 0;
}

/** value rounded down to a multiple of a power of two. */
export function alignDown(value: U64, powerOfTwo: U64): U64 {
  return sub(value, maskLow(value, powerOfTwo));
}

/** value rounded up to a multiple of a power of two; may exceed U64_MAX. */
export function alignUp(value: U64, powerOfTwo: U64): U64 {
  const rest = maskLow(value, powerOfTwo);
  return rest === 0 ? value : add(value, sub(powerOfTwo, rest));
}

/** The lowest set bit as a value; 0 for 0. */
export function lowestBit(value: U64): U64 {
  if (value === 0) return 0;
  if (typeof value === "number") {
    const low = value % TWO32 | 0;
    if (low !== 0) return (low & -low) >>> 0;
  }
  const big = toBig(value);
  return fromBig(big & -big);
}

/** The smallest power of two not below value (value ≥ 1); may be 2^64. */
export function roundUpPowerOfTwo(value: U64): U64 {
  let power: U64 = 1;
  while (power < value) power = add(power, power);
  return power;
}

export function bitOr(left: U64, right: U64): U64 {
  return fromBig(toBig(left) | toBig(right));
}

export function bitAnd(left: U64, right: U64): U64 {
  return fromBig(toBig(left) & toBig(right));
}

/** 2^exponent, 0 ≤ exponent ≤ 64. */
export function pow2(exponent: number): U64 {
  return exponent <= 52 ? 2 ** exponent : 1n << BigInt(exponent);
}

export function min(left: U64, right: U64): U64 {
  return left <= right ? left : right;
}

export function max(left: U64, right: U64): U64 {
  return left >= right ? left : right;
}

/** Plain hexadecimal with 0x, as the kernel prints it: what copying an address gives. */
export function hex(value: U64): string {
  if (typeof value === "bigint" || value < 0x100_0000) return "0x" + value.toString(16);
  // Of small numbers the engine makes text several times as fast as of large ones.
  const high = Math.floor(value / 0x100_0000);
  return "0x" + high.toString(16) + (0x100_0000 + (value - high * 0x100_0000)).toString(16).slice(1);
}

/**
 * Reads "0x…" or decimal text, or a JSON number that is a non-negative safe integer.
 * Returns null for anything else and for values of 2^64 and above.
 */
export function parseU64(text: unknown): U64 | null {
  if (typeof text === "number") return Number.isSafeInteger(text) && text >= 0 ? text : null;
  if (typeof text === "bigint") return text >= 0n && text < TWO64 ? fromBig(text) : null;
  if (typeof text !== "string") return null;
  const short = text.length <= 15 ? shortHex(text) : -1;
  if (short >= 0) return short;
  if (!/^(0x[0-9a-fA-F]{1,16}|[0-9]{1,20})$/.test(text)) return null;
  const value = BigInt(text);
  return value < TWO64 ? fromBig(value) : null;
}

/** The value of "0x" and up to 13 digits, which fit a number exactly; −1 for anything else. Most addresses of a log are such. */
function shortHex(text: string): number {
  if (text.length < 3 || text.charCodeAt(0) !== 0x30 || text.charCodeAt(1) !== 0x78) return -1;
  let value = 0;
  for (let index = 2; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const digit = code >= 0x30 && code <= 0x39 ? code - 0x30 : code >= 0x61 && code <= 0x66 ? code - 0x57 : code >= 0x41 && code <= 0x46 ? code - 0x37 : -1;
    if (digit < 0) return -1;
    value = value * 16 + digit;
  }
  return value;
}
