import { add, addWrap, lastOf, sub, U64_MAX, wraps, type U64 } from "../../base/u64.ts";
import { groupedHex, humanSize, plural, rangeText } from "../../base/format.ts";
import type { JsonObject } from "../../base/json.ts";
import type { ObjectRef } from "../answer.ts";
import type { CallTrace, Evidence } from "../call-trace.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { isWholePages } from "./attach.ts";
import type { Dma } from "./dma.ts";
import { containerRef, groupRef, mappingRef, rangeOf } from "./refs.ts";
import type { Type1 } from "./type1.ts";

/** An unmap of more mappings than this is told as one effect. */
const TOLD_ONE_BY_ONE = 8;

/** Bytes. */
export interface UnmapRequest {
  iova: U64;
  size: U64;
  all: boolean;
  /** Only takes the mappings' addresses away. */
  invalidateVaddr: boolean;
  /** The page size of the dirty bitmap that is asked for; null when none is. */
  dirtyPage: U64 | null;
}

/**
 * Unmaps a range (vfio_dma_do_unmap, 6.1); unknown flags have been refused already. How many bytes went, or null when the
 * call was refused with EINVAL or EBUSY. A v1 container removes whole mappings from the first one that starts in the range;
 * v2 refuses to cut one.
 */
export function unmapDma(container: Type1, request: UnmapRequest, trace: CallTrace, events: JsonObject[]): U64 | null {
  const { iova, all, invalidateVaddr, dirtyPage } = request;
  const page = container.page;
  if (invalidateVaddr && !trace.holds(R["unmap-vaddr-emulated"], container.emulated.length === 0, () => ({
    objects: container.emulated.map((group) => groupRef(group.name)),
  }))) return null;
  if (!trace.holds(R["unmap-misaligned"], isWholePages(iova, page), () => pageEvidence(container))) return null;
  let size = request.size;
  if (all) {
    if (!trace.holds(R["unmap-all-is-bare"], iova === 0 && size === 0)) return null;
    size = U64_MAX;
  } else if (!trace.holds(R["unmap-misaligned"], size !== 0 && isWholePages(size, page) && !wraps(iova, size), () => pageEvidence(container))) {
    return null;
  }
  if (dirtyPage !== null && !trace.holds(R["unmap-dirty-tracking"], container.dirtyTracking && dirtyPage === page, () => ({
    note: container.dirtyTracking ? `the smallest page is ${humanSize(page)}` : "dirty tracking is off",
  }))) return null;
  if (page > container.cpuPage) events.push({ warn: true });
  if (container.v2 && !all && !cutsNothing(container, iova, size, trace)) return null;
  const end = addWrap(iova, size);
  return invalidateVaddr ? invalidate(container, iova, end, trace) : removeFrom(container, iova, end, trace);
}

function pageEvidence(container: Type1): Evidence {
  return { objects: [containerRef(container.number)], note: `the smallest page is ${humanSize(container.page)}` };
}

/** v2: no mapping may stick out of the range at either end. */
function cutsNothing(container: Type1, iova: U64, size: U64, trace: CallTrace): boolean {
  const end = addWrap(iova, size);
  const lowest = container.mappings.find(iova, addWrap(iova, 1));
  if (!trace.holds(R["unmap-cuts-mapping"], lowest === null || lowest.iova === iova, () => cutBy(container, lowest))) return false;
  const lastByte = subOne(end);
  const highest = container.mappings.find(lastByte, lastByte);
  return trace.holds(R["unmap-cuts-mapping"], highest === null || highest.end === end, () => cutBy(container, highest));
}

function subOne(end: U64): U64 {
  return end === 0 ? U64_MAX : sub(end, 1);
}

function cutBy(container: Type1, dma: Dma | null): Evidence {
  if (!dma) return { objects: [containerRef(container.number)] };
  const range = rangeOf(dma);
  return {
    objects: [mappingRef(container, dma), containerRef(container.number)], range, note: `the mapping is ${rangeText(range.first, range.last)}`,
    advice: { text: "Unmap the whole mapping, or map in the pieces that will be unmapped.", fits: [range], objects: [mappingRef(container, dma)] },
  };
}

/** Visits the mappings of [iova, end) as the kernel's loop does, until the visitor returns false. */
function walk(container: Type1, iova: U64, end: U64, visit: (dma: Dma) => boolean): void {
  let dma = container.mappings.firstIn(iova, end);
  while (dma) {
    // An end of 2^64 has wrapped to 0 and ends the walk at once.
    if (dma.iova >= end) return;
    if (!container.v2 && iova > dma.iova) return;
    const next = container.mappings.next(dma);
    if (!visit(dma)) return;
    dma = next;
  }
}

function invalidate(container: Type1, iova: U64, end: U64, trace: CallTrace): U64 | null {
  const marked: Dma[] = [];
  let twice: Dma | null = null;
  walk(container, iova, end, (dma) => {
    if (dma.vaddrInvalid) {
      twice = dma;
      return false;
    }
    marked.push(dma);
    return true;
  });
  if (!trace.holds(R["unmap-vaddr-twice"], twice === null, () => ({ objects: twice ? [mappingRef(container, twice)] : [] }))) return null;
  let bytes: U64 = 0;
  for (const dma of marked) {
    container.mappings.invalidate(dma);
    bytes = add(bytes, dma.size);
  }
  container.pendingVaddrs += marked.length;
  trace.effect("memory", () => ({ objects: marked.slice(0, 8).map((dma) => mappingRef(container, dma)), text: `${plural(marked.length, "mapping")} now wait for a new address` }));
  return bytes;
}

function removeFrom(container: Type1, iova: U64, end: U64, trace: CallTrace): U64 {
  let bytes: U64 = 0;
  let count = 0;
  walk(container, iova, end, (dma) => {
    bytes = add(bytes, dma.size);
    container.removeMapping(dma);
    count++;
    if (count <= TOLD_ONE_BY_ONE) {
      trace.effect("unmap", () => ({
        objects: [mappingRef(container, dma), containerRef(container.number)], range: rangeOf(dma),
        text: `${rangeText(dma.iova, lastOf(dma.iova, dma.size))} is unmapped`,
      }));
    }
    return true;
  });
  if (count > TOLD_ONE_BY_ONE) {
    trace.effect("unmap", () => ({ objects: [containerRef(container.number)], text: `${plural(count, "mapping")}, ${humanSize(bytes)}, are unmapped in all` }));
  }
  if (count === 0) trace.effect("warn", () => nothingUnmapped(container, iova));
  return bytes;
}

/** A call that succeeds and does nothing deserves a word: v1 users have lost data to it. */
function nothingUnmapped(container: Type1, iova: U64): { objects: ObjectRef[]; text: string } {
  const held = container.mappings.find(iova, addWrap(iova, 1));
  return {
    objects: [held ? mappingRef(container, held) : containerRef(container.number)],
    text: held && !container.v2
      ? `nothing is unmapped, and the call still succeeds: ${groupedHex(iova)} lies inside a mapping, and a v1 container stops there`
      : "nothing is mapped there; the call still succeeds",
  };
}
