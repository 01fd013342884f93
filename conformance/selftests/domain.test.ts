/** The fixture with one or two mock devices and memory of the test's own, in small pages or in huge ones. */
import { describe, expect, it } from "vitest";
import { hex } from "../../src/base/u64.ts";
import { APERTURE, BUFFER, BUFFER_SIZE, HUGE, IO_PAGE, OWN, PAGE, Program, READ } from "./program.ts";

interface Variant {
  devices: number;
  huge: boolean;
}

const VARIANTS: [string, Variant][] = [
  ["one_domain", { devices: 1, huge: false }], ["two_domains", { devices: 2, huge: false }],
  ["one_domain_hugepage", { devices: 1, huge: true }], ["two_domains_hugepage", { devices: 2, huge: true }],
];

interface Fixture {
  program: Program;
  ioas: number;
  devices: { stdev: number; hwpt: number; device: number }[];
  /** Bytes of the test's own memory. */
  size: number;
}

function fixture({ devices, huge }: Variant, kind?: string): Fixture {
  const size = huge ? 2 * HUGE : 8 * PAGE;
  const program = new Program({ size, kind: kind ?? (huge ? "hugetlb-2M" : "anon") });
  const ioas = program.ioas();
  return { program, ioas, size, devices: Array.from({ length: devices }, () => program.mock(ioas)) };
}

function each(name: string, run: (fixture: Fixture, variant: Variant) => void, kind?: string): void {
  it.each(VARIANTS)(`${name}, %s`, (_name, variant) => {
    const state = fixture(variant, kind);
    expect(() => state.program.run(() => run(state, variant))).not.toThrow();
  });
}

function checkAll({ program, devices }: Fixture, va: number, iova: number, length: number): void {
  for (const { hwpt } of devices) program.checkMap(hwpt, iova, va, length);
}

/** Pages that lie in [start, end) of the test's memory as a whole, or whose start does. */
function checkRefs({ program }: Fixture, start: number, end: number, refs: number): void {
  const first = start - (start % PAGE);
  program.refs(OWN + first, end - (end % PAGE) - first, refs);
}

describe("selftest iommufd_mock_domain", () => {
  each("basic", (state) => {
    const { program, ioas, size } = state;
    checkAll(state, BUFFER, program.map(ioas, BUFFER, PAGE), PAGE);
    program.ok("MUNMAP", { va: hex(OWN + size / 2), length: hex(size / 2) });
    program.mapFails("EFAULT", ioas, OWN, size);
    program.ok("MUNMAP", { va: hex(OWN), length: hex(size / 2) });
    program.mapFails("EFAULT", ioas, OWN, size);
  });

  // A page mapped for reading stays the same page when the process writes to it afterwards.
  each("ro_unshare", (state) => {
    const { program, ioas } = state;
    const iova = program.map(ioas, OWN, PAGE, READ);
    checkAll(state, OWN, iova, PAGE);
    program.ok("BUFFER_WRITE", { va: hex(OWN), length: hex(PAGE), data_fill: 1 });
    checkAll(state, OWN, iova, PAGE);
    program.ok("MUNMAP", { va: hex(OWN), length: hex(PAGE) });
  }, "file-private");

  each("all_aligns", (state, { huge }) => {
    const { program, ioas, size } = state;
    program.refs(OWN, size, 0);
    const step = huge ? size / 8 : IO_PAGE;
    // The real program makes no map of huge pages here: its inner loop starts where it ends.
    for (let start = 0; start < size; start += step) {
      for (let end = start + step; end < size; end += step) {
        const iova = program.map(ioas, OWN + start, end - start);
        checkAll(state, OWN + start, iova, end - start);
        checkRefs(state, start, end, 1);
        program.unmap(ioas, iova, end - start);
      }
    }
    program.refs(OWN, size, 0);
    program.ok("MUNMAP", { va: hex(OWN), length: hex(size) });
  });

  each("all_aligns_copy", (state, { huge }) => {
    const { program, ioas, size } = state;
    program.refs(OWN, size, 0);
    const step = huge ? size / 8 : IO_PAGE;
    for (let start = 0; start < size; start += step) {
      for (let end = start + step; end < size; end += step) {
        const iova = program.map(ioas, OWN + start, end - start);
        const added = program.mock(ioas);
        checkAll(state, OWN + start, iova, end - start);
        program.checkMap(added.hwpt, iova, OWN + start, end - start);
        checkRefs(state, start, end, 1);
        program.destroy(added.stdev);
        program.unmap(ioas, iova, end - start);
      }
    }
    program.refs(OWN, size, 0);
  });

  each("user_copy", (state) => {
    const { program, ioas } = state;
    const source = program.ioas();
    const from = program.map(source, BUFFER, BUFFER_SIZE);
    const access = program.access(source, true);
    program.pin(access, from, BUFFER_SIZE, BUFFER);
    program.copy(source, ioas, from, APERTURE, BUFFER_SIZE);
    checkAll(state, BUFFER, APERTURE, BUFFER_SIZE);
    const next = program.ioas();
    const again = program.map(next, BUFFER, BUFFER_SIZE);
    program.ok("IOMMU_TEST_OP_ACCESS_REPLACE_IOAS", { id: access, ioas_id: next });
    program.unmap(ioas, APERTURE, BUFFER_SIZE);
    program.destroy(source);
    const item = program.pin(access, again, BUFFER_SIZE, BUFFER);
    program.copy(next, ioas, again, APERTURE, BUFFER_SIZE);
    checkAll(state, BUFFER, APERTURE, BUFFER_SIZE);
    program.unpin(access, item);
    program.close(access);
    program.destroy(next);
  });

  each("replace", ({ program, ioas, devices }) => {
    const other = program.ioas();
    const { stdev, hwpt } = devices[0] as Fixture["devices"][number];
    program.replace(stdev, other);
    // With its last device the automatic page table went away.
    if (devices.length === 1) program.replace(stdev, hwpt, "ENOENT");
    program.replace(stdev, other);
    for (const { hwpt: shared } of devices.slice(1)) {
      program.replace(stdev, shared);
      program.replace(stdev, shared);
      program.replace(stdev, hwpt);
    }
    program.replace(stdev, ioas);
    program.destroy(other);
  });

  each("alloc_hwpt", ({ program, ioas, devices }) => {
    for (const { stdev, device } of devices) {
      program.hwpt(device, ioas, 0xffff_fffe, "EOPNOTSUPP");
      const plain = program.hwpt(device, ioas);
      const parent = program.hwpt(device, ioas, 1);
      program.replace(stdev, plain);
      program.destroy(plain, "EBUSY");
      program.replace(stdev, parent);
      program.destroy(parent, "EBUSY");
      program.replace(stdev, ioas);
      program.destroy(parent);
      const { stdev: second } = program.mock(plain);
      program.destroy(second);
      program.destroy(plain);
    }
  });
});
