/**
 * The uAPI's structures and numbers as facts: fields in order, ioctl numbers. A program carries its own, since distributions'
 * headers lag behind kernels; the names are those of the uAPI, so that a reader finds them in its documentation.
 */

/** One field a line, in C. Types: u8 … u64, s32; u64 fields are 8-byte aligned as the uAPI has them. */
const STRUCTS: Readonly<Record<string, string>> = {
  iommu_destroy: "u32 size; u32 id;",
  iommu_ioas_alloc: "u32 size; u32 flags; u32 out_ioas_id;",
  iommu_iova_range: "u64 start; u64 last;",
  iommu_ioas_iova_ranges: "u32 size; u32 ioas_id; u32 num_iovas; u32 reserved; u64 allowed_iovas; u64 out_iova_alignment;",
  iommu_ioas_allow_iovas: "u32 size; u32 ioas_id; u32 num_iovas; u32 reserved; u64 allowed_iovas;",
  iommu_ioas_map: "u32 size; u32 flags; u32 ioas_id; u32 reserved; u64 user_va; u64 length; u64 iova;",
  iommu_ioas_copy: "u32 size; u32 flags; u32 dst_ioas_id; u32 src_ioas_id; u64 length; u64 dst_iova; u64 src_iova;",
  iommu_ioas_unmap: "u32 size; u32 ioas_id; u64 iova; u64 length;",
  iommu_option: "u32 size; u32 option_id; u16 op; u16 reserved; u32 object_id; u64 val64;",
  iommu_vfio_ioas: "u32 size; u32 ioas_id; u16 op; u16 reserved;",
  iommu_hwpt_alloc: "u32 size; u32 flags; u32 dev_id; u32 pt_id; u32 out_hwpt_id; u32 reserved; u32 data_type; u32 data_len; u64 data_uptr; u32 fault_id; u32 reserved2;",
  iommu_hwpt_vtd_s1: "u64 flags; u64 pgtbl_addr; u32 addr_width; u32 reserved;",
  iommu_hwpt_selftest: "u32 iotlb;",
  iommu_hw_info: "u32 size; u32 flags; u32 dev_id; u32 data_len; u64 data_uptr; u32 out_data_type; u32 reserved; u64 out_capabilities;",
  iommu_hwpt_set_dirty_tracking: "u32 size; u32 flags; u32 hwpt_id; u32 reserved;",
  iommu_hwpt_get_dirty_bitmap: "u32 size; u32 hwpt_id; u32 flags; u32 reserved; u64 iova; u64 length; u64 page_size; u64 data;",
  iommu_hwpt_invalidate: "u32 size; u32 hwpt_id; u64 data_uptr; u32 data_type; u32 entry_len; u32 entry_num; u32 reserved;",
  iommu_hwpt_invalidate_selftest: "u32 flags; u32 iotlb_id;",
  iommu_fault_alloc: "u32 size; u32 flags; u32 out_fault_id; u32 out_fault_fd;",
  iommu_hwpt_pgfault: "u32 flags; u32 dev_id; u32 pasid; u32 grpid; u32 perm; u32 reserved; u64 addr; u32 length; u32 cookie;",
  iommu_hwpt_page_response: "u32 cookie; u32 code;",
  vfio_group_status: "u32 argsz; u32 flags;",
  vfio_iommu_type1_info: "u32 argsz; u32 flags; u64 iova_pgsizes; u32 cap_offset; u32 pad;",
  vfio_iommu_type1_dma_map: "u32 argsz; u32 flags; u64 vaddr; u64 iova; u64 size;",
  vfio_bitmap: "u64 pgsize; u64 size; u64 data;",
  vfio_iommu_type1_dma_unmap: "u32 argsz; u32 flags; u64 iova; u64 size; struct vfio_bitmap bitmap;",
  vfio_iommu_type1_dirty_bitmap: "u32 argsz; u32 flags; u64 iova; u64 size; struct vfio_bitmap bitmap;",
  vfio_device_info: "u32 argsz; u32 flags; u32 num_regions; u32 num_irqs; u32 cap_offset; u32 pad;",
  vfio_region_info: "u32 argsz; u32 flags; u32 index; u32 cap_offset; u64 size; u64 offset;",
  vfio_device_bind_iommufd: "u32 argsz; u32 flags; s32 iommufd; u32 out_devid;",
  vfio_device_attach_iommufd_pt: "u32 argsz; u32 flags; u32 pt_id;",
  vfio_device_detach_iommufd_pt: "u32 argsz; u32 flags;",
};

/** The test device's command: one structure for all operations. */
const TEST_UNION: readonly string[] = [
  "struct { u64 start; u64 length; } add_reserved;", "struct { u32 out_stdev_id; u32 out_hwpt_id; u32 out_idev_id; u32 dev_flags; } mock_domain;", "struct { u32 pt_id; } mock_domain_replace;",
  "struct { u64 iova; u64 length; u64 uptr; } check_map;", "struct { u64 length; u64 uptr; u32 refs; } check_refs;", "struct { u32 out_access_fd; u32 flags; } create_access;",
  "struct { u32 access_pages_id; } destroy_access_pages;", "struct { u32 flags; u32 out_access_pages_id; u64 iova; u64 length; u64 uptr; } access_pages;",
  "struct { u64 iova; u64 length; u64 uptr; u32 flags; } access_rw;", "struct { u32 limit; } memory_limit;", "struct { u32 ioas_id; } access_replace_ioas;",
  "struct { u32 flags; u64 iova; u64 length; u64 page_size; u64 uptr; u64 out_nr_dirty; } dirty;", "struct { u32 id; u32 iotlb; } check_iotlb;",
  "struct { u32 dev_id; u32 pasid; u32 grpid; u32 perm; u64 addr; } trigger_iopf;",
];

