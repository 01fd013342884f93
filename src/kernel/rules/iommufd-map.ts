import { defineRules } from "./rule.ts";

/** Checks of an IOAS: its ranges, mappings, and the memory behind them. */
export const iommufdMapRules = defineRules({
  "iova-overlaps-reserved": {
    errno: "EINVAL", fn: "iopt_check_iova",
    meaning: "The requested IOVA range touches addresses that an attached device or page table has reserved.",
    holds: "the range touches no reserved addresses",
    advice: "Query IOVA_RANGES and choose a range inside one of them.",
  },
  "iova-overlaps-mapping": {
    errno: "EEXIST", fn: "iopt_check_iova",
    meaning: "Part of the requested IOVA range is already mapped in this IOAS; mappings are never replaced silently.",
    holds: "nothing is mapped in the range",
    advice: "Unmap the old mapping first or pick another IOVA.",
  },
  "iova-misaligned": {
    errno: "EINVAL", fn: "iopt_check_iova",
    meaning: "The IOVA is not a multiple of the IOAS's current alignment.",
    holds: "iova is a multiple of the IOAS's alignment",
    advice: "Align to out_iova_alignment.",
  },
  "length-misaligned": {
    errno: "EINVAL", fn: "iopt_alloc_area_pages",
    meaning: "The length is not a multiple of the IOAS's current alignment.",
    holds: "length is a multiple of the IOAS's alignment",
    advice: "Round the length to out_iova_alignment.",
  },
  "length-zero": {
    errno: "EINVAL", fn: "iopt_alloc_pages",
    meaning: "A length of zero is not a range (nor is one within a page of 2^64).",
    holds: "length is not 0 and leaves room for rounding up",
    advice: "Pass the real size.",
  },
  "va-page-offset-misaligned": {
    errno: "EINVAL", fn: "iopt_insert_area",
    meaning: "The memory does not start at an offset that the hardware page size can express.",
    holds: "the memory's offset in its page is a multiple of the IOAS's alignment",
    advice: "Align the buffer address to out_iova_alignment.",
  },
  "va-wraps": {
    errno: "EOVERFLOW", fn: "iopt_alloc_pages",
    meaning: "The memory's address plus its length runs past the end of the 64-bit space.",
    holds: "user_va + length does not wrap",
    advice: "Pass a real buffer.",
  },
  "va-alignment-too-small-for-auto": {
    errno: "EINVAL", fn: "iopt_alloc_iova",
    meaning: "No automatic IOVA is possible because the buffer address is less aligned than the IOAS requires.",
    holds: "the buffer is aligned well enough for an automatic IOVA",
    advice: "Align the buffer, or detach what raised the alignment.",
  },
  "no-iova-space": {
    errno: "ENOSPC", fn: "iopt_alloc_iova",
    meaning: "There is no free hole, inside the allowed and unreserved ranges, large enough at the wanted alignment.",
    holds: "a free hole is large enough at the wanted alignment",
    advice: "Unmap, widen the allowed list, or use FIXED_IOVA.",
  },
  "iova-wraps": {
    errno: "EOVERFLOW", fn: "iopt_check_iova",
    meaning: "Start plus length runs past the end of the 64-bit space (or uses its very last value).",
    holds: "the range ends inside the 64-bit space",
    advice: "Use a smaller range.",
  },
  "map-no-permission": {
    errno: "EINVAL", fn: "iommufd_ioas_map",
    meaning: "A mapping must be readable, writeable or both.",
    holds: "READABLE or WRITEABLE is set",
    advice: "Set READABLE and/or WRITEABLE.",
  },
  "copy-write-on-readonly-pages": {
    errno: "EPERM", fn: "iopt_insert_area",
    meaning: "The source memory was mapped read-only, so a copy cannot be writeable.",
    holds: "the source memory was mapped writeable, or the copy is read-only",
    advice: "Map the source WRITEABLE, or copy read-only.",
  },
  "copy-source-has-gap": {
    errno: "ENOENT", fn: "iopt_get_pages",
    meaning: "The source range is not completely mapped.",
    holds: "the source range is mapped without gaps",
    advice: "Copy only ranges without holes.",
  },
  "unmap-splits-mapping": {
    errno: "ENOENT", fn: "iopt_unmap_iova_range",
    meaning: "The unmap range covers only part of an existing mapping, and iommufd never splits mappings.",
    holds: "no mapping sticks out of the range",
    advice: "Unmap the whole mapping (a superset is fine), then map the rest again.",
  },
  "unmap-nothing-there": {
    errno: "ENOENT", fn: "iommufd_ioas_unmap",
    meaning: "Nothing is mapped in that range.",
    holds: "something is mapped in the range",
    advice: "Check the IOVA; use 0…2^64−1 to clear all.",
  },
  "bad-user-memory": {
    errno: "EFAULT", fn: "pfn_reader_user_pin",
    meaning: "The memory behind the mapping cannot be pinned (not mapped, or not writeable).",
    holds: "all memory behind the mapping can be pinned",
    advice: "Check the address and its protection; note that without a page table this appears only at attach.",
  },
  "memlock-limit": {
    errno: "ENOMEM", fn: "incr_user_locked_vm",
    meaning: "Pinning would exceed RLIMIT_MEMLOCK.",
    holds: "pinned memory stays within RLIMIT_MEMLOCK",
    advice: "Raise ulimit -l, or run with CAP_IPC_LOCK.",
  },
  "driver-map": {
    errno: "ENOMEM", fn: "iommu_map",
    meaning: "The IOMMU driver could not write the mapping into a page table.",
    holds: "the IOMMU driver writes the mapping into each page table",
    advice: "Read the kernel log; the driver ran out of memory for page tables, or the range is beyond its reach.",
  },
  "allowed-hits-reserved": {
    errno: "EADDRINUSE", fn: "iopt_set_allow_iova",
    meaning: "An allowed range includes addresses that a device or page table has reserved.",
    holds: "no allowed range includes reserved addresses",
    advice: "Shrink the list to IOVA_RANGES.",
  },
  "allowed-range-invalid": {
    errno: "EINVAL", fn: "iommufd_ioas_load_iovas",
    meaning: "Allowed ranges must have start below last and must not overlap one another.",
    holds: "each range has start below last and overlaps no other",
    advice: "Fix the list.",
  },
  "reserved-hits-mapping-or-allowed": {
    errno: "EADDRINUSE", fn: "iopt_reserve_iova",
    meaning: "The device (or page table aperture) needs to reserve addresses that are mapped or promised in the allowed list.",
    holds: "what must be reserved is neither mapped nor promised in the allowed list",
    advice: "Unmap or drop the allowed range, attach, then map elsewhere.",
  },
  "existing-maps-misaligned": {
    errno: "EADDRINUSE", fn: "iopt_check_iova_alignment",
    meaning: "Existing mappings are finer than the page size that the new page table or access needs.",
    holds: "every mapping conforms to the larger alignment",
    advice: "Unmap them, attach first, then map aligned.",
  },
  "hw-page-too-large": {
    errno: "EINVAL", fn: "iopt_table_add_domain",
    meaning: "The IOMMU's smallest page is larger than the CPU page size.",
    holds: "the IOMMU's smallest page is not larger than the CPU's",
    advice: "This device cannot be used on this kernel page size.",
  },
  "ranges-buffer-too-small": {
    errno: "EMSGSIZE", fn: "iommufd_ioas_iova_ranges",
    meaning: "There are more usable ranges than the array holds; the count was returned.",
    holds: "the array holds all usable ranges",
    advice: "Call again with num_iovas entries.",
  },
});
