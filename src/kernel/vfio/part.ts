import type { Part } from "../kernel.ts";
import { vfioCalls, vfioContainerCalls } from "./calls.ts";
import { Vfio } from "./vfio.ts";

export const vfioPart: Part = { name: "vfio", calls: vfioCalls, containerCalls: vfioContainerCalls, build: ({ config, journal }) => ({ vfio: new Vfio(config, journal) }) };
