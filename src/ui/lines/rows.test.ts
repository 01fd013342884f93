import { describe, expect, it } from "vitest";
import type { SourceInput } from "../../engine/views.ts";
import { aboutRefusals, linesShown, rowOf, stateOf, tallyOf, whyOf } from "./rows.ts";

const INPUT: SourceInput = {
  name: "log", count: 6, marks: Uint8Array.from([1, 0, 1, 2, 3, 1]), steps: Int32Array.from([4, 0, 0, 0, 0, 5]),
  classes: [{ kind: "blank", why: "" }, { kind: "understood", why: "" }, { kind: "quiet", why: "no DMA address in it" }, { kind: "skipped", why: "no reader knows this line" }],
};

describe("the lines of a text", () => {
  it("are told apart by what became of them, in words too", () => {
    expect([1, 2, 3, 4, 5, 6].map((line) => stateOf(INPUT, line))).toEqual(["step", "blank", "host", "quiet", "skipped", "step"]);
    expect(whyOf(INPUT, 1)).toBe("makes step 4");
    expect(whyOf(INPUT, 4)).toBe("understood, makes no step: no DMA address in it");
    expect(whyOf(INPUT, 5)).toBe("skipped: no reader knows this line");
    expect(tallyOf(INPUT)).toEqual({ step: 2, quiet: 2, skipped: 1 });
  });

  it("lead to the call that a message is about, not to those that it implies", () => {
    const beside = { inputs: [INPUT], stepInput: new Uint16Array(5), stepLine: Int32Array.from([0, 1, 1, 1, 6]) };
    expect([...(aboutRefusals(beside, 0, Uint8Array.from([0, 0, 0, 1, 0]))?.steps ?? [])]).toEqual([4, 0, 0, 0, 0, 5]);
    expect([...(aboutRefusals({ ...beside, stepLine: Int32Array.from([0, 0, 6, 1, 6]) }, 0, Uint8Array.from([0, 0, 1, 0, 1]))?.steps ?? [])]).toEqual([4, 0, 0, 0, 0, 3]);
    expect(aboutRefusals(beside, 1, new Uint8Array())).toBeUndefined();
  });

  it("can be narrowed, and a line is found among those that are left", () => {
    const steps = linesShown(INPUT, "steps");
    expect([...(steps ?? [])]).toEqual([1, 6]);
    expect([1, 3, 6].map((line) => rowOf(steps, line))).toEqual([0, 0, 1]);
    expect(linesShown(INPUT, "all")).toBeNull();
    expect(rowOf(null, 6)).toBe(5);
  });
});
