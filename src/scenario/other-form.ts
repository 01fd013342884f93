/** Another historic form of the kernel, to run the same calls under; and its place in links. */
import type { Variants } from "../kernel/config.ts";
import type { Scenario } from "./scenario.ts";

/** What differs from the scenario's own form: a variant of some subsystem, or who answers VFIO container ioctls. */
export interface OtherForm extends Partial<Variants> {
  container?: "type1" | "iommufd";
}

/** Links name a form by its place in this list. Append only: every link that was ever made must keep its meaning. */
const LINKED: readonly OtherForm[] = [
  { ioasid: "v3-as-posted" }, { ioasid: "v3-retain" }, { ioasid: "mainline-5.5" }, { ioasid: "mainline-5.11" }, { ioasid: "mainline-6.1" },
  { ioasid: "series-2020-v2" }, { ioasid: "series-2020-v3" }, { ioasid: "series-2021-v4" }, { ioasid: "global-ida" },
  { vfio: "merged" }, { vfio: "rfc-v2" },
  { iommufd: "merged" }, { iommufd: "hwpt-2023-v4" },
  { mm: "E1" }, { mm: "E2" }, { mm: "E4" }, { mm: "E4-fixed" }, { mm: "E7" },
  { container: "type1" }, { container: "iommufd" },
];

/** Places in the list above, one for each part of the form. */
export function codesOf(form: OtherForm): number[] {
  return Object.entries(form).map(([part, value]) => LINKED.findIndex((entry) => entry[part as keyof OtherForm] === value));
}

/** The form that these places make up; null when one of them is not known (yet). */
export function formOf(codes: readonly unknown[]): OtherForm | null {
  const form: OtherForm = {};
  for (const code of codes) {
    const part = typeof code === "number" ? LINKED[code] : undefined;
    if (!part) return null;
    Object.assign(form, part);
  }
  return codes.length > 0 ? form : null;
}

/** The same calls under another form. What was recorded under the scenario's own says nothing about it and is left out. */
export function underForm(scenario: Scenario, form: OtherForm): Scenario {
  const { container, ...variants } = form;
  const calls = scenario.calls.map(({ recorded: _recorded, recordedAgrees: _agrees, ...call }) => call);
  return { ...scenario, variants: { ...scenario.variants, ...variants }, ...(container && { container }), calls };
}
