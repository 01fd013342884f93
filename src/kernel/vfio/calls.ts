import type { CallDef } from "../call.ts";

export const vfioCalls: readonly CallDef[] = [];
/** VFIO container ioctls as type1 answers them. */
export const vfioContainerCalls: readonly CallDef[] = [];
