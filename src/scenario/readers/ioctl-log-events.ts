import type { U64 } from "../../base/u64.ts";

/** One ioctl as the capture script or strace printed it, after the kernel's answer. */
export interface IoctlEvent {
  line: number;
  pid: number;
  comm: string;
  fd: number;
  /** The uAPI name: "IOMMU_IOAS_MAP". */
  name: string;
  /** key=value pairs as printed; empty when only the name is known. */
  fields: Record<string, string>;
  /** Inclusive ranges printed in brackets. */
  ranges: { first: U64; last: U64 }[];
  /** What the ioctl returned: ≥ 0, or −errno. */
  ret: number;
  /** False: the log prints names and results only. */
  hasFields: boolean;
}

/** Names of the ioctls of type ';' by number (cmd = 0x3b00 + nr) on a VFIO group, device or iommufd. */
export const IOCTL_NAMES: Readonly<Record<number, string>> = {
  0x64: "VFIO_GET_API_VERSION", 0x65: "VFIO_CHECK_EXTENSION", 0x66: "VFIO_SET_IOMMU", 0x67: "VFIO_GROUP_GET_STATUS", 0x68: "VFIO_GROUP_SET_CONTAINER",
  0x69: "VFIO_GROUP_UNSET_CONTAINER", 0x6a: "VFIO_GROUP_GET_DEVICE_FD", 0x6b: "VFIO_DEVICE_GET_INFO", 0x6c: "VFIO_DEVICE_GET_REGION_INFO",
  0x6d: "VFIO_DEVICE_GET_IRQ_INFO", 0x6e: "VFIO_DEVICE_SET_IRQS", 0x6f: "VFIO_DEVICE_RESET", 0x70: "VFIO_DEVICE_GET_PCI_HOT_RESET_INFO",
  0x71: "VFIO_DEVICE_PCI_HOT_RESET", 0x72: "VFIO_DEVICE_QUERY_GFX_PLANE", 0x73: "VFIO_DEVICE_GET_GFX_DMABUF", 0x74: "VFIO_DEVICE_IOEVENTFD",
  0x75: "VFIO_DEVICE_FEATURE", 0x76: "VFIO_DEVICE_BIND_IOMMUFD", 0x77: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", 0x78: "VFIO_DEVICE_DETACH_IOMMUFD_PT",
  0x80: "IOMMU_DESTROY", 0x81: "IOMMU_IOAS_ALLOC", 0x82: "IOMMU_IOAS_ALLOW_IOVAS", 0x83: "IOMMU_IOAS_COPY", 0x84: "IOMMU_IOAS_IOVA_RANGES",
  0x85: "IOMMU_IOAS_MAP", 0x86: "IOMMU_IOAS_UNMAP", 0x87: "IOMMU_OPTION", 0x88: "IOMMU_VFIO_IOAS", 0x89: "IOMMU_HWPT_ALLOC", 0x8a: "IOMMU_GET_HW_INFO",
  0x8b: "IOMMU_HWPT_SET_DIRTY_TRACKING", 0x8c: "IOMMU_HWPT_GET_DIRTY_BITMAP", 0x8d: "IOMMU_HWPT_INVALIDATE", 0x8e: "IOMMU_FAULT_QUEUE_ALLOC",
  0x8f: "IOMMU_IOAS_MAP_FILE", 0x90: "IOMMU_VIOMMU_ALLOC", 0x91: "IOMMU_VDEVICE_ALLOC", 0x92: "IOMMU_IOAS_CHANGE_PROCESS", 0x93: "IOMMU_VEVENTQ_ALLOC",
  0x94: "IOMMU_HW_QUEUE_ALLOC",
};

/** The same numbers on a container. */
export const CONTAINER_NAMES: Readonly<Record<number, string>> = {
  0x70: "VFIO_IOMMU_GET_INFO", 0x71: "VFIO_IOMMU_MAP_DMA", 0x72: "VFIO_IOMMU_UNMAP_DMA", 0x73: "VFIO_IOMMU_ENABLE", 0x74: "VFIO_IOMMU_DISABLE", 0x75: "VFIO_IOMMU_DIRTY_PAGES",
};
