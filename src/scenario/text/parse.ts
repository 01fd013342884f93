/** Reads the text form of a scenario. docs/formats.md has the grammar. */
import { isJsonObject, type Json, type JsonObject } from "../../base/json.ts";
import type { CallDef, Given } from "../../kernel/call.ts";
import { ERRNO } from "../../kernel/errno.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import { parseCall, parseScenario, ScenarioError } from "../schema.ts";
import type { Scenario, ScenarioCall } from "../scenario.ts";
import { parseHead, type Entry } from "./head.ts";
import { idKindOf, mainIdField, outputsOf } from "./ids.ts";
import { literal, put, scanOrTell } from "./named.ts";
import { TextProblems, type TextProblem } from "./problem.ts";
import { Statement, statementsOf, type Argument, type Line, type Scanned, type Word } from "./scan.ts";
import { changeSetup, EMPTY_SETUP, isSetupKey, SETUP_KEYS } from "./setup.ts";
import { suggestion } from "./suggest.ts";
import { fieldNames } from "./flag-names.ts";
import { readValue } from "./values.ts";
import { containerOf, defIn, kindOf, type Container } from "./vocabulary.ts";

export interface ParsedText {
  /**
   * Null when there are problems. A field that names what an earlier call gives holds 0 until `resolveNames` has run the calls.
   */
  scenario: Scenario | null;
  /** Line of each call that was understood, from 1. */
  lines: number[];
  problems: TextProblem[];
}

const NO_TITLE = "A scenario without a title";
const HEAD_LINE = /^([a-z][a-z_]*):(\s|$)/;

/** Never throws: what can't be read is told, with its place. */
export function parseScenarioText(text: string, kernel: Kernel = wholeKernel): ParsedText {
  const problems = new TextProblems();
  const lines = text.replaceAll("\r", "").split("\n").map((line, index): Line => ({ text: line, number: index + 1 }));
  const firstCall = firstCallLine(lines);
  const entries = parseHead(lines.slice(0, firstCall), problems);
  for (const { key, line } of entries) {
    if (key !== "title" && !isSetupKey(key)) problems.add(line, `"${key}" is not known${suggestion(key, ["title", ...SETUP_KEYS])}`, 1, key.length);
  }
  const setup = changeSetup(EMPTY_SETUP, entries, problems);
  const head: Scenario = { ...setup, title: titleOf(entries), calls: [] };
  const start = heldHead(head, entries, problems);
  const reader = new CallReader(kernel, containerOf(head), problems);
  const calls: ScenarioCall[] = [];
  const at: number[] = [];
  let remarks: string[] = [];
  for (const found of statementsOf(lines.slice(firstCall))) {
    if ("remark" in found) remarks.push(found.remark);
    else if ("blank" in found) remarks = [];
    else {
      const call = reader.read(found, remarks);
      remarks = [];
      if (call) {
        const held = heldCall(call, found.line, problems);
        if (!held) continue;
        calls.push(held);
        at.push(found.line);
      }
    }
  }
  return { scenario: problems.list.length > 0 ? null : { ...start, calls }, lines: at, problems: problems.sorted() };
}

/** The call as scenarios hold it; null when something in it is larger than they hold. */
function heldCall(call: ScenarioCall, line: number, problems: TextProblems): ScenarioCall | null {
  try {
    return { ...call, ...parseCall(call, "this call") };
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    problems.add(line, error.message);
    return null;
  }
}

/** Reads one call of a scenario, with the names that the calls above it give. */
export function parseCallText(text: string, scenario: Pick<Scenario, "container" | "trace">, names: Iterable<string>, kernel: Kernel = wholeKernel): { call: ScenarioCall | null; problems: TextProblem[] } {
  const problems = new TextProblems();
  const [found] = statementsOf(text.replaceAll("\r", "").split("\n").map((line, index): Line => ({ text: line, number: index + 1 }))).filter((one) => one instanceof Statement);
  if (!found) return { call: null, problems: [{ line: 1, column: 1, length: 1, message: "there is no call here" }] };
  const call = new CallReader(kernel, containerOf(scenario), problems, names).read(found, []);
  return { call, problems: problems.sorted() };
}

