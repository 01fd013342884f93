import type { Machine } from "../kernel/machine.ts";

/** A machine as it was after `step` calls. Nobody changes it. */
export interface Kept {
  step: number;
  machine: Machine;
  /** About how many objects a copy of it makes. */
  cost: number;
  /** About how many objects it keeps in memory. */
  weight: number;
}

/** From here on a state is kept ever more rarely: copying it often would cost more than the calls themselves. */
const HEAVY = 32_000;
/** Objects of a space that copy themselves with it, uncounted. */
const SPACE = 2;

/** Copies a machine, to be kept or to go on with. */
export function copyOf(step: number, machine: Machine): Kept {
  const tally = { objects: 0 };
  const copy = machine.clone(tally);
  const { copied, stored, spaces } = mappingsOf(copy);
  const cost = tally.objects + SPACE * spaces + (copied >> 2);
  // Stores share what they hold, and have read back little of it.
  return { step, machine: copy, cost, weight: cost + (stored >> 3) };
}

/** The same for a machine that a run goes on with: big spaces leave their areas to the recorder, and take them back when someone looks. */
export function copyOfHead(step: number, head: Machine): Kept {
  const { recorder } = head.journal;
  if (!recorder) return copyOf(step, head);
  const tally = { objects: 0 };
  recorder.leavesAreas = true;
  try {
    const copy = head.clone(tally);
    const { copied, spaces } = mappingsOf(copy);
    const cost = tally.objects + SPACE * spaces + (copied >> 2);
    return { step, machine: copy, cost, weight: cost };
  } finally {
    recorder.leavesAreas = false;
  }
}

/** Mappings that are objects, which every copy of a machine copies, those in area stores, and how many spaces they are in. */
function mappingsOf(machine: Machine): { copied: number; stored: number; spaces: number } {
  const found = { copied: 0, stored: 0, spaces: 0 };
  for (const subsystem of machine.subsystems()) {
    for (const space of subsystem.spaces()) {
      found[space.store === undefined ? "copied" : "stored"] += space.mappingCount();
      found.spaces++;
    }
  }
  return found;
}

/** What it takes to look through a machine. */
export function sizeOf(machine: Machine): number {
  const { copied, stored } = mappingsOf(machine);
  return copied + stored;
}

/**
 * Machines kept along a run, so that any step is near one of them. When they weigh more than the budget, every other one
 * goes and the distance between new ones doubles: the memory is bounded, whatever the length of the run.
 */
export class Checkpoints {
  private kept: Kept[] = [];
  private weight = 0;
  private distance: number;
  private readonly budget: number;
  private last: Kept;

  constructor(first: Kept, options: { distance?: number; budget?: number } = {}) {
    this.distance = options.distance ?? 256;
    this.budget = options.budget ?? 400_000;
    this.last = first;
    this.add(first);
  }

  /** Is it time to keep the machine after `step` calls? What is dear to copy is kept less often, so that copying stays a small part of running. */
  isDue(step: number): boolean {
    const { step: last, weight } = this.last;
    return step - last >= Math.max(this.distance, weight >> 1, (weight - HEAVY) * 4);
  }

  add(kept: Kept): void {
    this.kept.push(kept);
    this.last = kept;
    this.weight += kept.weight;
    while (this.weight > this.budget && this.kept.length > 2) this.thin();
  }

  /** The last one not after `step`; step 0 is always there. */
  before(step: number): Kept {
    let low = 0;
    let high = this.kept.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.kept[middle] as Kept).step <= step) low = middle;
      else high = middle - 1;
    }
    return this.kept[low] as Kept;
  }

  get count(): number {
    return this.kept.length;
  }

  private thin(): void {
    this.distance *= 2;
    this.kept = this.kept.filter((_, index) => index % 2 === 0);
    this.weight = this.kept.reduce((sum, kept) => sum + kept.weight, 0);
  }
}

/** Machines visited lately, the least recently used thrown away first. */
export class Recent {
  private readonly machines = new Map<number, Kept>();
  private weight = 0;
  private readonly budget: number;
  private readonly most: number;

  constructor(options: { budget?: number; most?: number } = {}) {
    this.budget = options.budget ?? 300_000;
    this.most = options.most ?? 64;
  }

  get(step: number): Kept | null {
    const kept = this.machines.get(step);
    if (!kept) return null;
    this.machines.delete(step);
    this.machines.set(step, kept);
    return kept;
  }

  put(kept: Kept): void {
    const known = this.machines.get(kept.step);
    if (known) this.drop(known);
    this.machines.set(kept.step, kept);
    this.weight += kept.weight;
    for (const oldest of this.machines.values()) {
      // The two newest stay however heavy they are: a step on screen needs the machine before it and the one after it.
      if (this.machines.size <= 2 || (this.weight <= this.budget && this.machines.size <= this.most)) break;
      this.drop(oldest);
    }
  }

  clear(): void {
    this.machines.clear();
    this.weight = 0;
  }

  /** The last one not after `step`. */
  before(step: number): Kept | null {
    let best: Kept | null = null;
    for (const kept of this.machines.values()) if (kept.step <= step && (best === null || kept.step > best.step)) best = kept;
    return best;
  }

  private drop(kept: Kept): void {
    this.machines.delete(kept.step);
    this.weight -= kept.weight;
  }
}
