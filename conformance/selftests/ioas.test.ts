/** The fixture with one IOAS and no, one or two mock devices; once with little room for batches. */
import { describe, expect, it } from "vitest";
import { hex, U64_MAX } from "../../src/base/u64.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { ErrnoOrOk } from "../../src/kernel/errno.ts";
import { accessReadsAndWrites } from "./access-rw.ts";
import { APERTURE, APERTURE_LAST, BUFFER, BUFFER_SIZE, HUGE, IO_PAGE, OWN, PAGE, Program, type Own } from "./program.ts";

interface Variant {
  devices: number;
  limit?: number;
}

const VARIANTS: [string, Variant][] = [
  ["no_domain", { devices: 0 }], ["mock_domain", { devices: 1 }], ["two_mock_domain", { devices: 2 }], ["mock_domain_limit", { devices: 1, limit: 16 }],
];

interface Fixture {
  program: Program;
  ioas: number;
  /** 0: no device. */
  stdev: number;
  hwpt: number;
  device: number;
  /** Where maps may start. */
  base: number;
}

function fixture({ devices, limit }: Variant, own: Own | null = null): Fixture {
  const program = new Program(own);
  const ioas = program.ioas();
  program.ok("IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT", { limit: limit ?? 65536 });
  let last = { stdev: 0, hwpt: 0, device: 0 };
  for (let made = 0; made < devices; made++) last = program.mock(ioas);
  return { program, ioas, ...last, base: devices > 0 ? APERTURE : 0 };
}

const DATA_SELFTEST = 0xdead;
const INVALIDATE_SELFTEST = 0xdeadbeef;
const IOTLB = 0xbadbeef;
const ALL_IDS = [0, 1, 2, 3];

/** One of the tests, for each variant. */
function each(name: string, run: (fixture: Fixture, variant: Variant) => void, own: Own | null = null): void {
  it.each(VARIANTS)(`${name}, %s`, (_name, variant) => {
    const state = fixture(variant, own);
    expect(() => state.program.run(() => run(state, variant))).not.toThrow();
  });
}

