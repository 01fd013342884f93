/** The platforms a person can choose from, in words. */
import type { PlatformKind } from "../../kernel/config.ts";

export const PLATFORM_KINDS: readonly { kind: PlatformKind; name: string; widths: readonly number[] }[] = [
  { kind: "intel-vtd", name: "Intel VT-d", widths: [39, 48, 57] },
  { kind: "intel-vtd-scalable", name: "Intel VT-d, scalable mode", widths: [39, 48, 57] },
  { kind: "amd-vi", name: "AMD-Vi", widths: [39, 48, 57, 64] },
  { kind: "arm-smmuv3", name: "Arm SMMUv3", widths: [32, 39, 44, 48, 52] },
  { kind: "virtio-iommu", name: "virtio-iommu", widths: [39, 48, 64] },
  { kind: "mock", name: "The selftest’s mock IOMMU", widths: [] },
  { kind: "none", name: "No IOMMU", widths: [] },
];

/** Address widths that make sense on a platform; none where it has its own. */
export function widthsOf(kind: PlatformKind): readonly number[] {
  return PLATFORM_KINDS.find((entry) => entry.kind === kind)?.widths ?? [];
}
