import { describe, expect, it } from "vitest";
import { readOrder, withTurnAt } from "./order.ts";

describe("readOrder", () => {
  it("reads CPUs and whole calls", () => {
    expect(readOrder(" 0 0,1;W 1 ", [0, 1])).toEqual({ turns: [0, 0, 1, "w", 1], problem: null });
  });

  it.each([["", "Say whose turn"], ["0 2", "There is no CPU 2 here, only 0 and 1."], ["0 x", "“x” is neither"], ["-1", "“-1” is neither"]])("%j is told apart", (text, problem) => {
    expect(readOrder(text, [0, 1]).problem).toContain(problem);
  });
});

describe("withTurnAt", () => {
  const lanes = { cpus: [0, 1], turns: [0, 0, 1, 1, "w" as const, 0], steps: [4, 5, 6, 7, 8, 9] };

  it("moves a CPU's next region forward and keeps the rest in order", () => {
    expect(withTurnAt(lanes, 4, 1)).toEqual({ turns: [0, 1, 0, 1, "w", 0], shown: 1, same: false });
  });

  it("says when nothing has to change", () => {
    expect(withTurnAt(lanes, 4, 0)).toEqual({ turns: [0, 0, 1, 1, "w", 0], shown: 1, same: true });
  });

  it("before the first turn all are left, after the last none", () => {
    expect(withTurnAt(lanes, 0, 1)?.turns).toEqual([1, 0, 0, 1, "w", 0]);
    expect(withTurnAt(lanes, 7, 1)).toBeNull();
  });
});
