/** What a run is, in a few words for the head of the page. */
import type { MachineConfig, Variants } from "../kernel/config.ts";
import type { AnyScenario } from "../scenario/scenario.ts";
import { chipOf, formsFor } from "./compare/forms.ts";
import type { History } from "./history.ts";
import { lanesOf } from "./lanes.ts";
import { MARK, type Loaded } from "./views.ts";

function variantsShown(scenario: AnyScenario, config: MachineConfig): string[] {
  const { variants } = config;
  const chosen: Partial<Variants> = scenario.variants ?? {};
  const shown: string[] = [];
  if (scenario.trace === "iommufd" || chosen.iommufd) shown.push(chipOf("iommufd", variants.iommufd));
  if (scenario.trace === "vfio-type1" || chosen.vfio) shown.push(chipOf("vfio", variants.vfio));
  if (scenario.trace === "ioasid" || chosen.ioasid) shown.push(chipOf("ioasid", variants.ioasid));
  if (chosen.mm) shown.push(chipOf("mm", variants.mm));
  return shown;
}

/** The step worth opening first: the first refusal or divergence, else the last step. */
function interestingStep(marks: Uint8Array): number {
  for (let index = 0; index < marks.length; index++) if (marks[index] !== MARK.ok) return index + 1;
  return marks.length;
}

export function describeRun(history: History): Loaded {
  const { scenario, config, marks } = history;
  return {
    title: scenario.title, trace: scenario.trace, steps: history.length, platform: scenario.platform, platformName: config.platform.name, kernel: config.kernel,
    variants: variantsShown(scenario, config), marks: marks.slice(), interesting: interestingStep(marks),
    forms: formsFor(history), lanes: lanesOf(history),
    pasids: history.at(0).kernel.parts.some((part) => part.name === "ioasid"),
  };
}
