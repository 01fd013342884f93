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

/** Visits what is not ok, in order. There may be a million steps and hardly any of it, and more steps every few milliseconds. */
export function eachMark(marks: Uint8Array, visit: (index: number, mark: number) => void): void {
  const { buffer, byteOffset, length } = marks;
  const words = byteOffset % 4 === 0 ? new Uint32Array(buffer, byteOffset, length >> 2) : null;
  for (let index = 0; index < length; index++) {
    if (words && (index & 3) === 0) {
      let word = index >> 2;
      while (word < words.length && words[word] === 0) word++;
      index = word << 2;
      if (index >= length) return;
    }
    const mark = marks[index]!;
    if (mark !== MARK.ok) visit(index, mark);
  }
}

/** At most one tick per `slots`-th of the track; a difference outweighs a refusal. */
export function ticks(marks: Uint8Array, slots: number): Tick[] {
  const steps = marks.length;
  const bySlot = new Map<number, Tick>();
  eachMark(marks, (index, mark) => {
    const kind = KINDS[mark] ?? "refused";
    const at = (index + 1) / steps;
    const slot = Math.round(at * slots);
    const known = bySlot.get(slot);
    if (!known) bySlot.set(slot, { at, kind, count: 1, step: index + 1 });
    else {
      known.count++;
      if (WEIGHT.indexOf(kind) > WEIGHT.indexOf(known.kind)) known.kind = kind;
    }
  });
  return [...bySlot.values()];
}
