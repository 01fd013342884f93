import { describe, expect, it } from "vitest";
import { rowWindow, scrollToRow } from "./virtual-rows.ts";

const ROW = 46;
const VIEW = 700;

describe("rowWindow", () => {
  it("draws what is in sight and a little more", () => {
    const { first, count, top, height } = rowWindow(1000, ROW, VIEW, 4600);
    expect(height).toBe(46_000);
    expect(first).toBe(98);
    expect(count).toBeLessThan(30);
    expect(top).toBe(first * ROW);
  });

  it("draws short lists whole", () => {
    expect(rowWindow(3, ROW, VIEW, 0)).toEqual({ height: 3 * ROW, first: 0, count: 3, top: 0 });
    expect(rowWindow(0, ROW, VIEW, 0).count).toBe(0);
  });

  it("reaches both ends of a list that is taller than an element can be", () => {
    const rows = 2_000_000;
    const { height } = rowWindow(rows, ROW, VIEW, 0);
    expect(height).toBeLessThan(10_000_000);
    const end = rowWindow(rows, ROW, VIEW, height - VIEW);
    expect(end.first + end.count).toBe(rows);
    expect(end.top + end.count * ROW).toBeCloseTo(height, 3);
  });
});

describe("scrollToRow", () => {
  it("leaves a row that is in sight where it is", () => {
    expect(scrollToRow(5, 1000, ROW, VIEW, 100)).toBe(100);
  });

  it("brings rows above, below and far away into sight", () => {
    for (const rows of [1000, 2_000_000]) {
      for (const row of [0, 3, 17, rows >> 1, rows - 1]) {
        const top = scrollToRow(row, rows, ROW, VIEW, 0);
        const sight = rowWindow(rows, ROW, VIEW, top);
        expect(row).toBeGreaterThanOrEqual(sight.first);
        expect(row).toBeLessThan(sight.first + sight.count);
      }
    }
  });
});
