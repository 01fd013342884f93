import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../base/u64.ts";
import { clipRanges, firstOverlap, holesOf, mergeRanges, touches } from "./range-list.ts";

const range = (first: number, last: number) => ({ first, last });

describe("range lists", () => {
  it("merge what overlaps or touches", () => {
    expect(mergeRanges([range(30, 39), range(0, 9), range(10, 19), range(5, 12), range(21, 25)])).toEqual([range(0, 19), range(21, 25), range(30, 39)]);
    expect(mergeRanges([{ first: 5, last: U64_MAX }, range(7, 9)])).toEqual([{ first: 5, last: U64_MAX }]);
  });

  it("have holes between, before and behind", () => {
    expect(holesOf([])).toEqual([{ first: 0, last: U64_MAX }]);
    expect(holesOf([range(0, 9), range(20, 29)])).toEqual([range(10, 19), { first: 30, last: U64_MAX }]);
    expect(holesOf([range(0, 9), range(20, 29)], 5, 25)).toEqual([range(10, 19)]);
    expect(holesOf([{ first: 0, last: U64_MAX }])).toEqual([]);
  });

  it("tell whether a range touches one of them", () => {
    const merged = [range(10, 19), range(40, 49)];
    expect([touches(merged, 0, 9), touches(merged, 0, 10), touches(merged, 20, 39), touches(merged, 49, 60)]).toEqual([false, true, false, true]);
  });

  it("clip and find overlaps", () => {
    expect(clipRanges([range(0, 9), range(20, 29)], 5, 22)).toEqual([range(5, 9), range(20, 22)]);
    expect(firstOverlap([range(0, 9), range(10, 19), range(19, 30)])).toEqual([range(10, 19), range(19, 30)]);
    expect(firstOverlap([range(10, 19), range(0, 9)])).toBeNull();
  });
});
