import { describe, expect, it } from "vitest";
import type { DenseLane, Span } from "../../../engine/views.ts";
import { linearAxis } from "./axis.ts";
import { columnAt, denseRows, denseRuns, percent, pixelsOf, shadesOf } from "./dense.ts";
import { columnsOf, withOverscan } from "./stretches.ts";

const WINDOW = { first: 0x10_0000, last: 0x1f_ffff };
const axis = linearAxis(WINDOW, 256);

/** A page in every tenth column of a page each. */
function lane(stretches = columnsOf(axis)): DenseLane {
  const columns = stretches.reduce((sum, stretch) => sum + stretch.columns, 0);
  const cover = new Uint8Array(columns);
  const counts = new Uint32Array(columns);
  for (let at = 0; at < columns; at += 10) {
    cover[at] = 128;
    counts[at] = 3;
  }
  return { first: stretches[0]!.first, last: stretches.at(-1)!.last, cover, counts, stretches };
}

describe("dense rows", () => {
  it("show each column as it is while the grid is the screen's", () => {
    const row = denseRows(axis)(lane(), []);
    expect(row.exact).toBe(true);
    expect([...row.cover]).toEqual([...lane().cover]);
  });

  it("never lose anything when several columns fall on one px", () => {
    const coarse = linearAxis(WINDOW, 20);
    const row = denseRows(coarse)(lane(), []);
    expect(row.exact).toBe(false);
    expect([...row.cover].every((cover) => cover > 0)).toBe(true);
  });

  it("say where the overview has something while the answer does not reach", () => {
    const far = linearAxis({ first: 0x20_0000, last: 0x2f_ffff }, 256);
    const span = { first: 0x28_0000, last: 0x28_ffff, count: 9 } as Span;
    const row = denseRows(far)(lane(), [span]);
    expect(row.cover.reduce((sum, cover) => sum + (cover > 0 ? 1 : 0), 0)).toBe(16);
    expect(row.cover[128]).toBeGreaterThan(0);
    expect(row.exact).toBe(false);
  });

  it("are exact over the part of a wider answer", () => {
    const row = denseRows(axis)(lane(withOverscan(columnsOf(axis), 256)), []);
    expect(row.exact).toBe(true);
  });

  it("find the column under the pointer, or one near by", () => {
    const row = denseRows(axis)(lane(), []);
    expect(columnAt(row, 20.4, 3)).toMatchObject({ px: 20, count: 3, first: 0x11_4000, last: 0x11_4fff });
    expect(columnAt(row, 18, 3)?.px).toBe(20);
    expect(columnAt(row, 25, 3)).toBeNull();
  });

  it("become a few stretches in words", () => {
    const runs = denseRuns(denseRows(axis)(lane(), []), 4);
    expect(runs).toHaveLength(4);
    expect(runs[0]!.first).toBe(WINDOW.first);
    expect(runs.at(-1)!.last).toBe(0x10_0000 + 251 * 4096 - 1);
  });

  it("colour something wherever there is something, and nothing elsewhere", () => {
    const shades = shadesOf([0, 0, 255], [255, 255, 255]);
    const pixels = pixelsOf({ ...denseRows(axis)(lane(), []) }, shades);
    expect(pixels[1]).toBe(0);
    expect(pixels[10]).not.toBe(0);
    expect(shades[255]).toBe(0xffff0000);
    expect(new Set(shades).size).toBeGreaterThan(100);
  });

  it("never round to nothing or to all", () => {
    expect([0, 0.0001, 0.61, 0.999, 1].map(percent)).toEqual(["0 %", "less than 1 %", "61 %", "more than 99 %", "100 %"]);
  });
});
