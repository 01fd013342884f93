import { describe, expect, it } from "vitest";
import type { Block } from "./lane-layout.ts";
import { splitsOf } from "./split.ts";

const block = (first: number, last: number): Block => ({ key: `valid@${first}`, kind: "valid", first, last, left: first, right: last + 1, label: "", detail: "", count: 1, objects: [] });

describe("splitsOf", () => {
  it("finds the piece right of a new hole, and where it parts from", () => {
    expect([...splitsOf([block(0, 99)], [block(0, 39), block(60, 99)])]).toEqual([["valid@60", 40]]);
  });

  it("takes a window that only grew, moved or was cut at its edge for no split", () => {
    expect(splitsOf([block(0, 39), block(60, 99)], [block(0, 99)]).size).toBe(0);
    expect(splitsOf([block(0, 99)], [block(20, 99)]).size).toBe(0);
    expect(splitsOf([block(0, 99)], [block(0, 99), block(200, 299)]).size).toBe(0);
  });
});
