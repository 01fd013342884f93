/** Call blocks: one call a line, `NAME field=value … -> ANSWER`. */
import { namedValue } from "../../engine/queries/flag-names.ts";
import type { Given } from "../../kernel/call.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import type { Expectation, SceneCall } from "../lesson.ts";
import type { Problems } from "../problem.ts";
import type { Line } from "../text/blocks.ts";
import { objectOf, parseNamed, TextError } from "../text/fields.ts";

/** Reads the lines of a block; an indented line continues the call above, "#" starts a remark. */
export function parseCalls(lines: readonly Line[], problems: Problems): SceneCall[] {
  const joined: Line[] = [];
  for (const { text, number } of lines) {
    if (text.trim() === "" || text.trimStart().startsWith("#")) continue;
    const last = joined.at(-1);
    if (/^\s/.test(text) && last) last.text += ` ${text.trim()}`;
    else joined.push({ text: text.trim(), number });
  }
  return joined.flatMap((line) => callOf(line, problems) ?? []);
}

function callOf({ text, number }: Line, problems: Problems): SceneCall | null {
  const arrow = text.lastIndexOf(" -> ");
  const made = (arrow < 0 ? text : text.slice(0, arrow)).trim();
  try {
    const { name, fields } = parseNamed(made);
    return { call: scenarioCall(name, fields), text: made, expected: parseExpectation(arrow < 0 ? "OK" : text.slice(arrow + 4)), line: number };
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    problems.add(number, error.message);
    return null;
  }
}

/** `given` and `note` are about the call, all else are its fields. */
function scenarioCall(name: string, { given, note, ...fields }: JsonObject): ScenarioCall {
  const call: ScenarioCall = { call: name, in: withoutNames(name, fields) };
  if (given !== undefined) call.given = objectOf(given, "given") as unknown as Given;
  if (typeof note === "string") call.note = note;
  return call;
}

/** Flags and choices by their names become the numbers they stand for. */
function withoutNames(call: string, fields: JsonObject): JsonObject {
  const number = ([field, value]: [string, Json]): [string, Json] => [field, typeof value === "string" ? (namedValue(call, field, value) ?? value) : value];
  return Object.fromEntries(Object.entries(fields).map(number));
}

/** "EINVAL iova-overlaps-reserved", "OK out_ioas_id=1", "ret=3", "INVALID_IOASID", "fault wild-allocator-call". Throws TextError. */
export function parseExpectation(text: string): Expectation {
  const expected: Expectation = { answer: "OK", rule: null, outs: [] };
  let answered = false;
  for (const word of text.trim().split(/\s+/)) {
    const out = /^([\w.]+)=(.+)$/.exec(word);
    if (out) expected.outs.push({ name: out[1] as string, value: out[2] as string });
    else if (!answered) {
      expected.answer = word;
      answered = true;
    } else if (expected.rule === null && /^[a-z0-9-]+$/.test(word)) expected.rule = word;
    else throw new TextError(`"${word}" can't follow in an answer; it is written -> ERRNO rule field=value`);
  }
  return expected;
}