/** The kernel's name of an operation and its number. */
export const TEST_OPS: Readonly<Record<string, number>> = {
  IOMMU_TEST_OP_ADD_RESERVED: 1, IOMMU_TEST_OP_MOCK_DOMAIN: 2, IOMMU_TEST_OP_MD_CHECK_MAP: 3, IOMMU_TEST_OP_MD_CHECK_REFS: 4, IOMMU_TEST_OP_CREATE_ACCESS: 5,
  IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: 6, IOMMU_TEST_OP_ACCESS_PAGES: 7, IOMMU_TEST_OP_ACCESS_RW: 8, IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: 9, IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE: 10,
  IOMMU_TEST_OP_ACCESS_REPLACE_IOAS: 11, IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: 12, IOMMU_TEST_OP_DIRTY: 13, IOMMU_TEST_OP_MD_CHECK_IOTLB: 14, IOMMU_TEST_OP_TRIGGER_IOPF: 15,
};

/** Numbers of ioctls of type ';'. */
const IOCTLS: Readonly<Record<string, number>> = {
  IOMMU_DESTROY: 0x80, IOMMU_IOAS_ALLOC: 0x81, IOMMU_IOAS_ALLOW_IOVAS: 0x82, IOMMU_IOAS_COPY: 0x83, IOMMU_IOAS_IOVA_RANGES: 0x84, IOMMU_IOAS_MAP: 0x85, IOMMU_IOAS_UNMAP: 0x86,
  IOMMU_OPTION: 0x87, IOMMU_VFIO_IOAS: 0x88, IOMMU_HWPT_ALLOC: 0x89, IOMMU_GET_HW_INFO: 0x8a, IOMMU_HWPT_SET_DIRTY_TRACKING: 0x8b, IOMMU_HWPT_GET_DIRTY_BITMAP: 0x8c,
  IOMMU_HWPT_INVALIDATE: 0x8d, IOMMU_FAULT_QUEUE_ALLOC: 0x8e, IOMMU_TEST_CMD: 0xa0,
  VFIO_GET_API_VERSION: 100, VFIO_CHECK_EXTENSION: 101, VFIO_SET_IOMMU: 102, VFIO_GROUP_GET_STATUS: 103, VFIO_GROUP_SET_CONTAINER: 104, VFIO_GROUP_UNSET_CONTAINER: 105,
  VFIO_GROUP_GET_DEVICE_FD: 106, VFIO_DEVICE_GET_INFO: 107, VFIO_DEVICE_GET_REGION_INFO: 108, VFIO_IOMMU_GET_INFO: 112, VFIO_IOMMU_MAP_DMA: 113, VFIO_IOMMU_UNMAP_DMA: 114,
  VFIO_IOMMU_DIRTY_PAGES: 117, VFIO_DEVICE_BIND_IOMMUFD: 118, VFIO_DEVICE_ATTACH_IOMMUFD_PT: 119, VFIO_DEVICE_DETACH_IOMMUFD_PT: 120,
};

const TYPES: Readonly<Record<string, string>> = { u16: "uint16_t", u32: "uint32_t", s32: "int32_t", u64: "u64" };

function fieldLines(fields: string): string[] {
  return fields.split(";").map((field) => field.trim()).filter((field) => field !== "").map((field) => `\t${typed(field)};`);
}

function typed(text: string): string {
  return text.replaceAll(/\b(?:u16|u32|s32|u64)\b/g, (type) => TYPES[type] as string);
}

/** The definitions of structures, those that others hold first. */
export function structText(names: ReadonlySet<string>): string {
  const wanted = new Set(names);
  for (const name of names) for (const [, inner] of STRUCTS[name]?.matchAll(/struct (\w+)/g) ?? []) wanted.add(inner as string);
  const found = Object.entries(STRUCTS).filter(([name]) => wanted.has(name)).map(([name, fields]) => `struct ${name} {\n${fieldLines(fields).join("\n")}\n};`);
  if (wanted.has("iommu_test_cmd")) {
    found.push(`struct iommu_test_cmd {\n\tuint32_t size;\n\tuint32_t op;\n\tuint32_t id;\n\tuint32_t reserved;\n\tunion {\n${TEST_UNION.map((member) => `\t\t${typed(member)}`).join("\n")}\n\t};\n\tuint32_t last;\n};`);
  }
  return found.join("\n\n");
}

/** #defines of ioctl numbers and test operations. */
export function numberText(names: ReadonlySet<string>): string {
  const ioctls = Object.entries(IOCTLS).filter(([name]) => names.has(name)).map(([name, number]) => `#define ${name} _IO(';', ${number >= 0x80 ? `0x${number.toString(16)}` : number})`);
  const ops = Object.entries(TEST_OPS).filter(([name]) => names.has(name)).map(([name, number]) => `#define ${name} ${number}`);
  return [...ioctls, ...ops].join("\n");
}
