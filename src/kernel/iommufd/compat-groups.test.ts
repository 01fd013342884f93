/** VFIO groups whose container is an iommufd. */
import { describe, expect, it } from "vitest";
import { makePlatform, X86_MSI } from "../platform/platform.ts";
import { TestMachine } from "../vfio/testing.ts";

function machine(): TestMachine {
  const device = (name: string, group: number) => ({ name, group, regions: [X86_MSI] });
  return new TestMachine({ container: "iommufd", platform: makePlatform("intel-vtd", { devices: [device("nic", 3), device("gpu", 4), device("audio", 4)] }) });
}

/** A container with group 3 in it. */
function joined(): TestMachine {
  const test = machine();
  test.do("VFIO_CONTAINER_OPEN");
  test.do("VFIO_GROUP_OPEN", { path: "/dev/vfio/3" });
  test.do("VFIO_GROUP_SET_CONTAINER", { group: 3 });
  return test;
}

const spaces = (test: TestMachine) => test.machine.iommufd.spaces().map((space) => [space.label, space.valid().length]);

describe("VFIO groups on an iommufd", () => {
  it("joining makes the IOAS, opening a device attaches it", () => {
    const test = joined();
    expect([spaces(test), test.machine.host.ownerOf(3)]).toEqual([[["IOAS 1", 1]], null]);
    expect(test.errno("VFIO_SET_IOMMU", { arg: 3 })).toBe("OK");
    expect(test.errno("VFIO_GROUP_GET_DEVICE_FD", { group: 3, name: "nic" })).toBe("OK");
    expect([spaces(test), test.machine.host.ownerOf(3)?.by]).toEqual([[["IOAS 1", 2]], "iommufd"]);
  });

  it("a second open shares the device, the last close lets it go", () => {
    const test = joined();
    for (const call of ["VFIO_GROUP_GET_DEVICE_FD", "VFIO_GROUP_GET_DEVICE_FD", "VFIO_DEVICE_CLOSE"]) expect(test.errno(call, { group: 3 })).toBe("OK");
    expect(test.machine.host.ownerOf(3)?.by).toBe("iommufd");
    expect(test.refusal("VFIO_GROUP_UNSET_CONTAINER", { group: 3 })).toBe("group-has-open-devices");
    test.do("VFIO_DEVICE_CLOSE", { group: 3 });
    expect([test.machine.host.ownerOf(3), spaces(test), test.errno("VFIO_GROUP_UNSET_CONTAINER", { group: 3 })]).toEqual([null, [["IOAS 1", 1]], "OK"]);
  });

  it("a device that does not fit is not left bound", () => {
    const test = joined();
    test.do("VFIO_GROUP_OPEN", { path: "/dev/vfio/4" });
    test.do("VFIO_GROUP_SET_CONTAINER", { group: 4 });
    expect(test.errno("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: "0x10000000", iova: "0xfee00000", size: "0x1000" })).toBe("OK");
    expect(test.errno("VFIO_GROUP_GET_DEVICE_FD", { group: 4, name: "gpu" })).toBe("EADDRINUSE");
    expect([test.machine.host.ownerOf(4), test.machine.iommufd.graph().nodes.map((node) => node.type)]).toEqual([null, ["IOAS"]]);
  });

  it("checks in the order of the group's own code", () => {
    const test = machine();
    expect(test.refusal("VFIO_GROUP_OPEN", { path: "/dev/vfio/9" })).toBe("group-exists");
    test.do("VFIO_GROUP_OPEN", { path: "/dev/vfio/4" });
    expect(test.refusal("VFIO_GROUP_OPEN", { path: "/dev/vfio/4" })).toBe("group-busy");
    expect(test.refusal("VFIO_GROUP_SET_CONTAINER", { group: 3 })).toBe("group-open");
    expect(test.refusal("VFIO_GROUP_SET_CONTAINER", { group: 4 })).toBe("container-open");
    test.do("VFIO_CONTAINER_OPEN");
    expect(test.refusal("VFIO_GROUP_UNSET_CONTAINER", { group: 4 })).toBe("group-in-container");
    expect(test.refusal("VFIO_GROUP_GET_DEVICE_FD", { group: 4, name: "modem" })).toBe("device-in-group");
    expect(test.refusal("VFIO_GROUP_GET_DEVICE_FD", { group: 4, name: "gpu" })).toBe("device-needs-iommu");
    expect(test.do("VFIO_GROUP_GET_STATUS", { group: 4 }).out.flags).toBe(1);
    test.do("VFIO_GROUP_SET_CONTAINER", { group: 4 });
    expect([test.refusal("VFIO_GROUP_SET_CONTAINER", { group: 4 }), test.do("VFIO_GROUP_GET_STATUS", { group: 4 }).out.flags]).toEqual(["group-without-container", 3]);
    expect(test.refusal("VFIO_DEVICE_CLOSE", { group: 4 })).toBe("device-open");
  });

  it("a closed group stays while a device of it is open", () => {
    const test = joined();
    test.do("VFIO_GROUP_GET_DEVICE_FD", { group: 3 });
    test.do("VFIO_GROUP_CLOSE", { group: 3 });
    expect(test.machine.host.isGroupFileOpen(3)).toBe(true);
    test.do("VFIO_DEVICE_CLOSE", { name: "nic" });
    expect([test.machine.host.isGroupFileOpen(3), test.errno("VFIO_GROUP_OPEN", { path: "/dev/vfio/3" })]).toEqual([false, "OK"]);
    test.do("VFIO_CONTAINER_CLOSE");
    expect(test.refusal("VFIO_GROUP_SET_CONTAINER", { group: 3 })).toBe("container-open");
  });
});
