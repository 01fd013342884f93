/** The fixture without anything: sizes of structures, options, and the VFIO ioctls before there is an IOAS. */
import { describe, expect, it } from "vitest";
import { hex } from "../../src/base/u64.ts";
import type { JsonObject } from "../../src/base/json.ts";
import type { ErrnoOrOk } from "../../src/kernel/errno.ts";
import { APERTURE, BUFFER, PAGE, Program } from "./program.ts";

function test(name: string, run: (program: Program) => void): void {
  it.each([name])("%s", () => {
    const program = new Program();
    expect(() => program.run(() => run(program))).not.toThrow();
  });
}

describe("selftest iommufd", () => {
  test("cmd_fail", (program) => {
    program.destroy(0, "ENOENT");
    program.err("EFAULT", "RAW_IOCTL", { cmd: "0x3b80", ptr: "0x0" });
    program.err("ENOTTY", "RAW_IOCTL", { cmd: "0x3b7f", size: 8 });
  });

  /** What a zeroed structure is answered, each with its smallest and its whole size, bytes. */
  const LENGTHS: [string, number, number, JsonObject, ErrnoOrOk][] = [
    ["IOMMU_DESTROY", 8, 8, { id: 0 }, "ENOENT"],
    ["IOMMU_GET_HW_INFO", 32, 40, { flags: 0, dev_id: 0, data_len: 0, data_uptr: "0x0" }, "ENOENT"],
    ["IOMMU_HWPT_ALLOC", 24, 48, { flags: 0, dev_id: 0, pt_id: 0, data_type: 0, data_len: 0, fault_id: 0 }, "ENOENT"],
    ["IOMMU_HWPT_INVALIDATE", 32, 32, { hwpt_id: 0, data_type: 0, entry_len: 0, entry_num: 0, data_uptr: "0x0" }, "ENOENT"],
    ["IOMMU_IOAS_ALLOC", 12, 12, { flags: 0 }, "OK"],
    ["IOMMU_IOAS_IOVA_RANGES", 32, 32, { ioas_id: 0, num_iovas: 0, allowed_iovas: "0x0" }, "ENOENT"],
    ["IOMMU_IOAS_ALLOW_IOVAS", 24, 24, { ioas_id: 0, num_iovas: 0, allowed_iovas: "0x0" }, "ENOENT"],
    ["IOMMU_IOAS_MAP", 40, 40, { flags: 0, ioas_id: 0, user_va: "0x0", length: "0x0", iova: "0x0" }, "EINVAL"],
    ["IOMMU_IOAS_COPY", 40, 40, { flags: 0, dst_ioas_id: 0, src_ioas_id: 0, length: "0x0", dst_iova: "0x0", src_iova: "0x0" }, "EINVAL"],
    ["IOMMU_IOAS_UNMAP", 24, 24, { ioas_id: 0, iova: "0x0", length: "0x0" }, "ENOENT"],
    ["IOMMU_OPTION", 24, 24, { option_id: 0, op: 0, object_id: 0, val64: "0x0" }, "EBUSY"],
    ["IOMMU_VFIO_IOAS", 12, 12, { ioas_id: 0, op: 0 }, "ENODEV"],
    ["IOMMU_FAULT_QUEUE_ALLOC", 16, 16, { flags: 0 }, "OK"],
    ["IOMMU_HWPT_SET_DIRTY_TRACKING", 16, 16, { flags: 0, hwpt_id: 0 }, "ENOENT"],
    ["IOMMU_HWPT_GET_DIRTY_BITMAP", 48, 48, { hwpt_id: 0, flags: 0, iova: "0x0", length: "0x0", page_size: "0x0", data: "0x0" }, "ENOENT"],
  ];

  test("cmd_length", (program) => {
    program.ioas();
    for (const [call, min, full, fields, errno] of LENGTHS) {
      program.err("EINVAL", call, { ...fields, size: min - 1 });
      program.err("E2BIG", call, { ...fields, size: full + 1, trailing_nonzero: 1 });
      program.err(errno, call, { ...fields, size: full });
      program.err(errno, call, { ...fields, size: full + 1 });
      program.err(errno, call, { ...fields, size: min });
    }
    for (const call of ["VIOMMU_ALLOC 0x3b8f", "VDEVICE_ALLOC 0x3b90", "IOAS_CHANGE_PROCESS 0x3b91", "VEVENTQ_ALLOC 0x3b93", "HW_QUEUE_ALLOC 0x3b94"]) {
      program.err("ENOTTY", "RAW_IOCTL", { cmd: call.split(" ")[1] as string, size: 8 });
    }
  });

  test("cmd_ex_fail", (program) => {
    program.err("ENOENT", "IOMMU_DESTROY", { size: 16, id: 0 });
    program.err("E2BIG", "IOMMU_DESTROY", { size: 16, trailing_nonzero: 1, id: 0 });
    program.err("ENOENT", "IOMMU_DESTROY", { size: 8, id: 0 });
    program.err("EINVAL", "IOMMU_DESTROY", { size: 7, id: 0 });
  });

  test("global_options", (program) => {
    const mode = (op: number, value: number): JsonObject => ({ option_id: 0, op, object_id: 0, val64: hex(value) });
    program.is(program.ok("IOMMU_OPTION", mode(1, 1)).val64, "0x0", "first mode");
    program.ok("IOMMU_OPTION", mode(0, 1));
    program.err("EINVAL", "IOMMU_OPTION", mode(0, 2));
    program.is(program.ok("IOMMU_OPTION", mode(1, 2)).val64, "0x1", "mode after SET");
    program.ok("IOMMU_OPTION", mode(0, 0));
    program.err("ENOENT", "IOMMU_OPTION", { ...mode(1, 0), option_id: 1 });
    program.err("ENOENT", "IOMMU_OPTION", { ...mode(0, 0), option_id: 1 });
  });

  test("simple_ioctls, unmap_cmd, map_cmd, info_cmd, set_iommu_cmd", (program) => {
    program.is(program.ok("VFIO_GET_API_VERSION", { arg: 0 }).ret, 0, "version");
    program.is(program.ok("VFIO_CHECK_EXTENSION", { arg: 3 }).ret, 1, "type1v2");
    // Bit 31, and its recorded form as an unsigned number.
    for (const flags of [2 ** 31, -(2 ** 31)]) {
      program.err("EINVAL", "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: flags >>> 0, iova: hex(APERTURE), size: hex(PAGE) });
      program.err("EINVAL", "VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: flags >>> 0, vaddr: hex(BUFFER), iova: hex(APERTURE), size: hex(PAGE) });
    }
    program.err("EINVAL", "VFIO_IOMMU_UNMAP_DMA", { argsz: 1, flags: 0, iova: hex(APERTURE), size: hex(PAGE) });
    program.err("ENODEV", "VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: hex(APERTURE), size: hex(PAGE) });
    program.err("EINVAL", "VFIO_IOMMU_MAP_DMA", { argsz: 1, flags: 0, vaddr: hex(BUFFER), iova: hex(APERTURE), size: hex(PAGE) });
    program.err("ENODEV", "VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: hex(BUFFER), iova: hex(APERTURE), size: hex(PAGE) });
    program.err("EINVAL", "VFIO_IOMMU_GET_INFO", { argsz: 1 });
    program.err("ENODEV", "VFIO_IOMMU_GET_INFO", { argsz: 24 });
    program.err("ENODEV", "VFIO_SET_IOMMU", { arg: 3 });
    program.err("ENODEV", "VFIO_SET_IOMMU", { arg: 1 });
  });

  test("vfio_ioas", (program) => {
    program.err("ENODEV", "IOMMU_VFIO_IOAS", { ioas_id: 0, op: 0 });
    program.err("ENOENT", "IOMMU_VFIO_IOAS", { ioas_id: 0, op: 1 });
    const ioas = program.ioas();
    program.ok("IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 1 });
    program.is(program.ok("IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 0 }).ioas_id, ioas, "compat IOAS");
    program.ok("IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 2 });
    program.err("ENODEV", "IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 0 });
  });
});
