import { defineRules } from "./rule.ts";

/**
 * Checks that an iommufd of another version makes, or that need two threads: no call of the 6.12 model comes to them, but
 * people meet their errnos and look them up here.
 */
export const iommufdLaterRules = defineRules({
  "unmap-area-locked": {
    errno: "EBUSY", fn: "iopt_unmap_iova_range",
    meaning: "A hardware queue needs these pages and blocks the unmap (6.17 and later).",
    holds: "no hardware queue locks the mapping",
    advice: "Destroy the HW_QUEUE first.",
  },
  "unmap-pins-not-released": {
    errno: "EDEADLOCK", fn: "iopt_unmap_iova_range",
    meaning: "A driver with pinned pages did not give them back after being asked 100 times.",
    holds: "drivers give their pins back when asked",
    advice: "Driver bug: close the emulated device.",
  },
  "unmap-race": {
    errno: "EBUSY", fn: "iopt_unmap_iova_range",
    meaning: "Another thread is mapping or unmapping the same area right now.",
    holds: "no other thread works on the area",
    advice: "Retry; do not race map and unmap.",
  },
  "vdevice-exists": {
    errno: "EEXIST", fn: "iommufd_vdevice_alloc_ioctl",
    meaning: "This virtual id, or this device, already has a vDEVICE (6.13 and later).",
    holds: "neither the virtual id nor the device has a vDEVICE",
    advice: "Destroy the old one or use another id.",
  },
  "vdevice-missing": {
    errno: "ENOENT", fn: "attach_dev",
    meaning: "A nested HWPT made through a vIOMMU needs a vDEVICE for the device first (6.13 and later).",
    holds: "the device has a vDEVICE on the vIOMMU",
    advice: "Allocate the vDEVICE, then attach.",
  },
  "viommu-other-iommu": {
    errno: "EINVAL", fn: "iommufd_vdevice_alloc_ioctl",
    meaning: "The device sits behind a different physical IOMMU than the vIOMMU (6.13 and later).",
    holds: "device and vIOMMU share a physical IOMMU",
    advice: "Create one vIOMMU per physical IOMMU.",
  },
  "veventq-exists": {
    errno: "EEXIST", fn: "iommufd_veventq_alloc",
    meaning: "The vIOMMU already has an event queue of this type (6.15 and later).",
    holds: "the vIOMMU has no event queue of this type",
    advice: "Reuse it.",
  },
  "hwqueue-not-contiguous": {
    errno: "EFAULT", fn: "iommufd_hw_queue_alloc_phys",
    meaning: "The queue memory is not physically contiguous (6.17 and later).",
    holds: "the queue memory is physically contiguous",
    advice: "Back it by a huge page.",
  },
  "pasid-incompatible": {
    errno: "EINVAL", fn: "iommufd_hwpt_pasid_compat",
    meaning: "PASID use requires every HWPT of the device to be created with ALLOC_PASID (6.15 and later).",
    holds: "every HWPT of the device was created with ALLOC_PASID",
    advice: "Re-create the HWPTs with that flag.",
  },
  "change-process-nonfile": {
    errno: "EINVAL", fn: "iommufd_ioas_change_process",
    meaning: "Only file-backed mappings can move to another process (6.14 and later).",
    holds: "every mapping is file-backed",
    advice: "Use MAP_FILE everywhere.",
  },
});
