/** VFIO_IOMMU_GET_INFO of type1: the fixed part and the chain of capabilities. Sizes in bytes. */
import { hex } from "../../base/u64.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Type1 } from "./type1.ts";

/** Up to and with iova_pgsizes: the smallest argsz. */
export const INFO_MIN = 16;
const INFO_SIZE = 24;
const HAS_PAGE_SIZES = 1;
const HAS_CAPS = 2;
/** The largest bitmap that a dirty-page call takes. */
const MAX_DIRTY_BITMAP = 2 ** 28;

/** The capabilities in the kernel's order; IOVA ranges are absent while the list is empty. */
function capabilities(container: Type1): { size: number; cap: JsonObject }[] {
  const caps = [
    { size: 32, cap: { id: 2, version: 1, pgsize_bitmap: hex(container.page), max_dirty_bitmap_size: hex(MAX_DIRTY_BITMAP) } as JsonObject },
    { size: 16, cap: { id: 3, version: 1, avail: container.dmaAvail } as JsonObject },
  ];
  if (container.list.length > 0) {
    const iova_ranges = container.list.map((valid) => ({ start: hex(valid.first), end: hex(valid.last) }));
    caps.push({ size: 16 + 16 * iova_ranges.length, cap: { id: 1, version: 1, nr_iovas: iova_ranges.length, iova_ranges } });
  }
  return caps;
}

/** The output fields for a caller with `argsz` bytes; too small for the capabilities: argsz tells the need, cap_offset is 0. */
export function infoFor(container: Type1, argsz: number): Record<string, unknown> {
  const chain = capabilities(container);
  const needed = chain.reduce((size, { size: more }) => size + more, INFO_SIZE);
  const fixed = { flags: HAS_PAGE_SIZES + HAS_CAPS, iova_pgsizes: container.pageSizes };
  if (argsz < INFO_SIZE) return { argsz: needed, ...fixed };
  if (argsz < needed) return { argsz: needed, ...fixed, cap_offset: 0, caps: [] };
  let offset = INFO_SIZE;
  const caps = chain.map(({ size, cap }) => {
    const placed = { ...cap, offset };
    offset += size;
    return placed;
  });
  return { argsz, ...fixed, cap_offset: INFO_SIZE, caps };
}
