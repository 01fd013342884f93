/** Where the timeline marks differences between two runs, never thinned out to nothing. */
import { PART } from "../../engine/views.ts";

export interface PartTick {
  /** The first step that it stands for. */
  step: number;
  part: number;
}

/** Steps that differ anew, at most one per `slots`-th of the track; an answer outweighs a state. */
export function partTicks(parts: Uint8Array, steps: number, slots: number): PartTick[] {
  const bySlot = new Map<number, PartTick>();
  for (let index = 0; index < Math.min(parts.length, steps); index++) {
    const part = parts[index];
    if (part !== PART.answer && part !== PART.state) continue;
    const slot = Math.round(((index + 1) / steps) * slots);
    const known = bySlot.get(slot);
    if (!known) bySlot.set(slot, { step: index + 1, part });
    else if (part === PART.answer) known.part = part;
  }
  return [...bySlot.values()];
}
