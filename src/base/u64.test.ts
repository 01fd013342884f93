import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, addWrap, alignDown, alignUp, bitAnd, fromBig, hex, isAligned, lastOf, lengthOf, lowestBit, maskLow, parseU64, pow2, roundUpPowerOfTwo, sub, subWrap, toBig, U64_MAX, wraps } from "./u64.ts";

const TWO64 = 1n << 64n;
/** 64-bit values, many of them near the places where the representation changes. */
const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: TWO64 - 1n }),
  fc.bigInt({ min: (1n << 53n) - 3n, max: (1n << 53n) + 3n }),
  fc.bigInt({ min: 0n, max: 1n << 33n }),
  fc.bigInt({ min: TWO64 - 4n, max: TWO64 - 1n }),
);
const power = fc.integer({ min: 0, max: 63 }).map((exponent) => 1n << BigInt(exponent));

describe("U64", () => {
  it("has one form per value, so that === and < are right", () => {
    fc.assert(fc.property(u64, u64, (one, other) => {
      expect(fromBig(one) === fromBig(other)).toBe(one === other);
      expect(fromBig(one) < fromBig(other)).toBe(one < other);
      expect(toBig(fromBig(one))).toBe(one);
    }));
  });

  it("adds and subtracts as 64-bit numbers do", () => {
    fc.assert(fc.property(u64, u64, (one, other) => {
      expect(toBig(add(fromBig(one), fromBig(other)))).toBe(one + other);
      expect(toBig(addWrap(fromBig(one), fromBig(other)))).toBe((one + other) % TWO64);
      expect(toBig(subWrap(fromBig(one), fromBig(other)))).toBe((one - other + TWO64) % TWO64);
      const [larger, smaller] = one >= other ? [one, other] : [other, one];
      expect(toBig(sub(fromBig(larger), fromBig(smaller)))).toBe(larger - smaller);
      expect(toBig(bitAnd(fromBig(one), fromBig(other)))).toBe(one & other);
    }));
  });

  it("knows ranges: inclusive last, length, wrap", () => {
    fc.assert(fc.property(u64, u64.filter((value) => value > 0n), (first, length) => {
      expect(wraps(fromBig(first), fromBig(length))).toBe(first + length > TWO64);
      if (first + length > TWO64) return;
      const last = lastOf(fromBig(first), fromBig(length));
      expect(toBig(last)).toBe(first + length - 1n);
      expect(toBig(lengthOf(fromBig(first), last))).toBe(length);
    }));
  });

  it("aligns to powers of two", () => {
    fc.assert(fc.property(u64, power, (value, to) => {
      expect(toBig(maskLow(fromBig(value), fromBig(to)))).toBe(value % to);
      expect(isAligned(fromBig(value), fromBig(to))).toBe(value % to === 0n);
      expect(toBig(alignDown(fromBig(value), fromBig(to)))).toBe(value - (value % to));
      expect(toBig(alignUp(fromBig(value), fromBig(to)))).toBe(((value + to - 1n) / to) * to);
      expect(toBig(lowestBit(fromBig(value)))).toBe(value & -value);
    }));
  });

  it("rounds up to powers of two", () => {
    expect([1, 2, 3, 4097].map((value) => roundUpPowerOfTwo(value))).toEqual([1, 2, 4, 8192]);
    expect(pow2(63)).toBe(1n << 63n);
    expect(pow2(12)).toBe(4096);
  });

  it("reads what it writes, and decimal", () => {
    fc.assert(fc.property(u64, (value) => {
      expect(parseU64(hex(fromBig(value)))).toBe(fromBig(value));
      expect(parseU64(value.toString())).toBe(fromBig(value));
    }));
    expect(parseU64("0xFEE00000")).toBe(0xfee00000);
    expect(parseU64("0xffffffffffffffff")).toBe(U64_MAX);
  });

  it("refuses what is not a 64-bit number", () => {
    for (const text of ["", "0x", "0xg", "-1", "1.5", "0x10000000000000000", "18446744073709551616", " 1", "1e3", null, {}, 1.5, -1, Number.NaN]) expect(parseU64(text)).toBeNull();
  });
});
