import type { Scenario } from "../../scenario.ts";
import { hostWithStolenMemory } from "./host-with-stolen-memory.ts";

/** VFIO type1: a second group wants to join a container, but one of its reserved regions lies on a mapping. */
export const secondGroup: Scenario = {
  title: "A second group joins, and its region is in the way",
  trace: "vfio-type1",
  platform: hostWithStolenMemory,
  calls: [
    { call: "VFIO_CONTAINER_OPEN", in: {} },
    { call: "VFIO_GROUP_OPEN", in: { path: "/dev/vfio/14", group: 14 } },
    { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 14 } },
    { call: "VFIO_SET_IOMMU", in: { arg: 3 }, note: "The container gets a page table. Its list of valid IOVAs begins with what the first group leaves." },
    { call: "VFIO_IOMMU_MAP_DMA", in: { argsz: 32, flags: 3, vaddr: "0x7f1000000000", iova: "0x0", size: "0xc0000000" }, note: "3 GiB of guest memory from 0." },
    { call: "VFIO_GROUP_OPEN", in: { path: "/dev/vfio/2", group: 2 } },
    { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 2 }, note: "This group keeps 64 MiB for itself, and they lie inside the mapping: it can't join." },
    { call: "VFIO_IOMMU_UNMAP_DMA", in: { argsz: 24, flags: 0, iova: "0x0", size: "0xc0000000" } },
    { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 2 }, note: "Now it can, and its region becomes a hole for everybody." },
    { call: "VFIO_IOMMU_MAP_DMA", in: { argsz: 32, flags: 3, vaddr: "0x7f1000000000", iova: "0x0", size: "0xc0000000" }, note: "The same mapping as before crosses the hole now." },
    { call: "VFIO_IOMMU_MAP_DMA", in: { argsz: 32, flags: 3, vaddr: "0x7f1000000000", iova: "0x0", size: "0x7c000000" }, note: "Up to the hole it fits." },
    { call: "VFIO_IOMMU_GET_INFO", in: { argsz: 4096 }, note: "The windows that a VMM can use." },
  ],
};
