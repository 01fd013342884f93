import type { CallDef } from "../call.ts";
import { accessCalls } from "./calls/access-calls.ts";
import { cdevCalls } from "./calls/cdev-calls.ts";
import { compatCalls } from "./calls/compat-calls.ts";
import { compatGroupCalls } from "./calls/compat-group-calls.ts";
import { dirtyCalls } from "./calls/dirty-calls.ts";
import { faultCalls } from "./calls/fault-calls.ts";
import { hwptCalls } from "./calls/hwpt-calls.ts";
import { ioasCalls } from "./calls/ioas-calls.ts";
import { mapCalls } from "./calls/map-calls.ts";
import { objectCalls } from "./calls/object-calls.ts";
import { processCalls } from "./calls/process-calls.ts";
import { rawCalls } from "./calls/raw-call.ts";
import { testCalls } from "./calls/test-calls.ts";

export const iommufdCalls: readonly CallDef[] = [
  ...ioasCalls, ...mapCalls, ...objectCalls, ...hwptCalls, ...dirtyCalls, ...faultCalls, ...cdevCalls, ...accessCalls, ...testCalls, ...processCalls, ...rawCalls,
];
/** VFIO containers and their groups as iommufd's compatibility layer answers for them. */
export const iommufdContainerCalls: readonly CallDef[] = [...compatCalls, ...compatGroupCalls];
