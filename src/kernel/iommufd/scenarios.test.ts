/** The worked scenarios of spec/iommufd.md section 12, by their numbers there. */
import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../base/u64.ts";
import type { HostDevice } from "../config.ts";
import { X86_MSI } from "../platform/platform.ts";
import { NESTED, TestMachine } from "./testing.ts";

const VA = 0x7f00_0000_0000;

describe("an IOAS without devices", () => {
  it("S1: is one free range", () => {
    const test = new TestMachine();
    expect(test.ioas()).toBe(1);
    const probe = test.do("IOMMU_IOAS_IOVA_RANGES", { ioas_id: 1, num_iovas: 0 });
    expect([probe.verdict, probe.out.num_iovas, probe.out.out_iova_alignment]).toEqual(["EMSGSIZE ranges-buffer-too-small", 1, "0x1"]);
    expect(test.ranges(1)).toBe("0x0-0xffffffffffffffff / 0x1");
  });

  it("S2: places automatic maps at the lowest fit", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    expect(test.auto(ioas, VA + 0x1000, 0x1000)).toBe("0x1000");
    expect(test.auto(ioas, VA + 0x20_0000, 0x20_0000)).toBe("0x200000");
    expect(test.auto(ioas, VA + 0x3000, 0x1000)).toBe("0x2000");
  });

  it("S3 and S4: takes any byte; an attach then wants its alignment and its aperture", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    expect(test.map(ioas, 0, 0x1000)).toBe("OK");
    expect(test.map(ioas, 0x800, 0x800)).toBe("EEXIST iova-overlaps-mapping");
    expect(test.map(ioas, 0x1001, 1)).toBe("OK");
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas })).toBe("EADDRINUSE existing-maps-misaligned");
    expect(test.unmap(ioas, 0x1001, 1)).toBe("0x1");
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas })).toBe("EADDRINUSE reserved-hits-mapping-or-allowed");
  });

  it("S10: an unmap that cuts a mapping keeps what it removed before", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.map(ioas, 0x10000, 0x1000);
    test.map(ioas, 0x11000, 0x1000);
    expect(test.unmap(ioas, 0x10000, 0x1800)).toBe("ENOENT unmap-splits-mapping");
    expect(test.unmap(ioas, 0x10000, 0x2000)).toBe("0x1000");
  });

  it("S11: unmapping nothing", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    expect(test.unmap(ioas, 0, U64_MAX)).toBe("0x0");
    expect(test.unmap(ioas, 0x5000, 0x1000)).toBe("ENOENT unmap-nothing-there");
    expect(test.unmap(ioas, 0, 0)).toBe("EINVAL length-zero");
    expect(test.unmap(ioas, 1, U64_MAX)).toBe("EOVERFLOW iova-wraps");
  });

  it("S12: the allowed list steers automatic maps only", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    expect(test.allow(ioas, [0x2000, 0x3fff])).toBe("OK");
    expect([1, 2, 3].map((index) => test.auto(ioas, VA + index * 0x1000, 0x1000))).toEqual(["0x2000", "0x3000", "ENOSPC no-iova-space"]);
    expect(test.map(ioas, 0x10000, 0x1000)).toBe("OK");
    expect(test.allow(ioas)).toBe("OK");
    expect(test.auto(ioas, VA + 0x3000, 0x1000)).toBe("0x1000");
  });

  it("S17: copies share memory", () => {
    const test = new TestMachine();
    const [one, other] = [test.ioas(), test.ioas()];
    test.map(one, 0x1000, 0x2000);
    const copy = (fields: object): string => test.try("IOMMU_IOAS_COPY", { flags: 7, src_ioas_id: one, dst_ioas_id: other, length: "0x1000", src_iova: "0x2000", dst_iova: "0x9000", ...fields });
    expect(copy({})).toBe("OK");
    expect(test.unmap(one, 0, U64_MAX)).toBe("0x2000");
    expect(test.unmap(other, 0x9000, 0x1000)).toBe("0x1000");
    test.map(one, 0x1000, 0x2000, { flags: 5 });
    expect(copy({})).toBe("EPERM copy-write-on-readonly-pages");
    expect(copy({ flags: 5 })).toBe("OK");
    expect(copy({ length: "0x2000", dst_iova: "0x20000" })).toBe("ENOENT copy-source-has-gap");
  });
});

