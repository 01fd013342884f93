/** Recordings: JSON Lines, a header line per sequence, then its calls. The format is in docs/recordings.md. */
import { isJsonObject, type JsonObject } from "../base/json.ts";
import { parseCall, parseScenario, ScenarioError } from "./schema.ts";
import type { Scenario, ScenarioCall, TraceKind } from "./scenario.ts";

/** A text that is not what it should be, and the line (from 1) that shows it. */
export class FormatError extends Error {
  override name = "FormatError";
  readonly line: number;
  /** What is wrong, without the line. */
  readonly problem: string;

  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`);
    this.line = line;
    this.problem = problem;
  }
}

export interface Sequence {
  scenario: Scenario;
  /** Line in the file of each call, from 1. */
  lines: number[];
}

const TRACES: ReadonlySet<string> = new Set<TraceKind>(["iommufd", "ioasid", "vfio-type1"]);
const ANSWER_KEYS = ["errno", "out", "ret", "race_ret", "fault", "events", "state"] as const;

/** Does this text look like a recording? Looks at the first non-empty line only. */
export function looksLikeRecording(text: string): boolean {
  const first = /^\s*(\{.*)/.exec(text)?.[1];
  if (first === undefined) return false;
  try {
    const header: unknown = JSON.parse(first);
    // A scenario file on one line has a `trace` too, and its calls with it.
    return isJsonObject(header) && typeof header.trace === "string" && header.calls === undefined;
  } catch {
    return false;
  }
}

/** All sequences of a recording. Throws FormatError with the first line that is not one. */
export function readRecording(text: string): Sequence[] {
  const sequences: Sequence[] = [];
  const lines = text.split("\n");
  let header: Header | null = null;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (line.trim() === "") continue;
    const value = parseLine(line, index + 1);
    if (typeof value.trace === "string") {
      header = headerOf(value, index + 1);
      sequences.push({ scenario: header.scenario, lines: [] });
      continue;
    }
    const current = sequences.at(-1);
    if (!current || !header) throw new FormatError(index + 1, "a call before any header line");
    current.scenario.calls.push(header.callOf(value, index + 1));
    current.lines.push(index + 1);
  }
  return sequences;
}

/** The object on a line. Throws FormatError. */
export function parseLine(line: string, number: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new FormatError(number, `not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isJsonObject(value)) throw new FormatError(number, "not a JSON object");
  return value;
}

/** The call on a line. Throws FormatError. */
function callOf(value: JsonObject, number: number): ScenarioCall {
  if (typeof value.call !== "string") throw new FormatError(number, 'a call line needs "call"');
  if (value.in !== undefined && !isJsonObject(value.in)) throw new FormatError(number, '"in" must be an object');
  // A child's calls say so beside their fields; in a scenario it is one of them.
  const fields = value.in ?? {};
  const recorded = Object.fromEntries(ANSWER_KEYS.flatMap((key) => (value[key] === undefined ? [] : [[key, value[key]]])));
  return inScenario(number, () => parseCall({
    call: value.call as string, in: typeof value.process === "number" && fields.process === undefined ? { ...fields, process: value.process } : fields,
    // Recorders know neither of these; iovascope's own recordings may have them.
    ...(value.given !== undefined && { given: value.given }), ...(value.note !== undefined && { note: value.note }), ...(Object.keys(recorded).length > 0 && { recorded }),
  }, "the call"));
}

/** How the calls below a header line are written. */
export interface Header {
  scenario: Scenario;
  /** The call on a line. Throws FormatError. */
  callOf: (value: JsonObject, line: number) => ScenarioCall;
}

/** What a header line says: of a recording, or of a scenario file with a line for each call. Throws FormatError. */
export function headerOf(header: JsonObject, number: number): Header {
  if (header.iovascope === undefined) return { scenario: scenarioOf(header, number), callOf };
  return {
    scenario: inScenario(number, () => parseScenario({ ...header, calls: [] })),
    callOf: (value, line) => inScenario(line, () => parseCall(value, "call")),
  };
}

function inScenario<Part>(number: number, parse: () => Part): Part {
  try {
    return parse();
  } catch (error) {
    throw error instanceof ScenarioError ? new FormatError(number, error.message) : error;
  }
}

/** The scenario of a recording's header line, without calls. Throws FormatError. */
function scenarioOf(header: JsonObject, number: number): Scenario {
  const trace = header.trace as string;
  if (!TRACES.has(trace)) throw new FormatError(number, `unknown kind of recording "${trace.slice(0, 100)}"`);
  // In an iommufd header `variant` names a test program's fixture, not a form of the kernel.
  const part = trace === "ioasid" ? "ioasid" : trace === "vfio-type1" ? "vfio" : null;
  const variants = { ...(isJsonObject(header.variants) && header.variants), ...(part !== null && typeof header.variant === "string" && { [part]: header.variant }) };
  const rest = Object.fromEntries(TAKEN_OVER.flatMap((key) => (header[key] === undefined ? [] : [[key, header[key]]])));
  return inScenario(number, () => parseScenario({
    title: typeof header.title === "string" ? header.title : trace, platform: header.host ?? platformOf(header), trace, ...(Object.keys(variants).length > 0 && { variants }), ...rest, calls: [],
  }));
}

/** Keys that mean in a header what they mean in a scenario. */
const TAKEN_OVER = ["kernel", "buffers", "first_fd", "max_iova_alignment", "processes", "api", "dma_entry_limit", "container", "pools", "ops", "nbs", "undefined_behaviour"] as const;

/** The platform as recorders name it; `host` in a recording of iovascope's own says more. */
function platformOf(header: JsonObject): JsonObject {
  const kind = header.platform === "intel-vtd" ? "intel-vtd" : header.platform === "mock" ? "mock" : "none";
  return { kind, ...(typeof header.aw_bits === "number" && { address_bits: header.aw_bits }) };
}
