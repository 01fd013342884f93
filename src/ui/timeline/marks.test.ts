import { describe, expect, it } from "vitest";
import { MARK } from "../../engine/views.ts";
import { labelEvery, ticks } from "./marks.ts";

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
