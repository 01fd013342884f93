import { callJson, parseCall, ScenarioError } from "../schema.ts";
import type { ScenarioCall } from "../scenario.ts";

const SHORT = 100;

/** Numbers and short texts are within all limits; a log has very many such calls. */
export function isPlain({ in: fields, given, recorded, note }: ScenarioCall): boolean {
  if (given !== undefined || recorded?.out !== undefined || (note !== undefined && note.length > SHORT)) return false;
  for (const name in fields) {
    const value = fields[name];
    if (typeof value === "string" ? value.length > SHORT : typeof value !== "number") return false;
  }
  return true;
}

/** Is it within what a scenario may hold? */
export function isWithinLimits(call: ScenarioCall): boolean {
  if (isPlain(call)) return true;
  try {
    parseCall(callJson(call), "");
    return true;
  } catch (error) {
    if (error instanceof ScenarioError) return false;
    throw error;
  }
}
