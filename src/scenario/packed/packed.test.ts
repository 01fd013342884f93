import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PackReader } from "./packed.ts";
import { PackWriter } from "./pack-writer.ts";

const leaf = fc.oneof(
  fc.integer(), fc.nat(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }).map((value) => `0x${value.toString(16)}`), fc.string(), fc.boolean(), fc.constant(null),
);
const entry = fc.dictionary(fc.string(), fc.oneof(leaf, fc.array(leaf, { maxLength: 3 }), fc.dictionary(fc.string(), leaf, { maxKeys: 3 })), { maxKeys: 5 });

function pack(entries: readonly unknown[]) {
  const writer = new PackWriter<unknown>();
  for (const one of entries) writer.add(one);
  return writer.finish();
}

function unpack<Entry>(entries: readonly Entry[]): Entry[] {
  const reader = new PackReader<Entry>(structuredClone(pack(entries)));
  return entries.map((_, index) => reader.at(index));
}

describe("packed lists", () => {
  it("give back what JSON can hold", () => {
    fc.assert(fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
      expect(JSON.stringify(unpack(entries))).toBe(JSON.stringify(entries));
    }));
  });

  it("keep 64-bit values, wide ones as bigints", () => {
    const values = [0, 1, 255, 256, 65535, 65536, 0xff_ffff, 0x100_0000, 0xffff_ffff, 0x1_0000_0000, 0xffff_ffff_ffff, 0x1_0000_0000_0000, 2 ** 53 - 1, 1n << 53n, (1n << 64n) - 1n];
    expect(unpack(values.map((iova) => ({ iova })))).toEqual(values.map((iova) => ({ iova })));
  });

  it("find any entry in any order, across chunks", () => {
    const entries = Array.from({ length: 20_000 }, (_, index) => ({ call: index % 3 === 0 ? "a" : "b", in: { iova: `0x${(index * index * 4096).toString(16)}` } }));
    const reader = new PackReader<(typeof entries)[0]>(pack(entries));
    for (const index of [0, 19_999, 8191, 8192, 8193, 63, 64, 65, 10_000, 9_999, 0]) expect(reader.at(index)).toEqual(entries[index]);
    expect(() => reader.at(20_000)).toThrow(RangeError);
  });

  it("can be read while they grow", () => {
    const writer = new PackWriter<{ step: number }>();
    const reader = new PackReader<{ step: number }>(writer.packed);
    for (let step = 0; step < 10_000; step++) {
      writer.add({ step });
      expect(reader.at(step)).toEqual({ step });
    }
  });

  it("stay small where entries are alike, and bounded where they are not", () => {
    const alike = pack(Array.from({ length: 10_000 }, (_, index) => ({ call: "IOMMU_IOAS_MAP", in: { flags: 7, iova: `0x${(index * 4096).toString(16)}` } })));
    expect(alike.shapes.length).toBeLessThan(6);
    expect(alike.chunks.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(60_000);
    const names = Array.from({ length: 10_000 }, (_, index) => ({ call: "open", in: { path: `device ${index}`, [`field ${index % 6000}`]: index } }));
    expect(pack(names).shapes.length).toBeLessThan(12_000);
    expect(unpack(names)).toEqual(names);
  });
});
