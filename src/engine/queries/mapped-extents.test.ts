import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { U64_MAX, type U64 } from "../../base/u64.ts";
import type { IovaSpace, Mapping } from "../../kernel/inspect.ts";
import type { Stretch } from "../views.ts";
import { clustersIn } from "./clusters.ts";
import { Columns, columnStart } from "./dense.ts";
import { extentsOf } from "./mapped-extents.ts";

interface Known {
  first: U64;
  last: U64;
}

function extentsWith(ranges: readonly Known[]) {
  const mappings = ranges.map((range): Mapping => ({ ...range, key: "", readable: true, writable: true, userVa: 0, heldBy: [], shared: false, pinned: false }));
  const space: IovaSpace = {
    key: "ioas:3/1", label: "IOAS 1", alignment: 4096, contributors: () => [], valid: () => [], allowed: () => [], mappingCount: () => mappings.length,
    eachMapping: (first, last, visit) => {
      for (const mapping of mappings) if (mapping.last >= first && mapping.first <= last && !visit(mapping)) return;
    },
  };
  return extentsOf(space);
}

const big = (value: U64): bigint => BigInt(value);
const u64 = (value: bigint): U64 => (value <= 9007199254740991n ? Number(value) : value);

/** Ranges that don't overlap, from gaps and lengths; some start low, some just below 2^53, some at the top. */
const ranges = fc
  .tuple(fc.constantFrom(0n, 0x10_0000n, (1n << 53n) - 0x4000n, (1n << 64n) - 0x40_0000n), fc.array(fc.tuple(fc.constantFrom(0, 1, 0x1000, 0x5000), fc.constantFrom(1, 0x1000, 0x3000)), { maxLength: 60 }))
  .map(([base, steps]) => {
    const found: Known[] = [];
    let at = base;
    for (const [gap, length] of steps) {
      at += BigInt(gap);
      found.push({ first: u64(at), last: u64(at + BigInt(length) - 1n) });
      at += BigInt(length);
    }
    return found;
  });

const window = fc.tuple(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.bigInt({ min: 0n, max: 0x9_0000n }), fc.constantFrom("near", "far"), ranges).map(([far, near, which, known]) => {
  const base = known[0] ? big(known[0].first) : 0n;
  const first = which === "far" ? far : base > 0x1000n ? base - 0x1000n : base;
  const last = first + near > BigInt(U64_MAX) ? BigInt(U64_MAX) : first + near;
  return { known, window: { first: u64(first), last: u64(last) } };
});

describe("extents", () => {
  it("know what touches a window", () => {
    fc.assert(
      fc.property(window, ({ known, window: seen }) => {
        const extents = extentsWith(known);
        const touching = known.filter((range) => range.last >= seen.first && range.first <= seen.last);
        expect(extents.touching(seen)).toBe(touching.length);
        expect(Array.from({ length: extents.count }, (_, index) => ({ first: extents.first(index), last: extents.last(index) }))).toEqual(known);
      }),
    );
  });
});

