import { describe, expect, it } from "vitest";
import type { HostDevice, Platform, ReservedRegion } from "../config.ts";
import { makePlatform, X86_MSI } from "../platform/platform.ts";
import { platformPresets, presetPlatform } from "../platform/presets.ts";
import { TestMachine, type TestOptions } from "./testing.ts";

const GROUP = (group: number) => ({ path: `/dev/vfio/${group}` });

/** A machine with some groups in a container that has its IOMMU set. */
function ready(options: TestOptions = {}, groups: number[] = [3], kind = 3): TestMachine {
  const test = new TestMachine(options);
  test.do("VFIO_CONTAINER_OPEN");
  for (const group of groups) {
    expect(test.errno("VFIO_GROUP_OPEN", GROUP(group))).toBe("OK");
    expect(test.errno("VFIO_GROUP_SET_CONTAINER")).toBe("OK");
  }
  expect(test.errno("VFIO_SET_IOMMU", { arg: kind })).toBe("OK");
  return test;
}

function map(iova: string, size: string, more: Record<string, string | number> = {}) {
  return { argsz: 32, flags: 3, vaddr: "0x100000", iova, size, ...more };
}

function withDevices(devices: HostDevice[], more: Partial<Platform> = {}): Platform {
  return { ...makePlatform("intel-vtd", { addressBits: 48, devices }), ...more };
}

const nic = (group: number, regions: ReservedRegion[] = [X86_MSI], more: Partial<HostDevice> = {}): HostDevice => ({ name: `0000:0${group}:00.0`, group, regions, ...more });

