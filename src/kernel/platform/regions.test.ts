import { describe, expect, it } from "vitest";
import type { RegionType, ReservedRegion } from "../config.ts";
import { U64_MAX } from "../../base/u64.ts";
import { directRegionOf, insertRegion, mergeRegions, softwareMsiBase } from "./regions.ts";

const region = (first: ReservedRegion["first"], last: ReservedRegion["last"], type: RegionType): ReservedRegion => ({ first, last, type });

describe("insertRegion", () => {
  const start = mergeRegions([
    region(0x8000000, 0x80fffff, "sw-msi"),
    region(0x1000, 0x1fff, "direct"),
    region(0x2000, 0x2fff, "direct"),
    region(0x1800, 0x27ff, "reserved"),
    region(0x5000, 0x5fff, "direct"),
  ]);

  it("sorts by start and merges what touches within a type only", () => {
    expect(start).toEqual([
      region(0x1000, 0x2fff, "direct"),
      region(0x1800, 0x27ff, "reserved"),
      region(0x5000, 0x5fff, "direct"),
      region(0x8000000, 0x80fffff, "sw-msi"),
    ]);
  });

  it("swallows later regions of the same type", () => {
    expect(insertRegion(start, region(0x1000, 0x5fff, "direct"))).toEqual([
      region(0x1000, 0x5fff, "direct"),
      region(0x1800, 0x27ff, "reserved"),
      region(0x8000000, 0x80fffff, "sw-msi"),
    ]);
  });

  it("orders equal starts by type", () => {
    const list = mergeRegions([region(0x1000, 0x1fff, "msi"), region(0x1000, 0x3fff, "direct"), region(0x1000, 0x1fff, "reserved")]);
    expect(list.map(({ type }) => type)).toEqual(["direct", "reserved", "msi"]);
  });

  it("keeps a gap of one byte", () => {
    expect(mergeRegions([region(0, 0xfff, "reserved"), region(0x1001, 0x1fff, "reserved")])).toHaveLength(2);
  });

  it("does not merge behind a region that reaches the last byte", () => {
    expect(mergeRegions([region(0x1000, U64_MAX, "reserved"), region(0x2000, 0x2fff, "reserved")])).toHaveLength(2);
  });
});

describe("softwareMsiBase", () => {
  it("lets hardware MSI win, in any order", () => {
    expect(softwareMsiBase(mergeRegions([region(0xfee00000, 0xfeefffff, "msi"), region(0x8000000, 0x80fffff, "sw-msi")]))).toBeNull();
    expect(softwareMsiBase(mergeRegions([region(0x8000000, 0x80fffff, "sw-msi")]))).toBe(0x8000000);
  });

  it("takes the last of several windows and is null without any", () => {
    expect(softwareMsiBase(mergeRegions([region(0x9000000, 0x90fffff, "sw-msi"), region(0x8000000, 0x80fffff, "sw-msi")]))).toBe(0x9000000);
    expect(softwareMsiBase([])).toBeNull();
  });
});

describe("directRegionOf", () => {
  it("does not count relaxable regions", () => {
    const device = { name: "0000:00:02.0", group: 1, regions: [region(0x1000, 0x1fff, "direct-relaxable")] };
    expect(directRegionOf(device)).toBeNull();
    const strict = region(0x8b800000, 0x8fffffff, "direct");
    expect(directRegionOf({ ...device, regions: [strict] })).toBe(strict);
  });
});
