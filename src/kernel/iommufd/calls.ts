import type { CallDef } from "../call.ts";

export const iommufdCalls: readonly CallDef[] = [];
/** VFIO container ioctls as iommufd's compatibility layer answers them. */
export const iommufdContainerCalls: readonly CallDef[] = [];
