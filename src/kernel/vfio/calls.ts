import type { CallDef } from "../call.ts";
import { abstractCalls } from "./abstract-calls.ts";

export const vfioCalls: readonly CallDef[] = [...abstractCalls];
/** VFIO container ioctls as type1 answers them. */
export const vfioContainerCalls: readonly CallDef[] = [];
