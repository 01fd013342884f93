/** A thing with properties in the text form: `NAME field=value field=value`. */
import type { Json, JsonObject } from "../../base/json.ts";
import type { ProblemSink } from "./problem.ts";
import { scan, ScanError, type Scanned, type Statement, type Word } from "./scan.ts";
import { readValue, writeValue } from "./values.ts";

export interface Named {
  name: string;
  fields: JsonObject;
}

/** Reads one such statement; null, and the problem told, when it is none. */
export function parseNamed(statement: Statement, problems: ProblemSink): Named | null {
  const scanned = scanOrTell(statement, problems);
  if (!scanned) return null;
  const stray = scanned.binds[0] ?? scanned.answer;
  if (stray) {
    statement.tell(problems, stray, `"${stray.text}" has no place here; this is NAME field=value …`);
    return null;
  }
  const fields = plainFields(statement, scanned, problems);
  return fields && { name: scanned.name.text, fields };
}

/** The words of a statement; null, and the problem told, when it can't be cut into words. */
export function scanOrTell(statement: Statement, problems: ProblemSink): Scanned | null {
  try {
    return scan(statement.text);
  } catch (error) {
    if (!(error instanceof ScanError)) throw error;
    statement.tell(problems, error.word, error.message);
    return null;
  }
}

/** The arguments as fields that no table describes: their names and the look of their values say what they are. */
export function plainFields(statement: Statement, scanned: Scanned, problems: ProblemSink): JsonObject | null {
  const fields: JsonObject = {};
  for (const { field, asItIs, value } of scanned.args) {
    if (!field) {
      statement.tell(problems, value, `"${value.text}" is not field=value`);
      return null;
    }
    if (Object.hasOwn(fields, field.text)) {
      statement.tell(problems, field, `"${field.text}" is given twice`);
      return null;
    }
    const json = asItIs ? literal(value) : readValue(value.text, { call: scanned.name.text, field: field.text, kind: null });
    if (json === undefined) {
      statement.tell(problems, value, `the value of "${field.text}" is not JSON: ${value.text}`);
      return null;
    }
    put(fields, field.text, json);
  }
  return fields;
}

/** A value that stands as plain JSON; undefined when it is none. */
export function literal(value: Word): Json | undefined {
  try {
    return JSON.parse(value.text) as Json;
  } catch {
    return undefined;
  }
}

/** Sets a field whatever it is called ("__proto__" too). */
export function put<Value>(fields: Record<string, Value>, name: string, value: Value): void {
  Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
}

const PLAIN_NAME = /^[^\s"[{#=-][^\s"=]*$/;

/** A named thing as one line; its name in quotes where it has spaces or the like. */
export function namedText({ name, fields }: Named): string {
  return [PLAIN_NAME.test(name) ? name : JSON.stringify(name), ...Object.entries(fields).map(([field, value]) => fieldText(field, value, writeValue(value, { call: name, field, kind: null })))].join(" ");
}

/** `field=value`; in quotes and as plain JSON where the value has no text of its own. */
export function fieldText(field: string, value: Json, text: string | null): string {
  return text === null || !/^[A-Za-z_][\w.]*$/.test(field) ? `${JSON.stringify(field)}=${JSON.stringify(value)}` : `${field}=${text}`;
}