/** Index of the first line that belongs to the calls: a call, or the remarks right above it. */
function firstCallLine(lines: readonly Line[]): number {
  let start = 0;
  let inHead = false;
  for (const [index, { text }] of lines.entries()) {
    if (text.trim() === "") start = index + 1;
    else if (text.startsWith("#")) continue;
    else if (HEAD_LINE.test(text)) {
      inHead = true;
      start = index + 1;
    } else if (inHead && /^(\s|-\s)/.test(text)) start = index + 1;
    else return start;
  }
  return lines.length;
}

function titleOf(entries: readonly Entry[]): string {
  const value = entries.find(({ key }) => key === "title")?.value ?? "";
  const json = value.startsWith('"') ? literal({ text: value, from: 0 }) : value;
  return typeof json === "string" && value !== "" ? json : value === "" ? NO_TITLE : value;
}

/** What the schema refuses of the head, told at the line of its key. */
function heldHead(head: Scenario, entries: readonly Entry[], problems: TextProblems): Scenario {
  try {
    return parseScenario(head);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    const path = error.path.replace(/^platform\.(?=devices|interrupt|dirty|guessed)/, "");
    const key = /^\w+/.exec(path)?.[0] ?? "";
    const item = /^\w+\[(\d+)\]/.exec(path)?.[1];
    const entry = entries.find((one) => one.key === key);
    problems.add((item === undefined ? undefined : entry?.items[Number(item)]?.line) ?? entry?.line ?? 1, error.message);
    return head;
  }
}

/** Mistakes for which a better word is looked for: each costs a comparison with every known one. */
const MOST_SUGGESTED = 100;

/** Reads calls one after the other; remembers the names they give. */
class CallReader {
  private readonly kernel: Kernel;
  private readonly container: Container;
  private readonly problems: TextProblems;
  private readonly names: Set<string>;

  constructor(kernel: Kernel, container: Container, problems: TextProblems, names: Iterable<string> = []) {
    this.kernel = kernel;
    this.names = new Set(names);
    this.container = container;
    this.problems = problems;
  }

  read(statement: Statement, remarks: readonly string[]): ScenarioCall | null {
    const before = this.problems.list.length;
    const scanned = scanOrTell(statement, this.problems);
    if (!scanned) return null;
    const { name } = scanned;
    const def = scanned.asItIs ? null : defIn(this.kernel, this.container, name.text);
    if (!def && !scanned.asItIs) {
      statement.tell(this.problems, name, `there is no call ${name.text}${this.meant(name.text, () => this.kernel.allCalls().map((one) => one.name))}`);
      this.bind(statement, scanned, null);
      return null;
    }
    const call: ScenarioCall = { call: name.text, in: {} };
    const uses: Record<string, string> = {};
    for (const argument of scanned.args) this.take(statement, call, def, argument, uses);
    if (Object.keys(uses).length > 0) call.uses = uses;
    if (def) this.missing(statement, scanned, def, call);
    if (scanned.answer) this.answer(statement, scanned.answer, call);
    const notes = [...remarks, ...(scanned.remark === null ? [] : [scanned.remark])];
    if (notes.length > 0 && call.note === undefined) call.note = notes.join("\n");
    this.bind(statement, scanned, call);
    return this.problems.list.length > before ? null : call;
  }

  private take(statement: Statement, call: ScenarioCall, def: CallDef | null, argument: Argument, uses: Record<string, string>): void {
    const field = argument.field?.text ?? (def && mainIdField(def));
    const place = argument.field ?? argument.value;
    if (field === null || (!argument.field && Object.hasOwn(call.in, field))) {
      statement.tell(this.problems, place, `"${argument.value.text}" is not field=value${this.meant(argument.value.text, () => (def ? Object.keys(def.fields) : []))}`);
      return;
    }
    if (!argument.asItIs && argument.field && this.isClause(statement, call, field, argument.value)) return;
    if (Object.hasOwn(call.in, field)) {
      statement.tell(this.problems, place, `"${field}" is given twice`);
      return;
    }
    const value = argument.asItIs ? literal(argument.value) : this.value(statement, call.call, def, field, argument, uses);
    if (value !== undefined) put(call.in, field, value);
    else if (argument.asItIs) statement.tell(this.problems, argument.value, "a field in quotes takes JSON, and this is none");
  }

