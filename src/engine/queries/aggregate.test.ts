import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Span } from "../views.ts";
import { joinNearest } from "./aggregate.ts";

function spanAt(first: number, last: number): Span {
  return { key: `m@${first}`, kind: "mapping", first, last, label: "4 KiB", detail: "", count: 1, objects: ["ioas:3/1"] };
}

/** Disjoint spans in ascending order, from gaps and lengths. */
const spans = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 50 }), length: fc.integer({ min: 1, max: 20 }) }), { maxLength: 400 }).map((pieces) => {
  let at = 0;
  return pieces.map(({ gap, length }) => {
    const first = at + gap;
    at = first + length;
    return spanAt(first, at - 1);
  });
});

describe("joining spans", () => {
  it("never drops one, keeps the order, and stays within the limit", () => {
    fc.assert(
      fc.property(spans, fc.integer({ min: 1, max: 60 }), (list, most) => {
        const joined = joinNearest(list, most, "mapping");
        expect(joined.length).toBe(Math.min(list.length, most));
        expect(joined.reduce((sum, span) => sum + span.count, 0)).toBe(list.length);
        for (const span of list) expect(joined.some((each) => each.first <= span.first && each.last >= span.last)).toBe(true);
        for (let index = 1; index < joined.length; index++) expect((joined[index] as Span).first > (joined[index - 1] as Span).last).toBe(true);
      }),
    );
  });

  it("joins over the smallest gaps and leaves a lonely one alone", () => {
    const list = [spanAt(0, 9), spanAt(10, 19), spanAt(25, 29), spanAt(1_000_000, 1_000_000)];
    const joined = joinNearest(list, 2, "mapping");
    expect(joined.map(({ first, last, count, label }) => [first, last, count, label])).toEqual([[0, 29, 3, "3 mappings"], [1_000_000, 1_000_000, 1, "4 KiB"]]);
  });

  it("spreads equal gaps evenly", () => {
    const list = Array.from({ length: 1000 }, (_, index) => spanAt(index * 10, index * 10 + 4));
    const counts = joinNearest(list, 100, "mapping").map((span) => span.count);
    expect(counts.length).toBe(100);
    expect(Math.max(...counts)).toBeLessThanOrEqual(11);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(4);
  });
});
