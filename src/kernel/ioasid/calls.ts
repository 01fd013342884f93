import type { CallDef } from "../call.ts";

export const ioasidCalls: readonly CallDef[] = [];
