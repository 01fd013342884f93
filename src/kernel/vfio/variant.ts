import type { JsonObject } from "../../base/json.ts";
import type { CallTrace } from "../call-trace.ts";
import type { MachineConfig, VfioVariant } from "../config.ts";
import type { AttachRun } from "./attach.ts";
import { merged } from "./merged.ts";
import { rfcV2 } from "./rfc-v2.ts";
import type { Type1 } from "./type1.ts";

/** One detach on its way. */
export interface DetachRun {
  container: Type1;
  /** The group's name. */
  name: string;
  trace: CallTrace;
  /** Side effects in order, as recordings have them. */
  events: JsonObject[];
  /** Which insertion (from 1) into the valid list runs out of memory. */
  listInsert: number | null;
}

/** What the historic forms of type1 differ in: how groups come and go. Maps and unmaps are the same. */
export interface Type1Variant {
  /** True when the call succeeds; otherwise the trace knows the refusal. */
  attachGroup(run: AttachRun): boolean;
  /** Detaching never fails; the name of a fault when the real code could not go on, else null. */
  detachGroup(run: DetachRun): string | null;
  /** Knows the flags that came after 2018: VADDR, ALL and the dirty bitmap. */
  laterFlags: boolean;
}

const VARIANTS: Record<VfioVariant, Type1Variant> = { merged, "rfc-v2": rfcV2 };

export function variantOf(config: MachineConfig): Type1Variant {
  return VARIANTS[config.variants.vfio];
}
