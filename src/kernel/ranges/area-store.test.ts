import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { add, lengthOf, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import { AreaStore, type Area } from "./area-store.ts";

/** The same thing, slow and obvious. */
class Naive {
  areas: Area[] = [];

  overlaps(first: U64, last: U64): boolean {
    return this.areas.some((area) => area.first <= last && area.last >= first);
  }

  insert(area: Area): void {
    this.areas.push(area);
    this.areas.sort((one, other) => (one.first < other.first ? -1 : 1));
  }

  remove(first: U64): void {
    this.areas = this.areas.filter((area) => area.first !== first);
  }

  hole(from: U64, length: U64): [U64, U64] | null {
    let start = from;
    for (const area of [...this.areas, null]) {
      if (area && area.last < start) continue;
      const end = area ? (area.first === 0 ? null : sub(area.first, 1)) : U64_MAX;
      if (end !== null && start <= end && lengthOf(start, end) >= length) return [start, end];
      if (!area || area.last === U64_MAX) return null;
      start = add(area.last, 1);
    }
    return null;
  }
}

function all(store: AreaStore): Area[] {
  const found: Area[] = [];
  store.each(0, U64_MAX, (area) => found.push(area) > 0);
  return found;
}

/** Few places, so that things meet; some of them beyond 2^53. */
const BASES: readonly bigint[] = [0n, 0x1000n, 1n << 40n, (1n << 53n) - 0x8000n, (1n << 63n), (1n << 64n) - 0x40000n];
const place = fc.tuple(fc.constantFrom(...BASES), fc.nat(0x3f)).map(([base, page]) => narrow(base + BigInt(page) * 0x1000n));
const size = fc.constantFrom<U64>(1, 0x800, 0x1000, 0x3000, 0x10000, narrow(1n << 54n));
const step = fc.record({ kind: fc.constantFrom("add", "add", "add", "remove", "hole", "clone"), first: place, length: size, pick: fc.nat(1000) });

function narrow(value: bigint): U64 {
  return value <= 9007199254740991n ? Number(value) : value;
}

describe("the area store", () => {
  it("does what a sorted list does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        let store = new AreaStore();
        const naive = new Naive();
        const got: unknown[] = [];
        const wanted: unknown[] = [];
        for (const { kind, first, length, pick } of steps) {
          const last = add(first, sub(length, 1));
          if (last > U64_MAX) continue;
          if (kind === "add") {
            got.push(store.overlaps(first, last));
            wanted.push(naive.overlaps(first, last));
            if (naive.overlaps(first, last)) continue;
            const area = { first, last, va: pick % 3 === 0 ? (1n << 60n) + BigInt(pick) : pick, flags: pick % 4, ref: pick };
            store.insert(first, last, area.va, area.flags, area.ref);
            naive.insert(area);
          } else if (kind === "remove") {
            const victim = naive.areas[pick % Math.max(1, naive.areas.length)];
            if (!victim) continue;
            store.remove(victim.first);
            naive.remove(victim.first);
          } else if (kind === "clone") store = store.cloneSelf();
          else {
            got.push(store.holeFrom(first, length) ? [store.holeFirst, store.holeLast] : null);
            wanted.push(naive.hole(first, length));
          }
          got.push(store.firstTouching(first, last));
          wanted.push(naive.areas.find((area) => area.first <= last && area.last >= first) ?? null);
        }
        expect(got).toEqual(wanted);
        expect(store.count).toBe(naive.areas.length);
        expect(all(store)).toEqual(naive.areas);
        const extents: [U64, U64][] = [];
        store.eachExtent(0, U64_MAX, (first, last) => extents.push([first, last]) > 0);
        expect(extents).toEqual(naive.areas.map((area) => [area.first, area.last]));
      }),
      { numRuns: 300 },
    );
  });

  it("splits, merges and shares chunks without losing areas or gaps", () => {
    const store = new AreaStore();
    const naive = new Naive();
    const order = Array.from({ length: 3000 }, (_, index) => (index * 1237) % 3000);
    const put = (number: number): void => store.insert(number * 0x2000, number * 0x2000 + 0xfff, number, 1, 0);
    for (const number of order) naive.insert({ first: number * 0x2000, last: number * 0x2000 + 0xfff, va: number, flags: 1, ref: 0 });
    for (const number of order.slice(0, 1500)) put(number);
    const twin = store.cloneSelf();
    store.remove(0);
    expect([twin.count, store.count, twin.at(0)?.va, store.at(0)]).toEqual([1500, 1499, 0, null]);
    put(0);
    for (const number of order.slice(1500)) put(number);
    expect(twin.count).toBe(1500);
    expect(all(store)).toEqual(naive.areas);
    expect(store.bytes / store.count).toBeLessThan(64);
    for (const number of order.slice(0, 2900)) {
      store.remove(number * 0x2000);
      naive.remove(number * 0x2000);
    }
    expect(all(store)).toEqual(naive.areas);
    for (const length of [0x1000, 0x3000, 0x20000, 0x100000]) {
      expect(store.holeFrom(0x5000, length) ? [store.holeFirst, store.holeLast] : null).toEqual(naive.hole(0x5000, length));
    }
  });

  it("finds the first gap behind a million neighbours", () => {
    const store = new AreaStore();
    const COUNT = 1_000_000;
    for (let index = 0; index < COUNT; index++) store.insert(index * 0x1000, index * 0x1000 + 0xfff, index, 0, 0);
    expect(store.bytes / store.count).toBeLessThan(64);
    expect(store.holeFrom(0, 0x1000)).toBe(true);
    expect(store.holeFirst).toBe(COUNT * 0x1000);
    store.remove(123_456 * 0x1000);
    expect(store.holeFrom(0, 0x1000)).toBe(true);
    expect([store.holeFirst, store.holeLast]).toEqual([123_456 * 0x1000, 123_456 * 0x1000 + 0xfff]);
    expect(store.holeFrom(0, 0x1001)).toBe(true);
    expect(store.holeFirst).toBe(COUNT * 0x1000);
  });
});
