/** What is mutated: pieces of the project's real captures and recordings, its stories, links of every version, and samples. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { wholeKernel } from "../src/kernel/whole.ts";
import { encodeLink } from "../src/scenario/link/link.ts";
import { examples } from "../src/scenario/examples/examples.ts";
import golden from "../src/scenario/link-golden.json" with { type: "json" };
import { parseScenario, scenarioJson } from "../src/scenario/schema.ts";
import { scenarioText } from "../src/scenario/text/print.ts";
import type { Scenario } from "../src/scenario/scenario.ts";
import { withNames } from "../src/scenario/text/names.ts";
import { SAMPLES } from "./samples.ts";

export interface Corpus {
  /** Fragments of links. */
  links: string[];
  /** Scenario files. */
  files: string[];
  /** Recordings. */
  recordings: string[];
  /** Logs, traces, listings. */
  logs: string[];
  /** Scenarios in the text form. */
  texts: string[];
}

const PIECE_LINES = 40;
const PIECES = 6;
const RECORDED_CALLS = 30;

const unpack = (file: string): string => gunzipSync(readFileSync(file)).toString("utf8");

/** The start of a text, and pieces from further on. */
function pieces(text: string): string[] {
  const lines = text.split("\n");
  if (lines.length <= PIECE_LINES) return [text];
  const step = Math.max(PIECE_LINES, Math.floor(lines.length / PIECES));
  const found: string[] = [];
  for (let from = 0; from < lines.length; from += step) found.push(lines.slice(from, from + PIECE_LINES).join("\n"));
  return found;
}

/** The first sequences of a recording, each cut after some calls. */
function sequences(text: string): string[] {
  const found: string[][] = [];
  for (const line of text.split("\n")) {
    if (line === "") continue;
    if (line.startsWith('{"trace"')) {
      if (found.length === 4) break;
      found.push([line]);
    } else if ((found.at(-1)?.length ?? 0) <= RECORDED_CALLS) found.at(-1)?.push(line);
  }
  return found.map((lines) => lines.join("\n"));
}

export async function readCorpus(root: string): Promise<Corpus> {
  const captures = join(root, "conformance/captures");
  const logs = [...readdirSync(captures).filter((name) => name.endsWith(".gz")).flatMap((name) => pieces(unpack(join(captures, name)))), ...SAMPLES];
  const recorded = join(root, "conformance/recordings");
  const recordings = readdirSync(recorded, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".gz"))
    .map((entry) => join(entry.parentPath, entry.name)).sort().flatMap((file) => sequences(unpack(file)));
  const scenarios: Scenario[] = [];
  for (const example of examples) {
    if (example.kind === "capture") continue;
    const story = await example.load();
    if (!Array.isArray(story)) scenarios.push(story);
  }
  for (const { scenario } of golden) scenarios.push(parseScenario(scenario));
  const links = await Promise.all(scenarios.map((scenario, index) => encodeLink(scenario, { step: index, space: "ioas:3/2", selection: "0x1000-0x1fff" })));
  return {
    logs, recordings, links: [...golden.map(({ link }) => link), ...links], files: scenarios.map((scenario) => JSON.stringify(scenarioJson(scenario), null, 1)),
    texts: scenarios.map((scenario) => scenarioText(withNames(scenario, wholeKernel))),
  };
}
