/** Where the timeline marks differences between two runs, never thinned out to nothing. */
import { PART } from "../../engine/views.ts";

export interface PartTick {
  /** The first step that it stands for. */
  step: number;
  part: number;
}

const WEIGHT: Readonly<Record<number, number>> = { [PART.path]: 1, [PART.state]: 2, [PART.answer]: 3 };

/** Steps that differ anew, at most one per `slots`-th of the track; an answer outweighs a state, a state the way there. */
export function partTicks(parts: Uint8Array, steps: number, slots: number): PartTick[] {
  const bySlot = new Map<number, PartTick>();
  for (let index = 0; index < Math.min(parts.length, steps); index++) {
    const part = parts[index];
    if (part === undefined || WEIGHT[part] === undefined) continue;
    const slot = Math.round(((index + 1) / steps) * slots);
    const known = bySlot.get(slot);
    if (!known) bySlot.set(slot, { step: index + 1, part });
    else if (WEIGHT[part] > (WEIGHT[known.part] ?? 0)) known.part = part;
  }
  return [...bySlot.values()];
}
