import { ioasidRules } from "./ioasid.ts";
import { iommufdRules } from "./iommufd.ts";
import { mmRules } from "./mm.ts";
import type { Rule } from "./rule.ts";
import { vfioRules } from "./vfio.ts";

/** Every rule, by subsystem. An id that two subsystems share is one rule, defined once. */
export function allRules(): Rule[] {
  const rules = [iommufdRules, vfioRules, ioasidRules, mmRules].flatMap((table) => Object.values<Rule>(table));
  return [...new Map(rules.map((rule) => [rule.id, rule])).values()];
}
