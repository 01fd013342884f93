import { describe, expect, it } from "vitest";
import type { PlatformKind } from "../config.ts";
import { checkInvariants } from "./invariants.ts";
import { TestMachine } from "./testing.ts";

const MAP = { argsz: 32, vaddr: "0x7f0000000000", iova: "0x1000000", size: "0x2000" };

/** A machine whose device 0 is bound, and an IOAS for the VFIO ioctls. */
function ready(kind: PlatformKind): { test: TestMachine; ioas: number; device: number } {
  const test = new TestMachine({ kind, buffers: null });
  const device = test.bind(0);
  const ioas = test.ioas();
  test.ok("IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 1 });
  return { test, ioas, device };
}

describe("mappings with neither READ nor WRITE, which only the VFIO ioctl makes", () => {
  it.each<PlatformKind>(["intel-vtd", "intel-vtd-scalable", "amd-vi", "arm-smmuv3"])("%s refuses them, at the map and at the attach", (kind) => {
    const { test, ioas } = ready(kind);
    expect(test.attach(0, ioas)).toBe("OK");
    const refused = test.do("VFIO_IOMMU_MAP_DMA", { ...MAP, flags: 0 });
    expect(refused.verdict).toBe("EINVAL driver-map");
    expect(refused.trace.checks.at(-1)?.note).toContain("neither readable nor writable");
    expect(test.try("VFIO_IOMMU_MAP_DMA", { ...MAP, flags: 3 }), "nothing was left behind").toBe("OK");
    expect(test.unmap(ioas, 0x100_0000, 0x2000)).toBe("0x2000");

    test.ok("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: 0 });
    expect(test.try("VFIO_IOMMU_MAP_DMA", { ...MAP, flags: 0 }), "without a page table nobody minds").toBe("OK");
    expect(test.attach(0, ioas)).toBe("EINVAL driver-map");
    expect(test.unmap(ioas, 0x100_0000, 0x2000)).toBe("0x2000");
    expect(test.attach(0, ioas)).toBe("OK");
    checkInvariants(test.machine.iommufd);
  });

  it("the mock driver and virtio take them", () => {
    const { test, ioas } = ready("virtio-iommu");
    expect(test.attach(0, ioas)).toBe("OK");
    expect(test.try("VFIO_IOMMU_MAP_DMA", { ...MAP, flags: 0 })).toBe("OK");
    const mock = new TestMachine();
    const space = mock.ioas();
    mock.mock(space);
    mock.ok("IOMMU_VFIO_IOAS", { ioas_id: space, op: 1 });
    expect(mock.try("VFIO_IOMMU_MAP_DMA", { ...MAP, vaddr: { buffer: "b0", offset: "0x0" }, flags: 0 })).toBe("OK");
  });

  it("a refused page table gives everything back", () => {
    const { test, ioas, device } = ready("intel-vtd");
    test.ok("VFIO_IOMMU_MAP_DMA", { ...MAP, flags: 0 });
    const before = test.ranges(ioas);
    const id = test.ioas();
    test.destroy(id);
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas })).toBe("EINVAL driver-map");
    expect(test.ranges(ioas)).toBe(before);
    expect(test.users(ioas)).toBe(1);
    expect(test.ioas(), "its id is free").toBe(id);
  });
});

describe("a nesting parent on VT-d", () => {
  it("takes no read-only mapping", () => {
    const { test, ioas, device } = ready("intel-vtd-scalable");
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const readOnly = { flags: 5, ioas_id: ioas, user_va: "0x7f0000000000", length: "0x1000", iova: "0x1000000" };
    expect(test.try("IOMMU_IOAS_MAP", readOnly)).toBe("EINVAL driver-map");
    expect(test.destroy(parent)).toBe("OK");
    expect(test.try("IOMMU_IOAS_MAP", readOnly)).toBe("OK");
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas, flags: 1 })).toBe("EINVAL driver-map");
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas, flags: 0 })).toBe("OK");
  });
});
