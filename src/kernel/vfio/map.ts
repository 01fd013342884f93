import { lastOf, sub, U64_MAX, wraps, type U64 } from "../../base/u64.ts";
import { groupedHex, humanSize, rangeText } from "../../base/format.ts";
import type { JsonObject } from "../../base/json.ts";
import type { CallTrace } from "../call-trace.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { isWholePages } from "./attach.ts";
import type { Dma, DmaRequest } from "./dma.ts";
import { outsideList, overlap } from "./explain.ts";
import { containerRef, mappingRef } from "./refs.ts";
import type { Type1 } from "./type1.ts";
import { allows } from "./valid-list.ts";

export interface MapRequest extends DmaRequest {
  /** Only gives an invalidated mapping its new address. */
  readonly updateVaddr: boolean;
}

/**
 * Maps memory (vfio_dma_do_map, 6.1); unknown flags have been refused already. `pin` makes the checks of the memory and of
 * the IOMMU driver. True on success, else the trace knows the refusal: EINVAL, EEXIST, ENOENT, ENOSPC, EFAULT, ENOMEM.
 */
export function mapDma(container: Type1, request: MapRequest, trace: CallTrace, events: JsonObject[], pin: () => boolean): boolean {
  const { iova, size, vaddr, readable, writable, updateVaddr } = request;
  const page = container.page;
  if (!trace.holds(R["dma-access"], (readable || writable) !== updateVaddr)) return false;
  if (page > container.cpuPage) events.push({ warn: true });
  if (!trace.holds(R["dma-misaligned"], size !== 0 && isWholePages(size, page) && isWholePages(iova, page) && isWholePages(vaddr, page), () => ({
    objects: [containerRef(container.number)], note: misalignment(request, page),
  }))) return false;
  if (!trace.holds(R["dma-wraps"], !wraps(iova, size) && !wraps(vaddr, size), () => ({
    note: `the last address that fits ${humanSize(size)} is ${groupedHex(sub(U64_MAX, sub(size, 1)))}`,
  }))) return false;
  const last = lastOf(iova, size);
  const range = { first: iova, last };
  const found = container.overlapping(range);
  if (updateVaddr) return updateAddress(container, request, found, trace);
  if (!trace.holds(R["dma-overlaps-mapping"], found === null, () => (found ? overlap(container, range) : { range }))) return false;
  if (!trace.holds(R["dma-entry-limit"], container.dmaAvail > 0, () => ({
    objects: [containerRef(container.number)], note: `${container.mappings.count} of ${container.entryLimit} mappings exist`,
  }))) return false;
  const valid = allows(container.list, iova, last);
  if (!trace.holds(R["dma-outside-valid-list"], valid, () => (valid ? { objects: [containerRef(container.number)], range } : outsideList(container, range)))) return false;
  // Without a domain nothing is pinned: the memory is not even looked at.
  if (container.domains.length > 0 && !pin()) return false;
  const dma = container.addMapping(request);
  trace.effect("map", () => ({
    objects: [mappingRef(container, dma), containerRef(container.number)], range,
    text: `${rangeText(iova, last)} is mapped${dma.mapped ? "" : " in the books only: no IOMMU is there yet"}`,
  }));
  return true;
}

function misalignment({ iova, size, vaddr }: MapRequest, page: U64): string {
  if (size === 0) return "size is 0";
  const wrong = Object.entries({ iova, size, vaddr }).filter(([, value]) => !isWholePages(value, page));
  const pages = `the smallest page is ${humanSize(page)}`;
  return wrong.length === 0 ? pages : `${wrong.map(([name, value]) => `${name} ${groupedHex(value)}`).join(", ")}: ${pages}`;
}

function updateAddress(container: Type1, { iova, size, vaddr }: MapRequest, found: Dma | null, trace: CallTrace): boolean {
  const objects = () => (found ? [mappingRef(container, found)] : [containerRef(container.number)]);
  if (!trace.holds(R["dma-vaddr-no-mapping"], found !== null, () => ({ objects: objects() })) || !found) return false;
  if (!trace.holds(R["dma-vaddr-not-pending"], found.vaddrInvalid && found.iova === iova && found.size === size, () => ({ objects: objects() }))) return false;
  container.mappings.moveTo(found, vaddr);
  container.pendingVaddrs--;
  trace.effect("memory", () => ({ objects: objects(), text: `the mapping's memory is now at ${groupedHex(vaddr)}` }));
  return true;
}