describe("mock devices", () => {
  it("S5 to S7: one automatic page table, ids in the kernel's order, no cascades", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    expect(test.mock(ioas)).toEqual({ stdev: 2, device: 3, hwpt: 4 });
    expect([1, 2, 3, 4].map((id) => test.users(id))).toEqual([2, 1, 3, 2]);
    expect(test.ranges(ioas)).toBe("0x1000000-0x7fffffff / 0x800");
    expect([1, 3, 4].map((id) => test.destroy(id))).toEqual(["EBUSY object-in-use", "EBUSY object-in-use", "EBUSY object-in-use"]);
    expect(test.mock(ioas)).toEqual({ stdev: 5, device: 6, hwpt: 4 });
    expect([test.users(4), test.users(1)]).toEqual([3, 2]);
    expect([5, 2].map((id) => test.destroy(id))).toEqual(["OK", "OK"]);
    expect(test.destroy(4)).toBe("ENOENT id-not-found");
    expect(test.destroy(1)).toBe("OK");
    expect(test.ioas()).toBe(1);
  });

  it("S8 and S9: alignment of fixed and automatic maps", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.mock(ioas);
    const at = (offset: number) => ({ user_va: { buffer: "b0", offset: `0x${offset.toString(16)}` } });
    expect(test.map(ioas, 0x100_0000, 0x1000, at(0x400))).toBe("EINVAL va-page-offset-misaligned");
    expect(test.map(ioas, 0x100_0000, 0x1000, at(0x800))).toBe("OK");
    expect(test.map(ioas, 0xff_0000, 0x1000)).toBe("EINVAL iova-overlaps-reserved");
    expect(test.map(ioas, 0x8000_0000, 0x1000)).toBe("EINVAL iova-overlaps-reserved");
    expect(test.auto(ioas, 0x1000_0000_0800, 0x800)).toBe("0x1001800");
    expect(test.auto(ioas, 0x1000_0000_0400, 0x800)).toBe("EINVAL va-alignment-too-small-for-auto");
    expect(test.auto(ioas, 0x1000_0000_0400, 0x400)).toBe("EINVAL length-misaligned");
  });

  it("S13: the allowed list and an attach", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.allow(ioas, [0, 0xfff]);
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas })).toBe("EADDRINUSE reserved-hits-mapping-or-allowed");
    test.allow(ioas, [0x100_0000, 0x1ff_ffff]);
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas })).toBe("OK");
    expect(test.allow(ioas, [0, 0x1ff_ffff])).toBe("EADDRINUSE allowed-hits-reserved");
    expect(test.allow(ioas, [5, 5])).toBe("EINVAL allowed-range-invalid");
  });

  it("S14: an attach to an IOAS never takes a manual HWPT", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const first = test.mock(ioas);
    const manual = test.hwpt(first.device, ioas);
    expect(test.mock(ioas).hwpt).toBe(first.hwpt);
    expect(test.mock(manual).hwpt).toBe(manual);
  });

  it("S15 and S16: nesting", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { stdev, device, hwpt: auto } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const nested = test.hwpt(device, parent, NESTED);
    expect([test.users(parent), test.users(nested), test.destroy(parent)]).toEqual([2, 1, "EBUSY object-in-use"]);
    const alloc = (fields: object): string => test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: parent, ...NESTED, ...fields });
    expect(alloc({ pt_id: auto })).toBe("EINVAL parent-not-nestable");
    expect(alloc({ pt_id: nested })).toBe("EINVAL pt-id-invalid");
    expect(alloc({ flags: 1 })).toBe("EOPNOTSUPP flag-not-for-this-path");
    expect(alloc({ data_type: 0, data_len: 0 })).toBe("EOPNOTSUPP nested-needs-data");
    expect(alloc({ data_len: 0 })).toBe("EINVAL data-type-length-mismatch");
    expect(alloc({ pt_id: 99 })).toBe("EINVAL pt-id-invalid");
    expect(alloc({ dev_id: 99 })).toBe("ENOENT id-not-found");
    expect(alloc({ dev_id: 99, pt_id: 98 })).toBe("ENOENT id-not-found");
    expect(test.ok("IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: stdev, pt_id: nested })).toEqual({ pt_id: nested });
    expect(test.destroy(nested)).toBe("EBUSY object-in-use");
    test.ok("IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: stdev, pt_id: ioas });
    expect([nested, parent].map((id) => test.destroy(id))).toEqual(["OK", "OK"]);
  });

  it("S18: options", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const option = (fields: object): string => test.try("IOMMU_OPTION", { op: 0, ...fields });
    expect(option({ option_id: 0, val64: "0x1" })).toBe("EBUSY rlimit-mode-not-empty");
    test.do("SETRLIMIT_MEMLOCK", { memlock: "0x100000", drop_cap: "CAP_IPC_LOCK", drop_cap2: "CAP_SYS_RESOURCE" });
    expect(option({ option_id: 0, val64: "0x1" })).toBe("EPERM rlimit-mode-not-empty");
    expect(test.ok("IOMMU_OPTION", { option_id: 1, op: 1, object_id: ioas })).toEqual({ val64: "0x1" });
    test.mock(ioas);
    test.map(ioas, 0x100_0000, 0x1000);
    expect(option({ option_id: 1, object_id: ioas, val64: "0x0" })).toBe("EINVAL huge-option-too-late");
    expect(option({ option_id: 1, object_id: ioas, val64: "0x2" })).toBe("EINVAL option-value-unknown");
  });

  it("S19: the limit on locked memory", () => {
    const test = new TestMachine();
    const [ioas, other] = [test.ioas(), test.ioas()];
    test.do("SETRLIMIT_MEMLOCK", { memlock: "0x100000", drop_cap: "CAP_IPC_LOCK" });
    expect(test.map(ioas, 0x100_0000, 0x20_0000)).toBe("OK");
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas })).toBe("ENOMEM memlock-limit");
    expect(test.unmap(ioas, 0, U64_MAX)).toBe("0x200000");
    test.mock(ioas);
    test.mock(other);
    expect(test.map(ioas, 0x100_0000, 0x8_0000)).toBe("OK");
    expect(test.try("IOMMU_IOAS_COPY", { flags: 7, src_ioas_id: ioas, dst_ioas_id: other, length: "0x80000", src_iova: "0x1000000", dst_iova: "0x1000000" })).toBe("OK");
    expect(test.map(ioas, 0x200_0000, 0x8_0000)).toBe("OK");
    expect(test.map(ioas, 0x300_0000, 0x1000)).toBe("ENOMEM memlock-limit");
  });

  it("S20: closing the iommufd takes everything, in scans", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { stdev, device } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const nested = test.hwpt(device, parent, NESTED);
    test.ok("IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: stdev, pt_id: nested });
    const { trace } = test.do("CLOSE_FD", { fd: 3 });
    expect(trace.effects.filter((effect) => effect.text.startsWith("scan")).map((effect) => effect.text)).toEqual([
      "scan 1 of the closing iommufd: 2 objects destroyed, 2 ids left",
      "scan 2 of the closing iommufd: 1 object destroyed, 1 id left",
      "scan 3 of the closing iommufd: 1 object destroyed, 0 ids left",
    ]);
    expect(test.machine.iommufd.contexts).toEqual([]);
    expect(test.try("IOMMU_IOAS_ALLOC")).toBe("EBADF fd-not-open");
  });

  it("S21: a fault queue", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const queue = test.ok("IOMMU_FAULT_QUEUE_ALLOC");
    const id = queue.out_fault_id as number;
    const nested = test.hwpt(device, parent, { ...NESTED, flags: 4, fault_id: id });
    expect(test.users(id)).toBe(3);
    test.ok("CLOSE_FD", { fd: queue.out_fault_fd as number });
    expect([test.users(id), test.destroy(id), test.destroy(nested), test.users(id), test.destroy(id)]).toEqual([2, "EBUSY object-in-use", "OK", 1, "OK"]);
  });
});