describe("a container's life", () => {
  it("goes through its states in order", () => {
    const test = new TestMachine();
    expect(test.refusal("VFIO_GET_API_VERSION")).toBe("container-open");
    test.do("VFIO_CONTAINER_OPEN");
    expect(test.do("VFIO_GET_API_VERSION").out).toEqual({ ret: 0 });
    expect(test.refusal("VFIO_SET_IOMMU", { arg: 3 })).toBe("set-iommu-needs-group");
    expect(test.refusal("VFIO_GROUP_GET_STATUS")).toBe("group-open");
    expect(test.refusal("VFIO_GROUP_OPEN", GROUP(99))).toBe("group-exists");
    expect(test.refusal("VFIO_GROUP_OPEN", { path: "/dev/null" })).toBe("group-exists");
    expect(test.errno("VFIO_GROUP_OPEN", GROUP(3))).toBe("OK");
    expect(test.refusal("VFIO_GROUP_OPEN", GROUP(3))).toBe("group-busy");
    expect(test.do("VFIO_GROUP_GET_STATUS").out).toEqual({ flags: 1 });
    expect(test.refusal("VFIO_GROUP_UNSET_CONTAINER")).toBe("group-in-container");
    test.do("VFIO_GROUP_SET_CONTAINER");
    expect(test.do("VFIO_GROUP_GET_STATUS").out).toEqual({ flags: 3 });
    expect(test.refusal("VFIO_GROUP_SET_CONTAINER")).toBe("group-without-container");
    expect(test.refusal("VFIO_IOMMU_MAP_DMA", map("0x1000", "0x1000"))).toBe("no-iommu-set");
    expect(test.refusal("VFIO_SET_IOMMU", { arg: 99 })).toBe("set-iommu-supported");
    expect(test.refusal("VFIO_SET_IOMMU", { arg: 9 })).toBe("set-iommu-kind");
    expect(test.refusal("VFIO_SET_IOMMU", { arg: 6 })).toBe("attach-nesting");
    expect(test.errno("VFIO_SET_IOMMU", { arg: 3 })).toBe("OK");
    expect(test.refusal("VFIO_SET_IOMMU", { arg: 3 })).toBe("set-iommu-once");
    test.do("VFIO_GROUP_CLOSE");
    expect(test.refusal("VFIO_IOMMU_GET_INFO")).toBe("no-iommu-set");
    expect(test.machine.host.ownerOf(3)).toBeNull();
  });

  it("answers for its extensions", () => {
    const ask = (test: TestMachine, arg: number) => test.do("VFIO_CHECK_EXTENSION", { arg }).out.ret;
    const all = (test: TestMachine) => [1, 3, 4, 6, 8, 9, 10].map((arg) => ask(test, arg));
    const empty = new TestMachine();
    empty.do("VFIO_CONTAINER_OPEN");
    expect(all(empty)).toEqual([1, 1, 0, 1, 0, 1, 0]);
    expect(all(ready())).toEqual([1, 1, 0, 1, 0, 1, 1]);
    expect(ask(ready({ platform: makePlatform("intel-vtd", { addressBits: 39 }), kernel: "6.13" }), 6)).toBe(0);
    expect(ask(ready({ platform: { ...makePlatform("intel-vtd"), enforceCoherency: true } }), 4)).toBe(1);
  });

  it("lives on after close until its groups leave", () => {
    const test = ready();
    test.do("VFIO_CONTAINER_CLOSE");
    expect(test.refusal("VFIO_IOMMU_GET_INFO")).toBe("container-open");
    expect(test.machine.vfio.containers.size).toBe(1);
    test.do("VFIO_GROUP_CLOSE");
    expect(test.machine.vfio.containers.size).toBe(0);
  });

  it("has open devices that hold their group", () => {
    const test = ready();
    expect(test.refusal("VFIO_GROUP_GET_DEVICE_FD", { name: "0000:09:09.9" })).toBe("device-in-group");
    expect(test.errno("VFIO_GROUP_GET_DEVICE_FD", { name: "0000:00:04.0" })).toBe("OK");
    expect(test.refusal("VFIO_GROUP_UNSET_CONTAINER")).toBe("group-has-open-devices");
    test.do("VFIO_GROUP_CLOSE");
    expect(test.errno("VFIO_IOMMU_GET_INFO")).toBe("OK");
    expect(test.refusal("VFIO_GROUP_OPEN", GROUP(3))).toBe("group-busy");
    expect(test.errno("VFIO_DEVICE_CLOSE", { name: "0000:00:04.0" })).toBe("OK");
    expect(test.refusal("VFIO_DEVICE_CLOSE", { name: "0000:00:04.0" })).toBe("device-open");
    expect(test.errno("VFIO_GROUP_OPEN", GROUP(3))).toBe("OK");
  });

  it("can't open devices before it has an IOMMU", () => {
    const test = new TestMachine();
    test.do("VFIO_GROUP_OPEN", GROUP(3));
    expect(test.refusal("VFIO_GROUP_GET_DEVICE_FD", { name: "0000:00:04.0" })).toBe("device-needs-iommu");
  });
});

describe("several groups and containers", () => {
  it("share one valid list, and lose their mappings with the last group only", () => {
    const test = ready({}, [3, 4]);
    test.do("VFIO_IOMMU_MAP_DMA", map("0x1000", "0x1000"));
    test.do("VFIO_GROUP_UNSET_CONTAINER", { group: 3 });
    expect(test.do("VFIO_IOMMU_GET_INFO").out).toMatchObject({ caps: [{ id: 2 }, { id: 3, avail: 65534 }, { id: 1, nr_iovas: 2 }] });
    test.do("VFIO_GROUP_UNSET_CONTAINER", { group: 4 });
    expect(test.refusal("VFIO_IOMMU_GET_INFO")).toBe("no-iommu-set");
  });

  it("are told apart by number", () => {
    const test = ready();
    test.do("VFIO_CONTAINER_OPEN");
    test.do("VFIO_GROUP_OPEN", GROUP(4));
    expect(test.errno("VFIO_GROUP_SET_CONTAINER", { group: 4, container: 2 })).toBe("OK");
    expect(test.errno("VFIO_SET_IOMMU", { arg: 1, container: 2 })).toBe("OK");
    expect(test.errno("VFIO_IOMMU_MAP_DMA", map("0x1000", "0x1000", { container: 2 }))).toBe("OK");
    expect(test.errno("VFIO_IOMMU_MAP_DMA", map("0x1000", "0x1000"))).toBe("OK");
    expect(test.machine.vfio.spaces().map((space) => [space.key, space.mappingCount()])).toEqual([["container:1", 1], ["container:2", 1]]);
    expect(test.machine.host.ownerOf(4)).toEqual({ by: "container", container: 2 });
  });

  it("a late group is attached when it joins, and refused with its region over a mapping", () => {
    const late = nic(5, [{ first: 0x100000, last: 0x1fffff, type: "reserved" }]);
    const test = ready({ platform: withDevices([nic(3), late]) });
    test.do("VFIO_IOMMU_MAP_DMA", map("0x100000", "0x1000"));
    test.do("VFIO_GROUP_OPEN", GROUP(5));
    const { answer, trace } = test.do("VFIO_GROUP_SET_CONTAINER");
    expect([answer.errno, trace.refusedBy?.id]).toEqual(["EINVAL", "attach-reserved-conflict"]);
    expect(trace.checks.at(-1)?.objects.map((object) => object.key)).toEqual(["region:0000:05:00.0@0x100000", "group:5", "mapping:container:1@0x100000"]);
    expect(test.machine.host.ownerOf(5)).toBeNull();
  });
});

