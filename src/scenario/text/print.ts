/** Writes the text form of a scenario. docs/formats.md has the grammar. */
import { firstDifference } from "../../base/json.ts";
import { ERRNO } from "../../kernel/errno.ts";
import type { CallDef } from "../../kernel/call.ts";
import type { Kernel } from "../../kernel/kernel.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import type { Scenario, ScenarioCall } from "../scenario.ts";
import { idKindOf, mainIdField, outputsOf } from "./ids.ts";
import { fieldText } from "./named.ts";
import { setupLines } from "./setup.ts";
import { writeValue } from "./values.ts";
import { containerOf, defIn, kindOf } from "./vocabulary.ts";

/** The first line of a text: what it is recognised by. */
export const TEXT_MARK = "# iovascope scenario";

/**
 * The scenario as parseScenarioText reads it back, all but answers that were recorded in full. Ids are written by the names
 * that its calls have (`withNames` gives them names), else as numbers.
 */
export function scenarioText(scenario: Scenario, kernel: Kernel = wholeKernel): string {
  const { title, calls, ...setup } = scenario;
  const plainTitle = /^[^\s"](.*\S)?$/.test(title) && !/[\n\r]/.test(title) && !/\s\s/.test(title) ? title : JSON.stringify(title);
  const head = [TEXT_MARK, `title: ${plainTitle}`, ...setupLines(setup)];
  const container = containerOf(scenario);
  const lines: string[] = [];
  for (const call of calls) lines.push(callText(call, defIn(kernel, container, call.call)));
  return `${[...head, "", ...lines].join("\n")}\n`;
}

/** One call: its note as remarks above it, then its line. */
export function callText(call: ScenarioCall, def: CallDef | null): string {
  const remark = call.note === undefined ? null : remarkOf(call.note);
  const line = callLine(call, def);
  const more = [
    ...(call.given ? [`given=${JSON.stringify(call.given)}`] : []),
    ...(call.note !== undefined && remark === null ? [`note=${JSON.stringify(call.note)}`] : []),
    ...answerOf(call),
  ];
  return [...(remark ?? []), [line, ...more].join(" ")].join("\n");
}

/** A note as lines of remarks; null when they would not read back the same. */
function remarkOf(note: string): string[] | null {
  const lines = note.split("\n");
  return lines.every((line) => line === line.trim() && !line.includes("\r") && line !== "") ? lines.map((line) => `# ${line}`) : null;
}

function answerOf({ recorded }: ScenarioCall): string[] {
  const errno = recorded?.errno;
  if (errno === undefined || (errno !== "OK" && !Object.hasOwn(ERRNO, errno))) return [];
  return firstDifference(recorded, { errno, partial: true }) === null ? [`-> ${errno}`] : [];
}

/** The call without what is about it: "io = IOMMU_IOAS_ALLOC flags=0". A call that its definition can't read stands in quotes. */
export function callLine(call: ScenarioCall, def: CallDef | null): string {
  const known = def !== null && /^[A-Za-z_]\w*$/.test(call.call) && isReadable(call, def);
  const main = known ? mainIdField(def) : null;
  const names = known ? outputsOf(call.call).map(({ out }) => call.binds?.[out] ?? "_") : [];
  while (names.at(-1) === "_") names.pop();
  const words = Object.entries(call.in).map(([field, value]) => {
    const name = known && call.uses && Object.hasOwn(call.uses, field) ? call.uses[field] : undefined;
    if (name !== undefined) return field === main ? name : `${field}=${name}`;
    if (!known) return fieldText(field, value, field === "given" || field === "note" ? null : writeValue(value, { call: call.call, field, kind: null }));
    const kind = kindOf(def, field);
    const isField = kind !== null || field === "process";
    const text = isField && field !== "given" && field !== "note" ? writeValue(value, { call: call.call, field, kind }) : null;
    // Where an id is expected, a text would be taken for a name.
    return fieldText(field, value, typeof value === "string" && idKindOf(def, call.call, field) !== null && /^[A-Za-z_]\w*$/.test(value) && kind?.decode(value) === undefined ? null : text);
  });
  // A name alone stands first: it says what the call is about.
  const bare = main !== null && call.uses?.[main] !== undefined ? words.splice(Object.keys(call.in).indexOf(main), 1) : [];
  return [...(names.length > 0 ? [`${names.join(", ")} =`] : []), known ? call.call : JSON.stringify(call.call), ...bare, ...words].join(" ");
}

function isReadable(call: ScenarioCall, def: CallDef): boolean {
  return def.fieldList.every(([field, kind]) => (Object.hasOwn(call.in, field) ? kind.decode(call.in[field] as never) !== undefined : kind.absent !== undefined));
}
