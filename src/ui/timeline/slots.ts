/** What the timeline's marks stand for, slot by slot. Pure. */
import { MARK, type TimelineView } from "../../engine/views.ts";
import { eachMark } from "./marks.ts";

/** Marks of one errno, or of one call. */
export interface MarkFilter {
  by: "outcome" | "call";
  name: string;
}

/** As much of a timeline as is to be seen: lessons keep what comes to themselves. Null when it can't be cut there. */
export function shownSlots(view: TimelineView, steps: number): number | null {
  if (steps === view.steps) return view.slots;
  return view.slots === view.steps && steps < view.steps ? steps : null;
}

export interface Counted {
  name: string;
  count: number;
}

/** Names with how many of the first `slots` slots' steps they have, the most frequent first. */
export function counted(names: readonly Counted[], table: Uint32Array, slots: number): Counted[] {
  const counts = new Float64Array(names.length);
  for (let at = 0; at < slots * names.length; at++) counts[at % names.length]! += table[at]!;
  return names
    .map(({ name }, index) => ({ name, count: counts[index]! }))
    .filter((each) => each.count > 0)
    .toSorted((one, other) => other.count - one.count);
}

/** The steps of a slot, both included. */
export function stepsOf(slot: number, steps: number, slots: number): { first: number; last: number } {
  return { first: Math.ceil((slot * steps) / slots) + 1, last: Math.ceil(((slot + 1) * steps) / slots) };
}

/** Per slot the share of its steps that the filter is about; undefined names count nothing. */
export function sharesOf(view: TimelineView, filter: MarkFilter, slots: number): Float32Array {
  const [names, table] = filter.by === "outcome" ? [view.outcomes, view.byOutcome] : [view.calls, view.byCall];
  const index = names.findIndex((each) => each.name === filter.name);
  return Float32Array.from({ length: slots }, (_, slot) => {
    const { first, last } = stepsOf(slot, view.steps, view.slots);
    return index < 0 ? 0 : table[slot * names.length + index]! / Math.max(1, last - first + 1);
  });
}

export type SlotKind = "refused" | "damage" | "diverges";
const WEIGHT: Readonly<Record<number, SlotKind>> = { [MARK.refused]: "refused", [MARK.damage]: "damage", [MARK.diverges]: "diverges" };
const ORDER: readonly SlotKind[] = ["refused", "damage", "diverges"];

/** Per slot the weightiest mark in it and its share; null: all went well. */
export function kindsOf(marks: Uint8Array, slots: number): ({ kind: SlotKind; share: number } | null)[] {
  const found: ({ kind: SlotKind; share: number } | null)[] = Array.from({ length: slots }, () => null);
  const steps = marks.length;
  eachMark(marks, (index, mark) => {
    const kind = WEIGHT[mark] ?? "refused";
    const slot = Math.floor((index * slots) / steps);
    const known = found[slot];
    const { first, last } = stepsOf(slot, steps, slots);
    const part = 1 / Math.max(1, last - first + 1);
    if (!known) found[slot] = { kind, share: part };
    else {
      known.share += part;
      if (ORDER.indexOf(kind) > ORDER.indexOf(known.kind)) known.kind = kind;
    }
  });
  return found;
}

/** How many steps have each kind of mark. */
export function kindCounts(marks: Uint8Array): Readonly<Record<SlotKind, number>> {
  const counts: Record<SlotKind, number> = { refused: 0, damage: 0, diverges: 0 };
  eachMark(marks, (_, mark) => counts[WEIGHT[mark] ?? "refused"]++);
  return counts;
}

const MOST_NAMED = 3;

/** "steps 12,000–12,713: 3 EINVAL, 711 OK; 714 IOMMU_IOAS_MAP". */
export function slotText(view: TimelineView, slot: number): { title: string; lines: string[] } {
  const { first, last } = stepsOf(slot, view.steps, view.slots);
  const named = (names: readonly Counted[], table: Uint32Array): Counted[] =>
    names.map(({ name }, index) => ({ name, count: table[slot * names.length + index]! })).filter((each) => each.count > 0).toSorted((one, other) => other.count - one.count);
  const outcomes = named(view.outcomes, view.byOutcome);
  const calls = named(view.calls, view.byCall);
  if (first === last) return { title: `step ${first.toLocaleString("en")}`, lines: [`${calls[0]?.name ?? ""} → ${outcomes[0]?.name ?? ""}`] };
  const text = (all: Counted[]): string => {
    const parts = all.slice(0, MOST_NAMED).map((each) => `${each.count.toLocaleString("en")} ${each.name}`);
    return all.length > MOST_NAMED ? `${parts.join(", ")} and ${all.length - MOST_NAMED} other kinds` : parts.join(", ");
  };
  // Refusals are what one looks for.
  const refused = outcomes.filter((each) => each.name !== "OK");
  const fine = outcomes.find((each) => each.name === "OK")?.count ?? 0;
  const outcomeLine = refused.length === 0 ? "none refused" : `refused: ${text(refused)}${fine > 0 ? `; ${fine.toLocaleString("en")} OK` : ""}`;
  return { title: `steps ${first.toLocaleString("en")}–${last.toLocaleString("en")}`, lines: [outcomeLine, text(calls)] };
}