describe("who may be given away", () => {
  it("not a group that a host driver still uses", () => {
    const preset = platformPresets.find((entry) => entry.id === "shared-group");
    const test = new TestMachine({ platform: preset && presetPlatform(preset) });
    test.do("VFIO_CONTAINER_OPEN");
    test.do("VFIO_GROUP_OPEN", GROUP(7));
    expect(test.do("VFIO_GROUP_GET_STATUS").out).toEqual({ flags: 0 });
    const { answer, trace } = test.do("VFIO_GROUP_SET_CONTAINER");
    expect([answer.errno, trace.refusedBy?.id]).toEqual(["EPERM", "group-not-viable"]);
    expect(trace.advice?.objects.map((object) => object.label)).toEqual(["0000:02:02.0"]);
  });

  it("not a group of an iommufd", () => {
    const test = new TestMachine();
    test.machine.host.claimGroup(3, { by: "iommufd", context: 3 });
    expect(test.refusal("VFIO_GROUP_OPEN", GROUP(3))).toBe("group-busy");
  });

  it("not a device with a direct region, refused by whom depends on the kernel", () => {
    const platform = withDevices([nic(3, [{ first: 0x7df83000, last: 0x7dfe2fff, type: "direct" }, X86_MSI])]);
    const refusals = (kernel: string) => {
      const test = new TestMachine({ platform, kernel });
      test.do("VFIO_CONTAINER_OPEN");
      test.do("VFIO_GROUP_OPEN", GROUP(3));
      const { answer, trace } = test.do("VFIO_GROUP_SET_CONTAINER");
      const last = answer.errno === "OK" ? test.do("VFIO_SET_IOMMU", { arg: 3 }) : { answer, trace };
      return [answer.errno, last.answer.errno, last.trace.refusedBy?.id, last.trace.checks.at(-1)?.fn];
    };
    expect(refusals("6.12")).toEqual(["EINVAL", "EINVAL", "direct-region-refuses-device", "__iommu_device_set_domain"]);
    expect(refusals("6.1")).toEqual(["OK", "EPERM", "direct-region-refuses-device", "intel_iommu_attach_device"]);
  });

  it("nobody where interrupts are not remapped", () => {
    const preset = platformPresets.find((entry) => entry.id === "arm-unsafe");
    const test = new TestMachine({ platform: preset && presetPlatform(preset) });
    test.do("VFIO_CONTAINER_OPEN");
    test.do("VFIO_GROUP_OPEN", GROUP(2));
    test.do("VFIO_GROUP_SET_CONTAINER");
    expect(test.do("VFIO_SET_IOMMU", { arg: 3 }).answer.errno).toBe("EPERM");
    expect(test.refusal("VFIO_SET_IOMMU", { arg: 3 })).toBe("no-interrupt-remapping");
  });

  it("says where an outside refusal is known from", () => {
    const test = new TestMachine();
    test.do("VFIO_CONTAINER_OPEN");
    test.do("VFIO_GROUP_OPEN", GROUP(3));
    const given = { driver: "EINVAL", source: "from the log" } as const;
    const claim = test.do("VFIO_GROUP_SET_CONTAINER", {}, given);
    expect([claim.trace.refusedBy?.id, claim.trace.checks.at(-1)?.note]).toEqual(["claim-driver", "from the log"]);
    test.do("VFIO_GROUP_SET_CONTAINER");
    const attach = test.do("VFIO_SET_IOMMU", { arg: 3 }, { driver: "EPERM", source: "from the log" });
    expect([attach.answer.errno, attach.trace.refusedBy?.id]).toEqual(["EPERM", "attach-driver"]);
    expect(test.errno("VFIO_SET_IOMMU", { arg: 3 })).toBe("OK");
  });
});

