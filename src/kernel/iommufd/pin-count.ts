/** How often each page of memory is pinned: once per set of pages that needs it. Costs a walk over everything mapped. */
import { lengthOf, U64_MAX } from "../../base/u64.ts";
import { PAGE_SIZE, type Frame } from "../memory/buffers.ts";
import type { Iommufd } from "./iommufd.ts";
import { frameOf } from "./pin.ts";

/** Pages looked at: more than any test has. Where nothing is known of the memory, mappings may be endless. */
const LIMIT = 1 << 22;

/** A function that tells how many sets of pages have pinned a frame. */
export function pinCounts(iommufd: Iommufd): (frame: Frame) => number {
  const counts = new Map<Frame, number>();
  const count = (frame: Frame | null): void => {
    if (frame !== null && counts.size < LIMIT) counts.set(frame, (counts.get(frame) ?? 0) + 1);
  };
  for (const context of iommufd.contexts) {
    for (const pages of context.pages.all.values()) {
      for (const span of pages.pinned()) for (let index = span.first; index <= Math.min(span.last, span.first + LIMIT); index++) count(frameOf(iommufd, pages, index));
    }
    for (const ioas of context.of("IOAS")) {
      if (ioas.table.domains.length === 0) continue;
      ioas.table.areas.each(0, U64_MAX, (area) => {
        if (area.ref === 0) {
          const start = Number(area.va) - (Number(area.va) % PAGE_SIZE);
          const end = Number(area.va) + Math.min(Number(lengthOf(area.first, area.last)), LIMIT * PAGE_SIZE);
          for (let va = start; va < end; va += PAGE_SIZE) count(iommufd.memory.frameAt(0, va));
        }
        return true;
      });
    }
  }
  return (frame) => counts.get(frame) ?? 0;
}
