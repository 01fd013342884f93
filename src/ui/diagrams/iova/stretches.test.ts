import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, sub, type U64 } from "../../../base/u64.ts";
import type { Range } from "../../../kernel/answer.ts";
import { lookIova } from "../fixtures.ts";
import { linearAxis, WHOLE } from "./axis.ts";
import { landmarksOf } from "./landmarks.ts";
import { aligned, columnRange, columnsOf, overlay, windowOfStretches, withOverscan } from "./stretches.ts";
import { axisOf, panBy, type Scale } from "./viewport.ts";

const landmarks = landmarksOf(lookIova.lanes);
const axes = (["folded", "linear", "log"] as Scale[]).map((scale) => axisOf(scale, landmarks, WHOLE, 1043.5));

describe("columnsOf", () => {
  it("has a column for every px and every address in one of them", () => {
    for (const axis of axes) {
      const stretches = columnsOf(axis);
      expect(stretches.reduce((sum, stretch) => sum + stretch.columns, 0)).toBe(1044);
      let next: U64 = 0;
      for (let px = 0; px < 1044; px++) {
        const range = columnRange(stretches, px) as Range;
        expect(range.first).toBe(next);
        next = add(range.last, 1);
      }
      expect(sub(next, 1)).toBe(WHOLE.last);
    }
  });

  it("stands where the axis does, to half a px", () => {
    for (const axis of axes) {
      const stretches = columnsOf(axis);
      for (let px = 0; px < 1044; px += 7) expect(Math.abs(axis.toPx(columnRange(stretches, px)!.first) - px)).toBeLessThan(1);
    }
  });
});

describe("overlay", () => {
  it("is one to one on the same grid, with overscan or without", () => {
    for (const axis of axes) {
      const visible = columnsOf(axis);
      const { from, to } = overlay(visible, visible);
      expect([...from]).toEqual([...from].map((_, px) => px));
      expect([...to]).toEqual([...from]);
    }
    const middle = linearAxis({ first: 0x4000_0000, last: 0x7fff_ffff }, 1000);
    const wide = withOverscan(columnsOf(middle), 1000);
    expect(wide.map((stretch) => stretch.columns)).toEqual([3000]);
    expect([...overlay(columnsOf(middle), wide).from]).toEqual(Array.from({ length: 1000 }, (_, px) => 1000 + px));
  });

  it("stays one to one while the window is panned by whole px", () => {
    const view = { scale: "linear" as const, landmarks, window: { first: 0x4000_0000, last: 0x7fff_ffff }, width: 1000 };
    const wide = withOverscan(columnsOf(linearAxis(view.window, 1000)), 1000);
    for (const by of [-700, -3, 1, 250, 999]) {
      const visible = columnsOf(linearAxis(panBy(view, by), 1000));
      expect(aligned(wide, visible)).toBe(true);
      const { from, to } = overlay(visible, wide);
      expect(from[0]).toBe(1000 + by);
      expect(to[999]).toBe(1999 + by);
    }
  });

  it("shows each column of the source that meets a px, and no other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 30 }), fc.integer({ min: 4096, max: 2 ** 30 }), fc.integer({ min: 0, max: 2 ** 30 }), fc.integer({ min: 4096, max: 2 ** 30 }), (first, length, other, otherLength) => {
        const visible = [{ first, last: first + length - 1, columns: 90 }];
        const source = [{ first: other, last: other + otherLength - 1, columns: 130 }];
        const { from, to } = overlay(visible, source);
        for (let px = 0; px < 90; px++) {
          const shown = { first: first + (px * length) / 90, end: first + ((px + 1) * length) / 90 };
          const meets = Array.from({ length: 130 }, (_, column) => column).filter((column) => {
            const start = other + (column * otherLength) / 130;
            const stop = other + ((column + 1) * otherLength) / 130;
            return Math.min(stop, shown.end) - Math.max(start, shown.first) > 0.001 * Math.min(stop - start, shown.end - shown.first);
          });
          if (meets.length === 0) continue;
          expect(from[px]).toBeLessThanOrEqual(meets[0]!);
          expect(to[px]).toBeGreaterThanOrEqual(meets.at(-1)!);
          expect(to[px]! - from[px]! + 1).toBeLessThanOrEqual(meets.length + 2);
        }
      }),
    );
  });
});

describe("withOverscan", () => {
  it("ends where the space ends", () => {
    const stretches = withOverscan(columnsOf(linearAxis(WHOLE, 800)), 800);
    expect(windowOfStretches(stretches)).toEqual(WHOLE);
    expect(stretches).toHaveLength(1);
    const low = withOverscan(columnsOf(linearAxis({ first: 0x1000, last: 0x10_0fff }, 256)), 256);
    expect(low.map((stretch) => stretch.columns)).toEqual([513]);
    expect(low[0]!.first).toBe(0);
  });
});
