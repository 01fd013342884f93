/** Recognises what people bring by its content, and makes scenarios of it. Several inputs together make one story. */
import { plural } from "../base/format.ts";
import { scenariosOf } from "./assemble/scenarios.ts";
import { cluesOf } from "./clues.ts";
import { gunzip, isGzip, TooLarge } from "./bytes.ts";
import { InputError, type InputFile, type InputReport, type ReadResult } from "./inputs.ts";
import { parseScenario, ScenarioError } from "./schema.ts";
import { Facts } from "./readers/facts.ts";
import { readLines } from "./readers/read-lines.ts";
import { FormatError, looksLikeRecording, readRecording } from "./recording.ts";
import type { Scenario } from "./scenario.ts";

/** Unpacked bytes of one input. */
const MAX_BYTES = 256 * 1024 * 1024;

/**
 * Reads all inputs. Throws InputError naming the input, the line and what is wrong when one can't be used at all; lines
 * that no reader knows are reported, not errors.
 */
export async function readInputs(files: InputFile[]): Promise<ReadResult> {
  const scenarios: Scenario[] = [];
  const reports: InputReport[] = [];
  const facts = new Facts();
  for (const file of files) {
    const text = await textOf(file);
    if (text.trim() === "") throw new InputError(file.name, 0, "there is nothing in it");
    const whole = wholeDocument(file.name, text);
    if (whole) {
      scenarios.push(...whole.scenarios);
      reports.push(whole.report);
    } else reports.push(readLines(file.name, text, facts));
  }
  const logs = reports.filter((report) => report.format !== RECORDING && report.format !== SCENARIO);
  const useful = logs.filter((report) => report.understood > 0);
  const [first] = logs;
  if (scenarios.length === 0 && useful.length === 0) throw notUnderstood(first);
  if (useful.length > 0) {
    const made = scenariosOf(facts);
    const [input] = useful;
    if (made.length === 0 && scenarios.length === 0 && input) throw new InputError(input.name, 0, `it was read as ${input.format}, but nothing in it describes an address space or a call`);
    scenarios.push(...made);
  }
  const unread = logs.filter((report) => report.understood === 0).map((report) => `${report.name}: none of its ${plural(report.lines, "line")} was understood.`);
  return { scenarios, reports, warnings: [...facts.warnings, ...unread], ...(useful.length > 0 && { clues: cluesOf(facts) }) };
}

const RECORDING = "recording";
const SCENARIO = "scenario";

function notUnderstood(report: InputReport | undefined): InputError {
  if (!report) return new InputError("input", 0, "nothing was given");
  const [line] = report.skipped;
  const sample = line === undefined ? "" : ` The first one is: ${line.text.slice(0, 120)}`;
  return new InputError(report.name, line?.line ?? 0, `none of its ${plural(report.lines, "line")} is of a format that is known here.${sample}`);
}

async function textOf(file: InputFile): Promise<string> {
  if (typeof file.content === "string") return stripMark(file.content);
  let bytes = file.content;
  if (isGzip(bytes)) {
    try {
      bytes = await gunzip(bytes, MAX_BYTES);
    } catch (error) {
      throw new InputError(file.name, 0, error instanceof TooLarge ? `it unpacks to more than ${MAX_BYTES / 1024 / 1024} MiB` : "it starts like a gzip file but can't be unpacked; it is damaged or cut off");
    }
  }
  if (bytes.length > MAX_BYTES) throw new InputError(file.name, 0, `it is larger than ${MAX_BYTES / 1024 / 1024} MiB`);
  const utf16 = bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : null;
  if (utf16 === null && bytes.subarray(0, 4096).includes(0)) throw new InputError(file.name, 0, "it is a binary file; a text log is needed (for trace.dat: trace-cmd report, for QEMU's simple backend: simpletrace.py)");
  return stripMark(new TextDecoder(utf16 ?? "utf-8").decode(bytes));
}

function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** Formats in which the whole text is one document. Null: it is a text of lines. */
function wholeDocument(name: string, text: string): { scenarios: Scenario[]; report: InputReport } | null {
  if (!/^\s*[{[]\s*["{]/.test(text)) return null;
  try {
    if (looksLikeRecording(text)) {
      const scenarios = readRecording(text).map((sequence) => sequence.scenario);
      return { scenarios, report: allUnderstood(name, RECORDING, text) };
    }
    const json: unknown = JSON.parse(text);
    const scenarios = (Array.isArray(json) ? (json as unknown[]) : [json]).map(parseScenario);
    if (scenarios.length === 0) throw new InputError(name, 0, "it is an empty list");
    return { scenarios, report: allUnderstood(name, SCENARIO, text) };
  } catch (error) {
    if (error instanceof FormatError) throw new InputError(name, error.line, error.problem);
    if (error instanceof ScenarioError) throw new InputError(name, 0, `it is JSON, but not a scenario: ${error.message}`);
    if (error instanceof SyntaxError) throw new InputError(name, lineOfSyntaxError(text, error), `it starts like JSON but is not: ${error.message}`);
    throw error;
  }
}

function allUnderstood(name: string, format: string, text: string): InputReport {
  const lines = text.split("\n").filter((line) => line.trim() !== "").length;
  return { name, format, understood: lines, lines, skipped: [], ignored: [] };
}

/** The line that a JSON parser's message points at; 0 when it does not say. */
function lineOfSyntaxError(text: string, error: SyntaxError): number {
  const position = /position (\d+)/.exec(error.message)?.[1];
  return position === undefined ? 0 : text.slice(0, Number(position)).split("\n").length;
}
