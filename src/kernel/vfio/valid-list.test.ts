import { describe, expect, it } from "vitest";
import { pow2, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../answer.ts";
import type { PlatformKind } from "../config.ts";
import { makePlatform } from "../platform/platform.ts";
import { allows, commonAperture, exclude, outline, resizeToAperture, sameList, withEdges } from "./valid-list.ts";

const range = (first: U64, last: U64): Range => ({ first, last });
const without = (list: readonly Range[], holes: readonly Range[]): Range[] => exclude(list, holes).list;
const MSI = range(0xfee00000, 0xfeefffff);

describe("resizeToAperture", () => {
  it("turns an empty list into the aperture", () => {
    expect(resizeToAperture([], range(0x1000, 0xffff))).toEqual([range(0x1000, 0xffff)]);
  });

  it("cuts both ends and drops windows outside", () => {
    const list = [range(0, 0xfff), range(0x2000, 0x2fff), range(0x4000, 0x4fff)];
    expect(resizeToAperture(list, range(0x2800, 0x47ff))).toEqual([range(0x2800, 0x2fff), range(0x4000, 0x47ff)]);
  });

  it("widens nothing", () => {
    expect(resizeToAperture([range(0x2000, 0x2fff)], range(0, U64_MAX))).toEqual([range(0x2000, 0x2fff)]);
  });

  it("drops a window of which only the edge byte is inside", () => {
    const list = [range(0, 0xfff), range(0x2000, 0xffff)];
    expect(resizeToAperture(list, range(0xfff, 0x1fff))).toEqual([]);
    expect(resizeToAperture(list, range(0x1000, 0x2000))).toEqual([]);
  });

  it("loses everything when the aperture falls into a hole", () => {
    expect(resizeToAperture([range(0, 0xfff), range(0x2000, 0x2fff)], range(0x1000, 0x1fff))).toEqual([]);
  });
});

describe("exclude", () => {
  it("splits, trims and removes", () => {
    expect(without([range(0, 0xffff)], [range(0x1000, 0x1fff)])).toEqual([range(0, 0xfff), range(0x2000, 0xffff)]);
    expect(without([range(0, 0xffff)], [range(0, 0xfff), range(0xf000, 0x1ffff)])).toEqual([range(0x1000, 0xefff)]);
    expect(without([range(0x1000, 0x1fff)], [range(0, 0xffff)])).toEqual([]);
  });

  it("gives the same for regions of one start in either order", () => {
    const short = range(0x1000, 0x1fff);
    const long = range(0x1000, 0x3fff);
    const expected = [range(0, 0xfff), range(0x4000, 0xffff)];
    expect(without([range(0, 0xffff)], [short, long])).toEqual(expected);
    expect(without([range(0, 0xffff)], [long, short])).toEqual(expected);
  });

  it("stops half-way when an insertion fails", () => {
    const holes = [range(0x1000, 0x1fff), range(0x8000, 0x8fff)];
    expect(exclude([range(0, 0xffff)], holes, 2)).toEqual({ list: [range(0, 0xfff), range(0, 0xffff)], failed: true });
    expect(exclude([range(0, 0xffff)], holes, 3)).toEqual({ list: [range(0, 0xfff), range(0x2000, 0xffff)], failed: true });
    expect(exclude([range(0, 0xffff)], holes, 5).failed).toBe(false);
  });

  it("works up to the last byte", () => {
    expect(without([range(0, U64_MAX)], [range(pow2(63), U64_MAX)])).toEqual([range(0, sub(pow2(63), 1))]);
  });
});

describe("edges", () => {
  it("moves the outer edges only", () => {
    expect(withEdges([range(5, 6), range(8, 9)], range(0, 20))).toEqual([range(0, 6), range(8, 20)]);
    expect(withEdges([], range(0, 20))).toEqual([]);
    expect(outline([range(5, 6), range(8, 9)])).toEqual(range(5, 9));
    expect(outline([])).toBeNull();
  });

  it("takes the tightest of the apertures", () => {
    expect(commonAperture([])).toEqual(range(0, U64_MAX));
    expect(commonAperture([range(0, 100), range(10, 200)])).toEqual(range(10, 100));
  });
});

describe("allows", () => {
  it("wants one window for the whole range", () => {
    const list = [range(0, 0xfff), range(0x1000, 0x1fff)];
    expect(allows(list, 0x1000, 0x1fff)).toBe(true);
    expect(allows(list, 0x800, 0x17ff)).toBe(false);
  });

  it("takes everything when the list is empty", () => {
    expect(allows([], 0, U64_MAX)).toBe(true);
  });
});

describe("the list after a first attach", () => {
  const after = (kind: PlatformKind, bits?: number, regions?: Range[]) => {
    const platform = makePlatform(kind, { addressBits: bits });
    return without(resizeToAperture([], platform.aperture), regions ?? platform.commonRegions);
  };
  const vtd = (last: U64) => [range(0, 0xfedfffff), range(0xfef00000, last)];

  it.each([
    [39, 0x7f_ffff_ffff],
    [48, 0xffff_ffff_ffff],
    [57, sub(pow2(57), 1)],
  ] as const)("VT-d second level, %i bits", (bits, last) => {
    expect(after("intel-vtd", bits)).toEqual(vtd(last));
  });

  it("VT-d first level of four levels", () => {
    expect(after("intel-vtd-scalable", 47)).toEqual(vtd(0x7fff_ffff_ffff));
  });

  it("AMD with version 1 tables", () => {
    expect(after("amd-vi")).toEqual([range(0, 0xfedfffff), range(0xfef00000, 0xfc_ffff_ffff), range(0x100_0000_0000, U64_MAX)]);
  });

  it("SMMUv3, with and without an RMR", () => {
    expect(after("arm-smmuv3")).toEqual([range(0, 0x7ffffff), range(0x8100000, 0xffff_ffff_ffff)]);
    const regions = [...makePlatform("arm-smmuv3").commonRegions, range(0x80000000, 0x801fffff)];
    expect(after("arm-smmuv3", 48, regions)).toEqual([range(0, 0x7ffffff), range(0x8100000, 0x7fffffff), range(0x80200000, 0xffff_ffff_ffff)]);
  });

  it("a 48-bit group joined by a 39-bit one", () => {
    const list = without(resizeToAperture(after("intel-vtd", 48), makePlatform("intel-vtd").aperture), [MSI]);
    expect(sameList(list, vtd(0x7f_ffff_ffff))).toBe(true);
  });
});
