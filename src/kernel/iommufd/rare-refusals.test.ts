/** Refusals that recordings hold fewer than five times each, derived once more from the specification (sections 2, 5, 8, 9). */
import { describe, expect, it } from "vitest";
import { hex } from "../../base/u64.ts";
import type { JsonObject } from "../../base/json.ts";
import { checkInvariants } from "./invariants.ts";
import { TestMachine } from "./testing.ts";

const B0 = { buffer: "b0", offset: "0x0" };
/** Past the end of b3, which is 64 KiB. */
const NOWHERE = "0x100300020000";
const MAP = { flags: 7, ioas_id: 1, user_va: B0, length: "0x1000", iova: "0x1000000" };
const COPY = { flags: 7, src_ioas_id: 5, dst_ioas_id: 1, length: "0x1000", src_iova: "0x1000000", dst_iova: "0x1000000" };
const NESTED = { flags: 0, dev_id: 3, pt_id: 6, data_type: 0xdead, data_len: 4, data: { iotlb: 1 } };
const BITMAP = { hwpt_id: 7, flags: 0, iova: "0x1000000", length: "0x1000", page_size: "0x800" };
const DIRTY = { id: 7, flags: 0, iova: "0x1000000", length: "0x1000", page_size: "0x800", set_iovas: [] };
const DMA = { argsz: 32, flags: 3, vaddr: B0, iova: "0x2000000", size: "0x1000" };

/** IOAS 1 with a mock device (2, 3, table 4), IOAS 5 without, nesting parent 6 and tracking table 7 on IOAS 1, nested table 8. */
function machine(): TestMachine {
  const test = new TestMachine();
  test.mock(test.ioas());
  test.ioas();
  expect([test.hwpt(3, 1, { flags: 1 }), test.hwpt(3, 1, { flags: 2 }), test.hwpt(3, 6, NESTED)]).toEqual([6, 7, 8]);
  test.ok("IOMMU_HWPT_SET_DIRTY_TRACKING", { flags: 1, hwpt_id: 7 });
  test.ok("IOMMU_VFIO_IOAS", { ioas_id: 1, op: 1 });
  return test;
}

/** Maps b0 in IOAS 5 at 16 MiB: what a COPY copies. */
const source = (fields: JsonObject = {}) => (test: TestMachine): void => void test.ok("IOMMU_IOAS_MAP", { ...MAP, ioas_id: 5, length: "0x4000", ...fields });
/** An access with pins on IOAS 5 (fd 4) over what `source` mapped. */
const access = (test: TestMachine): void => {
  source()(test);
  expect(test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: 5, flags: 1 }).out_access_fd).toBe(4);
};
const nothing = (): void => {};