describe("real devices", () => {
  const nic = (index: number, group: number): HostDevice => ({ name: `0000:41:00.${index}`, group, vfio: index, model: "nic", regions: [X86_MSI] });

  it("S23: a group shares one page table", () => {
    const test = new TestMachine({ kind: "intel-vtd", devices: [nic(0, 7), nic(1, 7)] });
    const device = test.bind(0);
    test.bind(1);
    const [one, other] = [test.ioas(), test.ioas()];
    const [first, second] = [test.hwpt(device, one), test.hwpt(device, other)];
    expect(test.attach(0, first)).toBe("OK");
    expect(test.attach(1, second)).toBe("EINVAL group-on-other-hwpt");
    expect(test.attach(1, first)).toBe("OK");
    expect(test.attach(0, second)).toBe("OK");
    expect([test.users(first), test.users(second)]).toEqual([1, 3]);
    test.ok("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: 0 });
    expect(test.users(second)).toBe(2);
    test.ok("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: 1 });
    expect(test.machine.iommufd.graph().nodes.find((node) => node.kind === "group")?.lines[0]).toBe("DMA blocked");
  });

  it("S24: the MSI window of x86", () => {
    const test = new TestMachine({ kind: "intel-vtd-scalable", devices: [nic(0, 7)] });
    const ioas = test.ioas();
    test.bind(0);
    test.map(ioas, 0xfedf_f000, 0x2000);
    const refused = test.do("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: 0, pt_id: ioas });
    expect(refused.verdict).toBe("EADDRINUSE reserved-hits-mapping-or-allowed");
    expect(refused.trace.checks.at(-1)?.objects.map((object) => object.key)).toContain("region:0000:41:00.0@0xfee00000");
    test.unmap(ioas, 0, U64_MAX);
    expect(test.attach(0, ioas)).toBe("OK");
    expect(test.ranges(ioas)).toBe("0x0-0xfedfffff 0xfef00000-0xffffffffffff / 0x1000");
    expect(test.map(ioas, 0xfee0_0000, 0x1000)).toBe("EINVAL iova-overlaps-reserved");
  });

  it("S25: the VFIO ioctls", () => {
    const test = new TestMachine();
    expect(test.try("VFIO_SET_IOMMU", { arg: 3 })).toBe("ENODEV no-compat-ioas");
    const dma = { vaddr: { buffer: "b0", offset: "0x0" }, iova: "0x0", size: "0x4000" };
    const part = { iova: "0x0", size: "0x1000" };
    const ioas = test.ioas();
    test.ok("IOMMU_VFIO_IOAS", { op: 1, ioas_id: ioas });
    test.ok("VFIO_SET_IOMMU", { arg: 3 });
    test.ok("VFIO_IOMMU_MAP_DMA", dma);
    expect(test.try("VFIO_IOMMU_UNMAP_DMA", part)).toBe("ENOENT unmap-splits-mapping");
    expect(test.ok("VFIO_IOMMU_UNMAP_DMA", { iova: "0x0", size: "0x4000" })).toEqual({ size: "0x4000" });
    expect(test.ok("VFIO_IOMMU_UNMAP_DMA", part)).toEqual({ size: "0x0" });
    test.ok("VFIO_SET_IOMMU", { arg: 1 });
    test.ok("VFIO_IOMMU_MAP_DMA", dma);
    expect(test.ok("VFIO_IOMMU_UNMAP_DMA", part)).toEqual({ size: "0x1000" });
    expect(test.unmap(ioas, 0x1000, 0x3000)).toBe("0x3000");
  });
});
