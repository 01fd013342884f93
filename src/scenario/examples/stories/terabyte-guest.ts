import type { Scenario } from "../../scenario.ts";

/** iommufd: a guest with 1 TiB of memory on an AMD host, whose IOVA space has a hole just below 1 TiB. */
export const terabyteGuest: Scenario = {
  title: "A 1 TiB guest meets the HyperTransport hole",
  trace: "iommufd",
  platform: { kind: "amd-vi", devices: [{ name: "0000:41:00.0", group: 27, vfio: 0, model: "nvme" }] },
  calls: [
    { call: "VFIO_CDEV_OPEN", in: { dev: 0, path: "/dev/vfio/devices/vfio0" } },
    { call: "VFIO_DEVICE_BIND_IOMMUFD", in: { dev: 0, argsz: 16, flags: 0 }, note: "The device gets an id in this iommufd, and its group an owner." },
    { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 }, note: "An address space. Nothing limits it yet." },
    { call: "IOMMU_HWPT_ALLOC", in: { flags: 0, dev_id: 1, pt_id: 2, data_type: 0, data_len: 0, fault_id: 0 }, note: "A page table for it, in the form this device's IOMMU reads." },
    { call: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", in: { dev: 0, argsz: 12, flags: 0, pt_id: 3 }, note: "Attaching brings the device's reserved regions into the space." },
    { call: "IOMMU_IOAS_IOVA_RANGES", in: { ioas_id: 2, num_iovas: 8 }, note: "What is left: three windows. The holes are the MSI window and 12 GiB for HyperTransport." },
    { call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 2, user_va: "0x7e0000000000", length: "0x80000000", iova: "0x0" }, note: "The guest's memory below 4 GiB." },
    {
      call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 2, user_va: "0x7e0080000000", length: "0xff80000000", iova: "0x100000000" },
      note: "The rest in one piece, from 4 GiB up. It runs across the hole, so all of it is refused.",
    },
    {
      call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 2, user_va: "0x7e0080000000", length: "0xfc00000000", iova: "0x100000000" },
      note: "As much as fits below the hole.",
    },
    {
      call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 2, user_va: "0x7efc80000000", length: "0x380000000", iova: "0x10000000000" },
      note: "What remains goes above 1 TiB. QEMU moves all memory above 4 GiB there at once.",
    },
  ],
};
