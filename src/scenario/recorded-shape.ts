/** A recorded answer without its values: what a link carries of an answer that the model gives too. */
import { firstDifference, isJsonObject, type Json, type JsonObject } from "../base/json.ts";
import type { RecordedAnswer, RecordedShape } from "./scenario.ts";

const VALUE_KEYS = ["errno", "out", "ret", "race_ret", "fault", "events", "state"] as const;

export function shapeOf(recorded: RecordedAnswer): RecordedShape {
  const shape: RecordedShape = { keys: VALUE_KEYS.filter((key) => recorded[key] !== undefined) };
  if (recorded.out) shape.out = Object.entries(recorded.out).flatMap(([name, value]) => (recorded.partial && isById(value) ? pathsOf(name, value) : [name]));
  if (recorded.partial) shape.partial = true;
  if (recorded.failed) shape.failed = true;
  return shape;
}

/** The recorded answer that has this shape and the values of the model's answer. */
export function answerOfShape(shape: RecordedShape, ours: RecordedAnswer): RecordedAnswer {
  const recorded: RecordedAnswer = {};
  for (const key of shape.keys) {
    if (key === "out") recorded.out = pick(ours.out, shape.out ?? []);
    else if (ours[key] !== undefined) Object.assign(recorded, { [key]: ours[key] });
  }
  if (shape.failed) recorded.failed = true;
  if (shape.partial) recorded.partial = true;
  return recorded;
}

/** Parts of a list of things with an `id`, of which a log knows some: "caps:1:nr_iovas". */
const PATH = /^(\w+):(\d+):(\w+)$/;

function isById(value: Json): value is JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every((entry) => isJsonObject(entry) && typeof entry.id === "number");
}

function pathsOf(name: string, list: JsonObject[]): string[] {
  return list.flatMap((entry) => Object.keys(entry).filter((field) => field !== "id").map((field) => `${name}:${entry.id as number}:${field}`));
}

function pick(out: JsonObject | undefined, names: string[]): JsonObject {
  const picked = new Map<string, Json>();
  for (const name of names) {
    const path = PATH.exec(name);
    if (path && out) pickById(picked, out, path as unknown as [string, string, string, string]);
    else if (out !== undefined && Object.hasOwn(out, name)) picked.set(name, out[name] as Json);
  }
  return Object.fromEntries(picked);
}

function pickById(picked: Map<string, Json>, out: JsonObject, [, name, id, field]: [string, string, string, string]): void {
  const source = out[name];
  const found = Array.isArray(source) ? source.find((entry): entry is JsonObject => isJsonObject(entry) && entry.id === Number(id)) : undefined;
  const list = (picked.get(name) ?? []) as JsonObject[];
  picked.set(name, list);
  const value = found?.[field];
  if (value === undefined) return;
  const known = list.find((entry) => entry.id === Number(id));
  if (known) known[field] = value;
  else list.push({ id: Number(id), [field]: value });
}

/** Would a link get this recorded answer back from the model's? The test to give to encodeLink. */
export function restores(recorded: RecordedAnswer, ours: RecordedAnswer): boolean {
  if (recorded.failed && (ours.errno === undefined || ours.errno === "OK")) return false;
  return firstDifference(recorded, answerOfShape(shapeOf(recorded), ours)) === null;
}

/**
 * First difference between a partly known answer and the model's; null when all that is known agrees. What is not known
 * says nothing, at any depth; entries of a list that have an `id` (capabilities of VFIO_IOMMU_GET_INFO) are found by it.
 */
export function differenceFromKnown(known: RecordedAnswer, ours: RecordedAnswer): { path: string; expected: unknown; got: unknown } | null {
  if (known.failed && (ours.errno === undefined || ours.errno === "OK")) return { path: "errno", expected: "an error", got: ours.errno };
  for (const key of VALUE_KEYS) {
    if (known[key] === undefined) continue;
    const found = knownDifference(known[key], ours[key], key);
    if (found) return found;
  }
  return null;
}

function knownDifference(known: unknown, ours: unknown, path: string): { path: string; expected: unknown; got: unknown } | null {
  if (isJsonObject(known) && isJsonObject(ours)) {
    for (const [name, value] of Object.entries(known)) {
      const found = knownDifference(value, ours[name], `${path}.${name}`);
      if (found) return found;
    }
    return null;
  }
  if (Array.isArray(known) && Array.isArray(ours) && known.length > 0 && known.every((entry) => isJsonObject(entry) && entry.id !== undefined)) {
    for (const entry of known as JsonObject[]) {
      const twin = ours.find((candidate) => isJsonObject(candidate) && candidate.id === entry.id);
      const found = knownDifference(entry, twin, `${path}[id ${JSON.stringify(entry.id)}]`);
      if (found) return found;
    }
    return null;
  }
  return firstDifference(known, ours, path);
}
