/** What colours, textures and strokes mean, in every diagram. The one list behind the legend and the legends of saved pictures. */
import type { Diagram } from "../pictures/diagram.ts";

export interface LegendEntry {
  /** Finds what it explains in a drawing. */
  selector: string;
  diagram: Diagram;
  shape: "block" | "node" | "edge" | "cell";
  /** Classes that give the sample its colours, as in the drawing. */
  classes: string;
  /** Kind whose texture lies over the block. */
  texture?: string;
  name: string;
  /** One plain sentence. */
  teaches: string;
}

function block(kind: string, name: string, teaches: string, texture?: string): LegendEntry {
  return { selector: `.k-${kind}`, diagram: "iova", shape: "block", classes: `k-${kind}`, ...(texture && { texture }), name, teaches };
}

function node(kind: string, name: string, teaches: string): LegendEntry {
  return { selector: `.n-${kind}`, diagram: "objects", shape: "node", classes: `n-${kind}`, name, teaches };
}

function cell(state: string, classes: string, name: string, teaches: string): LegendEntry {
  return { selector: `.c-${state}`, diagram: "pasids", shape: "cell", classes: `c-${state} ${classes}`, name, teaches };
}

export const LEGEND: readonly LegendEntry[] = [
  block("mapping", "mapped", "Addresses that translate to memory; each block is one area."),
  block("valid", "valid", "What may still be mapped: inside the aperture and the allowed ranges, outside of every hole."),
  block("allowed", "allowed", "Ranges to which IOMMU_IOAS_ALLOW_IOVAS limits the space."),
  block("msi", "MSI window", "Writes here become interrupts before any translation, so nothing can be mapped.", "msi"),
  block("sw-msi", "software MSI window", "Where the kernel puts the mappings of MSI doorbells.", "sw-msi"),
  block("reserved", "reserved", "Addresses that never reach the IOMMU, or that the platform uses itself.", "reserved"),
  block("direct", "direct", "Firmware wants these addresses mapped one to one for a device.", "direct"),
  block("direct-relaxable", "direct, relaxable", "Mapped one to one for the device until a user takes it over; no hole for VFIO."),
  block("aperture", "outside the aperture", "Addresses that the page table can't express.", "aperture"),
  block("test", "test region", "A hole that the kernel's own test device asks for.", "test"),
  { selector: ".k-call:not(.is-refused)", diagram: "iova", shape: "block", classes: "k-call", name: "this call", teaches: "The range that the call on screen is about." },
  { selector: ".k-call.is-refused", diagram: "iova", shape: "block", classes: "k-call is-refused", name: "refused", teaches: "The range that the call on screen asked for in vain; a dotted line leads to what refused it." },
  node("device", "device", "A device that is bound to the file, or known to the host."),
  node("group", "group", "Devices that the IOMMU can't tell apart."),
  node("ioas", "IOAS", "An address space: areas, allowed and reserved ranges."),
  node("container", "container", "VFIO's older form of an address space."),
  node("hwpt-paging", "HWPT, paging", "A page table that the kernel fills from an IOAS."),
  node("domain", "domain", "A page table behind a VFIO container."),
  node("hwpt-nested", "HWPT, nested", "A page table that a guest writes, on top of a paging one."),
  node("access", "access", "A kernel user of the space that pins pages and reads and writes them."),
  node("fault", "fault queue", "Carries I/O page faults to a program and its answers back."),
  node("ioasid", "IOASID", "A number that somebody refers to."),
  node("process", "process", "A process whose memory a PASID stands for."),
  { selector: ".dg-edge:not(.is-loose)", diagram: "objects", shape: "edge", classes: "", name: "holds a reference", teaches: "Counts among the users of what it points to, which can't be destroyed meanwhile." },
  { selector: ".dg-edge.is-loose", diagram: "objects", shape: "edge", classes: "is-loose", name: "belongs to", teaches: "Related, but holds nothing." },
  cell("active", "s-none", "in use", "Handed out; its colour is its set's."),
  cell("idle", "s-none", "idle", "Handed out, and nobody uses it at the moment."),
  cell("pending", "s-none", "FREE_PENDING", "Freed, but somebody still refers to it, so it is not handed out again."),
  cell("orphaned", "s-none", "orphaned", "Its allocator or owner is gone and nobody can free it."),
  cell("freed", "s-none", "freed", "Was handed out and is free again."),
  cell("reserved", "s-reserved", "reserved", "Never handed out."),
];
