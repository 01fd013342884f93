import { defineRules } from "./rule.ts";

/** Checks of the ioctl layer, the object table, options and the VFIO compatibility ioctls. */
export const iommufdApiRules = defineRules({
  "fd-not-open": {
    errno: "EBADF", fn: "ioctl",
    meaning: "The file descriptor is not open, or not what this call works on.",
    holds: "the file descriptor is open",
    advice: "Open /dev/iommu first, and use the descriptor that open gave.",
  },
  "fd-not-iommufd": {
    errno: "EBADFD", fn: "iommufd_ctx_from_file",
    meaning: "The file descriptor is open, but it is not an iommufd.",
    holds: "the file descriptor is an iommufd",
    advice: "Pass the descriptor that opening /dev/iommu gave.",
  },
  "unknown-ioctl": {
    errno: "ENOTTY", fn: "iommufd_fops_ioctl",
    meaning: "This kernel does not have the command.",
    holds: "the kernel has the command",
    advice: "Check the kernel version.",
  },
  "argument-readable": {
    errno: "EFAULT", fn: "iommufd_fops_ioctl",
    meaning: "The argument, or memory it points to, is not mapped in the calling process.",
    holds: "the argument and what it points to can be read and written",
    advice: "Pass pointers to memory that is mapped.",
  },
  "struct-too-small": {
    errno: "EINVAL", fn: "iommufd_fops_ioctl",
    meaning: "The structure is shorter than this command requires.",
    holds: "size covers the fields the command requires",
    advice: "Set size to sizeof the structure.",
  },
  "struct-unknown-tail": {
    errno: "E2BIG", fn: "iommufd_fops_ioctl",
    meaning: "The structure has data in fields that this kernel does not know.",
    holds: "bytes behind the known fields are zero",
    advice: "Zero the fields that this kernel does not know.",
  },
  "unknown-flag": {
    errno: "EOPNOTSUPP", fn: "iommufd_fops_ioctl",
    meaning: "The kernel does not know one of the flags, or a reserved field is not zero.",
    holds: "only known flags are set and reserved fields are zero",
    advice: "Clear it, or use a newer kernel.",
  },
  "id-not-found": {
    errno: "ENOENT", fn: "iommufd_get_object",
    meaning: "No live object of the needed type has this id.",
    holds: "the id names a live object of the needed type",
    advice: "Check the id and its type.",
  },
  "object-in-use": {
    errno: "EBUSY", fn: "iommufd_object_remove",
    meaning: "Something still refers to this object.",
    holds: "users is 1: nobody else refers to the object",
    advice: "Destroy or detach the holders first.",
  },
  "rlimit-mode-not-empty": {
    errno: "EBUSY", fn: "iommufd_option_rlimit_mode",
    meaning: "The accounting mode can change only on an empty context and by a privileged caller.",
    holds: "the context is empty and the caller has CAP_SYS_RESOURCE",
    advice: "Set it right after open.",
  },
  "option-value-unknown": {
    errno: "EINVAL", fn: "iommufd_option",
    meaning: "The option knows only the values 0 and 1.",
    holds: "the value is 0 or 1",
    advice: "Pass 0 or 1.",
  },
  "huge-option-too-late": {
    errno: "EINVAL", fn: "iopt_disable_large_pages",
    meaning: "Large pages can be switched off only while the IOAS has no page table or no mapping.",
    holds: "the IOAS has no page table or no mapping",
    advice: "Set the option before attaching or mapping.",
  },
  "no-compat-ioas": {
    errno: "ENODEV", fn: "get_compat_ioas",
    meaning: "No compatibility IOAS is set for VFIO ioctls.",
    holds: "a compatibility IOAS is set",
    advice: "Attach a group or use VFIO_IOAS SET.",
  },
  "vfio-argument-valid": {
    errno: "EINVAL", fn: "iommufd_vfio_ioctl",
    meaning: "argsz is too small, or a flag is set that the compatibility layer does not offer.",
    holds: "argsz covers the structure and only offered flags are set",
    advice: "Set argsz to the structure's size; the dirty bitmap flags are not offered.",
  },
  "vfio-unmap-all-exact": {
    errno: "EINVAL", fn: "iommufd_vfio_unmap_dma",
    meaning: "Unmapping everything takes iova 0 and size 0.",
    holds: "with the flag ALL, iova and size are 0",
    advice: "Set iova and size to 0.",
  },
  "vfio-iommu-type": {
    errno: "EINVAL", fn: "iommufd_vfio_set_iommu",
    meaning: "The compatibility layer offers only TYPE1 (1) and TYPE1v2 (3).",
    holds: "the type is TYPE1 or TYPE1v2",
    advice: "Use 1 or 3.",
  },
  "cut-inside-area": {
    errno: "EINVAL", fn: "iopt_area_split",
    meaning: "The mapping can't be cut here: the cut is misaligned, a driver has it pinned, or large pages may be in use.",
    holds: "the cut is aligned, nobody accesses the mapping and large pages are off",
    advice: "Unmap whole mappings, or switch large pages off (VFIO_SET_IOMMU with TYPE1) before mapping.",
  },
});
