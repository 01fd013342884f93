/** The file that "Export all" writes, and reading it back. Files are untrusted: every scenario goes through the schema. */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import { parseScenario, scenarioJson } from "../../scenario/schema.ts";
import { weigh, type KeptRecord } from "./record.ts";
import { newId, type Kept } from "./shelf.ts";

const VERSION = 1;
const MOST = 5000;
const MOST_TITLE = 500;

export function bundleText(kept: readonly Kept[]): string {
  const entries = kept.map(({ record, scenario }) => ({ named: record.named, created: record.created, saved: record.saved, step: record.view.step, scenario: scenarioJson({ ...scenario, title: record.title }) }));
  return JSON.stringify({ iovascope_library: VERSION, entries }, null, 1) + "\n";
}

export interface Unbundled {
  kept: Kept[];
  /** What could not be read, and why. */
  skipped: string[];
}

/** Reads such a file, or that of a single scenario. Throws an Error with words for people when it is neither. */
export function readBundle(text: string, now: number): Unbundled {
  let root: Json;
  try {
    root = JSON.parse(text) as Json;
  } catch {
    throw new Error("This file is no JSON. Logs and traces are opened with Import.");
  }
  if (!isJsonObject(root)) throw new Error("This file holds no library.");
  const isBundle = root.iovascope_library !== undefined;
  if (isBundle && root.iovascope_library !== VERSION) throw new Error(`iovascope_library is ${JSON.stringify(root.iovascope_library)}; this page reads version ${VERSION}.`);
  const entries = isBundle ? root.entries : [{ named: true, scenario: root }];
  if (!Array.isArray(entries)) throw new Error("entries must be a list.");
  if (entries.length > MOST) throw new Error(`entries has ${entries.length} scenarios; at most ${MOST} are read.`);
  const kept: Kept[] = [];
  const skipped: string[] = [];
  entries.forEach((entry, index) => {
    try {
      if (!isJsonObject(entry)) throw new Error("must be an object");
      kept.push(one(entry, now));
    } catch (error) {
      skipped.push(`entries[${index}]: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  return { kept, skipped };
}

function one(entry: JsonObject, now: number): Kept {
  const scenario = parseScenario(entry.scenario);
  const time = (value: Json | undefined) => (typeof value === "number" && value > 0 && value <= now ? value : now);
  const step = typeof entry.step === "number" && Number.isInteger(entry.step) ? Math.max(0, Math.min(scenario.calls.length, entry.step)) : scenario.calls.length;
  const record: KeptRecord = {
    id: newId(), title: scenario.title.slice(0, MOST_TITLE), named: entry.named === true, created: time(entry.created), saved: time(entry.saved), revision: 1,
    trace: scenario.trace, calls: scenario.calls.length, ...weigh(scenario), view: { step },
  };
  return { record, scenario };
}
