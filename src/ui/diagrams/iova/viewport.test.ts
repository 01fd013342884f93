import { assert, bigInt, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { add, lengthOf, sub, toBig, U64_MAX } from "../../../base/u64.ts";
import { highHole, lookIova } from "../fixtures.ts";
import { WHOLE } from "./axis.ts";
import { landmarksOf } from "./landmarks.ts";
import { axisOf, drag, fit, NARROWEST, panBy, windowOf, zoomAt, type View } from "./viewport.ts";

const landmarks = landmarksOf(lookIova.lanes);

function view(scale: View["scale"], window = WHOLE): View {
  return { scale, landmarks, window, width: 720 };
}

describe.each(["folded", "linear"] as const)("zooming a %s axis", (scale) => {
  it("goes from the whole space to one page with the address under the pointer in place", () => {
    for (const px of [60, 180, 333, 600]) {
      let now = view(scale);
      for (let step = 0; step < 200 && lengthOf(now.window.first, now.window.last) > NARROWEST * 2; step++) {
        const anchor = axisOf(scale, landmarks, now.window, 720).toAddress(px);
        now = { ...now, window: zoomAt(now, px, 1.4) };
        const moved = axisOf(scale, landmarks, now.window, 720).toPx(anchor) - px;
        expect(Math.abs(moved)).toBeLessThan(3);
      }
      expect(lengthOf(now.window.first, now.window.last)).toBeLessThanOrEqual(NARROWEST * 2);
    }
  });

  it("comes back to the whole space", () => {
    let now = view(scale, { first: 0xfee00000, last: 0xfee00fff });
    for (let step = 0; step < 200; step++) now = { ...now, window: zoomAt(now, 300, 0.6) };
    expect(now.window).toEqual(WHOLE);
  });

  it("keeps the dragged address under the pointer", () => {
    const start = view(scale, { first: 0xf0000000, last: 0x2_0000_0000 });
    const anchor = axisOf(scale, landmarks, start.window, 720).toAddress(200);
    const window = drag(start, 200, 260);
    expect(Math.abs(axisOf(scale, landmarks, window, 720).toPx(anchor) - 260)).toBeLessThan(3);
  });

  it("never leaves the space", () => {
    assert(
      property(bigInt({ min: 0n, max: (1n << 64n) - 1n }), integer({ min: 0, max: 52 }), integer({ min: -3000, max: 3000 }), integer({ min: 0, max: 720 }), (first, bits, px, at) => {
        const now = view(scale, windowOf(first <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(first) : first, add(first, 1n << BigInt(bits))));
        for (const window of [panBy(now, px), zoomAt(now, at, 1.3), zoomAt(now, at, 0.5), drag(now, at, at + px)]) {
          expect(window.first >= 0 && window.last <= U64_MAX && window.first < window.last).toBe(true);
          expect(lengthOf(window.first, window.last) >= NARROWEST).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("fit", () => {
  it("shows a range with some room around it, by the page", () => {
    const window = fit({ first: 0xfee00000, last: 0xfeefffff });
    expect(window.first).toBe(0xfede0000);
    expect(window.last).toBe(0xfef1ffff);
  });

  it("is exact at the top of the space", () => {
    const window = fit(highHole);
    expect(toBig(sub(highHole.first, window.first))).toBe(0x20000n);
    expect(fit({ first: sub(U64_MAX, 4095), last: U64_MAX }).last).toBe(U64_MAX);
  });

  it("shows no less than a page", () => {
    const window = fit({ first: 0x1234, last: 0x1234 });
    expect(lengthOf(window.first, window.last)).toBe(NARROWEST);
  });
});
