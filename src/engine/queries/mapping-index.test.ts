import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { U64_MAX, type U64 } from "../../base/u64.ts";
import type { IovaSpace, Mapping } from "../../kernel/inspect.ts";
import { MappingIndex } from "./mapping-index.ts";

function spaceOf(ranges: { first: U64; last: U64 }[]): IovaSpace {
  const mappings = ranges.map((range): Mapping => ({ ...range, key: "", readable: true, writable: true, userVa: 0, heldBy: [], shared: false, pinned: false }));
  return {
    key: "ioas:3/1", label: "IOAS 1", alignment: 4096, contributors: () => [], valid: () => [], allowed: () => [], mappingCount: () => mappings.length,
    eachMapping: (first, last, visit) => {
      for (const mapping of mappings) if (mapping.last >= first && mapping.first <= last && !visit(mapping)) return;
    },
  };
}

describe("MappingIndex", () => {
  const ranges = Array.from({ length: 50_000 }, (_, index) => {
    // Runs of touching pages with gaps of very different widths between them.
    const first = index * 4096 + Math.floor(index / 100) * 65536 + Math.floor(index / 5000) * 2 ** 40;
    return { first, last: first + 4095 };
  });
  const index = new MappingIndex(spaceOf(ranges));
  const end = ranges.at(-1)?.last as number;

  it("counts exactly what touches a window, in no more clusters than asked for", () => {
    fc.assert(
      fc.property(fc.nat(end), fc.nat(end), fc.integer({ min: 1, max: 1500 }), (one, other, most) => {
        const window = { first: Math.min(one, other), last: Math.max(one, other) };
        const touching = ranges.filter((range) => range.last >= window.first && range.first <= window.last);
        const clusters = index.clusters(window, most);
        expect(clusters.length).toBe(Math.min(most, touching.length));
        expect(clusters.reduce((sum, cluster) => sum + cluster.count, 0)).toBe(touching.length);
        expect(clusters[0]?.first).toBe(touching[0]?.first);
        expect(clusters.at(-1)?.last).toBe(touching.at(-1)?.last);
      }),
      { numRuns: 60 },
    );
  });

  it("cuts at the widest gaps", () => {
    const whole = { first: 0, last: U64_MAX };
    expect(index.clusters(whole, 10).map((cluster) => cluster.count)).toEqual(Array.from({ length: 10 }, () => 5000));
    expect(index.clusters(whole, 500).map((cluster) => cluster.count)).toEqual(Array.from({ length: 500 }, () => 100));
  });

  it("is exact at the top of the space", () => {
    const top = new MappingIndex(spaceOf([{ first: 0, last: 0xfff }, { first: U64_MAX as bigint - 0xfffn, last: U64_MAX }]));
    expect(top.clusters({ first: U64_MAX, last: U64_MAX }, 10)).toEqual([{ first: 0xffff_ffff_ffff_f000n, last: U64_MAX, count: 1 }]);
    expect(top.clusters({ first: 0x1000, last: 0x2000 }, 10)).toEqual([]);
  });
});
