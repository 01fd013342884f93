/** The fixture with dirty tracking: buffers whose bitmaps are half a byte to two pages long, in small IO pages or large ones. */
import { describe, expect, it } from "vitest";
import { hex } from "../../src/base/u64.ts";
import { APERTURE, HUGE, IO_HUGE, IO_PAGE, OWN, Program } from "./program.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

interface Variant {
  /** Bytes. */
  size: number;
  huge: boolean;
}

const VARIANTS: [string, Variant][] = [
  ["domain_dirty8k", { size: 8 * KIB, huge: false }], ["domain_dirty16k", { size: 16 * KIB, huge: false }], ["domain_dirty64k", { size: 64 * KIB, huge: false }],
  ["domain_dirty128k", { size: 128 * KIB, huge: false }], ["domain_dirty320k", { size: 320 * KIB, huge: false }], ["domain_dirty64M", { size: 64 * MIB, huge: false }],
  ["domain_dirty64M_huge", { size: 64 * MIB, huge: true }], ["domain_dirty128M_huge", { size: 128 * MIB, huge: true }],
];

const NO_DIRTY = 1;
const HUGE_IOVA = 2;
const DIRTY_TRACKING = 2;

interface Fixture {
  program: Program;
  ioas: number;
  device: number;
}

function fixture({ size, huge }: Variant): Fixture {
  const program = new Program({ size: Math.max(size, huge ? HUGE : 0), kind: huge ? "hugetlb-2M" : "anon" });
  const ioas = program.ioas();
  const { device } = program.mock(ioas, huge ? HUGE_IOVA : undefined);
  return { program, ioas, device };
}

function each(name: string, run: (fixture: Fixture, variant: Variant) => void): void {
  it.each(VARIANTS)(`${name}, %s`, (_name, variant) => {
    const state = fixture(variant);
    expect(() => state.program.run(() => run(state, variant))).not.toThrow();
  });
}

function track(program: Program, hwpt: number, on: boolean): void {
  program.ok("IOMMU_HWPT_SET_DIRTY_TRACKING", { flags: on ? 1 : 0, hwpt_id: hwpt });
}

/** Marks the first small page of every second IO page, and reads: whole IO pages come back, once (or twice, if not cleared). */
function bitmaps({ program, ioas, device }: Fixture, { size, huge }: Variant, flags: number): void {
  const table = program.ioas();
  program.mapFixed(table, OWN, size, APERTURE);
  const hwpt = program.hwpt(device, table, DIRTY_TRACKING);
  track(program, hwpt, true);
  const unit = huge ? IO_HUGE : IO_PAGE;
  const marked: number[] = [];
  for (let at = 0; at < size; at += 2 * unit) marked.push(APERTURE + at);
  const expected = marked.flatMap((iova) => Array.from({ length: unit / IO_PAGE }, (_one, page) => hex(iova + page * IO_PAGE)));
  const range = { iova: hex(APERTURE), length: hex(size), page_size: hex(IO_PAGE) };
  const read = (): unknown => program.ok("IOMMU_HWPT_GET_DIRTY_BITMAP", { hwpt_id: hwpt, flags, ...range }).set_iovas;
  // Once for each place of the bitmap in memory: page aligned, not page aligned, not word aligned.
  for (let place = 0; place < (size > MIB ? 1 : 3); place++) {
    const { out_nr_dirty } = program.ok("IOMMU_TEST_OP_DIRTY", { id: hwpt, flags: 0, ...range, set_iovas: marked.map(hex) });
    program.is(out_nr_dirty, marked.length, "pages made dirty");
    program.is(read(), expected, "dirty pages");
    program.is(read(), flags & 1 ? expected : [], "dirty pages, read again");
  }
  program.destroy(hwpt);
  program.destroy(table);
  program.destroy(ioas, "EBUSY");
}

describe("selftest iommufd_dirty_tracking", () => {
  each("enforce_dirty", ({ program, ioas, device }) => {
    const hwpt = program.hwpt(device, ioas, DIRTY_TRACKING);
    const { stdev } = program.mock(hwpt);
    program.err("EINVAL", "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: hwpt, dev_flags: NO_DIRTY });
    program.destroy(stdev);
    program.destroy(hwpt);
    const other = program.ioas();
    const plain = program.mock(other, NO_DIRTY);
    program.hwpt(plain.device, other, DIRTY_TRACKING, "EOPNOTSUPP");
    program.destroy(plain.stdev);
  });

  each("set_dirty_tracking", ({ program, ioas, device }) => {
    const hwpt = program.hwpt(device, ioas, DIRTY_TRACKING);
    const { stdev } = program.mock(hwpt);
    track(program, hwpt, true);
    track(program, hwpt, false);
    program.destroy(stdev);
    program.destroy(hwpt);
  });

  each("device_dirty_capability", ({ program, ioas, device }) => {
    const hwpt = program.hwpt(device, ioas);
    const { stdev } = program.mock(hwpt);
    program.is(program.ok("IOMMU_GET_HW_INFO", { flags: 0, dev_id: device, data_len: 0, data_uptr: "0x0" }).out_capabilities, "0x1", "capabilities");
    program.destroy(stdev);
    program.destroy(hwpt);
  });

  each("get_dirty_bitmap", (state, variant) => bitmaps(state, variant, 0));

  each("get_dirty_bitmap_no_clear", (state, variant) => bitmaps(state, variant, 1));
});
