/** What a person has marked (or points at) in any panel: an object by its key, or a range of addresses. */
import { hex, parseU64 } from "../../base/u64.ts";
import type { ObjectRef, Range } from "../../kernel/answer.ts";

export type Selection = { key: string } | { range: Range };

/** Do two selections mark the same thing? */
export function sameSelection(left: Selection | null, right: Selection | null): boolean {
  if (left === right) return true;
  if (!left || !right) return false;
  return selectionText(left) === selectionText(right);
}

/** Is this object marked? */
export function marksKey(selection: Selection | null, key: string): boolean {
  return selection !== null && "key" in selection && selection.key === key;
}

/** Is this very range marked? */
export function marksRange(selection: Selection | null, range: Range | null): boolean {
  if (selection === null || range === null || !("range" in selection)) return false;
  return selection.range.first === range.first && selection.range.last === range.last;
}

/** Does something that concerns these objects and this range belong to the selection? */
export function touches(selection: Selection | null, objects: readonly ObjectRef[], range: Range | null): boolean {
  if (selection === null) return false;
  if ("key" in selection) return objects.some((object) => object.key === selection.key);
  return range !== null && range.first <= selection.range.last && selection.range.first <= range.last;
}

/** The form in which links carry a selection: an object's key, or "0x1000-0x1fff" (inclusive). */
export function selectionText(selection: Selection): string {
  return "key" in selection ? selection.key : `${hex(selection.range.first)}-${hex(selection.range.last)}`;
}

/** Reads what `selectionText` wrote; anything that is no range is taken as a key. */
export function selectionFromText(text: string): Selection {
  const parts = /^(0x[0-9a-f]+)-(0x[0-9a-f]+)$/.exec(text);
  const first = parts ? parseU64(parts[1]) : null;
  const last = parts ? parseU64(parts[2]) : null;
  return first !== null && last !== null && first <= last ? { range: { first, last } } : { key: text };
}
