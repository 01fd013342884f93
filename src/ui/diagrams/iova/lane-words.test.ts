import { describe, expect, it } from "vitest";
import { estimate } from "../common/text.ts";
import type { Block } from "./lane-layout.ts";
import { laneWords } from "./lane-words.ts";

const BAR = { top: 10, height: 40 };

function block(left: number, right: number): Block {
  return { key: `at ${left}`, kind: "mapping", first: left * 0x1000, last: right * 0x1000 - 1, label: "", detail: "rw", count: 1, objects: [], left, right };
}

function mapped(blocks: Block[], asked: { left: number; right: number } | null, total = blocks.length) {
  return laneWords({ kind: "mapped", total, call: "", blocks, fields: [], bar: BAR, width: 400, measure: estimate, refused: false, asked });
}

describe("laneWords", () => {
  it("says that a lane is empty, but not of one whose things are out of sight", () => {
    expect(mapped([], null).map(({ text }) => text)).toEqual(["none"]);
    expect(mapped([], null, 3)).toEqual([]);
  });

  it("writes nothing over the ghost of what the call has unmapped", () => {
    const narrow = block(90, 110);
    const beside = (asked: { left: number; right: number } | null) => mapped([narrow, block(110, 400)], asked).find(({ key }) => key === narrow.key)?.x;
    expect(beside(null)).toBeLessThan(narrow.left);
    expect(beside({ left: 20, right: 80 })).toBeUndefined();
  });
});
