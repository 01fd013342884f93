/** What a run is, in a few words for the head of the page. */
import type { IoasidVariant, IommufdVariant, MachineConfig, MmVariant, Variants, VfioVariant } from "../kernel/config.ts";
import type { Scenario } from "../scenario/scenario.ts";
import type { History } from "./history.ts";
import { MARK, type Loaded } from "./views.ts";

const IOMMUFD: Record<IommufdVariant, string> = { merged: "iommufd as merged", "hwpt-2023-v4": "iommufd, HWPT series v4 (2023) as posted" };
const VFIO: Record<VfioVariant, string> = { merged: "type1 as merged", "rfc-v2": "type1, RFC v2 as posted" };
const IOASID: Record<IoasidVariant, string> = {
  "v3-as-posted": "IOASID, v3 as posted (2019)", "v3-retain": "IOASID, v3 with ids retained", "mainline-5.5": "IOASID as merged in 5.5", "mainline-5.11": "IOASID of 5.11",
  "mainline-6.1": "IOASID of 6.1", "series-2020-v2": "IOASID, 2020 series v2 as posted", "series-2020-v3": "IOASID, 2020 series v3 as posted",
  "series-2021-v4": "IOASID, 2021 series v4 as posted", "global-ida": "IOASID, one global IDA",
};
const MM: Record<MmVariant, string> = {
  E1: "mm PASID, kept from first bind", E2: "mm PASID, reference counted", E4: "mm PASID, freed with the mm", "E4-fixed": "mm PASID, freed with the mm (fixed)", E7: "mm PASID in mm->iommu_mm",
};

function variantsShown(scenario: Scenario, config: MachineConfig): string[] {
  const { variants } = config;
  const chosen: Partial<Variants> = scenario.variants ?? {};
  const shown: string[] = [];
  if (scenario.trace === "iommufd" || chosen.iommufd) shown.push(IOMMUFD[variants.iommufd]);
  if (scenario.trace === "vfio-type1" || chosen.vfio) shown.push(VFIO[variants.vfio]);
  if (scenario.trace === "ioasid" || chosen.ioasid) shown.push(IOASID[variants.ioasid]);
  if (chosen.mm) shown.push(MM[variants.mm]);
  return shown;
}

/** The step worth opening first: the first refusal or divergence, else the last step. */
function interestingStep(marks: Uint8Array): number {
  const index = marks.findIndex((mark) => mark !== MARK.ok);
  return index < 0 ? marks.length : index + 1;
}

export function describeRun(history: History): Loaded {
  const { scenario, config, marks } = history;
  return {
    title: scenario.title, steps: history.length, platform: scenario.platform, platformName: config.platform.name, kernel: config.kernel,
    variants: variantsShown(scenario, config), marks: marks.slice(), interesting: interestingStep(marks),
  };
}
