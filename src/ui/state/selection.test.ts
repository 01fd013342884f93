import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../base/u64.ts";
import { marksRange, sameSelection, selectionFromText, selectionText, touches } from "./selection.ts";

describe("selections", () => {
  it("survive a link", () => {
    for (const selection of [{ key: "ioas:3/2" }, { key: "mapping:ioas:3/2@0x1000" }, { range: { first: 0xfee00000, last: 0xfeefffff } }, { range: { first: 0, last: U64_MAX } }]) {
      expect(selectionFromText(selectionText(selection))).toEqual(selection);
    }
  });

  it("take what is no range for a key", () => {
    expect(selectionFromText("0x2000-0x1000")).toEqual({ key: "0x2000-0x1000" });
    expect(selectionFromText("process:0")).toEqual({ key: "process:0" });
  });

  it("are the same when they mark the same", () => {
    expect(sameSelection({ key: "x" }, { key: "x" })).toBe(true);
    expect(sameSelection({ range: { first: 0, last: 1 } }, { range: { first: 0, last: 1 } })).toBe(true);
    expect(sameSelection({ key: "x" }, null)).toBe(false);
    expect(marksRange({ range: { first: 0, last: 1 } }, { first: 0, last: 2 })).toBe(false);
  });

  it("touch the checks about them", () => {
    const objects = [{ key: "ioas:3/2", label: "IOAS 2" }];
    expect(touches({ key: "ioas:3/2" }, objects, null)).toBe(true);
    expect(touches({ range: { first: 10, last: 20 } }, objects, { first: 20, last: 30 })).toBe(true);
    expect(touches({ range: { first: 10, last: 19 } }, objects, { first: 20, last: 30 })).toBe(false);
  });
});
