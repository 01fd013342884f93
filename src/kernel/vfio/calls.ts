import type { CallDef } from "../call.ts";
import { abstractCalls } from "./abstract-calls.ts";
import { containerCalls } from "./container-calls.ts";
import { dirtyCalls } from "./dirty-calls.ts";
import { groupCalls } from "./group-calls.ts";

export const vfioCalls: readonly CallDef[] = [...abstractCalls, ...groupCalls, ...dirtyCalls];
/** VFIO container ioctls as type1 answers them. */
export const vfioContainerCalls: readonly CallDef[] = containerCalls;
