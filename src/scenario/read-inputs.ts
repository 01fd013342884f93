/** Recognises what people bring by its content, and makes scenarios of it. Several inputs together make one story. */
import { plural } from "../base/format.ts";
import { scenariosOf } from "./assemble/scenarios.ts";
import { isLarge, plainScenario } from "./calls.ts";
import { cluesOf } from "./clues.ts";
import { InputError, type InputFile, type InputReport, type ReadResult } from "./inputs.ts";
import { callJson, headerJson, parseCall, parseScenario, ScenarioError } from "./schema.ts";
import { Facts } from "./readers/facts.ts";
import { readLines, readStream } from "./readers/read-lines.ts";
import { isPlain } from "./assemble/plain-call.ts";
import type { Slices } from "./slices.ts";
import { jsonRecordText } from "./readers/lines.ts";
import { FormatError, looksLikeRecording, readRecording } from "./recording.ts";
import { looksLikeText } from "./text/looks-like.ts";
import type { AnyScenario, Scenario } from "./scenario.ts";
import { ByteSource } from "./source.ts";

/** How a long reading stays interruptible: told how far it is between slices of work; may reject to end it. */
export interface ReadWatch {
  between(done: number, total: number): Promise<void> | void;
}

const NOBODY: ReadWatch = { between: () => {} };

/** The part that reading has of reading and making calls. */
const READING = 0.7;

/** An input that has been opened, and of which the beginning was looked at. */
export interface OpenInput {
  name: string;
  source: ByteSource;
  /** It is a recording, and long lines of it can be read as they come. */
  recording: boolean;
}

/** The same as ReadResult, but that calls of long logs are packed. */
export interface ManyRead extends Omit<ReadResult, "scenarios"> {
  scenarios: AnyScenario[];
}

export interface OpenInputs {
  open: OpenInput[];
  /** Reads them all, together. */
  read(): Promise<ManyRead>;
}

/** Opens all inputs. Throws InputError for one that is nothing we could read. */
export async function openInputs(files: InputFile[], watch: ReadWatch = NOBODY): Promise<OpenInputs> {
  const open: OpenInput[] = [];
  for (const file of files) {
    const source = await ByteSource.open(file);
    refuseBinary(source);
    open.push({ name: file.name, source, recording: beginsLikeRecording(source.head) });
  }
  return { open, read: () => readAll(open, watch) };
}

/**
 * Reads all inputs. Throws InputError naming the input, the line and what is wrong when one can't be used at all; lines
 * that no reader knows are reported, not errors.
 */
export async function readInputs(files: InputFile[], watch: ReadWatch = NOBODY): Promise<ReadResult> {
  const { scenarios, ...rest } = await (await openInputs(files, watch)).read();
  return { ...rest, scenarios: scenarios.map(plainScenario) };
}

async function readAll(inputs: OpenInput[], watch: ReadWatch): Promise<ManyRead> {
  const scenarios: AnyScenario[] = [];
  const reports: InputReport[] = [];
  const facts = new Facts();
  const total = inputs.reduce((sum, { source }) => sum + source.size, 0);
  let before = 0;
  for (const { name, source } of inputs) {
    const slices = { between: () => watch.between(READING * (before + source.taken), total) };
    const text = await wholeText(source, slices);
    if (typeof text !== "string") reports.push(await readStream(name, text, facts, slices));
    else {
      if (text.trim() === "") throw new InputError(name, 0, "there is nothing in it");
      const whole = looksLikeText(text) ? await textDocument(name, text) : wholeDocument(name, text);
      if (whole) {
        scenarios.push(...whole.scenarios);
        reports.push(whole.report);
      } else reports.push(readLines(name, text, facts));
    }
    before += source.size;
  }
  const logs = reports.filter((report) => report.format !== RECORDING && report.format !== SCENARIO);
  const useful = logs.filter((report) => report.understood > 0);
  const [first] = logs;
  if (scenarios.length === 0 && useful.length === 0) throw notUnderstood(first);
  if (useful.length > 0) {
    const made = await scenariosOf(facts, { between: (part = 0) => watch.between((READING + (1 - READING) * part) * total, total) });
    const [input] = useful;
    if (made.length === 0 && scenarios.length === 0 && input) throw new InputError(input.name, 0, `it was read as ${input.format}, but nothing in it describes an address space or a call`);
    if (input) for (const scenario of made) refuseBeyondLimits(input.name, scenario);
    scenarios.push(...made);
  }
  const unread = logs.filter((report) => report.understood === 0).map((report) => `${report.name}: none of its ${plural(report.lines, "line")} was understood.`);
  return { scenarios, reports, warnings: [...facts.warnings, ...unread], ...(useful.length > 0 && { clues: cluesOf(facts) }) };
}

