/** What the suite of VFIO does with a real device on /dev/iommu: bind and attach, and mappings up to the last address. */
import { describe, expect, it } from "vitest";
import { hex } from "../../src/base/u64.ts";
import type { ErrnoOrOk } from "../../src/kernel/errno.ts";
import { TestMachine } from "../../src/kernel/iommufd/testing.ts";

/** A machine with VT-d whose first device file is open. */
function opened(): TestMachine {
  const machine = new TestMachine({ kind: "intel-vtd", buffers: null });
  machine.ok("VFIO_CDEV_OPEN", { dev: 0, path: "/dev/vfio/devices/vfio0" });
  return machine;
}

function errno(machine: TestMachine, call: string, fields: Parameters<TestMachine["do"]>[1]): ErrnoOrOk | undefined {
  return machine.do(call, fields).answer.errno;
}

describe("selftest vfio_iommufd_setup", () => {
  it("device files are of no use before they are bound, and are bound once", () => {
    const machine = opened();
    expect(errno(machine, "VFIO_DEVICE_GET_INFO", { dev: 0 })).toBe("EINVAL");
    // −2 as recorders write it: an unsigned number of 64 bits (which JSON rounds), or of 32.
    for (const iommufd of [2 ** 64, 2 ** 32 - 2]) expect(errno(machine, "VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0, iommufd })).toBe("EINVAL");
    machine.ok("VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 });
    machine.ok("VFIO_DEVICE_GET_INFO", { dev: 0 });
    expect(errno(machine, "VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 })).toBe("EINVAL");
  });

  it("attach_detatch_pt, attach_invalid_pt_fails", () => {
    const machine = opened();
    machine.ok("VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 });
    expect(machine.attach(0, 0xffff_ffff)).toBe("ENOENT id-not-found");
    expect(machine.attach(0, machine.ioas())).toBe("OK");
    machine.ok("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: 0, argsz: 8, flags: 0 });
    machine.ok("VFIO_CDEV_CLOSE", { dev: 0 });
  });
});

const PAGE = 4096;
const MODES = [["iommufd", null], ["iommufd_compat_type1", 1], ["iommufd_compat_type1v2", 3]] as const;

describe.each(MODES)("selftest vfio_dma_mapping, %s", (_name, type) => {
  /** An IOAS with the device attached, and how this mode maps and unmaps. */
  function attached(): { last: number; map: (iova: bigint | number, size: number) => string; unmap: (iova: bigint | number, size: number) => [string, unknown]; unmapAll: () => unknown } {
    const machine = opened();
    machine.ok("VFIO_DEVICE_BIND_IOMMUFD", { dev: 0, argsz: 16, flags: 0 });
    const ioas = machine.ioas();
    expect(machine.attach(0, ioas)).toBe("OK");
    const ranges = machine.ok("IOMMU_IOAS_IOVA_RANGES", { ioas_id: ioas, num_iovas: 16 }).allowed_iovas as { last: string }[];
    const last = Number(ranges.at(-1)?.last) - PAGE + 1;
    const va = "0x7f0000000000";
    if (type === null) return {
      last, map: (iova, size) => machine.try("IOMMU_IOAS_MAP", { flags: 7, ioas_id: ioas, user_va: va, length: hex(size), iova: hex(iova) }),
      unmap: (iova, size) => {
        const { verdict, out } = machine.do("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova: hex(iova), length: hex(size) });
        return [verdict, out.length];
      },
      unmapAll: () => machine.ok("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova: "0x0", length: "0xffffffffffffffff" }).length,
    };
    machine.ok("IOMMU_VFIO_IOAS", { ioas_id: ioas, op: 1 });
    machine.ok("VFIO_SET_IOMMU", { arg: type });
    return {
      last, map: (iova, size) => machine.try("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags: 3, vaddr: va, iova: hex(iova), size: hex(size) }),
      unmap: (iova, size) => {
        const { verdict, out } = machine.do("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 0, iova: hex(iova), size: hex(size) });
        return [verdict, out.size];
      },
      unmapAll: () => machine.ok("VFIO_IOMMU_UNMAP_DMA", { argsz: 24, flags: 2, iova: "0x0", size: "0x0" }).size,
    };
  }

  it("dma_map_unmap, unmap_range, unmap_all at the last page", () => {
    const { last, map, unmap, unmapAll } = attached();
    expect(last).toBe(2 ** 39 - PAGE);
    expect(map(last, PAGE)).toBe("OK");
    expect(unmap(last, PAGE)).toEqual(["OK", hex(PAGE)]);
    expect(map(last, PAGE)).toBe("OK");
    expect(unmapAll()).toBe(hex(PAGE));
  });

  it("overflow", () => {
    const { map, unmap } = attached();
    const top = 0xffff_ffff_ffff_f000n;
    expect(map(top, 2 * PAGE)).toBe("EOVERFLOW iova-wraps");
    expect(unmap(top, 2 * PAGE)[0]).toBe("EOVERFLOW iova-wraps");
  });
});
