import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../../base/u64.ts";
import { SPACE_END } from "./axis.ts";
import { stripAddress, stripPx, stripTicks } from "./log-strip.ts";

describe("the log strip", () => {
  it("spans the whole space", () => {
    expect(stripPx(0, 520)).toBe(0);
    expect(stripPx(SPACE_END, 520)).toBe(520);
    expect(stripAddress(0, 520)).toBe(0);
    expect(stripAddress(520, 520)).toBe(U64_MAX);
  });

  it("gives every doubling the same width", () => {
    expect(stripPx(2 ** 40, 520) - stripPx(2 ** 39, 520)).toBeCloseTo(10, 3);
    expect(stripPx(2 ** 21, 520) - stripPx(2 ** 20, 520)).toBeCloseTo(10, 1);
  });

  it("finds addresses again, by the page", () => {
    for (const address of [0x1000, 0xfee00000, 2 ** 47, 0xfee0000000000000n]) {
      const back = stripAddress(stripPx(address, 100_000), 100_000);
      expect(Number(back) / Number(address)).toBeCloseTo(1, 2);
      expect(Number(back) % 4096).toBe(0);
    }
  });

  it("has fewer ticks where there is less room", () => {
    expect(stripTicks(360).length).toBeLessThan(stripTicks(1200).length);
  });
});
