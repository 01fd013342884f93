/** The memory behind a map: is it there, may the device use it, does an outside fact say otherwise? */
import { add, lastOf, type U64 } from "../../base/u64.ts";
import { groupedHex, rangeText } from "../../base/format.ts";
import type { Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { BufferConfig, MachineConfig } from "../config.ts";
import type { Pointer } from "../fields.ts";
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

/** The checks of memory and driver for `size` bytes at `va`: EFAULT, ENOMEM, or what an outside fact says. */
export function pinMemory(config: MachineConfig, trace: CallTrace, given: Given | null, va: U64, size: U64, write: boolean): boolean {
  if (!given?.pin && !trace.holds(R["dma-pin-faults"], firstFault(config.buffers, va, size, write) === null, () => memoryEvidence(config, va, size, write))) return false;
  return pinnedAsGiven(trace, given);
}

function memoryEvidence(config: MachineConfig, va: U64, size: U64, write: boolean): { note: string } {
  const fault = firstFault(config.buffers, va, size, write);
  if (fault === null) return { note: `memory ${rangeText(va, lastOf(va, size))}` };
  const readOnly = bufferAt(config.buffers ?? [], fault) !== null;
  return { note: readOnly ? `the memory at ${groupedHex(fault)} is read-only and the device may write` : `nothing is mapped at ${groupedHex(fault)} in the process` };
}

function bufferAt(buffers: readonly BufferConfig[], va: U64): BufferConfig | null {
  return buffers.find((buffer) => va >= buffer.va && va <= lastOf(buffer.va, buffer.size)) ?? null;
}

/** The first address that can't be pinned; null when all can. Without known buffers every address is good. */
function firstFault(buffers: readonly BufferConfig[] | null, va: U64, size: U64, write: boolean): U64 | null {
  if (buffers === null) return null;
  const last = lastOf(va, size);
  let from = va;
  while (from <= last) {
    const buffer = bufferAt(buffers, from);
    if (!buffer || (write && buffer.kind.endsWith("readonly"))) return from;
    from = add(buffer.va, buffer.size);
  }
  return null;
}

/** The address that a pointer names. */
export function addressOf(config: MachineConfig, pointer: Pointer): U64 {
  if ("va" in pointer) return pointer.va;
  const buffer = config.buffers?.find((known) => known.name === pointer.buffer);
  return add(buffer?.va ?? 0, pointer.offset);
}