describe("memory", () => {
  const buffers = [
    { name: "b0", va: 0x10000, size: 0x4000, kind: "anon" },
    { name: "ro", va: 0x14000, size: 0x1000, kind: "anon-readonly" },
  ];
  const at = (vaddr: object | string, more: object = {}) => ({ argsz: 32, flags: 3, vaddr, iova: "0x100000", size: "0x1000", ...more }) as never;

  it("must be there, and writable for a device that writes", () => {
    const test = ready({ buffers });
    expect(test.refusal("VFIO_IOMMU_MAP_DMA", at("0x5000"))).toBe("dma-pin-faults");
    expect(test.refusal("VFIO_IOMMU_MAP_DMA", at({ buffer: "b0", offset: "0x2000" }, { size: "0x3000" }))).toBe("dma-pin-faults");
    expect(test.errno("VFIO_IOMMU_MAP_DMA", at({ buffer: "b0", offset: "0x2000" }, { size: "0x3000", flags: 1 }))).toBe("OK");
    expect(test.errno("VFIO_IOMMU_MAP_DMA", at({ buffer: "b0", offset: "0x0" }, { iova: "0x200000" }))).toBe("OK");
  });

  it("must not have been given back by the process", () => {
    const test = ready({ buffers });
    test.do("MUNMAP", { va: { buffer: "b0", offset: "0x1000" }, length: "0x1000" });
    expect(test.refusal("VFIO_IOMMU_MAP_DMA", at({ buffer: "b0", offset: "0x0" }, { size: "0x2000" }))).toBe("dma-pin-faults");
    expect(test.errno("VFIO_IOMMU_MAP_DMA", at({ buffer: "b0", offset: "0x0" }))).toBe("OK");
  });

  it("is locked within the process's limit, and given back by unmaps", () => {
    const test = ready({ buffers });
    test.do("SETRLIMIT_MEMLOCK", { memlock: "0x3000" });
    const b0 = { buffer: "b0", offset: "0x0" };
    expect(test.errno("VFIO_IOMMU_MAP_DMA", at(b0, { size: "0x2000" }))).toBe("OK");
    const { answer, trace } = test.do("VFIO_IOMMU_MAP_DMA", at(b0, { iova: "0x200000", size: "0x2000" }));
    expect([answer.errno, trace.refusedBy?.id]).toEqual(["ENOMEM", "dma-lock-limit"]);
    expect(trace.checks.at(-1)?.note).toBe("2 pages more than the 2 locked already; the limit is 3");
    test.do("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: "0x100000", size: "0x2000" });
    expect(test.errno("VFIO_IOMMU_MAP_DMA", at(b0, { iova: "0x200000", size: "0x2000" }))).toBe("OK");
    test.do("VFIO_GROUP_CLOSE");
    expect(test.machine.iommufd.accounting.charged("mm", 0)).toBe(0);
  });

  it("is not counted when the driver refuses afterwards", () => {
    const test = ready({ buffers });
    test.do("VFIO_IOMMU_MAP_DMA", at({ buffer: "b0", offset: "0x0" }), { driver: "ENOMEM", source: "from the log" });
    expect(test.machine.iommufd.accounting.charged("mm", 0)).toBe(0);
  });

  it("is looked at after the address, so a bad address is told first", () => {
    expect(ready({ buffers }).refusal("VFIO_IOMMU_MAP_DMA", at("0x5000", { iova: "0xfee00000" }))).toBe("dma-outside-valid-list");
  });
});

describe("sizes of structures and flags", () => {
  it("are checked first", () => {
    const test = ready();
    expect(test.refusal("VFIO_IOMMU_MAP_DMA", map("0x1000", "0x1000", { argsz: 31 }))).toBe("dma-argsz");
    expect(test.refusal("VFIO_IOMMU_MAP_DMA", map("0x1000", "0x1000", { flags: 8 }))).toBe("dma-flags");
    expect(test.refusal("VFIO_IOMMU_GET_INFO", { argsz: 15 })).toBe("dma-argsz");
    expect(test.refusal("VFIO_IOMMU_UNMAP_DMA", { argsz: 23, flags: 0, iova: "0x0", size: "0x1000" })).toBe("dma-argsz");
    expect(test.refusal("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 8, iova: "0x0", size: "0x1000" })).toBe("dma-flags");
    expect(test.refusal("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 3, iova: "0x0", size: "0x1000" })).toBe("unmap-dirty-alone");
    expect(test.refusal("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 1, iova: "0x0", size: "0x1000" })).toBe("dma-argsz");
  });

  it("say how much room the capabilities need", () => {
    const test = ready();
    expect(test.do("VFIO_IOMMU_GET_INFO", { argsz: 16 }).out).toEqual({ argsz: 120, flags: 3, iova_pgsizes: "0x40201000" });
    expect(test.do("VFIO_IOMMU_GET_INFO", { argsz: 119 }).out).toMatchObject({ argsz: 120, cap_offset: 0, caps: [] });
    expect(test.do("VFIO_IOMMU_GET_INFO", { argsz: 120 }).out).toMatchObject({ argsz: 120, cap_offset: 24 });
  });
});

describe("dirty tracking", () => {
  const dirty = (flags: number, more: object = {}) => ({ flags, ...more }) as never;

  it("needs v2 and exactly one action", () => {
    expect(ready({}, [3], 1).do("VFIO_IOMMU_DIRTY_PAGES", dirty(1)).answer.errno).toBe("EACCES");
    const test = ready();
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(3))).toBe("dirty-one-action");
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(8))).toBe("dirty-one-action");
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(1, { argsz: 7 }))).toBe("dma-argsz");
  });

  it("reports every mapped page, because the hardware does not help", () => {
    const test = ready();
    test.do("VFIO_IOMMU_MAP_DMA", map("0x10000", "0x4000"));
    const get = { iova: "0x0", size: "0x100000", bitmap_size: "0x20" };
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(4, get))).toBe("dirty-tracking-started");
    expect(test.errno("VFIO_IOMMU_DIRTY_PAGES", dirty(1))).toBe("OK");
    expect(test.errno("VFIO_IOMMU_DIRTY_PAGES", dirty(1))).toBe("OK");
    expect(test.do("VFIO_IOMMU_DIRTY_PAGES", dirty(4, get)).out).toEqual({ set_count: 4 });
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(4, { ...get, bitmap_size: "0x18" }))).toBe("unmap-dirty-bitmap-size");
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(4, { ...get, bitmap_pgsize: "0x2000" }))).toBe("dirty-range");
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(4, { ...get, size: "0x12000" }))).toBe("dirty-cuts-mapping");
    expect(test.do("VFIO_IOMMU_UNMAP_DMA", { argsz: 48, flags: 1, iova: "0x10000", size: "0x4000", bitmap_pgsize: "0x1000", bitmap_size: "0x8" }).out).toEqual({ size: "0x4000" });
    expect(test.errno("VFIO_IOMMU_DIRTY_PAGES", dirty(2))).toBe("OK");
    expect(test.refusal("VFIO_IOMMU_DIRTY_PAGES", dirty(4, get))).toBe("dirty-tracking-started");
  });
});
