/** A guest's memory map as the mappings VFIO would ask for, in address order. */
import { add, addWrap, alignDown, alignUp, hex, sub } from "../../base/u64.ts";
import type { Facts, GuestRange } from "../readers/facts.ts";
import { LegacyContainer } from "./legacy.ts";
import type { Roster } from "./roster.ts";
import { pieces, Steps } from "./steps.ts";

const PAGE = 4096;
/** VFIO_DMA_MAP_FLAG_READ, and _WRITE with it. */
const READ_ONLY = 1;
const READ_WRITE = 3;
/** Where a VMM's own mappings usually lie; the map tells no user addresses. */
const SOME_VA = 0x7f00_0000_0000;

export function guestMapCalls(ranges: GuestRange[], facts: Facts, roster: Roster, input: string): Steps {
  const steps = new Steps(facts.keepsOrigins);
  const device = roster.device(null);
  new LegacyContainer(steps, roster, facts).attach(device.group, device.name, "implied: what VFIO does with this map");
  for (const range of ranges) {
    if (range.type !== "ram" && range.type !== "rom" && range.type !== "ramd" && range.type !== "nv-ram") continue;
    const first = alignUp(range.first, PAGE);
    const end = alignDown(add(range.last, 1), PAGE);
    if (end <= first) continue;
    steps.from(input, range.line);
    const flags = range.type === "rom" ? READ_ONLY : READ_WRITE;
    for (const { start, size } of pieces(first, sub(end, 1))) {
      // Any page of the space of user addresses will do.
      const vaddr = addWrap(SOME_VA, alignDown(range.offset ?? start, PAGE));
      steps.add("VFIO_IOMMU_MAP_DMA", { argsz: 32, flags, vaddr: hex(vaddr), iova: hex(start), size: hex(size) }, { note: range.name });
    }
  }
  return steps;
}
