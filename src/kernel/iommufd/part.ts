import type { Part } from "../kernel.ts";
import { iommufdCalls, iommufdContainerCalls } from "./calls.ts";
import { Iommufd } from "./iommufd.ts";

export const iommufdPart: Part = {
  name: "iommufd",
  calls: iommufdCalls,
  containerCalls: iommufdContainerCalls,
  build: ({ config, host, memory, accounting, journal }) => ({ iommufd: new Iommufd(config, host, memory, accounting, journal) }),
};
