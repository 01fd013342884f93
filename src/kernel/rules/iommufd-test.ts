import { defineRules } from "./rule.ts";

/** Checks of access objects, of the kernel's test operations and of the simulated process's own memory. */
export const iommufdTestRules = defineRules({
  "access-fd": {
    errno: "EBADFD", fn: "iommufd_access_get",
    meaning: "The file descriptor is no access.",
    holds: "the file descriptor is an access",
    advice: "Use out_access_fd of CREATE_ACCESS.",
  },
  "access-length-limit": {
    errno: "ENOMEM", fn: "iommufd_test_access_pages",
    meaning: "The test operation refuses lengths above 16 MiB.",
    holds: "length is at most 16 MiB",
    advice: "Use several calls.",
  },
  "access-without-pins": {
    errno: "EOPNOTSUPP", fn: "iommufd_test_access_pages",
    meaning: "This access said at its creation that it will not pin pages.",
    holds: "the access was created for pinning",
    advice: "Create it with flag 1.",
  },
  "access-page-start": {
    errno: "EINVAL", fn: "iopt_area_contig_is_aligned",
    meaning: "Only whole pages can be pinned: the memory under each piece must start, and under all but the last end, on a page boundary.",
    holds: "the memory under each piece starts on a page boundary",
    advice: "Use ACCESS_RW, or a mapping whose memory is page aligned.",
  },
  "access-permission": {
    errno: "EPERM", fn: "iommufd_access_pin_pages",
    meaning: "The mapping does not give this right.",
    holds: "the mapping gives the right that is asked for",
    advice: "Map it READABLE or WRITEABLE.",
  },
  "access-hole": {
    errno: "ENOENT", fn: "iommufd_access_pin_pages",
    meaning: "Part of the range is not mapped.",
    holds: "the whole range is mapped",
    advice: "Map it first.",
  },
  "access-pages-differ": {
    errno: "EBADE", fn: "iommufd_test_check_pages",
    meaning: "The pages under the IOVA are not the ones at the given address.",
    holds: "the pinned pages are the ones at the given address",
    advice: "",
  },
  "access-item": {
    errno: "ENOENT", fn: "iommufd_test_access_item_find",
    meaning: "No pinned item has this number: it was given back, or an unmap revoked it.",
    holds: "the item is still pinned",
    advice: "",
  },
  "test-op-known": {
    errno: "EOPNOTSUPP", fn: "iommufd_test",
    meaning: "The kernel has no test operation of this number.",
    holds: "the test operation exists",
    advice: "",
  },
  "test-argument": {
    errno: "EINVAL", fn: "iommufd_test",
    meaning: "An argument of the test operation is zero, misaligned or out of range.",
    holds: "the arguments of the test operation are in range",
    advice: "",
  },
  "test-check": {
    errno: "EINVAL", fn: "iommufd_test_md_check_pa",
    meaning: "The state is not what the test operation was told to find.",
    holds: "the state is as the test operation expects",
    advice: "",
  },
  "test-dirty-range": {
    errno: "EOVERFLOW", fn: "iommufd_test_dirty",
    meaning: "The range has more pages than the test operation can hold in a bitmap.",
    holds: "the bitmap of the range has a size the kernel can allocate",
    advice: "Use a smaller range.",
  },
  "process-memory": {
    errno: "EFAULT", fn: "access_ok",
    meaning: "The process has nothing mapped there, or may not write it.",
    holds: "the process may use that memory",
    advice: "",
  },
});