/** What a log says can be out of all proportion: group numbers, widths, names. */
function refuseBeyondLimits(name: string, scenario: AnyScenario): void {
  try {
    parseScenario({ ...headerJson(scenario), calls: [] });
    // Packed ones were looked at before they were packed.
    if (isLarge(scenario)) return;
    scenario.calls.forEach((call, index) => {
      if (!isPlain(call)) parseCall(callJson(call), `calls[${index}]`);
    });
  } catch (error) {
    throw error instanceof ScenarioError ? new InputError(name, 0, `what it says makes no scenario: ${error.message}`) : error;
  }
}

const RECORDING = "recording";
const SCENARIO = "scenario";

/** The text form; its reader knows all calls and is fetched when it is wanted. */
async function textDocument(name: string, text: string): Promise<{ scenarios: Scenario[]; report: InputReport }> {
  const { readScenarioText } = await import("./text/read.ts");
  return { scenarios: [readScenarioText(name, text)], report: allUnderstood(name, SCENARIO, text) };
}

function notUnderstood(report: InputReport | undefined): InputError {
  if (!report) return new InputError("input", 0, "nothing was given");
  const [line] = report.skipped;
  const text = line === undefined ? "" : line.text.slice(0, 120);
  const none = report.lines === 1 ? `this is of no format that is known here: ${text}` : `none of its ${report.lines} lines is of a format that is known here. The first one is: ${text}`;
  return new InputError(report.name, line?.line ?? 0, line === undefined ? "there is nothing in it" : none);
}

/** A log up to this size is read in one go, a larger one as it comes. */
const IN_ONE_GO = 256 * 1024;
/** Of a document that can only be read as a whole. */
const LARGEST_DOCUMENT = 256 * 1024 * 1024;

/** The text of a document, or of a short log; for a long log the pieces that it comes in. */
async function wholeText(source: ByteSource, watch: Slices): Promise<string | AsyncIterable<Uint8Array>> {
  const encoding = encodingOf(source.head);
  const isDocument = encoding !== "utf-8" || DOCUMENT.test(new TextDecoder().decode(source.head.subarray(0, 4096)));
  const limit = isDocument ? LARGEST_DOCUMENT : IN_ONE_GO;
  const pieces: Uint8Array[] = [];
  let length = 0;
  const chunks = source.chunks();
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    pieces.push(next.value);
    length += next.value.length;
    if (length > limit && isDocument) {
      await chunks.return(undefined);
      throw new InputError(source.name, 0, `it is larger than ${limit / 1024 / 1024} MiB`);
    }
    if (length > limit) return startingWith(pieces, chunks);
    await watch.between();
  }
  const decoder = new TextDecoder(encoding);
  return stripMark(pieces.map((piece) => decoder.decode(piece, { stream: true })).join("") + decoder.decode());
}

async function* startingWith(pieces: Uint8Array[], rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (let piece = pieces.shift(); piece; piece = pieces.shift()) yield piece;
  yield* rest;
}

function encodingOf(head: Uint8Array): "utf-8" | "utf-16le" | "utf-16be" {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  return head[0] === 0xfe && head[1] === 0xff ? "utf-16be" : "utf-8";
}

/** Of a text's beginning, at most one byte in so many is a control character that no text has. */
const RUBBISH = 20;

function refuseBinary({ name, head }: ByteSource): void {
  if (encodingOf(head) !== "utf-8") return;
  const looked = head.subarray(0, 4096);
  const odd = looked.reduce((count, byte) => count + (byte < 9 || (byte > 13 && byte < 32 && byte !== 27) ? 1 : 0), 0);
  if (!looked.includes(0) && odd * RUBBISH <= looked.length) return;
  throw new InputError(name, 0, "it is a binary file; a text log is needed (for trace.dat: trace-cmd report, for QEMU's simple backend: simpletrace.py)");
}

/** Is the first line with something on it the header of a recording? */
function beginsLikeRecording(head: Uint8Array): boolean {
  const text = stripMark(new TextDecoder().decode(head)).trimStart();
  const end = text.indexOf("\n");
  return end > 0 && looksLikeRecording(text.slice(0, end));
}

function stripMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

const DOCUMENT = /^\ufeff?\s*[{[]\s*["{]/;
/** Names that a recording's header and a scenario have; a monitor's or a cluster's JSON is read as lines. */
const OURS = /"(?:iovascope|title|trace|calls|platform)"\s*:/;
const LONGEST_BEGINNING = 65_536;

/** Lines, each a JSON record with a message in it: a log. */
function isLogOfRecords(text: string): boolean {
  const first = text.trimStart();
  const end = first.indexOf("\n");
  return jsonRecordText(end < 0 ? first.trimEnd() : first.slice(0, end)) !== null && !looksLikeRecording(text);
}

/** Is it a recording or a scenario, and not a text of lines? */
export function isWholeDocument(text: string): boolean {
  return DOCUMENT.test(text) && OURS.test(text.slice(0, LONGEST_BEGINNING)) && !isLogOfRecords(text);
}

/** Formats in which the whole text is one document. Null: it is a text of lines. */
function wholeDocument(name: string, text: string): { scenarios: Scenario[]; report: InputReport } | null {
  if (!isWholeDocument(text)) return null;
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
