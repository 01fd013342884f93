/** Dirty tracking of type1: without help of the hardware, every mapped page of a group with an IOMMU counts as dirty. */
import { add, addWrap, max, min, sub, U64_MAX, wraps, type U64 } from "../../base/u64.ts";
import { humanSize, rangeText } from "../../base/format.ts";
import type { CallTrace } from "../call-trace.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { isWholePages } from "./attach.ts";
import { containerRef, mappingRef, rangeOf } from "./refs.ts";
import type { Type1 } from "./type1.ts";

const MAX_BITMAP = 2 ** 28;

/** Is a bitmap of `bytes` right for `pages` pages (verify_bitmap_size)? */
export function bitmapFits(pages: U64, bytes: U64): boolean {
  const needed = (BigInt(pages) + 63n) / 64n * 8n;
  return pages !== 0 && bytes !== 0 && bytes <= MAX_BITMAP && bytes >= needed;
}

/** How many smallest pages of [iova, iova + size) are reported dirty; null when refused with EINVAL. */
export function dirtyPages(container: Type1, iova: U64, size: U64, bitmapPage: U64, trace: CallTrace): U64 | null {
  const { page } = container;
  const fits = bitmapPage === page && isWholePages(iova, page) && size !== 0 && isWholePages(size, page) && !wraps(iova, size);
  if (!trace.holds(R["dirty-range"], fits, () => ({ objects: [containerRef(container.number)], note: `the smallest page is ${humanSize(page)}` }))) return null;
  if (!trace.holds(R["dirty-tracking-started"], container.dirtyTracking)) return null;
  const end = addWrap(iova, size);
  const last = end === 0 ? U64_MAX : sub(end, 1);
  const lowest = container.mappings.find(iova, addWrap(iova, 1));
  const highest = container.mappings.find(last, last);
  const cut = lowest && lowest.iova !== iova ? lowest : highest && highest.end !== end ? highest : null;
  if (!trace.holds(R["dirty-cuts-mapping"], cut === null, () =>
    cut
      ? { objects: [mappingRef(container, cut)], range: rangeOf(cut), note: `the mapping is ${rangeText(rangeOf(cut).first, rangeOf(cut).last)}` }
      : { objects: [containerRef(container.number)] })) return null;
  let bytes: U64 = 0;
  for (let dma = container.mappings.firstFrom(iova); dma && dma.iova <= last; dma = container.mappings.next(dma)) {
    if (!dma.mapped) continue;
    const range = rangeOf(dma);
    bytes = add(bytes, add(sub(min(range.last, last), max(range.first, iova)), 1));
  }
  return Number(BigInt(bytes) / BigInt(page));
}
