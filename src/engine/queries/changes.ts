/** What a call began, changed and ended: for marks in the diagrams. */
import type { ObjectRef } from "../../kernel/answer.ts";
import type { ObjectSketch, PasidSpace } from "../../kernel/inspect.ts";
import type { Explained } from "../history.ts";
import type { StepChanges } from "./history-views.ts";
import { mergedPasids, mergedSketch } from "./merge.ts";

function things(objects: ObjectSketch, pasids: PasidSpace | null): Map<string, () => string> {
  const found = new Map<string, () => string>();
  for (const { key, build } of objects.nodes) found.set(key, () => build().label);
  for (const { id, key, state } of pasids?.ids ?? []) if (state !== "reserved") found.set(key, () => `IOASID ${id}`);
  return found;
}

/** What only the first has. */
function missing(from: Map<string, () => string>, others: Map<string, unknown>): ObjectRef[] {
  const found: ObjectRef[] = [];
  for (const [key, label] of from) if (!others.has(key)) found.push({ key, label: label() });
  return found;
}

/** Null when the call changed nothing. `objects` and `pasids` are those after it. */
export function changesOf({ trace, before }: Explained, objects: ObjectSketch, pasids: PasidSpace | null): StepChanges | null {
  if (trace.effects.length === 0) return null;
  const touched = new Set(trace.effects.flatMap((effect) => effect.objects.map((object) => object.key)));
  // Ids may be very many; most calls have nothing to do with them.
  const ids = [...touched].some((key) => key.startsWith("ioasid:"));
  const [was, is] = [things(mergedSketch(before), ids ? mergedPasids(before) : null), things(objects, ids ? pasids : null)];
  return {
    born: missing(is, was).map(({ key }) => key),
    changed: [...touched].filter((key) => was.has(key) && is.has(key)),
    gone: missing(was, is),
    ranges: trace.effects.flatMap(({ kind, range, objects: refs }) => (range === null ? [] : [{ first: range.first, last: range.last, what: kind === "map" ? "born" as const : kind === "unmap" ? "gone" as const : "changed" as const, keys: refs.map((object) => object.key) }])),
  };
}
