import type { CallDef } from "../call.ts";

export const mmCalls: readonly CallDef[] = [];
