/** A VMM's command line alone: the calls that such a guest would make when it starts. */
import { humanSize } from "../../base/format.ts";
import { completeGuest } from "../layout/complete.ts";
import { hostWindows } from "../layout/host.ts";
import { optionsOf } from "../layout/read-options.ts";
import { planGuest } from "../layout/plan.ts";
import { planScenario } from "../layout/plan-scenario.ts";
import { platformOf as machinePlatform } from "../machine-config.ts";
import type { Facts } from "../readers/facts.ts";
import type { Scenario } from "../scenario.ts";
import { platformOf } from "./platform.ts";
import { Roster } from "./roster.ts";
import { Tally } from "./tally.ts";

/** Null: no command line, or one that says nothing of memory. */
export function plannedScenario(facts: Facts): Scenario | null {
  const options = optionsOf(facts.commands);
  if (!options || options.guest.ram === undefined) return null;
  const roster = new Roster(facts);
  for (const { host } of options.assigned) if (host !== null) roster.device(host);
  if (roster.used.length === 0) roster.device(null);
  const spec = platformOf(facts, roster, new Tally());
  if (spec.guessed && options.guest.vendor === "amd" && spec.kind === "intel-vtd") Object.assign(spec, { kind: "amd-vi", address_bits: undefined });
  const assigned = new Set(roster.used.map((device) => device.name));
  const platform = machinePlatform(spec);
  const host = hostWindows(platform, platform.devices.filter((device) => assigned.has(device.name)));
  const { guest } = completeGuest(options, spec.kind);
  return planScenario(planGuest(host, guest), { ...spec, devices: spec.devices?.filter((device) => assigned.has(device.name)) }, `a ${guest.machine} guest with ${humanSize(guest.ram)} of RAM`);
}
