/** The order in which CPUs take turns, as people type it. */
import type { LaneTurn, LanesView } from "../../engine/views.ts";

export interface TypedOrder {
  turns: LaneTurn[];
  /** What is wrong with it; null when nothing is. */
  problem: string | null;
}

/** Reads "0 0 1 w 0": numbers of CPUs, and "w" for the next whole call of another task. Commas do as well as spaces. */
export function readOrder(text: string, cpus: readonly number[]): TypedOrder {
  const turns: LaneTurn[] = [];
  for (const word of text.split(/[\s,;]+/).filter((part) => part !== "")) {
    const turn = /^\d+$/.test(word) ? Number(word) : word.toLowerCase() === "w" ? "w" : null;
    if (turn === null) return { turns, problem: `“${word}” is neither the number of a CPU nor w.` };
    if (turn !== "w" && !cpus.includes(turn)) return { turns, problem: `There is no CPU ${turn} here, only ${cpus.join(" and ")}.` };
    turns.push(turn);
  }
  return turns.length === 0 ? { turns, problem: "Say whose turn it is, for example 0 0 1 0 1." } : { turns, problem: null };
}

/** The order with this CPU's next region moved to right after `step`; null when the CPU has nothing left after it. */
export function withTurnAt(lanes: LanesView, step: number, cpu: number): { turns: LaneTurn[]; shown: number; same: boolean } | null {
  const before = lanes.turns.filter((_turn, index) => (lanes.steps[index] ?? 0) <= step);
  const rest = lanes.turns.slice(before.length);
  const at = rest.indexOf(cpu);
  if (at < 0) return null;
  return { turns: [...before, cpu, ...rest.slice(0, at), ...rest.slice(at + 1)], shown: before.length, same: at === 0 };
}
