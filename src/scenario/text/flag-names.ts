/** Names of flag bits and of small numbers that stand for a choice, from the kernel's uapi headers (iommufd.h, vfio.h, iommufd_test.h). */

type Names = Readonly<Record<number, string>>;

const MAP_FLAGS: Names = { 1: "FIXED_IOVA", 2: "WRITEABLE", 4: "READABLE" };

/** Bits by "CALL.field". */
const BITS: Readonly<Record<string, Names>> = {
  "IOMMU_IOAS_MAP.flags": MAP_FLAGS,
  "IOMMU_IOAS_MAP_FILE.flags": MAP_FLAGS,
  "IOMMU_IOAS_COPY.flags": MAP_FLAGS,
  "IOMMU_HWPT_ALLOC.flags": { 1: "NEST_PARENT", 2: "DIRTY_TRACKING", 4: "FAULT_ID_VALID", 8: "PASID" },
  "IOMMU_HWPT_SET_DIRTY_TRACKING.flags": { 1: "ENABLE" },
  "IOMMU_HWPT_GET_DIRTY_BITMAP.flags": { 1: "NO_CLEAR" },
  "VFIO_IOMMU_MAP_DMA.flags": { 1: "READ", 2: "WRITE", 4: "VADDR" },
  "VFIO_IOMMU_UNMAP_DMA.flags": { 1: "GET_DIRTY_BITMAP", 2: "ALL", 4: "VADDR" },
  "IOMMU_TEST_OP_CREATE_ACCESS.flags": { 1: "NEEDS_PIN_PAGES" },
  "IOMMU_TEST_OP_ACCESS_PAGES.flags": { 1: "WRITE" },
  "IOMMU_TEST_OP_ACCESS_RW.flags": { 1: "WRITE", 4: "SLOW_PATH" },
  "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS.dev_flags": { 1: "NO_DIRTY", 2: "HUGE_IOVA" },
  "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS.flags": { 1: "NO_DIRTY", 2: "HUGE_IOVA" },
};

/** Choices by "CALL.field", or by "field" in any call. */
const CHOICES: Readonly<Record<string, Names>> = {
  "IOMMU_OPTION.option_id": { 0: "RLIMIT_MODE", 1: "HUGE_PAGES" },
  "IOMMU_OPTION.op": { 0: "SET", 1: "GET" },
  "IOMMU_VFIO_IOAS.op": { 0: "GET", 1: "SET", 2: "CLEAR" },
  "VFIO_SET_IOMMU.arg": { 1: "TYPE1", 3: "TYPE1v2", 6: "TYPE1_NESTING", 8: "NOIOMMU" },
  "VFIO_CHECK_EXTENSION.arg": {
    1: "TYPE1", 2: "SPAPR_TCE", 3: "TYPE1v2", 4: "DMA_CC", 5: "EEH", 6: "TYPE1_NESTING", 7: "SPAPR_TCE_v2", 8: "NOIOMMU", 9: "UNMAP_ALL", 10: "UPDATE_VADDR",
  },
  data_type: { 0: "NONE", 1: "VTD_S1", 2: "ARM_SMMUV3", 0xdead: "SELFTEST" },
};

/** "FIXED_IOVA | READABLE", with bits that have no name in hex; null when the field is not known to hold flags. */
export function flagNames(call: string, field: string, value: number): string | null {
  const names = BITS[`${call}.${field}`];
  if (!names || value < 0) return null;
  if (value === 0) return "none";
  const parts: string[] = [];
  let rest = value;
  for (const [bit, name] of Object.entries(names)) {
    const mask = Number(bit);
    if ((rest & mask) === 0) continue;
    parts.push(name);
    rest -= mask;
  }
  if (rest !== 0) parts.push(`0x${rest.toString(16)}`);
  return parts.join(" | ");
}

/** The name of a choice; null when it has none. */
export function choiceName(call: string, field: string, value: number): string | null {
  return CHOICES[`${call}.${field}`]?.[value] ?? CHOICES[field]?.[value] ?? null;
}

/** A field's names with their numbers, and whether several may be joined; null when it has none. */
export function namesOf(call: string, field: string): { joined: boolean; values: { name: string; value: number }[] } | null {
  const bits = BITS[`${call}.${field}`];
  const names = bits ?? CHOICES[`${call}.${field}`] ?? CHOICES[field];
  return names ? { joined: bits !== undefined, values: Object.entries(names).map(([value, name]) => ({ name, value: Number(value) })) } : null;
}

/** The names that a field's value may have. */
export function fieldNames(call: string, field: string): string[] {
  return Object.values({ ...CHOICES[field], ...CHOICES[`${call}.${field}`], ...BITS[`${call}.${field}`] });
}

/** The number that a choice or flags joined by "|" stand for; null when a name is not known in this field. */
export function namedValue(call: string, field: string, text: string): number | null {
  const names = new Map(Object.entries({ ...CHOICES[field], ...CHOICES[`${call}.${field}`], ...BITS[`${call}.${field}`] }).map(([number, name]) => [name, Number(number)]));
  const values = text.split("|").map((name) => names.get(name));
  return values.reduce<number | null>((sum, value) => (sum === null || value === undefined ? null : sum | value), 0);
}
