/** All rules as a list, for people who look one up. */
import { allRules as kernelRules } from "../kernel/rules/index.ts";
import { ioasidRules } from "../kernel/rules/ioasid.ts";
import { iommufdRules } from "../kernel/rules/iommufd.ts";
import { mmRules } from "../kernel/rules/mm.ts";
import { vfioRules } from "../kernel/rules/vfio.ts";
import type { Rule } from "../kernel/rules/rule.ts";
import { modelRules } from "./rules.ts";

const TABLES: [subsystem: string, rules: Record<string, Rule>][] = [
  ["iommufd", iommufdRules], ["vfio", vfioRules], ["ioasid", ioasidRules], ["mm", mmRules], ["model", modelRules],
];

/** Every rule that can refuse a step: the kernel's, and the model's own. */
export function allRules(): Rule[] {
  return [...kernelRules(), ...Object.values<Rule>(modelRules)];
}

/** Whose rule it is: the first subsystem that has it. */
export function ruleSubsystem(id: string): string {
  return TABLES.find(([, rules]) => Object.values(rules).some((rule) => rule.id === id))?.[0] ?? "host";
}
