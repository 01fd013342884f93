/** Recordings: JSON Lines, a header line per sequence, then its calls. The format is in docs/recordings.md. */
import { isJsonObject, type JsonObject } from "../base/json.ts";
import type { IoasidVariant, VfioVariant } from "../kernel/config.ts";
import type { BufferSpec, PlatformSpec, RecordedAnswer, Scenario, ScenarioCall, TraceKind } from "./scenario.ts";

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
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as string;
    if (line.trim() === "") continue;
    const value = parseLine(line, index + 1);
    if (typeof value.trace === "string") {
      sequences.push({ scenario: scenarioOf(value, index + 1), lines: [] });
      continue;
    }
    const current = sequences.at(-1);
    if (!current) throw new FormatError(index + 1, "a call before any header line");
    current.scenario.calls.push(callOf(value, index + 1));
    current.lines.push(index + 1);
  }
  return sequences;
}

function parseLine(line: string, number: number): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new FormatError(number, `not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (!isJsonObject(value)) throw new FormatError(number, "not a JSON object");
  return value;
}

function callOf(value: JsonObject, number: number): ScenarioCall {
  if (typeof value.call !== "string") throw new FormatError(number, 'a call line needs "call"');
  if (value.in !== undefined && !isJsonObject(value.in)) throw new FormatError(number, '"in" must be an object');
  const recorded: RecordedAnswer = {};
  for (const key of ANSWER_KEYS) if (value[key] !== undefined) Object.assign(recorded, { [key]: value[key] });
  // A child's calls say so beside their fields; in a scenario it is one of them.
  const fields = value.in ?? {};
  return { call: value.call, in: typeof value.process === "number" && fields.process === undefined ? { ...fields, process: value.process } : fields, recorded };
}

function scenarioOf(header: JsonObject, number: number): Scenario {
  const trace = header.trace as string;
  if (!TRACES.has(trace)) throw new FormatError(number, `unknown kind of recording "${trace}"`);
  const scenario: Scenario = { title: typeof header.title === "string" ? header.title : trace, platform: platformSpec(header), trace: trace as TraceKind, calls: [] };
  // In an iommufd header `variant` names a test program's fixture, not a form of the kernel.
  if (trace === "ioasid" && typeof header.variant === "string") scenario.variants = { ioasid: header.variant as IoasidVariant };
  if (trace === "vfio-type1" && typeof header.variant === "string") scenario.variants = { vfio: header.variant as VfioVariant };
  if (typeof header.kernel === "string") scenario.kernel = header.kernel;
  if (Array.isArray(header.buffers)) scenario.buffers = header.buffers as unknown as BufferSpec[];
  if (typeof header.first_fd === "number") scenario.first_fd = header.first_fd;
  if (typeof header.max_iova_alignment === "string") scenario.max_iova_alignment = header.max_iova_alignment;
  if (typeof header.processes === "number") scenario.processes = header.processes;
  if (header.api === "v1" || header.api === "v2") scenario.api = header.api;
  if (typeof header.dma_entry_limit === "number") scenario.dma_entry_limit = header.dma_entry_limit;
  for (const key of ["pools", "ops", "nbs"] as const) if (Array.isArray(header[key])) scenario[key] = header[key];
  if (header.undefined_behaviour === true) scenario.undefined_behaviour = true;
  return scenario;
}

function platformSpec(header: JsonObject): PlatformSpec {
  const kind = header.platform === "intel-vtd" ? "intel-vtd" : header.platform === "mock" ? "mock" : "none";
  return typeof header.aw_bits === "number" ? { kind, address_bits: header.aw_bits } : { kind };
}
