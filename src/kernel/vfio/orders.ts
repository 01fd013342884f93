/** The checks of the larger calls in the kernel's order, for showing what a refusal left unreached. */
import type { Rule } from "../rules/rule.ts";
import { vfioRules as R } from "../rules/vfio.ts";

export const ATTACH_ORDER: readonly Rule[] = [
  R["attach-vaddr-pending"], R["attach-group-known"], R["attach-domain-alloc"], R["attach-driver"], R["attach-aperture-conflict"], R["attach-regions-readable"],
  R["attach-reserved-conflict"], R["attach-empty-list"], R["no-interrupt-remapping"], R["attach-replay"],
];

export const MAP_ORDER: readonly Rule[] = [
  R["dma-flags"], R["dma-access"], R["dma-misaligned"], R["dma-wraps"], R["dma-overlaps-mapping"], R["dma-entry-limit"], R["dma-outside-valid-list"],
  R["dma-pin-faults"], R["dma-lock-limit"], R["dma-driver-map"],
];

export const UNMAP_ORDER: readonly Rule[] = [R["dma-flags"], R["unmap-misaligned"], R["unmap-cuts-mapping"]];
