/** The kinds of IOMMU a person can choose from, in words. Widths: docs/model.md. */
import type { PlatformKind } from "../../../kernel/config.ts";

interface KindChoice {
  kind: PlatformKind;
  name: string;
  /** Under which heading its hosts are listed. */
  family: "Intel" | "AMD" | "Arm" | "virtio" | "Others";
  /** Address widths that such tables can have; none where it has its own aperture. */
  widths: readonly { bits: number; note?: string }[];
}

export const KINDS: readonly KindChoice[] = [
  { kind: "intel-vtd", name: "Intel VT-d", family: "Intel", widths: [{ bits: 39, note: "3 levels" }, { bits: 48, note: "4 levels" }, { bits: 57, note: "5 levels" }] },
  {
    kind: "intel-vtd-scalable", name: "Intel VT-d, scalable mode", family: "Intel",
    widths: [{ bits: 39 }, { bits: 47, note: "first-level, 4 levels" }, { bits: 48 }, { bits: 56, note: "first-level, 5 levels" }, { bits: 57 }],
  },
  {
    kind: "amd-vi", name: "AMD-Vi", family: "AMD",
    widths: [{ bits: 47, note: "CPU-format tables, 4 levels" }, { bits: 56, note: "CPU-format tables, 5 levels" }, { bits: 64, note: "AMD’s own tables" }],
  },
  { kind: "arm-smmuv3", name: "Arm SMMUv3", family: "Arm", widths: [{ bits: 32 }, { bits: 39 }, { bits: 44 }, { bits: 48 }, { bits: 52 }] },
  { kind: "virtio-iommu", name: "virtio-iommu", family: "virtio", widths: [{ bits: 39 }, { bits: 48 }, { bits: 64 }] },
  { kind: "mock", name: "The selftest’s mock IOMMU", family: "Others", widths: [] },
  { kind: "none", name: "No IOMMU", family: "Others", widths: [] },
];

export const FAMILIES = ["Intel", "AMD", "Arm", "virtio", "Others"] as const;

export function kindChoice(kind: PlatformKind): KindChoice {
  // The table has every kind.
  return KINDS.find((entry) => entry.kind === kind) as KindChoice;
}
