/** What must hold for any input: a refusal made for people, or a scenario that is one, and runs. */
import { gzipSync } from "node:zlib";
import { unreachable } from "../src/base/assert.ts";
import { firstDifference, type JsonObject } from "../src/base/json.ts";
import { wholeKernel } from "../src/kernel/whole.ts";
import { messageFor, Session } from "../src/engine/session.ts";
import { PROBLEM_NAMES } from "../src/engine/rules.ts";
import type { InputFile, ReadResult } from "../src/scenario/inputs.ts";
import { readInputs } from "../src/scenario/read-inputs.ts";
import { parseScenario, scenarioJson } from "../src/scenario/schema.ts";
import type { Scenario } from "../src/scenario/scenario.ts";
import { resolveNames, withoutNames } from "../src/scenario/text/names.ts";
import { parseScenarioText } from "../src/scenario/text/parse.ts";
import type { Corpus } from "./corpus.ts";
import { mutate, mutateJson } from "./mutate.ts";
import { Random } from "./random.ts";

export const KINDS = ["link", "file", "recording", "log", "text", "mixed"] as const;
export type Kind = (typeof KINDS)[number];

/** A mistake of ours that an input brought to light. */
export class Finding extends Error {
  override name = "Finding";
}

export interface Case {
  kind: Kind;
  /** The fragment of a link, a text in the text form, or files. */
  input: string | InputFile[];
}

/** Case number `index` of a seed, always the same. */
export function makeCase(corpus: Corpus, seed: number, index: number): Case {
  const random = new Random(seed, index);
  const kind = KINDS[index % KINDS.length] as Kind;
  const other = () => random.pick(random.pick([corpus.logs, corpus.recordings, corpus.files, corpus.links, corpus.texts]));
  const file = (text: string, name = "input"): InputFile => ({ name, content: random.once(40) ? packed(text, random) : text });
  switch (kind) {
    case "link":
      return { kind, input: spoiltLink(random.pick(corpus.links), random, other) };
    case "file":
      return { kind, input: [file(mutateJson(random.pick(corpus.files), random, other))] };
    case "recording":
      return { kind, input: [file(spoiltRecording(random.pick(corpus.recordings), random, other))] };
    case "log":
      return { kind, input: [file(mutate(random.pick(corpus.logs), random, other))] };
    case "text":
      return { kind, input: mutate(random.pick(corpus.texts), random, other) };
    case "mixed":
      return { kind, input: Array.from({ length: 2 + random.below(2) }, (_none, number) => file(random.once(3) ? other() : mutate(other(), random, other), `input ${number + 1}`)) };
    default:
      return unreachable(kind);
  }
}

/** Half of the links are changed in their characters, half in what they say, with a checksum that fits. */
function spoiltLink(link: string, random: Random, other: () => string): string {
  if (random.once(3)) return mutate(link, random, other);
  const payload = Uint8Array.from(atob(link.slice(2).replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0)).slice(3);
  let bytes = payload;
  for (let left = 1 + random.below(3); left > 0; left--) {
    const at = random.below(bytes.length);
    switch (random.below(8)) {
      case 0:
        bytes = bytes.slice(0, at);
        break;
      case 1:
        bytes = Uint8Array.from([...bytes, ...bytes.subarray(at)]);
        break;
      case 2:
        bytes = bytes.fill(random.pick([0, 255, 0x55]), at, at + random.below(40));
        break;
      default:
        bytes[at] = random.below(256);
    }
  }
  return `#1${base64Url(Uint8Array.from([...checksum(bytes), ...bytes]))}`;
}

function base64Url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function checksum(bytes: Uint8Array): number[] {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  crc = ~crc >>> 0;
  return [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff];
}

function spoiltRecording(text: string, random: Random, other: () => string): string {
  if (random.once(2)) return mutate(text, random, other);
  const lines = text.split("\n");
  const at = random.once(3) ? 0 : random.below(lines.length);
  return lines.with(at, mutateJson(lines[at] as string, random, other)).join("\n");
}

