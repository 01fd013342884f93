/** For every refusal that 6.12 can give: the rule that is named, and what the evidence points at. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../base/json.ts";
import { U64_MAX } from "../../base/u64.ts";
import type { HostDevice } from "../config.ts";
import { makePlatform, X86_MSI } from "../platform/platform.ts";
import { iommufdRules } from "../rules/iommufd.ts";
import { iommufdLaterRules } from "../rules/iommufd-later.ts";
import { mapFields, NESTED, TestMachine } from "./testing.ts";

interface Case {
  rule: string;
  errno: string;
  call: string;
  fields: JsonObject;
  before?: (test: TestMachine) => void;
  machine?: () => TestMachine;
}

const oneIoas = (test: TestMachine): void => void test.ioas();
/** IOAS 1 with mock device 3 on automatic HWPT 4. */
const attached = (test: TestMachine): void => void test.mock(test.ioas());
const copyFields: JsonObject = { flags: 7, src_ioas_id: 1, dst_ioas_id: 1, length: "0x1000", src_iova: "0x1000", dst_iova: "0x9000" };

const host = (index: number, group: number, regions: HostDevice["regions"] = [X86_MSI]): HostDevice => ({ name: `0000:00:0${index}.0`, group, vfio: index, regions });
const vtd = (...devices: HostDevice[]) => (): TestMachine => new TestMachine({ kind: "intel-vtd-scalable", devices });
const bound = (test: TestMachine): void => void test.bind(0);

