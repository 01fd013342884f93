/** A plan as the calls that a VMM would make: attach, then one map per piece. */
import { add, hex, lengthOf } from "../../base/u64.ts";
import type { PlatformSpec, Scenario, ScenarioCall } from "../scenario.ts";
import type { Plan } from "./plan.ts";

/** Where a VMM's own memory usually lies. */
const SOME_VA = 0x7f00_0000_0000;

/** Calls of a plan on its host; refused ones follow from the model, not from the plan. */
export function planScenario(plan: Plan, platform: PlatformSpec, title: string): Scenario {
  const groups = [...new Set(platform.devices?.map((device) => device.group) ?? [])];
  const calls: ScenarioCall[] = [{ call: "VFIO_CONTAINER_OPEN", in: {} }];
  groups.forEach((group, index) => {
    calls.push({ call: "VFIO_GROUP_OPEN", in: { path: `/dev/vfio/${group}`, group } }, { call: "VFIO_GROUP_SET_CONTAINER", in: { group } });
    if (index === 0) calls.push({ call: "VFIO_SET_IOMMU", in: { arg: 3 } });
  });
  for (const piece of plan.pieces) {
    if (!piece.mapped) continue;
    const { first, last } = piece;
    calls.push({
      call: "VFIO_IOMMU_MAP_DMA", note: piece.name,
      in: { argsz: 32, flags: piece.readOnly ? 1 : 3, vaddr: hex(first < SOME_VA ? add(SOME_VA, first) : first), iova: hex(first), size: hex(lengthOf(first, last)) },
    });
  }
  return { title, platform, trace: "vfio-type1", calls };
}