  private value(statement: Statement, call: string, def: CallDef | null, field: string, { field: word, value }: Argument, uses: Record<string, string>): Json | undefined {
    const kind = kindOf(def, field);
    if (def && !kind && field !== "process") {
      statement.tell(this.problems, word ?? value, `${call} has no field ${field}${this.meant(field, () => Object.keys(def.fields))}`);
      return undefined;
    }
    const takesId = def && idKindOf(def, call, field);
    if (takesId !== null && /^[A-Za-z_]\w*$/.test(value.text) && fieldNames(call, field).every((name) => name !== value.text) && !isKeyword(value.text, kind)) {
      if (!this.names.has(value.text)) {
        statement.tell(this.problems, value, `no call above gives ${value.text}${this.meant(value.text, () => this.names)}`);
        return undefined;
      }
      put(uses, field, value.text);
      return 0;
    }
    const json = readValue(value.text, { call, field, kind });
    if (json === undefined) {
      const names = fieldNames(call, field);
      const wrong = value.text.split("|").find((part) => names.length > 0 && !names.includes(part) && !/^\d/.test(part));
      const said = wrong === undefined ? `${field} must be ${aKind(kind?.name ?? "value")}` : `${field} has no ${wrong}${this.meant(wrong, () => names) || `: it takes ${names.join(", ")}`}`;
      statement.tell(this.problems, value, `${said}${/^["[{]/.test(value.text) && literal(value) === undefined ? ", and this is not JSON" : ""}`);
    }
    return json;
  }

  /** `given` and `note` are about the call, not among its fields. */
  private isClause(statement: Statement, call: ScenarioCall, field: string, value: Word): boolean {
    if (field !== "given" && field !== "note") return false;
    const json = literal(value) ?? value.text;
    if (field === "note" && typeof json === "string") call.note = json;
    else if (field === "given" && isJsonObject(json) && isGiven(json)) call.given = json as unknown as Given;
    else statement.tell(this.problems, value, field === "note" ? "a note is text" : 'given is JSON: {"pin":"EFAULT","source":"from the log"}');
    return true;
  }

  private missing(statement: Statement, { name, args }: Scanned, def: CallDef, call: ScenarioCall): void {
    const main = mainIdField(def);
    for (const [field, kind] of def.fieldList) {
      const isThere = Object.hasOwn(call.in, field) || args.some((one) => (one.field ? one.field.text === field : field === main));
      if (!isThere && kind.absent === undefined) statement.tell(this.problems, name, `${def.name} needs ${field} (${kind.name})`);
    }
  }

  /** " -> EINVAL": what a log or a person says that it answers. */
  private answer(statement: Statement, answer: Word, call: ScenarioCall): void {
    if (answer.text === "OK" || Object.hasOwn(ERRNO, answer.text)) call.recorded = { errno: answer.text, partial: true };
    else statement.tell(this.problems, answer, `an answer is OK or an errno, not "${answer.text}"${this.meant(answer.text, () => Object.keys(ERRNO))}`);
  }

  /** What was meant most likely. Whoever has this many mistakes mends the first of them first. */
  private meant(word: string, known: () => Iterable<string>): string {
    return this.problems.list.length < MOST_SUGGESTED ? suggestion(word, known()) : "";
  }

  private bind(statement: Statement, { binds, name, asItIs }: Scanned, call: ScenarioCall | null): void {
    const outputs = asItIs ? [] : outputsOf(name.text);
    for (const [index, word] of binds.entries()) {
      const output = outputs[index];
      if (word.text !== "_") this.names.add(word.text);
      if (!call) continue;
      if (!output) statement.tell(this.problems, word, outputs.length === 0 ? `${name.text} gives no id to name` : `${name.text} gives ${outputs.length === 1 ? "one id" : `${outputs.length} ids`}: ${outputs.map(({ out }) => out).join(", ")}`);
      else if (isKeyword(word.text, null)) statement.tell(this.problems, word, `${word.text} can't be a name`);
      else if (word.text !== "_") call.binds = { ...call.binds, [output.out]: word.text };
    }
  }
}

/** "an address", "a number", "yes or no". */
function aKind(name: string): string {
  if (/^(flags|yes or|text|JSON|one of|none|name of)/.test(name)) return name;
  return `${/^[aeiI]/.test(name) ? "an" : "a"} ${name}`;
}

function isKeyword(text: string, kind: { decode(json: Json): unknown } | null): boolean {
  return text === "true" || text === "false" || text === "null" || (kind !== null && kind.decode(text) !== undefined);
}

function isGiven(json: JsonObject): boolean {
  try {
    parseScenario({ title: "", platform: { kind: "none" }, calls: [{ call: "", in: {}, given: json }] });
    return true;
  } catch {
    return false;
  }
}
