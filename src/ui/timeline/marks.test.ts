import { describe, expect, it } from "vitest";
import { MARK } from "../../engine/views.ts";
import { eachMark, labelEvery, ticks } from "./marks.ts";

describe("ticks", () => {
  it("never lose a refusal", () => {
    const marks = new Uint8Array(100_000);
    marks[54_321] = MARK.refused;
    expect(ticks(marks, 400)).toEqual([{ at: 54_322 / 100_000, kind: "refused", count: 1, step: 54_322 }]);
  });

  it("join what falls together, a difference on top", () => {
    const marks = new Uint8Array(100_000).fill(MARK.refused);
    marks[10] = MARK.diverges;
    const all = ticks(marks, 400);
    expect(all.length).toBeLessThanOrEqual(401);
    expect(all.reduce((sum, tick) => sum + tick.count, 0)).toBe(100_000);
    expect(all.filter((tick) => tick.kind === "diverges")).toHaveLength(1);
  });

  it("number dots as densely as they fit", () => {
    expect(labelEvery(40)).toBe(1);
    expect(labelEvery(16)).toBe(2);
    expect(labelEvery(3)).toBe(10);
  });
});

describe("eachMark", () => {
  it("visits each mark once, wherever the bytes begin and end", () => {
    const buffer = new Uint8Array(1003);
    for (const at of [0, 1, 7, 8, 500, 999, 1002]) buffer[at] = MARK.refused;
    for (const from of [0, 1, 2, 3, 4, 5]) {
      const found: number[] = [];
      eachMark(buffer.subarray(from), (index) => found.push(index + from));
      expect(found).toEqual([0, 1, 7, 8, 500, 999, 1002].filter((at) => at >= from));
    }
  });
});
