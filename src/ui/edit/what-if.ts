/** Holds the open scenario against itself with one thing changed. */
import { platformPresets, presetPlatform } from "../../kernel/platform/presets.ts";
import { platformOf } from "../../scenario/machine-config.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { WhatIf } from "../../scenario/what-if.ts";
import { hostWith } from "../dialogs/platform/hosts.ts";
import type { Session } from "../state/session.ts";
import { keepWhatIf } from "../state/what-ifs.ts";
import { specOfPlatform } from "./blank.ts";

/** The scenario with the one thing changed; null when it has no such step, or nobody knows the host. */
function changed(scenario: Scenario, whatIf: WhatIf): Scenario | null {
  if ("host" in whatIf) {
    const preset = platformPresets.find(({ id }) => id === whatIf.host);
    // Its devices have the names, groups and numbers that the calls use.
    return preset ? { ...scenario, platform: specOfPlatform(hostWith(presetPlatform(preset), platformOf(scenario.platform).devices)) } : null;
  }
  return scenario.calls[whatIf.step - 1] ? { ...scenario, calls: scenario.calls.with(whatIf.step - 1, whatIf.call) } : null;
}

/** Runs the changed calls beside the open ones. Rejects when what is to be changed is not there. */
export async function runWhatIf(session: Session, whatIf: WhatIf): Promise<void> {
  const next = changed(await session.engine.named(), whatIf);
  if (!next) throw new Error("What the link compares with is not known here.");
  // What was recorded says nothing about other calls.
  const bare: Scenario = { ...next, calls: next.calls.map(({ recorded: _recorded, recordedAgrees: _agrees, ...one }) => one) };
  if (!(await session.compareWith(await session.engine.resolve(bare), whatIf.name))) return;
  const { compared } = session.store.getState();
  if (compared) keepWhatIf(compared, whatIf);
}
