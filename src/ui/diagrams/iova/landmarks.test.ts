import { describe, expect, it } from "vitest";
import { crowdedFrame, lookIova, span } from "../fixtures.ts";
import { landmarksOf, runsOf } from "./landmarks.ts";

describe("landmarksOf", () => {
  it("takes edges of holes, mappings and the call; windows follow from holes", () => {
    const { bounds, weights, outside } = landmarksOf(lookIova.lanes);
    expect(bounds).toEqual([0x80000000, 0xfee00000, 0xfef00000, 0x100000000, 0xfd00000000, 0x10000000000, 0x10080000000, 0x1000000000000]);
    expect(weights.length).toBe(bounds.length + 1);
    expect(weights[2]).toBe(1);
    expect(weights[1]).toBeLessThan(1);
    expect(outside).toEqual([false, false, false, false, false, false, false, false, true]);
  });

  it("keeps its number of boundaries in bounds", () => {
    const { bounds } = landmarksOf(crowdedFrame(1400).iova!.lanes);
    expect(bounds.length).toBeLessThanOrEqual(40);
    expect(bounds.toSorted((left, right) => (left < right ? -1 : 1))).toEqual(bounds);
  });

  it("needs nothing", () => {
    expect(landmarksOf([])).toEqual({ bounds: [], weights: [0.5], outside: [false] });
  });
});

describe("runsOf", () => {
  it("joins mappings over the smallest gaps", () => {
    const mappings = [0, 1, 2, 3, 40, 41, 42, 900, 901, 20_000, 70_000, 99_000, 99_100].map((page) => span("mapping", `0x${(page * 4096).toString(16)}`, `0x${(page * 4096 + 2047).toString(16)}`));
    const runs = runsOf(mappings);
    expect(runs.length).toBe(6);
    expect(runs[0]).toEqual({ first: 0, last: 42 * 4096 + 2047 });
    expect(runs[1]!.first).toBe(900 * 4096);
  });
});
