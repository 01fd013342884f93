import { ioasidPart } from "./ioasid/part.ts";
import { iommufdPart } from "./iommufd/part.ts";
import { Kernel } from "./kernel.ts";
import { vfioPart } from "./vfio/part.ts";

/** A kernel with everything in it. */
export const wholeKernel = new Kernel([iommufdPart, vfioPart, ioasidPart]);