/** Bytes of a file: UTF-8 or gzip, sometimes damaged. */
function packed(text: string, random: Random): Uint8Array {
  const bytes = random.once(2) ? new Uint8Array(gzipSync(text, { level: 1 })) : new TextEncoder().encode(text);
  if (random.once(2) && bytes.length > 0) bytes[random.below(bytes.length)] = random.below(256);
  return random.once(4) ? bytes.slice(0, random.below(bytes.length)) : bytes;
}

/** Errors whose message is for people. */
const REFUSALS: ReadonlySet<string> = new Set(["EngineError", "InputError", "LinkError", "FormatError", "ScenarioError", "CallError"]);

/** Runs a case. Returns "refused" or "opened"; throws a Finding when something is wrong. */
export async function runCase({ kind, input }: Case, seed: number, index: number): Promise<"refused" | "opened"> {
  const random = new Random(seed, index ^ 0x5bd1e995);
  try {
    if (typeof input === "string" && kind === "link") {
      const session = new Session();
      const { scenario } = await session.unlink(input);
      await runs(session, scenario, random, null);
    } else if (typeof input === "string") {
      const { scenario, problems } = parseScenarioText(input);
      if (scenario === null && problems.length === 0) throw new Finding("neither a scenario nor a problem");
      if (scenario === null) return "refused";
      await runs(new Session(), withoutNames(resolveNames(scenario, wholeKernel)), random, null);
    } else {
      const result = await readInputs(input);
      for (const scenario of result.scenarios.slice(0, 2)) await runs(new Session(), scenario, random, result);
    }
  } catch (error) {
    if (error instanceof Finding) throw error;
    if (!(error instanceof Error) || !REFUSALS.has(error.name)) throw new Finding(`not a refusal: ${error instanceof Error ? error.stack : String(error)}`);
    const message = messageFor(error);
    if (message.length < 10 || message.length > 1500) throw new Finding(`a refusal of ${message.length} characters: ${message.slice(0, 200)}`);
    if (/can't be started: missing|\bundefined\b(?!_)|\[object /.test(message) && !/"[^"]*undefined[^"]*"/.test(message)) throw new Finding(`a refusal that says nothing: ${message}`);
    return "refused";
  }
  if (({} as { polluted?: unknown }).polluted !== undefined) throw new Finding("Object.prototype was changed");
  return "opened";
}

/** It is a scenario as the file format has it, and the model can run it. */
async function runs(session: Session, scenario: Scenario, random: Random, result: ReadResult | null): Promise<void> {
  // Names for ids are in no link and no file.
  const json = scenarioJson(withoutNames(scenario));
  let again: JsonObject;
  try {
    again = scenarioJson(parseScenario(JSON.parse(JSON.stringify(json))));
  } catch (error) {
    throw new Finding(`the file of it can't be read: ${messageFor(error)}`);
  }
  const difference = firstDifference(json, again);
  if (difference) throw new Finding(`the file of it is another scenario: ${difference.path}`);
  const loaded = await session.load(scenario);
  const rows = session.rows(1, 300);
  const broken = rows.find((row) => row.errno === PROBLEM_NAMES["internal-error"]);
  if (broken) {
    const { detail } = session.frame(broken.step, { space: null, window: null, px: 300 });
    throw new Finding(`internal error at step ${broken.step}, ${broken.call}: ${detail?.checks.at(-1)?.note ?? ""}`);
  }
  if (random.once(3)) session.frame(loaded.interesting, { space: null, window: null, px: 300 });
  if (result?.clues && random.once(4)) await session.diagnose(result.clues);
  if (loaded.steps <= 300 && random.once(10)) {
    const opened = await session.unlink(await session.link({ step: loaded.interesting }));
    const changed = firstDifference(json, scenarioJson(opened.scenario));
    if (changed) throw new Finding(`its link holds another scenario: ${changed.path}`);
  }
}
