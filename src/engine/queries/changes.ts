/** What a call began, changed and ended: for marks in the diagrams. */
import type { ObjectRef } from "../../kernel/answer.ts";
import type { ObjectGraph, PasidSpace } from "../../kernel/inspect.ts";
import type { Explained } from "../history.ts";
import type { StepChanges } from "./history-views.ts";
import { mergedGraph, mergedPasids } from "./merge.ts";

function things(graph: ObjectGraph, pasids: PasidSpace | null): Map<string, ObjectRef> {
  const found = new Map<string, ObjectRef>(graph.nodes.map(({ key, label }) => [key, { key, label }]));
  for (const { id, key, state } of pasids?.ids ?? []) if (state !== "reserved") found.set(key, { key, label: `IOASID ${id}` });
  return found;
}

/** Null when the call changed nothing. `graph` and `pasids` are those after it. */
export function changesOf({ trace, before }: Explained, graph: ObjectGraph, pasids: PasidSpace | null): StepChanges | null {
  if (trace.effects.length === 0) return null;
  const touched = new Set(trace.effects.flatMap((effect) => effect.objects.map((object) => object.key)));
  // Ids may be very many; most calls have nothing to do with them.
  const ids = [...touched].some((key) => key.startsWith("ioasid:"));
  const [was, is] = [things(mergedGraph(before), ids ? mergedPasids(before) : null), things(graph, ids ? pasids : null)];
  return {
    born: [...is.keys()].filter((key) => !was.has(key)),
    changed: [...touched].filter((key) => was.has(key) && is.has(key)),
    gone: [...was.values()].filter(({ key }) => !is.has(key)),
    ranges: trace.effects.flatMap(({ kind, range, objects }) => (range === null ? [] : [{ first: range.first, last: range.last, what: kind === "map" ? "born" as const : kind === "unmap" ? "gone" as const : "changed" as const, keys: objects.map((object) => object.key) }])),
  };
}
