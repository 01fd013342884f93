/** Where the timeline's marks go: refusals and differences, never thinned out to nothing. */
import { MARK } from "../../engine/views.ts";

/** Pixels that a step needs to be a dot of its own. */
export const DOT_PX = 16;
/** Pixels that a number under a dot needs. */
export const LABEL_PX = 24;

/** Every how many steps a number fits under its dot, `gap` pixels apart: 1, 2, 5, 10, … */
export function labelEvery(gap: number): number {
  for (let decade = 1; ; decade *= 10) for (const digit of [1, 2, 5]) if (digit * decade * gap >= LABEL_PX) return digit * decade;
}

type TickKind = "damage" | "refused" | "diverges";
const KINDS: Readonly<Record<number, TickKind>> = { [MARK.refused]: "refused", [MARK.diverges]: "diverges", [MARK.damage]: "damage" };
/** What falls together shows as the last of these. */
const WEIGHT: readonly TickKind[] = ["refused", "damage", "diverges"];

export interface Tick {
  /** Share of the track, 0 to 1. */
  at: number;
  kind: TickKind;
  /** How many steps it stands for. */
  count: number;
  /** The first of them. */
  step: number;
}

/** At most one tick per `slots`-th of the track; a difference outweighs a refusal. */
export function ticks(marks: Uint8Array, slots: number): Tick[] {
  const steps = marks.length;
  const bySlot = new Map<number, Tick>();
  for (let index = 0; index < steps; index++) {
    const mark = marks[index];
    if (mark === MARK.ok) continue;
    const kind = KINDS[mark ?? MARK.refused] ?? "refused";
    const at = (index + 1) / steps;
    const slot = Math.round(at * slots);
    const known = bySlot.get(slot);
    if (!known) bySlot.set(slot, { at, kind, count: 1, step: index + 1 });
    else {
      known.count++;
      if (WEIGHT.indexOf(kind) > WEIGHT.indexOf(known.kind)) known.kind = kind;
    }
  }
  return [...bySlot.values()];
}