const CASES: Case[] = [
  // The ioctl layer and the object table.
  { rule: "struct-too-small", errno: "EINVAL", call: "IOMMU_IOAS_ALLOC", fields: { size: 8 } },
  { rule: "struct-unknown-tail", errno: "E2BIG", call: "IOMMU_IOAS_ALLOC", fields: { size: 16, trailing_nonzero: 1 } },
  { rule: "unknown-ioctl", errno: "ENOTTY", call: "RAW_IOCTL", fields: { cmd: "0x3b90", size: 16 } },
  { rule: "argument-readable", errno: "EFAULT", call: "RAW_IOCTL", fields: { cmd: "0x3b80", size: 8, ptr: "0x0" } },
  { rule: "unknown-flag", errno: "EOPNOTSUPP", call: "IOMMU_IOAS_ALLOC", fields: { flags: 1 } },
  { rule: "fd-not-open", errno: "EBADF", call: "IOMMU_IOAS_ALLOC", fields: { fd: 9 } },
  { rule: "id-not-found", errno: "ENOENT", call: "IOMMU_DESTROY", fields: { id: 7 } },
  { rule: "object-in-use", errno: "EBUSY", call: "IOMMU_DESTROY", fields: { id: 1 }, before: attached },
  { rule: "rlimit-mode-not-empty", errno: "EBUSY", call: "IOMMU_OPTION", fields: { option_id: 0, val64: "0x1" }, before: oneIoas },
  { rule: "huge-option-too-late", errno: "EINVAL", call: "IOMMU_OPTION", fields: { option_id: 1, object_id: 1, val64: "0x0" }, before: (test) => { attached(test); test.map(1, 0x100_0000, 0x1000); } },
  { rule: "no-compat-ioas", errno: "ENODEV", call: "VFIO_IOMMU_MAP_DMA", fields: { vaddr: "0x1000", iova: "0x0", size: "0x1000" } },
  // Mapping.
  { rule: "map-no-permission", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0, 0x1000, { flags: 1 }), before: oneIoas },
  { rule: "length-zero", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0, 0), before: oneIoas },
  { rule: "length-misaligned", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0x100_0000, 0x100), before: attached },
  { rule: "iova-misaligned", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0x100_0100, 0x1000), before: attached },
  { rule: "iova-wraps", errno: "EOVERFLOW", call: "IOMMU_IOAS_MAP", fields: mapFields(1, U64_MAX, 0x1000), before: oneIoas },
  { rule: "iova-overlaps-reserved", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0xff_f000, 0x2000), before: attached },
  { rule: "iova-overlaps-mapping", errno: "EEXIST", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0x1800, 0x1000), before: (test) => { oneIoas(test); test.map(1, 0x1000, 0x1000); } },
  { rule: "va-page-offset-misaligned", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0x100_0000, 0x1000, { user_va: { buffer: "b0", offset: "0x100" } }), before: attached },
  { rule: "va-alignment-too-small-for-auto", errno: "EINVAL", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0, 0x1000, { flags: 6, user_va: { buffer: "b0", offset: "0x100" } }), before: attached },
  { rule: "no-iova-space", errno: "ENOSPC", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0, 0x2000, { flags: 6 }), before: (test) => { oneIoas(test); test.allow(1, [0x1000, 0x1fff]); } },
  { rule: "bad-user-memory", errno: "EFAULT", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0x100_0000, 0x1000, { user_va: { buffer: "b3", offset: "0x0" } }), before: attached },
  { rule: "memlock-limit", errno: "ENOMEM", call: "IOMMU_IOAS_MAP", fields: mapFields(1, 0x100_0000, 0x2000), before: (test) => { attached(test); test.do("SETRLIMIT_MEMLOCK", { memlock: "0x1000" }); } },
  { rule: "copy-write-on-readonly-pages", errno: "EPERM", call: "IOMMU_IOAS_COPY", fields: copyFields, before: (test) => { oneIoas(test); test.map(1, 0x1000, 0x1000, { flags: 5 }); } },
  { rule: "copy-source-has-gap", errno: "ENOENT", call: "IOMMU_IOAS_COPY", fields: { ...copyFields, length: "0x2000" }, before: (test) => { oneIoas(test); test.map(1, 0x1000, 0x1000); } },
  { rule: "unmap-splits-mapping", errno: "ENOENT", call: "IOMMU_IOAS_UNMAP", fields: { ioas_id: 1, iova: "0x1000", length: "0x1000" }, before: (test) => { oneIoas(test); test.map(1, 0x1000, 0x2000); } },
  { rule: "unmap-nothing-there", errno: "ENOENT", call: "IOMMU_IOAS_UNMAP", fields: { ioas_id: 1, iova: "0x1000", length: "0x1000" }, before: oneIoas },
  // Ranges.
  { rule: "allowed-hits-reserved", errno: "EADDRINUSE", call: "IOMMU_IOAS_ALLOW_IOVAS", fields: { ioas_id: 1, num_iovas: 1, allowed_iovas: [{ start: "0x0", last: "0x1000000" }] }, before: attached },
  { rule: "allowed-range-invalid", errno: "EINVAL", call: "IOMMU_IOAS_ALLOW_IOVAS", fields: { ioas_id: 1, num_iovas: 1, allowed_iovas: [{ start: "0x5", last: "0x5" }] }, before: oneIoas },
  { rule: "ranges-buffer-too-small", errno: "EMSGSIZE", call: "IOMMU_IOAS_IOVA_RANGES", fields: { ioas_id: 1, num_iovas: 0 }, before: oneIoas },
  { rule: "reserved-hits-mapping-or-allowed", errno: "EADDRINUSE", call: "IOMMU_TEST_OP_MOCK_DOMAIN", fields: { id: 1 }, before: (test) => { oneIoas(test); test.map(1, 0x1000, 0x1000); } },
  { rule: "existing-maps-misaligned", errno: "EADDRINUSE", call: "IOMMU_TEST_OP_CREATE_ACCESS", fields: { id: 1, flags: 1 }, before: (test) => { oneIoas(test); test.map(1, 0x1000, 0x10); } },
  { rule: "hw-page-too-large", errno: "EINVAL", call: "IOMMU_HWPT_ALLOC", fields: { dev_id: 1, pt_id: 2 }, before: (test) => { test.bind(0); test.ioas(); }, machine: () => new TestMachine({ platform: { ...makePlatform("intel-vtd"), pageSizes: 0x1_0000 } }) },
  // Page tables and devices.
  { rule: "pt-id-invalid", errno: "EINVAL", call: "IOMMU_HWPT_ALLOC", fields: { dev_id: 3, pt_id: 9 }, before: attached },
  { rule: "flag-not-for-this-path", errno: "EOPNOTSUPP", call: "IOMMU_HWPT_ALLOC", fields: { dev_id: 3, pt_id: 1, flags: 4 }, before: attached },
  { rule: "nested-needs-data", errno: "EOPNOTSUPP", call: "IOMMU_HWPT_ALLOC", fields: { dev_id: 3, pt_id: 4 }, before: attached },
  { rule: "data-type-length-mismatch", errno: "EINVAL", call: "IOMMU_HWPT_ALLOC", fields: { dev_id: 3, pt_id: 1, data_type: 1 }, before: attached },
  { rule: "parent-not-nestable", errno: "EINVAL", call: "IOMMU_HWPT_ALLOC", fields: { dev_id: 3, pt_id: 4, ...NESTED }, before: attached },
  { rule: "dirty-not-supported", errno: "EOPNOTSUPP", call: "IOMMU_HWPT_SET_DIRTY_TRACKING", fields: { hwpt_id: 4, flags: 1 }, before: attached },
  { rule: "group-on-other-hwpt", errno: "EINVAL", call: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", fields: { dev: 1, pt_id: 5 }, machine: vtd(host(0, 7), host(1, 7)), before: (test) => { test.bind(0); test.bind(1); test.attach(0, test.ioas()); test.ioas(); } },
  { rule: "device-group-owned", errno: "EPERM", call: "VFIO_DEVICE_BIND_IOMMUFD", fields: { dev: 0 }, machine: vtd(host(0, 7), { ...host(1, 7), boundToHost: true }), before: (test) => void test.do("VFIO_CDEV_OPEN", { dev: 0, path: "/dev/vfio/devices/vfio0" }) },
  { rule: "msi-not-isolated", errno: "EPERM", call: "VFIO_DEVICE_BIND_IOMMUFD", fields: { dev: 0 }, machine: () => new TestMachine({ platform: { ...makePlatform("intel-vtd"), interruptRemapping: false } }), before: (test) => void test.do("VFIO_CDEV_OPEN", { dev: 0, path: "/dev/vfio/devices/vfio0" }) },
  { rule: "direct-region-refuses-device", errno: "EINVAL", call: "VFIO_DEVICE_BIND_IOMMUFD", fields: { dev: 0 }, machine: vtd(host(0, 7, [{ first: 0x7ffe_4000, last: 0x7ffe_7fff, type: "direct" }])), before: (test) => void test.do("VFIO_CDEV_OPEN", { dev: 0, path: "/dev/vfio/devices/vfio0" }) },
  { rule: "two-msi-kinds", errno: "EINVAL", call: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", fields: { dev: 0, pt_id: 2 }, machine: vtd(host(0, 7, [X86_MSI, { first: 0x800_0000, last: 0x80f_ffff, type: "sw-msi" }])), before: (test) => { bound(test); test.ioas(); } },
  { rule: "hwpt-incompatible-device", errno: "EINVAL", call: "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", fields: { id: 5, dev_flags: 1 }, before: (test) => { attached(test); test.hwpt(3, 1, { flags: 2 }); } },
  { rule: "fault-io-size", errno: "ESPIPE", call: "FAULT_READ", fields: { fd: 4, count: 20 }, before: (test) => void test.ok("IOMMU_FAULT_QUEUE_ALLOC") },
  { rule: "fault-bad-response", errno: "EINVAL", call: "FAULT_WRITE", fields: { fd: 4, responses: [{ cookie: 7, code: 0 }] }, before: (test) => void test.ok("IOMMU_FAULT_QUEUE_ALLOC") },
];

describe("refusals", () => {
  it.each(CASES.map((entry) => [entry.rule, entry.errno, entry] as const))("%s: %s", (rule, errno, entry) => {
    const test = (entry.machine ?? (() => new TestMachine()))();
    entry.before?.(test);
    const before = test.state();
    const { answer, trace, verdict } = test.do(entry.call, entry.fields);
    expect(verdict).toBe(`${errno} ${rule}`);
    expect(answer.errno).toBe(errno);
    const failed = trace.checks.filter((check) => !check.passed);
    expect(failed.map((check) => check.rule.id)).toEqual([rule]);
    expect(trace.advice?.text).toBeTruthy();
    const { order } = test.machine.ready({ call: entry.call, in: entry.fields }).def;
    expect(order.map((known) => known.id)).toContain(rule);
    expect(test.state()).toEqual(before);
  });

  it("names a rule for each of the 54 rows of the failure table, and says which 6.12 does not reach", () => {
    const reached = new Set(CASES.map((entry) => entry.rule));
    const unreached = Object.keys(iommufdLaterRules);
    expect(unreached.filter((id) => reached.has(id))).toEqual([]);
    expect(Object.values(iommufdRules).every((rule) => rule.id !== "" && rule.meaning !== "" && rule.holds !== "")).toBe(true);
  });
});

describe("evidence", () => {
  it("points at the device whose window is hit, and at ranges that fit", () => {
    const test = vtd(host(0, 7))();
    test.bind(0);
    const ioas = test.ioas();
    test.attach(0, ioas);
    const { trace } = test.do("IOMMU_IOAS_MAP", mapFields(ioas, 0xfee0_0000, 0x10_0000));
    const check = trace.checks.at(-1);
    expect(check?.objects[0]?.key).toBe("region:0000:00:00.0@0xfee00000");
    expect(check?.objects[1]?.key).toBe("device:3/1");
    expect(check?.range).toEqual({ first: 0xfee0_0000, last: 0xfeef_ffff });
    expect(trace.advice?.fits).toEqual([{ first: 0, last: 0xfedf_ffff }, { first: 0xfef0_0000, last: 2 ** 48 - 1 }]);
  });

  it("points at the mapping in the way", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    test.map(ioas, 0x4000, 0x1000);
    const { trace } = test.do("IOMMU_IOAS_MAP", mapFields(ioas, 0x3000, 0x3000));
    expect(trace.checks.at(-1)?.objects[0]?.key).toBe("mapping:ioas:3/1@0x4000");
    expect(trace.advice?.fits[0]).toEqual({ first: 0, last: 0x3fff });
  });

  it("points at the page table whose aperture is left", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { hwpt } = test.mock(ioas);
    const { trace } = test.do("IOMMU_IOAS_MAP", mapFields(ioas, 0x8000_0000, 0x1000));
    expect(trace.checks.at(-1)?.objects.map((object) => object.key)).toContain(`hwpt:3/${hwpt}`);
    expect(trace.advice?.fits).toEqual([{ first: 0x100_0000, last: 0x7fff_ffff }]);
  });

  it("lists the holders that block a destroy", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { hwpt } = test.mock(ioas);
    test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas, flags: 0 });
    const { trace } = test.do("IOMMU_DESTROY", { id: ioas });
    expect(trace.advice?.objects.map((object) => object.key)).toEqual([`hwpt:3/${hwpt}`, "access:3/5"]);
    expect(trace.checks.at(-1)?.note).toContain("users 3");
  });

  it("says that a refusal comes from the log", () => {
    const test = new TestMachine({ buffers: null });
    const ioas = test.ioas();
    test.mock(ioas);
    const refused = test.do("IOMMU_IOAS_MAP", mapFields(ioas, 0x100_0000, 0x1000), { given: { pin: "ENOMEM", source: "from the log" } });
    expect(refused.verdict).toBe("ENOMEM bad-user-memory");
    expect(refused.trace.checks.at(-1)?.note).toContain("from the log");
    expect(test.do("IOMMU_IOAS_MAP", mapFields(ioas, 0x100_0000, 0x1000), { given: { driver: "EINVAL", source: "from the log" } }).verdict).toBe("EINVAL driver-map");
  });

  it("finds no rule twice in a refusal, nor a refusal without one", () => {
    const test = new TestMachine();
    expect(test.do("IOMMU_DESTROY", { id: 1 }, { explain: false }).trace.refusedBy?.id).toBe("id-not-found");
  });
});
