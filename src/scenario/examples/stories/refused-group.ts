import type { Scenario } from "../../scenario.ts";

const MSI = { start: "0xfee00000", end: "0xfeefffff", type: "msi" };

/** VFIO type1, RFC v2: a group is refused, and the list of valid IOVAs is not what it was before. */
export const refusedGroup: Scenario = {
  title: "A group is refused, and leaves its mark",
  trace: "vfio-type1",
  platform: { kind: "none" },
  variants: { vfio: "rfc-v2" },
  calls: [
    { call: "attach_group", in: { group: "A", aperture: { start: "0x0", end: "0xffffffffffff" }, pgsize_bitmap: "0x40201000", resv: [MSI], ops: "iommuA" }, note: "48 bits, and a hole for MSIs." },
    { call: "get_info", in: {} },
    { call: "map_dma", in: { iova: "0x0", size: "0x80000000", vaddr: "0x10000000", flags: ["read", "write"] }, note: "2 GiB of guest memory." },
    {
      call: "attach_group",
      in: { group: "B", aperture: { start: "0x0", end: "0x7fffffffff" }, pgsize_bitmap: "0x40201000", resv: [{ start: "0x40000000", end: "0x40ffffff", type: "reserved" }, MSI], ops: "iommuB" },
      note: "39 bits, and a reserved region inside the mapping. It is refused; as posted, the list has shrunk to 39 bits by then.",
    },
    { call: "get_info", in: {}, note: "What a VMM is told now." },
    { call: "map_dma", in: { iova: "0x8000000000", size: "0x200000", vaddr: "0x90000000", flags: ["read", "write"] }, note: "Above 39 bits: group A could address it." },
    {
      call: "attach_group",
      in: { group: "C", aperture: { start: "0x0", end: "0xffffffffffff" }, pgsize_bitmap: "0x40201000", resv: [{ start: "0x140000000", end: "0x140ffffff", type: "reserved" }, MSI], ops: "iommuC" },
      note: "A region that nobody has mapped: the window is split in two.",
    },
    { call: "attach_group", in: { group: "D", aperture: { start: "0x0", end: "0xffffffffffff" }, pgsize_bitmap: "0x40201000", resv: [MSI], ops: "iommuA" }, note: "Joins the domain of A. As posted it succeeds and is forgotten." },
    { call: "detach_group", in: { group: "C", list_insert_fails: 1 }, note: "The list is rebuilt, and memory runs out on the way." },
    { call: "map_dma", in: { iova: "0x100000000", size: "0x200000", vaddr: "0x92000000", flags: ["read", "write"] } },
  ],
};
