import { array, assert, bigInt, property } from "fast-check";
import { describe, expect, it } from "vitest";
import { add, fromBig, sub, U64_MAX, type U64 } from "../../../base/u64.ts";
import { beforeFrame, crowdedFrame, highHole, lookIova } from "../fixtures.ts";
import { foldedAxis, linearAxis, scaleOf, shift, SPACE_END, WHOLE, type Axis, type Landmarks } from "./axis.ts";
import { landmarksOf } from "./landmarks.ts";

const LOOK = landmarksOf(lookIova.lanes);
const anyAddress = bigInt({ min: 0n, max: (1n << 64n) - 1n }).map(fromBig);

function plain(bounds: U64[]): Landmarks {
  return { bounds, weights: [...bounds, 0].map(() => 1), outside: [...bounds, 0].map(() => false) };
}

describe("linearAxis", () => {
  it("is exact at the top of the space, down to one page", () => {
    const window = { first: highHole.first, last: add(highHole.first, 4095) };
    const axis = linearAxis(window, 1024);
    for (let byte = 0; byte <= 4096; byte += 256) expect(axis.toPx(add(window.first, byte))).toBe(byte / 4);
    expect(axis.toAddress(512)).toBe(add(window.first, 2048));
  });

  it("shows the whole space and its very last byte", () => {
    const axis = linearAxis(WHOLE, 1000);
    expect(axis.toPx(SPACE_END)).toBe(1000);
    expect(axis.toAddress(1000)).toBe(U64_MAX);
    expect(axis.toPx(add(0x7fffffff_ffffffffn, 1))).toBeCloseTo(500, 9);
  });
});

describe("foldedAxis", () => {
  it("makes a 1 MiB hole visible in the whole space", () => {
    const axis = foldedAxis(LOOK, WHOLE, 720);
    expect(axis.toPx(0xfef00000) - axis.toPx(0xfee00000)).toBeGreaterThan(30);
  });

  it("fills the width without gaps, in order", () => {
    for (const lanes of [lookIova.lanes, crowdedFrame().iova!.lanes]) {
      const { segments } = foldedAxis(landmarksOf(lanes), WHOLE, 900);
      expect(segments[0]!.left).toBe(0);
      expect(segments.at(-1)!.right).toBe(900);
      segments.slice(1).forEach((segment, index) => {
        expect(segment.left).toBe(segments[index]!.right);
        expect(segment.first).toBe(segments[index]!.end);
        expect(segment.right).toBeGreaterThan(segment.left);
      });
    }
  });

  it("marks breaks where the scale turns much coarser, and not at the finest place", () => {
    const { segments } = foldedAxis(LOOK, WHOLE, 720);
    const msi = segments.find((segment) => segment.first === 0xfee00000)!;
    expect(msi.broken).toBe(false);
    expect(segments.filter((segment) => segment.broken).length).toBeGreaterThanOrEqual(3);
    expect(segments.find((segment) => segment.first === 0x80000000)!.broken).toBe(true);
  });

  it("finds every address again within a px's worth of bytes", () => {
    assert(
      property(anyAddress, (address) => {
        const axis = foldedAxis(LOOK, WHOLE, 1000);
        const px = axis.toPx(address);
        const back = axis.toAddress(px);
        const segment = axis.segments.find((candidate) => address < candidate.end)!;
        const off = back > address ? sub(back, address) : sub(address, back);
        expect(Number(off)).toBeLessThanOrEqual(scaleOf(segment) * 0.01 + 1);
      }),
    );
  });

  it("never reverses two addresses", () => {
    assert(
      property(anyAddress, anyAddress, array(anyAddress, { maxLength: 20 }), (one, other, marks) => {
        const bounds = [...new Set(marks)].filter((mark) => mark > 0).toSorted((left, right) => (left < right ? -1 : 1));
        const axis: Axis = foldedAxis(plain(bounds), WHOLE, 800);
        const [low, high] = one <= other ? [one, other] : [other, one];
        expect(axis.toPx(low)).toBeLessThanOrEqual(axis.toPx(high));
      }),
    );
  });

  it("is the same for the same landmarks", () => {
    expect(foldedAxis(landmarksOf(lookIova.lanes), WHOLE, 720).segments).toEqual(foldedAxis(LOOK, WHOLE, 720).segments);
  });

  it("moves the others little when the call on screen adds its place", () => {
    const before = foldedAxis(landmarksOf(beforeFrame.iova!.lanes), WHOLE, 720);
    const after = foldedAxis(LOOK, WHOLE, 720);
    for (const { first } of before.segments) expect(Math.abs(before.toPx(first) - after.toPx(first))).toBeLessThan(60);
  });

  it("turns linear as soon as everything is legible so", () => {
    const axis = foldedAxis(LOOK, { first: 0xfec00000, last: 0xff0fffff }, 720);
    const scales = axis.segments.map(scaleOf);
    expect(axis.segments.length).toBe(3);
    expect(Math.max(...scales) / Math.min(...scales)).toBeCloseTo(1, 6);
    expect(axis.segments.some((segment) => segment.broken)).toBe(false);
  });

  it("is exact beside a landmark at the top of the space", () => {
    const window = { first: sub(highHole.first, 2048), last: add(highHole.first, 2047) };
    const axis = foldedAxis(plain([highHole.first]), window, 1024);
    expect(axis.toPx(highHole.first)).toBeCloseTo(512, 6);
    expect(axis.toPx(add(highHole.first, 4)) - axis.toPx(highHole.first)).toBeCloseTo(1, 6);
  });

  it("moves continuously while a landmark leaves the window", () => {
    const places = Array.from({ length: 400 }, (_, index) => foldedAxis(LOOK, { first: 0xc0000000, last: 0xfee00000 + 400_000 - index * 2_000 }, 720).toPx(0xd0000000));
    const jumps = places.slice(1).map((px, index) => Math.abs(px - places[index]!));
    expect(Math.max(...jumps)).toBeLessThan(8);
  });
});

describe("shift", () => {
  it("stays inside the space", () => {
    expect(shift(5, -10)).toBe(0);
    expect(shift(U64_MAX, 1e19)).toBe(SPACE_END);
    expect(shift(0x1000, -1)).toBe(0xfff);
  });
});
