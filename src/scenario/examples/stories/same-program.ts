import type { Scenario } from "../../scenario.ts";
import { hostWithStolenMemory } from "./host-with-stolen-memory.ts";

/** The same VFIO program on type1 and on iommufd's compatibility layer: where a program notices the difference. */
export const sameProgram: Scenario = {
  title: "One VFIO program, two kernels behind it",
  trace: "vfio-type1",
  platform: hostWithStolenMemory,
  calls: [
    { call: "VFIO_CONTAINER_OPEN", in: {} },
    { call: "VFIO_GROUP_OPEN", in: { path: "/dev/vfio/14", group: 14 } },
    { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 14 }, note: "type1 claims the group now; iommufd makes an IOAS and waits for its device." },
    { call: "VFIO_SET_IOMMU", in: { arg: 3 } },
    { call: "VFIO_GROUP_GET_DEVICE_FD", in: { group: 14, name: "0000:03:00.0" }, note: "With iommufd the device is bound and attached here." },
    { call: "VFIO_IOMMU_MAP_DMA", in: { argsz: 32, flags: 3, vaddr: "0x7f1000000000", iova: "0x0", size: "0xc0000000" }, note: "3 GiB of guest memory from 0." },
    { call: "VFIO_GROUP_OPEN", in: { path: "/dev/vfio/2", group: 2 } },
    { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 2 }, note: "Its 64 MiB lie inside the mapping. type1 says so at once." },
    { call: "VFIO_GROUP_GET_DEVICE_FD", in: { group: 2, name: "0000:00:02.0" }, note: "iommufd says so here, with another errno." },
    { call: "VFIO_IOMMU_MAP_DMA", in: { argsz: 32, flags: 3, vaddr: "0x7f2000000000", iova: "0xfffffffffffff000", size: "0x2000" }, note: "A range that wraps." },
    { call: "VFIO_IOMMU_UNMAP_DMA", in: { argsz: 24, flags: 0, iova: "0x0", size: "0x100000" }, note: "The first MiB of the 3 GiB: neither cuts a mapping." },
    { call: "VFIO_IOMMU_GET_INFO", in: { argsz: 4096 } },
    { call: "VFIO_IOMMU_UNMAP_DMA", in: { argsz: 24, flags: 0, iova: "0x0", size: "0xc0000000" } },
  ],
};
