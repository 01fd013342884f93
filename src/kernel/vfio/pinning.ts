/** The memory behind a map: is it there, may the device use it, does an outside fact say otherwise? */
import { add, lengthOf, min, sub, type U64 } from "../../base/u64.ts";
import { rangeText } from "../../base/format.ts";
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

/** The address that a pointer names. */
export function addressOf(config: MachineConfig, pointer: Pointer): U64 {
  if ("va" in pointer) return pointer.va;
  const buffer = config.buffers?.find((known) => known.name === pointer.buffer);
  return add(buffer?.va ?? 0, pointer.offset);
}
