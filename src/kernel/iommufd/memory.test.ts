/** Whose memory a mapping is: pins, munmap, fork, and what reads and writes see. */
import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../base/u64.ts";
import { mapFields, TestMachine } from "./testing.ts";

const at = (buffer: string, offset = 0) => ({ buffer, offset: `0x${offset.toString(16)}` });
const refs = (test: TestMachine, buffer: string, count: number, process = 0): string =>
  test.do("IOMMU_TEST_OP_MD_CHECK_REFS", { uptr: at(buffer), length: "0x1000", refs: count }, { process }).verdict;
const rw = (test: TestMachine, fd: number, fields: object): string | undefined => {
  const { out, verdict } = test.do("IOMMU_TEST_OP_ACCESS_RW", { id: fd, iova: "0x1000000", length: "0x4", ...fields });
  return verdict === "OK" ? ((out.data as string | undefined) ?? "OK") : verdict;
};

describe("pinned memory", () => {
  it("is pinned once per MAP, shared by copies and page tables", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.map(ioas, 0x100_0000, 0x2000);
    expect(refs(test, "b0", 0)).toBe("OK");
    test.mock(ioas);
    expect(refs(test, "b0", 1)).toBe("OK");
    test.ok("IOMMU_IOAS_COPY", { flags: 7, src_ioas_id: ioas, dst_ioas_id: ioas, length: "0x1000", src_iova: "0x1000000", dst_iova: "0x2000000" });
    expect(refs(test, "b0", 1)).toBe("OK");
    test.map(ioas, 0x300_0000, 0x1000);
    expect(refs(test, "b0", 2)).toBe("OK");
    expect(refs(test, "b0", 3)).toBe("EIO test-check");
    test.unmap(ioas, 0, U64_MAX);
    expect(refs(test, "b0", 0)).toBe("OK");
  });

  it("stays what it was after munmap, until nobody pins it", () => {
    const test = new TestMachine();
    const [ioas, other] = [test.ioas(), test.ioas()];
    const { hwpt } = test.mock(ioas);
    test.map(ioas, 0x100_0000, 0x1000);
    test.do("MUNMAP", { va: at("b0"), length: "0x1000" });
    expect(test.try("BUFFER_READ", { va: at("b0"), length: "0x4" })).toBe("EFAULT process-memory");
    expect(test.try("IOMMU_TEST_OP_MD_CHECK_MAP", { id: hwpt, iova: "0x1000000", length: "0x800", uptr: at("b0") })).toBe("EFAULT process-memory");
    const copy = { flags: 7, src_ioas_id: ioas, dst_ioas_id: other, length: "0x1000", src_iova: "0x1000000", dst_iova: "0x1000000" };
    expect(test.try("IOMMU_IOAS_COPY", copy)).toBe("OK");
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: other })).toBe("OK");
    expect(test.map(ioas, 0x200_0000, 0x1000)).toBe("EFAULT bad-user-memory");
    expect([test.unmap(ioas, 0, U64_MAX), test.unmap(other, 0, U64_MAX)]).toEqual(["0x1000", "0x1000"]);
    expect(test.context.pages.all.size).toBe(0);
  });

  it("is read by the pin path where the plain path finds nothing", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.mock(ioas);
    const fd = test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas }).out_access_fd as number;
    test.map(ioas, 0x100_0000, 0x2000);
    test.do("MUNMAP", { va: at("b0"), length: "0x2000" });
    expect(rw(test, fd, { flags: 0 })).toBe("EFAULT bad-user-memory");
    expect(rw(test, fd, { flags: 4, iova: "0x1000ffe" })).toBe("00010010");
  });

  it("keeps bytes written before the failing place", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const fd = test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas }).out_access_fd as number;
    test.map(ioas, 0x100_0000, 0x1000);
    expect(rw(test, fd, { flags: 1, iova: "0x1000ffe", data_fill: 7 })).toBe("ENOENT access-hole");
    expect(test.ok("BUFFER_READ", { va: at("b0", 0xffc), length: "0x4" })).toEqual({ data: "00000708" });
  });
});