describe("columns", () => {
  it("say exactly how much of each is covered, and by how many", () => {
    fc.assert(
      fc.property(window, fc.integer({ min: 1, max: 40 }), ({ known, window: seen }, columns) => {
        const stretch: Stretch = { ...seen, columns };
        const { cover, counts } = new Columns(seen, [stretch]).of(extentsWith(known));
        expect(counts.length).toBe(columns);
        for (let column = 0; column < columns; column++) {
          const start = big(columnStart(stretch, columns, column));
          const end = big(columnStart(stretch, columns, column + 1));
          const size = end > start ? end - start : 1n;
          const last = start + size - 1n;
          const inside = known.filter((range) => big(range.last) >= start && big(range.first) <= last);
          const bytes = inside.reduce((sum, range) => sum + ((big(range.last) < last ? big(range.last) : last) - (big(range.first) > start ? big(range.first) : start) + 1n), 0n);
          expect(counts[column]).toBe(inside.length);
          const share = Math.round((Number(bytes) / Number(size)) * 255);
          const exact = inside.length === 0 ? 0 : bytes === size ? 255 : Math.max(1, Math.min(254, share));
          expect(Math.abs((cover[column] as number) - exact)).toBeLessThanOrEqual(1);
          expect([cover[column] === 0, cover[column] === 255]).toEqual([inside.length === 0, bytes === size]);
        }
      }),
    );
  });

  it("follow the stretches of a folded axis", () => {
    const extents = extentsWith([{ first: 0x1000, last: 0x1fff }, { first: 0x10_0000_0000, last: 0x10_0000_0fff }]);
    const stretches = [{ first: 0, last: 0x3fff, columns: 4 }, { first: 0x4000, last: 0xf_ffff_ffff, columns: 2 }, { first: 0x10_0000_0000, last: 0x10_0000_1fff, columns: 2 }];
    const { cover, counts } = new Columns({ first: 0, last: 0x10_0000_1fff }, stretches).of(extents);
    expect([...cover]).toEqual([0, 255, 0, 0, 0, 0, 255, 0]);
    expect([...counts]).toEqual([0, 1, 0, 0, 0, 0, 1, 0]);
  });

  it("cut all 64 bits evenly", () => {
    const whole = { first: 0, last: U64_MAX };
    expect([0, 1, 2, 3, 4].map((index) => columnStart(whole, 4, index))).toEqual([0, 1n << 62n, 1n << 63n, 3n << 62n, 1n << 64n]);
  });
});

describe("clusters", () => {
  const known = Array.from({ length: 50_000 }, (_, index) => {
    // Runs of touching pages with gaps of very different widths between them.
    const first = index * 4096 + Math.floor(index / 100) * 65536 + Math.floor(index / 5000) * 2 ** 40;
    return { first, last: first + 4095 };
  });
  const extents = extentsWith(known);
  const end = known.at(-1)?.last as number;

  it("count exactly what touches a window, in no more than asked for", () => {
    fc.assert(
      fc.property(fc.nat(end), fc.nat(end), fc.integer({ min: 1, max: 1500 }), (one, other, most) => {
        const seen = { first: Math.min(one, other), last: Math.max(one, other) };
        const touching = known.filter((range) => range.last >= seen.first && range.first <= seen.last);
        const clusters = clustersIn(extents, seen, most);
        expect(clusters.length).toBe(Math.min(most, touching.length));
        expect(clusters.reduce((sum, cluster) => sum + cluster.count, 0)).toBe(touching.length);
        expect(clusters[0]?.first).toBe(touching[0]?.first);
        expect(clusters.at(-1)?.last).toBe(touching.at(-1)?.last);
      }),
      { numRuns: 60 },
    );
  });

  it("part at the widest gaps", () => {
    const whole = { first: 0, last: U64_MAX };
    expect(clustersIn(extents, whole, 10).map((cluster) => cluster.count)).toEqual(Array.from({ length: 10 }, () => 5000));
    expect(clustersIn(extents, whole, 500).map((cluster) => cluster.count)).toEqual(Array.from({ length: 500 }, () => 100));
  });

  it("are even where all gaps are", () => {
    const even = extentsWith(Array.from({ length: 40_000 }, (_, index) => ({ first: index * 0x2000, last: index * 0x2000 + 0xfff })));
    const sizes = clustersIn(even, { first: 0, last: U64_MAX }, 100).map((cluster) => cluster.count);
    expect(sizes.length).toBe(100);
    expect(Math.max(...sizes)).toBeLessThan(700);
  });

  it("are exact at the top of the space", () => {
    const top = extentsWith([{ first: 0, last: 0xfff }, { first: (U64_MAX as bigint) - 0xfffn, last: U64_MAX }]);
    expect(clustersIn(top, { first: U64_MAX, last: U64_MAX }, 10)).toEqual([{ first: 0xffff_ffff_ffff_f000n, last: U64_MAX, count: 1 }]);
    expect(clustersIn(top, { first: 0x1000, last: 0x2000 }, 10)).toEqual([]);
  });
});