describe("selftest iommufd_ioas", () => {
  each("ioas_auto_destroy", () => {});

  each("ioas_destroy", ({ program, ioas, stdev }) => {
    program.destroy(ioas, stdev ? "EBUSY" : "OK");
  });

  each("alloc_hwpt_nested", (state) => {
    if (state.stdev) nested(state);
    else {
      const { program, ioas } = state;
      const none = { data_type: DATA_SELFTEST, data_len: 4, data: { iotlb: IOTLB } };
      program.hwpt(0, ioas, 0, "ENOENT");
      program.hwpt(0, 0, 0, "ENOENT", none);
      program.replace(0, 0, "ENOENT");
    }
  });

  each("hwpt_attach", ({ program, stdev, hwpt }) => {
    if (stdev) program.mock(hwpt);
    else program.err("ENOENT", "IOMMU_TEST_OP_MOCK_DOMAIN", { id: hwpt });
  });

  each("ioas_area_destroy", ({ program, ioas, stdev, base }) => {
    program.mapFixed(ioas, BUFFER, PAGE, base);
    program.destroy(ioas, stdev ? "EBUSY" : "OK");
  });

  each("ioas_area_auto_destroy", ({ program, ioas, base }) => {
    for (let index = 0; index < 10; index++) program.mapFixed(ioas, BUFFER, PAGE, base + index * PAGE);
  });

  each("get_hw_info", ({ program, device }) => {
    const ask = (length: number, errno: ErrnoOrOk, more: JsonObject = {}): JsonObject => program.err(errno, "IOMMU_GET_HW_INFO", { flags: 0, dev_id: device, data_len: length, ...more });
    if (!device) {
      ask(8, "ENOENT");
      ask(16, "ENOENT");
      return;
    }
    const common = { data_len: 8, out_data_type: 0xfeedbeef, out_max_pasid_log2: 0, out_capabilities: "0x1" };
    program.is(ask(0, "OK", { data_uptr: "0x0" }), { ...common, data_bytes: "" }, "no buffer");
    program.is(ask(8, "OK"), { ...common, data_bytes: "00000000efbeadde" }, "exact buffer");
    program.is(ask(16, "OK"), { ...common, data_bytes: "00000000efbeadde0000000000000000" }, "larger buffer");
    program.is(ask(4, "OK"), { ...common, data_bytes: "00000000" }, "smaller buffer");
    // From 6.17 on a caller may ask for a type; this kernel knows no flag at all.
    ask(8, "EOPNOTSUPP", { flags: 1 });
    ask(8, "EOPNOTSUPP", { __reserved: 1 });
    ask(8, "EFAULT", { data_uptr: "0x1000" });
  });

  each("area", ({ program, ioas, base }) => {
    for (let index = 0; index < 10; index++) program.unmap(ioas, index * PAGE, PAGE, "ENOENT");
    for (let index = 0; index < 10; index++) program.mapFixed(ioas, BUFFER, PAGE, base + index * PAGE);
    for (let index = 0; index < 10; index++) program.unmap(ioas, base + index * PAGE, PAGE);
    const at = (page: number): number => base + page * PAGE;
    program.mapFixed(ioas, BUFFER, 2 * PAGE, at(16));
    program.unmap(ioas, at(16), PAGE, "ENOENT");
    program.unmap(ioas, at(17), PAGE, "ENOENT");
    for (const [page, count] of [[16, 2], [16, 1], [17, 1], [15, 2], [15, 3]] as const) program.mapFixed(ioas, BUFFER, count * PAGE, at(page), "EEXIST");
    program.is(program.unmap(ioas, 0, U64_MAX), 2 * PAGE, "unmapped");
    program.is(program.unmap(ioas, 0, U64_MAX), 0, "unmapped");
  });

  each("unmap_fully_contained_areas", (state) => {
    const { program, ioas } = state;
    const base = state.base + 4 * PAGE;
    for (let index = 0; index < 4; index++) program.mapFixed(ioas, BUFFER, 8 * PAGE, base + index * 16 * PAGE);
    program.unmap(ioas, base - 4 * PAGE, 8 * PAGE, "ENOENT");
    program.unmap(ioas, base + (3 * 16 + 8 - 4) * PAGE, 8 * PAGE, "ENOENT");
    program.is(program.unmap(ioas, base - 4 * PAGE, (3 * 16 + 8 + 4) * PAGE), 32 * PAGE, "unmapped");
  });

  each("area_auto_iova", ({ program, ioas, stdev }) => {
    const many = (count: (index: number) => number, va: (index: number) => number, check: (iova: number, length: number) => boolean): void => {
      const placed = [...Array(10).keys()].map((index) => ({ iova: program.map(ioas, va(index), count(index) * PAGE), length: count(index) * PAGE }));
      for (const { iova, length } of placed) program.is(iova % (length & -length) === 0 && check(iova, length), true, `iova ${hex(iova)} of ${length} bytes`);
      for (const { iova, length } of placed) program.unmap(ioas, iova, length);
    };
    many(() => 1, () => BUFFER, () => true);
    many((index) => index + 1, () => (stdev ? BUFFER : 2 ** 31), () => true);
    program.reserve(ioas, 4 * PAGE, 100 * PAGE);
    many((index) => index + 1, () => BUFFER, (iova) => iova <= 4 * PAGE || iova >= 104 * PAGE);
    program.allow(ioas, [[PAGE, 600 * PAGE]], "EADDRINUSE");
    const [first, last] = stdev ? [APERTURE + PAGE, APERTURE + 600 * PAGE - 1] : [200 * PAGE, 600 * PAGE - 1];
    program.allow(ioas, [[first, last]]);
    many((index) => index + 1, () => BUFFER, (iova, length) => iova >= first && iova + length - 1 <= last);
  });

  // A reservation that leaves less than the wanted alignment at the very top: the search must not wrap (6.17, backported).
  each("reserved_overflow", ({ program, ioas }) => {
    program.reserve(ioas, 6, 0xffff_ffff_ffff_8001n);
    program.mapFails("ENOSPC", ioas, BUFFER, 5 * PAGE);
  });

  each("area_allowed", ({ program, ioas, base }) => {
    program.allow(ioas, [[base, base + 600 * PAGE]]);
    program.reserve(ioas, base + PAGE, PAGE, "EADDRINUSE");
    program.allow(ioas, []);
    program.reserve(ioas, base + PAGE, PAGE);
    program.allow(ioas, [[base, base + 600 * PAGE]], "EADDRINUSE");
  });

  each("copy_area", ({ program, ioas, base }) => {
    program.mapFixed(ioas, BUFFER, PAGE, base);
    program.copy(ioas, ioas, base, base + PAGE, PAGE);
    const other = program.ioas();
    program.copy(ioas, other, base, 0, PAGE);
    // Without READ and WRITE there is nothing to copy (6.12).
    program.err("EINVAL", "IOMMU_IOAS_COPY", { flags: 1, dst_ioas_id: other, src_ioas_id: ioas, length: hex(PAGE), dst_iova: "0x4000", src_iova: hex(base) });
  });

  each("iova_ranges", ({ program, ioas, stdev }) => {
    const ask = (room: number, errno: ErrnoOrOk = "OK"): JsonObject => program.err(errno, "IOMMU_IOAS_IOVA_RANGES", { ioas_id: ioas, num_iovas: room, allowed_iovas: hex(BUFFER) });
    const ranges = (...list: [number, number | bigint][]): JsonObject[] => list.map(([start, last]) => ({ start: hex(start), last: hex(last) }));
    const room = BUFFER_SIZE / 16;
    const alignment = { out_iova_alignment: stdev ? "0x800" : "0x1" };
    const whole = ranges(stdev ? [APERTURE, APERTURE_LAST] : [0, U64_MAX]);
    program.is(ask(room), { num_iovas: 1, allowed_iovas: whole, ...alignment }, "ranges");
    program.is(ask(0, "EMSGSIZE"), { num_iovas: 1, allowed_iovas: [], ...alignment }, "no room");
    program.reserve(ioas, PAGE, PAGE);
    const cut = ranges([0, PAGE - 1], [2 * PAGE, U64_MAX]);
    program.is(ask(room), { num_iovas: stdev ? 1 : 2, allowed_iovas: stdev ? whole : cut, ...alignment }, "ranges");
    program.is(ask(1, stdev ? "OK" : "EMSGSIZE"), { num_iovas: stdev ? 1 : 2, allowed_iovas: stdev ? whole : [cut[0]], ...alignment }, "room for one");
  });

  each("access_domain_destory", ({ program, ioas, stdev, base }) => {
    program.mapFixed(ioas, OWN, 2 * HUGE, base);
    const access = program.access(ioas, true);
    const item = program.pin(access, base + PAGE, PAGE, OWN + PAGE);
    if (stdev) program.destroy(stdev);
    program.unpin(access, item);
    program.close(access);
    program.ok("MUNMAP", { va: hex(OWN), length: hex(2 * HUGE) });
  }, { size: 2 * HUGE, kind: "hugetlb-2M" });

  each("access_pin", ({ program, ioas }) => {
    const access = program.access(ioas, true);
    for (let count = 1; count < BUFFER_SIZE / PAGE; count++) {
      const pin = (): number => program.pin(access, APERTURE, count * PAGE, BUFFER);
      program.mapFixed(ioas, BUFFER, BUFFER_SIZE, APERTURE);
      program.unpin(access, pin());
      const first = pin();
      program.unpin(access, pin());
      program.unpin(access, first);
      const held = pin();
      const { stdev, hwpt } = program.mock(ioas);
      program.checkMap(hwpt, APERTURE, BUFFER, BUFFER_SIZE);
      program.destroy(stdev);
      program.unpin(access, held);
      program.unmap(ioas, APERTURE, BUFFER_SIZE);
    }
    program.close(access);
  });

  each("access_pin_unmap", ({ program, ioas }) => {
    const access = program.access(ioas, true);
    program.mapFixed(ioas, BUFFER, BUFFER_SIZE, APERTURE);
    const item = program.pin(access, APERTURE, BUFFER_SIZE, BUFFER);
    program.unmap(ioas, APERTURE, BUFFER_SIZE);
    program.unpin(access, item, "ENOENT");
    program.close(access);
  });

  each("access_rw", ({ program, ioas }) => {
    const access = program.access(ioas, false);
    const iova = program.map(ioas, BUFFER, BUFFER_SIZE);
    accessReadsAndWrites(program, access, iova, 0);
    accessReadsAndWrites(program, access, iova, 4);
    program.unmap(ioas, iova, BUFFER_SIZE);
    program.close(access);
  });

  each("access_rw_unaligned", ({ program, ioas, base }) => {
    const access = program.access(ioas, false);
    program.mapFixed(ioas, BUFFER, BUFFER_SIZE, base + IO_PAGE);
    accessReadsAndWrites(program, access, base + IO_PAGE, 0);
    program.unmap(ioas, base + IO_PAGE, BUFFER_SIZE);
    program.close(access);
  });

  each("fork_gone", ({ program, ioas, stdev }) => {
    const access = program.access(ioas, false);
    const child = program.ok("FORK").process as number;
    program.mapFixed(ioas, BUFFER, BUFFER_SIZE, APERTURE, "OK", child);
    program.ok("PROCESS_EXIT", { process: child });
    if (stdev) {
      program.mock(ioas);
      accessReadsAndWrites(program, access, APERTURE, 0);
    } else program.err("EFAULT", "IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas });
    program.close(access);
  });

  each("fork_present", ({ program, ioas }) => {
    const access = program.access(ioas, false);
    const child = program.ok("FORK").process as number;
    program.mapFixed(ioas, BUFFER, BUFFER_SIZE, APERTURE, "OK", child);
    program.mock(ioas);
    accessReadsAndWrites(program, access, APERTURE, 0);
    program.ok("PROCESS_EXIT", { process: child });
    program.close(access);
  });

  const hugePages = (program: Program, ioas: number, op: number, value: number, errno: ErrnoOrOk = "OK"): JsonObject => program.err(errno, "IOMMU_OPTION", { option_id: 1, op, object_id: ioas, val64: hex(value) });

  each("ioas_option_huge_pages", ({ program, ioas }) => {
    program.is(hugePages(program, ioas, 1, 3).val64, "0x1", "option");
    hugePages(program, ioas, 0, 0);
    program.is(hugePages(program, ioas, 1, 3).val64, "0x0", "option");
    hugePages(program, ioas, 0, 2, "EINVAL");
    hugePages(program, ioas, 0, 1);
  });

  each("ioas_iova_alloc", ({ program, ioas }, { devices }) => {
    for (let length = 1; length < 2 * PAGE; length += length % 512 === 1 ? 510 : 1) {
      if (devices > 0 && length % IO_PAGE !== 0) program.mapFails("EINVAL", ioas, BUFFER, length);
      else program.unmap(ioas, program.map(ioas, BUFFER, length), length);
    }
  });

  each("ioas_align_change", ({ program, ioas }, { devices }) => {
    if (devices > 0) return;
    program.mapFixed(ioas, BUFFER, PAGE, APERTURE);
    hugePages(program, ioas, 0, 0);
    program.mapFixed(ioas, BUFFER + IO_PAGE, PAGE, APERTURE + PAGE, "EINVAL");
    hugePages(program, ioas, 0, 0);
    hugePages(program, ioas, 0, 1);
    program.mapFixed(ioas, BUFFER + IO_PAGE, PAGE, APERTURE + PAGE);
    hugePages(program, ioas, 0, 0, "EADDRINUSE");
    program.unmap(ioas, APERTURE + PAGE, PAGE);
    program.unmap(ioas, APERTURE, PAGE);
  });

  each("copy_sweep", ({ program, ioas }, { devices }) => {
    const other = program.ioas();
    const last = APERTURE + BUFFER_SIZE - (devices > 0 ? 1 : 2);
    program.mapFixed(ioas, BUFFER, last - APERTURE + 1, APERTURE);
    for (let iova = APERTURE - PAGE; iova <= last; iova += 511) {
      const inside = iova >= APERTURE && iova + IO_PAGE - 1 <= last;
      program.copy(ioas, other, iova, APERTURE, IO_PAGE, inside ? "OK" : "ENOENT");
      if (inside) program.unmap(other, APERTURE, IO_PAGE);
    }
    program.destroy(other);
  });
});

/** Nested page tables, invalidation entry by entry, and page requests. */
function nested({ program, ioas, stdev, device }: Fixture): void {
  const data = { data_type: DATA_SELFTEST, data_len: 4, data: { iotlb: IOTLB } };
  const holds = (hwpt: number, ids: number[], value: number): void => {
    for (const id of ids) program.ok("IOMMU_TEST_OP_MD_CHECK_IOTLB", { id: hwpt, "check_iotlb.id": id, "check_iotlb.iotlb": value });
  };
  const invalidate = (hwpt: number, errno: ErrnoOrOk, count: number, done: number, entries: [number, number][], more: JsonObject = {}): void => {
    const out = program.err(errno, "IOMMU_HWPT_INVALIDATE", {
      hwpt_id: hwpt, data_type: INVALIDATE_SELFTEST, entry_len: 8, entry_num: count, data: entries.map(([flags, iotlb_id]) => ({ flags, iotlb_id })), ...more,
    });
    program.is(out.entry_num, done, "entries done");
  };

  program.hwpt(ioas, device, 0, "ENOENT");
  program.hwpt(device, device, 0, "EINVAL");
  program.hwpt(device, ioas, 1 | 4, "EOPNOTSUPP");
  const parent = program.hwpt(device, ioas, 1);
  const plain = program.hwpt(device, ioas);
  program.hwpt(device, parent, 0, "EINVAL", { ...data, data_type: 0 });
  program.hwpt(device, parent, 0, "EOPNOTSUPP", { ...data, data_type: DATA_SELFTEST + 1 });
  program.hwpt(device, parent, 0, "EINVAL", { ...data, data_len: 3 });
  program.hwpt(device, parent, 0, "EFAULT", { data_type: DATA_SELFTEST, data_len: 4, data_uptr: "0x0" });
  program.hwpt(device, parent, 1, "EOPNOTSUPP", data);
  program.hwpt(device, plain, 0, "EINVAL", data);

  const queue = program.ok("IOMMU_FAULT_QUEUE_ALLOC", { flags: 0 });
  const [fault, fd] = [queue.out_fault_id as number, queue.out_fault_fd as number];
  const first = program.hwpt(device, parent, 0, "OK", data);
  const second = program.hwpt(device, parent, 0, "OK", data);
  program.hwpt(device, parent, 4, "ENOENT", { ...data, fault_id: 0xffff_ffff });
  const faulting = program.hwpt(device, parent, 4, "OK", { ...data, fault_id: fault });
  holds(first, ALL_IDS, IOTLB);
  holds(second, ALL_IDS, IOTLB);
  program.hwpt(device, first, 0, "EINVAL", data);
  program.destroy(parent, "EBUSY");

  invalidate(parent, "ENOENT", 1, 0, [[0, 0]]);
  invalidate(first, "OK", 0, 0, []);
  invalidate(first, "EINVAL", 1, 0, [[0, 0]], { data_type: 0 });
  invalidate(first, "EINVAL", 1, 0, [[0, 0]], { entry_len: 9 });
  invalidate(first, "EINVAL", 1, 0, [[0, 0]], { entry_len: 1 });
  invalidate(first, "EOPNOTSUPP", 1, 0, [[0xffff_ffff, 0]]);
  invalidate(first, "EINVAL", 1, 0, [], { data_uptr: "0x0" });
  invalidate(first, "EINVAL", 1, 0, [[0, 0]], { entry_len: 0 });
  invalidate(first, "EINVAL", 1, 0, [[0, 4]]);
  holds(first, ALL_IDS, IOTLB);
  invalidate(first, "EOPNOTSUPP", 2, 1, [[0, 0], [0xffff_ffff, 1]]);
  holds(first, [0], 0);
  holds(first, [1, 2, 3], IOTLB);
  invalidate(first, "EINVAL", 2, 1, [[0, 0], [0, 4]]);
  holds(first, [1, 2, 3], IOTLB);
  invalidate(first, "OK", 1, 1, [[0, 1]]);
  holds(first, [0, 1], 0);
  holds(first, [2, 3], IOTLB);
  invalidate(first, "OK", 2, 2, [[0, 2], [0, 3]]);
  holds(first, ALL_IDS, 0);
  invalidate(second, "OK", 1, 1, [[1, 0]]);
  holds(second, ALL_IDS, 0);

  program.replace(stdev, first);
  program.destroy(first, "EBUSY");
  program.replace(stdev, second);
  program.destroy(second, "EBUSY");
  program.destroy(first);
  program.replace(stdev, faulting);
  program.destroy(faulting, "EBUSY");
  program.ok("IOMMU_TEST_OP_TRIGGER_IOPF", { dev_id: device, pasid: 1, grpid: 2, perm: 3, addr: "0xdeadbeaf" });
  const read = program.ok("FAULT_READ", { fd, count: 40 });
  program.is(read, { ret: 40, faults: [{ flags: 3, dev_id: device, pasid: 1, grpid: 2, perm: 3, addr: "0xdeadbeaf", length: 0, cookie: 1 }] }, "page request");
  program.is(program.ok("FAULT_WRITE", { fd, count: 8, responses: [{ cookie: 1, code: 0 }] }).ret, 8, "answer");
  program.replace(stdev, parent);
  program.destroy(second);
  program.destroy(faulting);
  program.replace(stdev, ioas);
  program.destroy(parent);
  program.destroy(plain);
  program.close(fd);
  program.destroy(fault);
}
