/** The memory behind a map: is it there, may the device use it, may it be locked, does an outside fact say otherwise? */
import { lastOf, toBig, type U64 } from "../../base/u64.ts";
import { plural, rangeText } from "../../base/format.ts";
import type { Given } from "../call.ts";
import type { CallTrace, Evidence } from "../call-trace.ts";
import type { Machine } from "../machine.ts";
import { vfioRules as R } from "../rules/vfio.ts";

/** The checks of memory and driver when only outside facts can make them fail. */
export function pinnedAsGiven(trace: CallTrace, given: Given | null): boolean {
  const pin = given?.pin;
  const note = given?.source ?? "";
  if (pin === "ENOMEM") return trace.holds(R["dma-lock-limit"], false, () => ({ note }));
  if (pin !== undefined) return trace.holds(R["dma-pin-faults"], false, () => ({ note }), pin);
  const driver = given?.driver;
  return trace.holds(R["dma-driver-map"], driver === undefined, () => ({ note: driver === undefined ? "" : note }), driver);
}

/** Pages of 4 KiB in `size` bytes. */
export function pagesIn(size: U64): number {
  return Number(toBig(size) >> 12n);
}

/**
 * Pins `size` bytes at `va` of a process and counts them as locked: EFAULT, ENOMEM, or what an outside fact says. Nothing
 * stays counted after a refusal.
 */
export function pinMemory(machine: Machine, process: number, trace: CallTrace, given: Given | null, va: U64, size: U64, write: boolean): boolean {
  const { accounting, memory } = machine;
  if (given?.pin) return pinnedAsGiven(trace, given);
  if (!trace.holds(R["dma-pin-faults"], memory.isUsable(process, va, size, write), () => memoryEvidence(machine, process, va, size, write))) return false;
  const pages = pagesIn(size);
  const before = accounting.charged("mm", process);
  if (!trace.holds(R["dma-lock-limit"], accounting.charge("mm", process, pages), () => {
    const { limit } = accounting.of(process);
    return { note: `${plural(pages, "page")} more than the ${before} locked already${limit === null ? "; there is no limit" : `; the limit is ${limit}`}` };
  })) return false;
  if (!pinnedAsGiven(trace, given)) {
    accounting.charge("mm", process, -pages);
    return false;
  }
  if (memory.processes > 1) memory.unshare(process, va, size);
  return true;
}

function memoryEvidence({ memory }: Machine, process: number, va: U64, size: U64, write: boolean): Evidence {
  const range = `memory ${rangeText(va, lastOf(va, size))}`;
  if (memory.isUsable(process, va, size, write)) return { note: range };
  if (memory.isUsable(process, va, size, false)) return { note: `${range} is read-only, and the device may write` };
  return { note: memory.bufferOf(va) ? `not all of ${range} is mapped in the process` : `${range} is not mapped in the process` };
}
