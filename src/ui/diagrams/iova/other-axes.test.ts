import { describe, expect, it } from "vitest";
import { pow2, sub } from "../../../base/u64.ts";
import { linearAxis, SPACE_END, WHOLE } from "./axis.ts";
import { blendAxis, logAxis } from "./other-axes.ts";
import { fit, zoomAt, type View } from "./viewport.ts";

const NOWHERE = { bounds: [], weights: [1], outside: [false] };

describe("the log axis", () => {
  const axis = logAxis(WHOLE, 1040);

  it("gives every doubling the same room, from one page up", () => {
    const widths = [13, 20, 40, 63].map((bits) => axis.toPx(pow2(bits + 1)) - axis.toPx(pow2(bits)));
    for (const width of widths) expect(width).toBeCloseTo(1040 / 53, 6);
    expect(axis.toPx(0)).toBe(0);
    expect(axis.toPx(SPACE_END)).toBe(1040);
  });

  it("finds its way back from px, exactly high up", () => {
    for (const address of [0, 0x1000, 0xfee0_0000, sub(pow2(63), 1), pow2(63)]) {
      const px = axis.toPx(address);
      expect(Math.abs(axis.toPx(axis.toAddress(px)) - px)).toBeLessThan(0.01);
    }
  });

  it("zooms from everything to one page around any place", () => {
    let view: View = { scale: "log", landmarks: NOWHERE, window: WHOLE, width: 1040 };
    const anchor = axis.toAddress(700);
    const off: number[] = [];
    for (let round = 0; round < 90; round++) {
      view = { ...view, window: zoomAt(view, 700, 1.6) };
      if (round < 30) off.push(Math.abs(logAxis(view.window, 1040).toPx(anchor) - 700));
    }
    expect(Math.max(...off)).toBeLessThan(0.5);
    expect(sub(view.window.last, view.window.first)).toBe(4095);
  });
});

describe("between two axes", () => {
  it("every address is on its way, in order", () => {
    const from = logAxis(WHOLE, 1000);
    const to = linearAxis(fit({ first: 0xfee0_0000, last: 0xfeef_ffff }), 1000);
    for (const share of [0, 0.3, 0.7, 1]) {
      const axis = blendAxis(from, to, share);
      for (const address of [0xfee0_0000, 0xfee8_0000, 0xfeef_ffff].filter((each) => axis.window.first <= each && each <= axis.window.last)) {
        expect(axis.toPx(address)).toBeCloseTo(from.toPx(address) * (1 - share) + to.toPx(address) * share, 3);
      }
      const lefts = axis.segments.map((segment) => segment.left);
      expect(lefts).toEqual(lefts.toSorted((one, other) => one - other));
    }
    expect(blendAxis(from, to, 1).window).toEqual(to.window);
  });
});
