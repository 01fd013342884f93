/** What the kernel does and nobody would guess; recorded or read, see docs/partial-effects.md. */
import { describe, expect, it } from "vitest";
import { hex } from "../../base/u64.ts";
import type { HostDevice } from "../config.ts";
import { SOFTWARE_MSI, X86_MSI } from "../platform/platform.ts";
import { NESTED, TestMachine } from "./testing.ts";

describe("fault queues", () => {
  /** A queue with a device on it: fd 4, device 3. */
  const queue = (): TestMachine => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { stdev, device } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const id = test.ok("IOMMU_FAULT_QUEUE_ALLOC").out_fault_id as number;
    const nested = test.hwpt(device, parent, { ...NESTED, flags: 4, fault_id: id });
    test.ok("IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: stdev, pt_id: nested });
    return test;
  };
  const raise = (test: TestMachine): void => void test.ok("IOMMU_TEST_OP_TRIGGER_IOPF", { dev_id: 3 });
  const read = (test: TestMachine): number[] => (test.ok("FAULT_READ", { fd: 4, count: 400 }).faults as { cookie: number }[]).map((fault) => fault.cookie);
  const answer = (test: TestMachine, cookie: number): string => test.try("FAULT_WRITE", { fd: 4, count: 8, responses: [{ cookie, code: 0 }] });

  it("hand out the lowest free cookie, from 1", () => {
    const test = queue();
    raise(test);
    raise(test);
    expect(read(test)).toEqual([1, 2]);
    answer(test, 1);
    raise(test);
    expect(read(test)).toEqual([1]);
  });

  it("give out cookie 0 after somebody answered it while something was unanswered", () => {
    const test = queue();
    expect(answer(test, 0)).toBe("EINVAL fault-bad-response");
    raise(test);
    expect(read(test)).toEqual([1]);
    expect(answer(test, 0)).toBe("EINVAL fault-bad-response");
    raise(test);
    raise(test);
    expect(read(test)).toEqual([0, 2]);
    expect([answer(test, 0), answer(test, 1), answer(test, 2)]).toEqual(["OK", "OK", "OK"]);
    raise(test);
    expect(read(test)).toEqual([0]);
  });
});

describe("structures of other sizes", () => {
  it("fields beyond the size count as zero, in and out", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas, data_type: 1, data_len: 4, size: 24 })).toBe("OK");
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas, data_type: 1, data_len: 4, size: 28 })).toBe("EINVAL data-type-length-mismatch");
    expect(test.ok("IOMMU_GET_HW_INFO", { dev_id: device, data_len: 8, size: 32 }).out_capabilities).toBe("0x0");
    expect(test.do("IOMMU_HWPT_INVALIDATE", { hwpt_id: 1, data_type: 0, entry_len: 0, entry_num: 3, size: 31 }).out).toEqual({ entry_num: 3 });
  });

  it("a raw command with a zeroed structure runs the command", () => {
    const test = new TestMachine();
    const raw = (nr: number, size: number): string => test.try("RAW_IOCTL", { cmd: hex(0x3b00 + nr), size });
    expect([raw(0x81, 12), raw(0x80, 8), raw(0x85, 40), raw(0x64, 8), raw(0x70, 8), raw(0x70, 24), raw(0x60, 8)]).toEqual([
      "OK", "ENOENT id-not-found", "EINVAL map-no-permission", "OK", "EINVAL vfio-argument-valid", "ENODEV no-compat-ioas", "ENOTTY unknown-ioctl",
    ]);
    expect(test.context.objects.size).toBe(1);
  });
});

describe("placement", () => {
  it("ors the page offset of the memory into the hole's start", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.map(ioas, 0x1000, 0xfff - 8);
    expect(test.auto(ioas, 0x1000_0000_0007, 1)).toBe("0x1ff7");
  });

  it("never uses a hole of one byte", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.allow(ioas, [0x1000, 0x1001]);
    test.map(ioas, 0x1000, 1);
    expect(test.auto(ioas, 0x1000_0000_0001, 1)).toBe("ENOSPC no-iova-space");
  });
});