/** What was done before, the call, its fields, and what the kernel says. */
const CASES: [(test: TestMachine) => void, string, JsonObject, string][] = [
  [nothing, "IOMMU_GET_HW_INFO", { dev_id: 3, data_len: 8, __reserved: 1 }, "EOPNOTSUPP unknown-flag"],
  [nothing, "IOMMU_GET_HW_INFO", { dev_id: 1, data_len: 8, data_uptr: "0x0" }, "ENOENT id-not-found"],
  [nothing, "IOMMU_GET_HW_INFO", { dev_id: 3, data_len: 8, data_uptr: NOWHERE }, "EFAULT argument-readable"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, size: 23 }, "EINVAL struct-too-small"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, __reserved: 1, data_len: 0 }, "EOPNOTSUPP unknown-flag"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, data_len: 0, dev_id: 99 }, "EINVAL data-type-length-mismatch"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, dev_id: 99, pt_id: 99 }, "ENOENT id-not-found"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, data_len: 5 }, "EINVAL driver-data-invalid"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, data_uptr: NOWHERE, data_len: 5 }, "EINVAL driver-data-invalid"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, data_uptr: NOWHERE }, "EFAULT argument-readable"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, data_uptr: NOWHERE, flags: 4, fault_id: 99 }, "EFAULT argument-readable"],
  [nothing, "IOMMU_HWPT_ALLOC", { ...NESTED, pt_id: 1 }, "EOPNOTSUPP driver-refuses-hwpt"],
  [nothing, "IOMMU_HWPT_GET_DIRTY_BITMAP", { ...BITMAP, __reserved: 1, hwpt_id: 99 }, "EOPNOTSUPP unknown-flag"],
  [nothing, "IOMMU_HWPT_GET_DIRTY_BITMAP", { ...BITMAP, hwpt_id: 8 }, "ENOENT id-not-found"],
  [nothing, "IOMMU_HWPT_GET_DIRTY_BITMAP", { ...BITMAP, hwpt_id: 6, length: "0x0" }, "EINVAL dirty-range-invalid"],
  [nothing, "IOMMU_HWPT_GET_DIRTY_BITMAP", { ...BITMAP, hwpt_id: 6, iova: "0xfffffffffffff800" }, "EOVERFLOW iova-wraps"],
  [nothing, "IOMMU_HWPT_GET_DIRTY_BITMAP", { ...BITMAP, hwpt_id: 6 }, "EOPNOTSUPP dirty-not-supported"],
  [nothing, "IOMMU_HWPT_INVALIDATE", { hwpt_id: 8, data_type: 0xdeadbeef, entry_len: 8, entry_num: 1, data_uptr: NOWHERE }, "EFAULT argument-readable"],
  [nothing, "IOMMU_HWPT_INVALIDATE", { hwpt_id: 99, data_type: 1, entry_len: 4097, entry_num: 1 }, "EINVAL invalidate-array-invalid"],
  [nothing, "IOMMU_HWPT_INVALIDATE", { hwpt_id: 8, data_type: 1, entry_len: 8, entry_num: 0 }, "EINVAL invalidate-type"],
  [nothing, "IOMMU_HWPT_INVALIDATE", { hwpt_id: 6, data_type: 0xdeadbeef, entry_len: 8, entry_num: 1, __reserved: 1 }, "EOPNOTSUPP unknown-flag"],
  [source({ user_va: { buffer: "b0", offset: "0x400" } }), "IOMMU_IOAS_COPY", { ...COPY, flags: 6 }, "EINVAL va-alignment-too-small-for-auto"],
  [source({ user_va: { buffer: "b0", offset: "0x400" } }), "IOMMU_IOAS_COPY", COPY, "EINVAL va-page-offset-misaligned"],
  [source({ length: "0x4001" }), "IOMMU_IOAS_COPY", { ...COPY, length: "0x4001" }, "EINVAL length-misaligned"],
  [source({ user_va: "0x0", iova: "0x0", length: "0x8000000000000000" }), "IOMMU_IOAS_COPY", { ...COPY, flags: 6, dst_ioas_id: 5, src_iova: "0x0", length: "0x7fffffffffffffff" }, "EOVERFLOW iova-wraps"],
  [source(), "IOMMU_IOAS_COPY", { ...COPY, dst_ioas_id: 5, dst_iova: "0xfffffffffffff000", length: "0x2000" }, "EOVERFLOW iova-wraps"],
  [source(), "IOMMU_IOAS_COPY", { ...COPY, src_iova: "0xfffffffffffff000", length: "0x2000" }, "EOVERFLOW iova-wraps"],
  [source(), "IOMMU_IOAS_COPY", { ...COPY, src_ioas_id: 99, length: "0xffffffffffffffff" }, "EOVERFLOW iova-wraps"],
  [source(), "IOMMU_IOAS_COPY", { ...COPY, dst_ioas_id: 99, length: "0x0" }, "EINVAL length-zero"],
  [source(), "IOMMU_IOAS_COPY", { ...COPY, dst_ioas_id: 99, length: "0x8000" }, "ENOENT copy-source-has-gap"],
  [source(), "IOMMU_IOAS_COPY", { ...COPY, dst_ioas_id: 99 }, "ENOENT id-not-found"],
  [source({ flags: 5 }), "IOMMU_IOAS_COPY", { ...COPY, dst_iova: "0x1000400" }, "EINVAL iova-misaligned"],
  [source({ flags: 5 }), "IOMMU_IOAS_COPY", COPY, "EPERM copy-write-on-readonly-pages"],
  [source({ user_va: NOWHERE }), "IOMMU_IOAS_COPY", COPY, "EFAULT bad-user-memory"],
  [nothing, "IOMMU_OPTION", { option_id: 1, op: 0, object_id: 5, val64: "0x2" }, "EINVAL option-value-unknown"],
  [nothing, "IOMMU_OPTION", { option_id: 1, op: 2, object_id: 5, val64: "0x2" }, "EOPNOTSUPP unknown-flag"],
  [nothing, "IOMMU_OPTION", { option_id: 1, op: 2, object_id: 99, val64: "0x0" }, "ENOENT id-not-found"],
  [nothing, "IOMMU_OPTION", { option_id: 0, op: 1, object_id: 1, val64: "0x0" }, "EOPNOTSUPP unknown-flag"],
  [nothing, "IOMMU_OPTION", { option_id: 0, op: 0, object_id: 0, val64: "0x2" }, "EBUSY rlimit-mode-not-empty"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 3, flags: 0, iova: "0x1000000", length: "0x0", uptr: "0x0" }, "EBADFD access-fd"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 3, flags: 4, iova: "0x1000000", length: "0x1000001", uptr: "0x0" }, "ENOMEM access-length-limit"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 99, flags: 4, iova: "0x1000000", length: "0x1000000", uptr: "0x0" }, "EOPNOTSUPP unknown-flag"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 4, flags: 0, iova: "0x1000000", length: "0x1000", uptr: NOWHERE }, "EFAULT process-memory"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 4, flags: 0, iova: "0x1000000", length: "0x1000", uptr: { buffer: "b0", offset: "0x1000" } }, "EBADE access-pages-differ"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 4, flags: 0, iova: "0x1000400", length: "0x8000", uptr: "0x0" }, "EINVAL access-page-start"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 4, flags: 0, iova: "0x1000000", length: "0x8000", uptr: "0x0" }, "ENOENT access-hole"],
  [access, "IOMMU_TEST_OP_ACCESS_PAGES", { id: 4, flags: 0, iova: "0xfffffffffffff000", length: "0x2000", uptr: "0x0" }, "EOVERFLOW iova-wraps"],
  [access, "IOMMU_TEST_OP_ACCESS_RW", { id: 4, flags: 1, iova: "0x1000000", length: "0x10", uptr: NOWHERE }, "EFAULT argument-readable"],
  [access, "IOMMU_TEST_OP_ACCESS_RW", { id: 4, flags: 0, iova: "0x3000000", length: "0x10", uptr: NOWHERE }, "ENOENT access-hole"],
  [access, "IOMMU_TEST_OP_ACCESS_RW", { id: 4, flags: 0, iova: "0x1000000", length: "0x1000001" }, "ENOMEM access-length-limit"],
  [access, "IOMMU_TEST_OP_ACCESS_RW", { id: 4, flags: 1, iova: "0x1000000", length: "0x0", uptr: "0x0" }, "EINVAL length-zero"],
  [access, "IOMMU_TEST_OP_ACCESS_RW", { id: 4, flags: 2, iova: "0x1000000", length: "0x0" }, "EOPNOTSUPP unknown-flag"],
  [access, "IOMMU_TEST_OP_DESTROY_ACCESS_PAGES", { id: 3, access_pages_id: 0 }, "EBADFD access-fd"],
  [access, "IOMMU_TEST_OP_DESTROY_ACCESS_PAGES", { id: 4, access_pages_id: 0 }, "ENOENT access-item"],
  [access, "IOMMU_TEST_OP_ACCESS_REPLACE_IOAS", { id: 99, ioas_id: 99 }, "EBADFD access-fd"],
  [access, "IOMMU_TEST_OP_ACCESS_REPLACE_IOAS", { id: 4, ioas_id: 4 }, "ENOENT id-not-found"],
  [nothing, "IOMMU_TEST_OP_DIRTY", { ...DIRTY, id: 8 }, "ENOENT id-not-found"],
  [nothing, "IOMMU_TEST_OP_DIRTY", { ...DIRTY, id: 6 }, "EINVAL test-argument"],
  [nothing, "IOMMU_TEST_OP_DIRTY", { ...DIRTY, uptr: "0x0", id: 99 }, "EINVAL test-argument"],
  [nothing, "IOMMU_TEST_OP_DIRTY", { ...DIRTY, uptr: NOWHERE }, "EFAULT argument-readable"],
  [nothing, "IOMMU_TEST_OP_MD_CHECK_MAP", { id: 4, iova: "0x1000000", length: "0x1000", uptr: NOWHERE }, "EFAULT process-memory"],
  [nothing, "IOMMU_TEST_OP_MD_CHECK_MAP", { id: 99, iova: "0x1000000", length: "0x1000", uptr: "0xfffffffffffff000" }, "EINVAL test-argument"],
  [nothing, "IOMMU_TEST_OP_MD_CHECK_MAP", { id: 4, iova: "0x1000000", length: "0x1000", uptr: B0 }, "EINVAL test-check"],
  [nothing, "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: 99, dev_flags: 4 }, "EINVAL test-argument"],
  // The new device's own ids, 9 and 10: its stdev is not visible yet, its device is.
  [nothing, "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: 9, dev_flags: 0 }, "ENOENT id-not-found"],
  [nothing, "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: 10, dev_flags: 0 }, "EINVAL attach-pt-type"],
  [nothing, "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: 7, dev_flags: 1 }, "EINVAL hwpt-incompatible-device"],
  [source({ user_va: NOWHERE }), "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: 5, dev_flags: 2 }, "EFAULT bad-user-memory"],
  [source({ iova: "0x1000" }), "IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: 2, pt_id: 5 }, "EADDRINUSE reserved-hits-mapping-or-allowed"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, flags: 4 }, "EINVAL vfio-argument-valid"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, size: "0x0" }, "EINVAL length-zero"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, vaddr: "0xfffffffffffff000", size: "0x2000" }, "EOVERFLOW va-wraps"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, size: "0x400", iova: "0x2000100" }, "EINVAL length-misaligned"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, iova: "0x2000100" }, "EINVAL iova-misaligned"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, iova: "0xfffffffffffff800" }, "EOVERFLOW iova-wraps"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, iova: "0xfff800" }, "EINVAL iova-overlaps-reserved"],
  [nothing, "VFIO_IOMMU_MAP_DMA", { ...DMA, vaddr: NOWHERE }, "EFAULT bad-user-memory"],
  [nothing, "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 1, iova: "0x0", size: "0x0" }, "EINVAL vfio-argument-valid"],
  [nothing, "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 2, iova: "0x1000", size: "0x0" }, "EINVAL vfio-unmap-all-exact"],
  [nothing, "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: "0x1000", size: "0x0" }, "EINVAL length-zero"],
  [nothing, "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: "0x1000", size: "0xffffffffffffffff" }, "EOVERFLOW iova-wraps"],
  [nothing, "VFIO_IOMMU_GET_INFO", { argsz: 15 }, "EINVAL vfio-argument-valid"],
  [nothing, "VFIO_SET_IOMMU", { arg: 2 }, "EINVAL vfio-iommu-type"],
  [(test) => void test.ok("IOMMU_IOAS_MAP", MAP), "VFIO_SET_IOMMU", { arg: 1 }, "EINVAL huge-option-too-late"],
  [(test) => {
    source({ length: "0x800" })(test);
    test.ok("IOMMU_VFIO_IOAS", { ioas_id: 5, op: 1 });
  }, "VFIO_SET_IOMMU", { arg: 1 }, "EADDRINUSE existing-maps-misaligned"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b80", ptr: "0x0" }, "EFAULT argument-readable"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b8f", size: 16, ptr: "0x1000" }, "EFAULT argument-readable"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b8f", size: 0 }, "ENOTTY unknown-ioctl"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b7f", size: 0, ptr: "0x0" }, "ENOTTY unknown-ioctl"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b71", ptr: "0x0" }, "EFAULT argument-readable"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b66", ptr: "0x0" }, "EINVAL vfio-iommu-type"],
  [nothing, "RAW_IOCTL", { cmd: "0x3b64", ptr: "0x0" }, "OK"],
  [nothing, "RAW_IOCTL", { cmd: "0x403b80", size: 8 }, "ENOTTY unknown-ioctl"],
];

describe("rare refusals", () => {
  it.each(CASES.map(([prepare, call, fields, verdict]) => [`${call} ${JSON.stringify(fields)}`, verdict, { prepare, call, fields }] as const))("%s: %s", (_name, verdict, { prepare, call, fields }) => {
    const test = machine();
    prepare(test);
    const before = test.state();
    expect(test.do(call, fields).verdict).toBe(verdict);
    expect(test.state(), "nothing has changed").toEqual(before);
    const quick = machine();
    prepare(quick);
    expect(quick.do(call, fields, { explain: false }).verdict, "a bulk run says the same").toBe(verdict);
    checkInvariants(test.machine.iommufd);
  });

  it("a partial effect stays: unmap up to the mapping that sticks out", () => {
    const test = machine();
    test.map(1, 0x100_0000, 0x1000);
    test.map(1, 0x100_1000, 0x2000);
    expect(test.unmap(1, 0x100_0000, 0x2000)).toBe("ENOENT unmap-splits-mapping");
    expect(test.unmap(1, 0x100_0000, 0x1000)).toBe("ENOENT unmap-nothing-there");
    expect(test.unmap(1, 0, 0xffff_ffff_ffff_ffffn)).toBe(hex(0x2000));
  });
});
