import { describe, expect, it } from "vitest";
import { hex } from "../../base/u64.ts";
import { TestMachine } from "./testing.ts";

const START = 0x100_0000;
const MIB = 0x10_0000;

/** A tracking HWPT over `size` bytes of a buffer; its id. */
function tracked(test: TestMachine, buffer: string, size: number, deviceFlags = 0): number {
  const ioas = test.ioas();
  const { device } = test.mock(ioas, deviceFlags);
  const hwpt = test.hwpt(device, ioas, { flags: 2 });
  expect(test.map(ioas, START, size, { user_va: { buffer, offset: "0x0" } })).toBe("OK");
  test.ok("IOMMU_HWPT_SET_DIRTY_TRACKING", { hwpt_id: hwpt, flags: 1 });
  return hwpt;
}

const mark = (test: TestMachine, hwpt: number, length: number, iovas: number[]): unknown =>
  test.ok("IOMMU_TEST_OP_DIRTY", { id: hwpt, iova: hex(START), length: hex(length), page_size: "0x800", set_iovas: iovas.map(hex) }).out_nr_dirty;
const read = (test: TestMachine, hwpt: number, iova: number, length: number, unit: number, flags = 0): string[] =>
  test.ok("IOMMU_HWPT_GET_DIRTY_BITMAP", { hwpt_id: hwpt, iova: hex(iova), length: hex(length), page_size: hex(unit), flags }).set_iovas as string[];

describe("dirty bits", () => {
  it("are read in any unit, and cleared unless asked not to", () => {
    const test = new TestMachine();
    const hwpt = tracked(test, "b0", 0x8000);
    expect(mark(test, hwpt, 0x8000, [START, START + 0x2800])).toBe(2);
    expect(read(test, hwpt, START, 0x8000, 0x1000, 1)).toEqual([hex(START), hex(START + 0x2000)]);
    expect(read(test, hwpt, START, 0x8000, 0x400, 1)).toHaveLength(4);
    expect(read(test, hwpt, START + 0x2000, 0x2000, 0x800)).toEqual([hex(START + 0x2800)]);
    expect(read(test, hwpt, START, 0x8000, 0x800)).toEqual([hex(START)]);
    expect(read(test, hwpt, START, 0x8000, 0x800)).toEqual([]);
  });

  it("belong to large IO pages where memory is huge: one entry makes all of it dirty", () => {
    const test = new TestMachine();
    const hwpt = tracked(test, "b4", 2 * MIB, 2);
    expect(mark(test, hwpt, 2 * MIB, [START])).toBe(1);
    const bits = read(test, hwpt, START, 2 * MIB, 0x800, 1);
    expect([bits.length, bits[0], bits.at(-1)]).toEqual([512, hex(START), hex(START + MIB - 0x800)]);
    // From the first address looked at, even past the end of the range.
    const inside = read(test, hwpt, START + 0x800, 0x800, 0x800, 1);
    expect([inside.length, inside[0]]).toEqual([512, hex(START + 0x800)]);
    expect(read(test, hwpt, START, MIB, 0x800)).toHaveLength(512);
    expect(read(test, hwpt, START, 2 * MIB, 0x800)).toEqual([]);
  });

  it("stay small where memory is not huge or not aligned", () => {
    const test = new TestMachine();
    const hwpt = tracked(test, "b0", 2 * MIB, 2);
    mark(test, hwpt, 2 * MIB, [START]);
    expect(read(test, hwpt, START, 2 * MIB, 0x800)).toEqual([hex(START)]);
  });

  it("go with the mapping", () => {
    const test = new TestMachine();
    const hwpt = tracked(test, "b0", 0x4000);
    mark(test, hwpt, 0x4000, [START]);
    test.unmap(1, START, 0x4000);
    test.map(1, START, 0x4000);
    expect(read(test, hwpt, START, 0x4000, 0x800)).toEqual([]);
  });
});
