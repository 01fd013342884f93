/** What the calls of a log have in common, whichever interface they go through. */
import type { Json } from "../../base/json.ts";
import type { ScenarioCall } from "../scenario.ts";

const MAP_CALLS: ReadonlySet<string> = new Set(["IOMMU_IOAS_MAP", "IOMMU_IOAS_MAP_FILE", "VFIO_IOMMU_MAP_DMA"]);

export function isMap(step: ScenarioCall): boolean {
  return MAP_CALLS.has(step.call);
}

/** Bytes that a map call asks for. */
export function sizeOf(step: ScenarioCall): Json | undefined {
  return step.in.size ?? step.in.length;
}
