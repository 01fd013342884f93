import type { Scenario } from "../../scenario.ts";

const GUEST_TABLE = { data_type: 0xdead, data_len: 4, data: { iotlb: 1 } };

/** What becomes of page tables that fail half-way: the functions that undo them, in the 2023 series' first form and as merged. */
export const halfMadePageTable: Scenario = {
  title: "What becomes of a half-made page table",
  trace: "iommufd",
  platform: { kind: "mock" },
  variants: { iommufd: "hwpt-2023-v4" },
  calls: [
    { call: "IOMMU_IOAS_ALLOC", in: {} },
    { call: "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", in: { id: 1, dev_flags: 0 }, note: "A device with an automatic page table." },
    { call: "IOMMU_HWPT_ALLOC", in: { dev_id: 3, pt_id: 1, flags: 1 }, note: "A parent for guests’ tables." },
    { call: "IOMMU_HWPT_ALLOC", in: { dev_id: 3, pt_id: 5, flags: 4, fault_id: 99, ...GUEST_TABLE }, note: "There is no fault queue 99, which the kernel finds out when the table has its domain." },
    { call: "IOMMU_HWPT_ALLOC", in: { dev_id: 3, pt_id: 5, ...GUEST_TABLE } },
    { call: "IOMMU_DESTROY", in: { id: 6 } },
    { call: "IOMMU_IOAS_ALLOC", in: {}, note: "A second IOAS, for a page table that fails earlier." },
    { call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 6, user_va: "0x1000", length: "0x1000", iova: "0x1000" }, note: "Nothing speaks against it here: no device has joined." },
    { call: "IOMMU_HWPT_ALLOC", in: { dev_id: 3, pt_id: 6 }, note: "The mapping lies where the device keeps a range for itself: this one fails before it is on any list." },
    { call: "IOMMU_DESTROY", in: { id: 5 } },
  ],
};