describe("fork", () => {
  const forked = (): TestMachine => {
    const test = new TestMachine();
    test.ioas();
    return test;
  };
  const child = (test: TestMachine, call: string, fields: object): string => test.do(call, { ...fields }, { process: 1 }).verdict;

  it("shares files and shared memory; the child's mapping outlives it where it was pinned", () => {
    const test = forked();
    const fd = test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: 1, flags: 0 }).out_access_fd as number;
    test.mock(1);
    expect(test.ok("FORK")).toEqual({ process: 1 });
    expect(child(test, "IOMMU_IOAS_MAP", mapFields(1, 0x100_0000, 0x2000, { user_va: at("shared") }))).toBe("OK");
    test.ok("PROCESS_EXIT", { process: 1 });
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: 1 })).toBe("OK");
    expect(rw(test, fd, { flags: 1, data_fill: 1 })).toBe("OK");
    expect(test.ok("BUFFER_READ", { va: at("shared"), length: "0x4" })).toEqual({ data: "01020304" });
    expect(rw(test, fd, { flags: 0 })).toBe("01020304");
    expect(refs(test, "shared", 1)).toBe("OK");
  });

  it("leaves nothing to pin once the process is gone", () => {
    const test = forked();
    test.ok("FORK");
    child(test, "IOMMU_IOAS_MAP", mapFields(1, 0x100_0000, 0x1000, { user_va: at("shared") }));
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: 1 })).toBe("OK");
    test.unmap(1, 0, U64_MAX);
    child(test, "IOMMU_DESTROY", { id: 2 });
    child(test, "IOMMU_IOAS_MAP", mapFields(1, 0x100_0000, 0x1000, { user_va: at("shared") }));
    test.ok("PROCESS_EXIT", { process: 1 });
    expect(test.try("IOMMU_TEST_OP_MOCK_DOMAIN", { id: 1 })).toBe("EFAULT bad-user-memory");
  });

  it("parts private memory when one side writes or pins", () => {
    const test = forked();
    test.ok("FORK");
    test.ok("BUFFER_WRITE", { va: at("b1"), length: "0x2", data_fill: 9 });
    expect(test.do("BUFFER_READ", { va: at("b1"), length: "0x2" }, { process: 1 }).out).toEqual({ data: "0000" });
    test.mock(1);
    child(test, "IOMMU_IOAS_MAP", mapFields(1, 0x100_0000, 0x1000));
    expect([refs(test, "b0", 0), refs(test, "b0", 1, 1)]).toEqual(["OK", "OK"]);
  });

  it("ends a context only with its last descriptor", () => {
    const test = forked();
    test.ok("FORK");
    test.ok("CLOSE_FD", { fd: 3 });
    expect(test.try("IOMMU_IOAS_ALLOC")).toBe("EBADF fd-not-open");
    expect(child(test, "IOMMU_DESTROY", { id: 1 })).toBe("OK");
    test.ok("PROCESS_EXIT", { process: 1 });
    expect(test.machine.iommufd.contexts).toEqual([]);
    expect(test.ok("IOMMUFD_OPEN")).toEqual({ fd: 3 });
  });
});

describe("DMA of a real device", () => {
  it("goes where the page table says, and nowhere else", () => {
    const test = new TestMachine({ kind: "intel-vtd" });
    test.bind(0);
    const ioas = test.ioas();
    test.attach(0, ioas);
    test.map(ioas, 0x10_0000, 0x1000);
    test.map(ioas, 0x20_0000, 0x1000, { flags: 5, user_va: at("b1") });
    const dma = (dir: number, iova: number): void => void test.ok("EDU_DMA", { dev: 0, dir, iova: `0x${iova.toString(16)}`, length: "0x8" });
    test.ok("BUFFER_WRITE", { va: at("b0"), length: "0x8", data_fill: 16 });
    dma(0, 0x10_0000);
    test.ok("PCI_COMMAND", { dev: 0, value: 6 });
    dma(0, 0x10_0000);
    dma(1, 0x20_0000);
    expect(test.ok("BUFFER_READ", { va: at("b1"), length: "0x8" })).toEqual({ data: "0000000000000002" });
    dma(1, 0x10_0100);
    expect(test.ok("BUFFER_READ", { va: at("b0", 0x100), length: "0x8" })).toEqual({ data: "1011121314151617" });
    test.ok("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: 0 });
    dma(0, 0x10_0000);
    test.attach(0, ioas);
    dma(1, 0x10_0200);
    expect(test.ok("BUFFER_READ", { va: at("b0", 0x200), length: "0x8" })).toEqual({ data: "0000000000000000" });
  });
});
