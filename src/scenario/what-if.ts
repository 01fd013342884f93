/** One thing of a scenario that is asked about: the same calls with another one in a step, or on another host. */
import { isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import { parseScenario } from "./schema.ts";
import type { ScenarioCall } from "./scenario.ts";

export type WhatIf = { name: string } & (
  /** The call in this step, from 1, with names for its ids. */
  | { step: number; call: ScenarioCall }
  /** A host by its id among those that are known. */
  | { host: string }
);

/** As a link holds it. */
export function whatIfJson(whatIf: WhatIf): Json {
  if ("host" in whatIf) return [whatIf.name, whatIf.host];
  const { call, in: fields, given, binds, uses } = whatIf.call;
  return [whatIf.name, whatIf.step, { call, in: fields, ...(given && { given: given as unknown as JsonObject }) }, { ...binds }, { ...uses }];
}

/** Null: a link of a newer iovascope says something else here. Throws ScenarioError for a call that can't be read. */
export function whatIfOf(json: Json): WhatIf | null {
  if (!Array.isArray(json)) return null;
  const [name, what, call, binds, uses] = json;
  if (typeof name !== "string") return null;
  if (typeof what === "string") return { name, host: what };
  if (typeof what !== "number" || !Number.isInteger(what) || !isJsonObject(call) || !areNames(binds) || !areNames(uses)) return null;
  const [read] = parseScenario({ title: name, trace: "iommufd", platform: { kind: "none" }, calls: [call] }).calls;
  return read ? { name, step: what, call: { ...read, binds, uses } } : null;
}

function areNames(json: Json | undefined): json is Record<string, string> {
  return isJsonObject(json) && Object.values(json).every((name) => typeof name === "string" && /^[A-Za-z_]\w*$/.test(name));
}