describe("replace", () => {
  const host: HostDevice = { name: "0000:00:01.0", group: 1, vfio: 0, regions: [X86_MSI] };

  it("that the driver refuses inside one IOAS loses the group's windows there", () => {
    const test = new TestMachine({ kind: "intel-vtd", devices: [host] });
    const device = test.bind(0);
    const ioas = test.ioas();
    test.attach(0, ioas);
    const second = test.hwpt(device, ioas);
    const refused = test.do("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: 0, pt_id: second }, { given: { driver: "EBUSY", source: "from the log" } });
    expect(refused.verdict).toBe("EBUSY hwpt-incompatible-device");
    expect(test.ranges(ioas)).toBe("0x0-0x7fffffffff / 0x1000");
    expect(refused.trace.effects.some((effect) => effect.kind === "warn")).toBe(true);
  });
});

describe("other platforms", () => {
  it("Arm: the software MSI window carves and gives the page table its MSI base", () => {
    const test = new TestMachine({ kind: "arm-smmuv3", devices: [{ name: "0000:00:01.0", group: 1, vfio: 0, regions: [SOFTWARE_MSI] }] });
    const device = test.bind(0);
    const ioas = test.ioas();
    expect(test.attach(0, ioas)).toBe("OK");
    expect(test.ranges(ioas)).toBe("0x0-0x7ffffff 0x8100000-0xffffffffffff / 0x1000");
    const parent = test.hwpt(device, ioas, { flags: 1 });
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: parent, data_type: 2, data_len: 16, data: { ste: ["0x1", "0x2"] } })).toBe("OK");
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: parent, data_type: 1, data_len: 24 })).toBe("EOPNOTSUPP driver-refuses-hwpt");
  });

  it("VT-d: nesting in scalable mode only", () => {
    const scalable = new TestMachine({ kind: "intel-vtd-scalable" });
    const device = scalable.bind(0);
    const parent = scalable.hwpt(device, scalable.ioas(), { flags: 1 });
    expect(scalable.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: parent, data_type: 1, data_len: 24, data: { pgtbl_addr: "0x1000" } })).toBe("OK");
    expect(scalable.try("VFIO_CHECK_EXTENSION", { arg: 4 })).toBe("ENODEV no-compat-ioas");
    const legacy = new TestMachine({ kind: "intel-vtd" });
    expect(legacy.try("IOMMU_HWPT_ALLOC", { dev_id: legacy.bind(0), pt_id: legacy.ioas(), flags: 1 })).toBe("EOPNOTSUPP driver-refuses-hwpt");
  });

  it("48-bit VT-d reports its width", () => {
    const test = new TestMachine({ kind: "intel-vtd-scalable" });
    expect((test.ok("IOMMU_GET_HW_INFO", { dev_id: test.bind(0), data_len: 16 }).data_bytes as string).slice(16)).toBe("06062f228c00d200");
  });
});

describe("files", () => {
  it("a context lives until its last access, queue or device is closed", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const fd = test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas, flags: 0 }).out_access_fd as number;
    test.map(ioas, 0x1000, 0x1000);
    test.ok("CLOSE_FD", { fd: 3 });
    expect(test.machine.iommufd.contexts).toHaveLength(1);
    expect(test.ok("IOMMUFD_OPEN")).toEqual({ fd: 3 });
    expect(test.try("IOMMU_TEST_OP_ACCESS_RW", { id: fd, iova: "0x1000", length: "0x8" })).toBe("OK");
    expect(new Set(test.machine.iommufd.contexts.map((context) => context.key)).size).toBe(2);
    test.ok("CLOSE_FD", { fd });
    expect(test.machine.iommufd.contexts).toHaveLength(1);
  });
});
