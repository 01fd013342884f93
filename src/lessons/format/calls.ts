/** Call blocks: one call a line, as in the text form of scenarios, and what it is said to answer: `NAME field=value … -> ANSWER`. */
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import type { Given } from "../../kernel/call.ts";
import { plainFields, scanOrTell } from "../../scenario/text/named.ts";
import { Statement, statementsOf } from "../../scenario/text/scan.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import type { Expectation, SceneCall } from "../lesson.ts";
import type { Problems } from "../problem.ts";
import type { Line } from "../text/blocks.ts";

/** Reads the lines of a block; an indented line continues the call above, "#" starts a remark. */
export function parseCalls(lines: readonly Line[], problems: Problems): SceneCall[] {
  return statementsOf(lines).flatMap((found) => (found instanceof Statement ? (callOf(found, problems) ?? []) : []));
}

function callOf(statement: Statement, problems: Problems): SceneCall | null {
  const { line } = statement;
  const scanned = scanOrTell(statement, problems);
  const fields = scanned && plainFields(statement, scanned, problems);
  if (!scanned || !fields) return null;
  const [bind] = scanned.binds;
  if (bind) {
    statement.tell(problems, bind, `a lesson writes ids as numbers, not as names ("${bind.text} =")`);
    return null;
  }
  const call = scenarioCall(scanned.name.text, fields);
  const expected = parseExpectation(scanned.answer?.text ?? "OK");
  if (call === null) problems.add(line, "given must be a JSON object");
  else if (typeof expected === "string") problems.add(line, expected);
  else return { call, text: scanned.answer ? statement.text.slice(0, statement.text.lastIndexOf("->", scanned.answer.from)).trim() : statement.text, expected, line };
  return null;
}

/** `given` and `note` are about the call, all else are its fields. */
function scenarioCall(name: string, { given, note, ...fields }: JsonObject): ScenarioCall | null {
  const call: ScenarioCall = { call: name, in: fields };
  if (given !== undefined && !isJsonObject(given)) return null;
  if (given !== undefined) call.given = given as unknown as Given;
  if (typeof note === "string") call.note = note;
  return call;
}

/** "EINVAL iova-overlaps-reserved", "OK out_ioas_id=1", "ret=3", "INVALID_IOASID", "fault wild-allocator-call"; a message when it is none. */
export function parseExpectation(text: string): Expectation | string {
  const expected: Expectation = { answer: "OK", rule: null, outs: [] };
  let answered = false;
  for (const word of text.trim().split(/\s+/)) {
    const out = /^([\w.]+)=(.+)$/.exec(word);
    if (out) expected.outs.push({ name: out[1] as string, value: out[2] as string });
    else if (!answered) {
      expected.answer = word;
      answered = true;
    } else if (expected.rule === null && /^[a-z0-9-]+$/.test(word)) expected.rule = word;
    else return `"${word}" can't follow in an answer; it is written -> ERRNO rule field=value`;
  }
  return expected;
}
