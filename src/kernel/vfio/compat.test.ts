/** The same program on a container that type1 serves and on one that iommufd's compatibility layer serves. */
import { describe, expect, it } from "vitest";
import { assert } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import type { HostDevice, ReservedRegion } from "../config.ts";
import { makePlatform, SOFTWARE_MSI, X86_MSI } from "../platform/platform.ts";
import { hex, TestMachine } from "./testing.ts";

const TYPE1 = 1;
const TYPE1_V2 = 3;

const device = (index: number, regions: ReservedRegion[]): HostDevice => ({ name: `0000:0${index}:00.0`, group: 3 + index, vfio: index, regions });

class Side {
  readonly test: TestMachine;
  private readonly container: "type1" | "iommufd";

  constructor(container: "type1" | "iommufd", regions: ReservedRegion[][], kind: number) {
    this.container = container;
    this.test = new TestMachine({ container, platform: makePlatform("intel-vtd", { devices: regions.map((list, index) => device(index, list)) }) });
    if (container === "type1") {
      this.test.do("VFIO_CONTAINER_OPEN");
    } else {
      this.test.do("IOMMU_IOAS_ALLOC", { flags: 0 });
      this.test.do("IOMMU_VFIO_IOAS", { ioas_id: 1, op: 1 });
    }
    assert(this.attach(0) === "OK", "the first device is attached");
    assert(this.test.errno("VFIO_SET_IOMMU", { arg: kind }) === "OK", "the container is ready");
  }

  attach(index: number): string {
    if (this.container === "type1") {
      this.test.do("VFIO_GROUP_OPEN", { path: `/dev/vfio/${3 + index}` });
      return this.test.errno("VFIO_GROUP_SET_CONTAINER", { group: 3 + index });
    }
    this.test.do("VFIO_CDEV_OPEN", { dev: index, path: `/dev/vfio/devices/vfio${index}` });
    this.test.do("VFIO_DEVICE_BIND_IOMMUFD", { dev: index });
    return this.test.errno("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: index, pt_id: 1 });
  }

  detach(index: number): void {
    if (this.container === "type1") this.test.do("VFIO_GROUP_UNSET_CONTAINER", { group: 3 + index });
    else this.test.do("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: index });
  }

  map(iova: number | bigint, size: number, flags = 3): string {
    return this.test.errno("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags, vaddr: "0x10000000", iova: hex(iova), size: hex(size) });
  }

  /** The errno, or how many bytes went. */
  unmap(iova: number, size: number, flags = 0): unknown {
    const { answer, out } = this.test.do("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags, iova: hex(iova), size: hex(size) });
    return answer.errno === "OK" ? out.size : answer.errno;
  }

  caps(): JsonObject[] {
    return this.test.do("VFIO_IOMMU_GET_INFO", { argsz: 4096 }).out.caps as JsonObject[];
  }
}

/** Asks both sides one question: type1's answer, then the compatibility layer's. */
function both(ask: (side: Side) => unknown, options: { regions?: ReservedRegion[][]; kind?: number } = {}): [unknown, unknown] {
  const { regions = [[X86_MSI], [X86_MSI]], kind = TYPE1_V2 } = options;
  return [ask(new Side("type1", regions, kind)), ask(new Side("iommufd", regions, kind))];
}

describe("type1 and iommufd's compatibility layer", () => {
  it("agree on overlaps, on reserved ranges and on unmapping nothing", () => {
    expect(both((side) => [side.map(0x1000, 0x1000), side.map(0x1000, 0x1000)])).toEqual([["OK", "EEXIST"], ["OK", "EEXIST"]]);
    expect(both((side) => [side.map(0xfee00000, 0x1000), side.map(0x80_0000_0000, 0x1000)])).toEqual([["EINVAL", "EINVAL"], ["EINVAL", "EINVAL"]]);
    expect(both((side) => side.unmap(0x1000, 0x1000))).toEqual(["0x0", "0x0"]);
  });

  it("order the two differently when both are wrong", () => {
    expect(both((side) => [side.map(0xfedff000, 0x1000), side.map(0xfedff000, 0x2000)])).toEqual([["OK", "EEXIST"], ["OK", "EINVAL"]]);
  });

  it("differ on a range that wraps", () => {
    expect(both((side) => side.map(0xffff_ffff_ffff_f000n, 0x2000))).toEqual(["EINVAL", "EOVERFLOW"]);
  });

  it("differ on cutting a mapping", () => {
    const cut = (side: Side) => [side.map(0x1000, 0x4000), side.unmap(0x1000, 0x1000)];
    expect(both(cut)).toEqual([["OK", "EINVAL"], ["OK", "ENOENT"]]);
    expect(both(cut, { kind: TYPE1 })).toEqual([["OK", "0x4000"], ["OK", "0x1000"]]);
    const middle = (side: Side) => [side.map(0x1000, 0x4000), side.unmap(0x2000, 0x1000)];
    expect(both(middle, { kind: TYPE1 })).toEqual([["OK", "0x0"], ["OK", "0x1000"]]);
  });

  it("differ on the later flags and on dirty pages", () => {
    expect(both((side) => [side.map(0x1000, 0x1000), side.unmap(0x1000, 0x1000, 4)])).toEqual([["OK", "0x1000"], ["OK", "EINVAL"]]);
    expect(both((side) => side.test.errno("VFIO_IOMMU_DIRTY_PAGES", { flags: 1 }))).toEqual(["OK", "ENOTTY"]);
  });

  it("differ on a device that does not fit the mappings", () => {
    const regions = [[X86_MSI], [{ first: 0x100000, last: 0x1fffff, type: "reserved" as const }]];
    expect(both((side) => [side.map(0x100000, 0x1000), side.attach(1)], { regions })).toEqual([["OK", "EINVAL"], ["OK", "EADDRINUSE"]]);
  });

  it("differ on a hole at the edge after its owner has left", () => {
    const regions = [[X86_MSI], [{ first: 0, last: 0xfffff, type: "reserved" as const }, X86_MSI]];
    const leave = (side: Side) => {
      side.attach(1);
      side.detach(1);
      return side.map(0, 0x1000);
    };
    expect(both(leave, { regions })).toEqual(["EINVAL", "OK"]);
  });

  it("agree that relaxable regions don't matter", () => {
    const regions = [[X86_MSI], [{ first: 0, last: 0xfffff, type: "direct-relaxable" as const }, X86_MSI]];
    expect(both((side) => [side.map(0, 0x1000), side.attach(1)], { regions })).toEqual([["OK", "OK"], ["OK", "OK"]]);
  });

  it("differ on two kinds of MSI in one device", () => {
    const regions = [[X86_MSI], [X86_MSI, SOFTWARE_MSI]];
    expect(both((side) => side.attach(1), { regions })).toEqual(["OK", "EINVAL"]);
  });

  it("list different capabilities", () => {
    expect(both((side) => side.caps().map((cap) => cap.id))).toEqual([[2, 3, 1], [3, 1]]);
    expect(both((side) => [side.map(0x1000, 0x1000), side.caps().find((cap) => cap.id === 3)?.avail])).toEqual([["OK", 65534], ["OK", 0xffffffff]]);
  });

  it("offer nesting or not", () => {
    expect(both((side) => side.test.do("VFIO_CHECK_EXTENSION", { arg: 6 }).out.ret)).toEqual([1, 0]);
  });
});
