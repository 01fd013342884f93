import type { Part } from "../kernel.ts";
import { mmCalls } from "../mm/calls.ts";
import { Mm } from "../mm/mm.ts";
import { ioasidCalls } from "./calls.ts";
import { Ioasid } from "./ioasid.ts";

/** The allocator, and the PASID of a process that takes its ids from it. */
export const ioasidPart: Part = {
  name: "ioasid",
  calls: [...ioasidCalls, ...mmCalls],
  containerCalls: [],
  build: ({ config }) => {
    const ioasid = new Ioasid(config);
    return { ioasid, mm: new Mm(config, ioasid) };
  },
};
