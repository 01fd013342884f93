import { existsSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { gunzipSync } from "node:zlib";
import { localEngine } from "../engine/local.ts";
import { EngineError, type Engine, type InputFile } from "../engine/views.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { CommandError, type Output } from "./output.ts";

/** Reads a file, or standard input for "-", and unpacks gzip. */
export function readBytes(file: string): Uint8Array {
  try {
    const bytes = readFileSync(file === "-" ? 0 : file);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } catch (error) {
    throw new CommandError(`${file}: ${reasonOf(error)}`);
  }
}

/** Reads a text file, unpacking gzip. */
export function readText(file: string): string {
  return new TextDecoder().decode(readBytes(file));
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file", EISDIR: "it is a folder", EACCES: "no permission to read it", Z_DATA_ERROR: "damaged gzip data", Z_BUF_ERROR: "the gzip data end too early",
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return REASONS[code] ?? (error instanceof Error ? error.message : String(error));
}

/** "FILE#3" names the third sequence of a file of several, unless a file of that very name exists. */
function splitSequence(argument: string): { file: string; sequence: number | null } {
  const match = /^(.+)#(\d+)$/.exec(argument);
  return match && !existsSync(argument) ? { file: match[1] as string, sequence: Number(match[2]) } : { file: argument, sequence: null };
}

export interface Opened {
  engine: Engine;
  scenario: Scenario;
}

/** The scenario that one or more files make. What was not understood goes to standard error. */
export async function readScenario(args: string[], output: Output): Promise<Opened> {
  const split = args.map(splitSequence);
  const files = split.map(({ file }): InputFile => ({ name: file === "-" ? "standard input" : basename(file), content: readBytes(file) }));
  const chosen = split.find(({ sequence }) => sequence !== null)?.sequence ?? null;
  const engine = localEngine();
  const { scenarios, reports, warnings } = await inWords(engine.read(files));
  for (const report of reports) {
    for (const skipped of report.skipped) output.warn(`${report.name}:${skipped.line}: not understood (${skipped.why}): ${skipped.text}`);
  }
  for (const warning of warnings) output.warn(warning);
  const scenario = scenarios[(chosen ?? 1) - 1];
  if (!scenario) {
    throw new CommandError(scenarios.length === 0 ? "nothing in it makes a scenario" : `there is no sequence ${chosen}: the file has ${scenarios.length}, counted from 1`);
  }
  if (chosen === null && scenarios.length > 1) output.warn(`the file has ${scenarios.length} sequences; this is the first (FILE#K names another)`);
  return { engine, scenario };
}

/** An engine's refusal as the command's own. */
export async function inWords<Value>(answer: Promise<Value>): Promise<Value> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof EngineError) throw new CommandError(error.message);
    throw error;
  }
}
