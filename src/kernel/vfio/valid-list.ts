/**
 * The list of valid IOVAs of a type1 container: nodes in ascending order, disjoint, inclusive. An empty list means that
 * nothing is restricted. All functions return a new list; who puts it in force, and when, is what the variants differ in.
 */
import { add, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Range } from "../answer.ts";

/**
 * The list inside a new aperture (vfio_iommu_aper_resize); an empty list becomes the aperture. A window of which the aperture
 * holds a single byte at its edge is dropped, as the kernel does.
 */
export function resizeToAperture(list: readonly Range[], aperture: Range): Range[] {
  if (list.length === 0) return [{ first: aperture.first, last: aperture.last }];
  const started: Range[] = [];
  let index = 0;
  for (; index < list.length; index++) {
    const node = list[index] as Range;
    if (aperture.first < node.first) break;
    if (aperture.first < node.last) {
      started.push({ first: aperture.first, last: node.last });
      index++;
      break;
    }
  }
  started.push(...list.slice(index));
  const resized: Range[] = [];
  for (const node of started) {
    if (aperture.last > node.last) resized.push(node);
    else if (aperture.last > node.first) resized.push({ first: node.first, last: aperture.last });
  }
  return resized;
}

/** A list, and whether the kernel ran out of memory before it was done with it. */
export interface Exclusion {
  list: Range[];
  failed: boolean;
}

/**
 * The list without these ranges (vfio_iommu_resv_exclude); may come out empty, which the callers treat as a failure. Each
 * remainder of a cut window is inserted before the window itself goes: when the insertion number `failAt` (from 1) fails for
 * want of memory, the list is left with what had been inserted so far, overlapping.
 */
export function exclude(list: readonly Range[], holes: readonly Range[], failAt: number | null = null): Exclusion {
  let nodes: Range[] = [...list];
  let inserts = 0;
  for (const hole of holes) {
    const cut: Range[] = [];
    for (const [index, node] of nodes.entries()) {
      if (hole.first > node.last || hole.last < node.first) {
        cut.push(node);
        continue;
      }
      const rest: Range[] = [];
      if (hole.first > node.first) rest.push({ first: node.first, last: sub(hole.first, 1) });
      if (hole.last < node.last) rest.push({ first: add(hole.last, 1), last: node.last });
      for (const piece of rest) {
        inserts++;
        if (inserts === failAt) return { list: [...cut, ...nodes.slice(index)], failed: true };
        cut.push(piece);
      }
    }
    nodes = cut;
  }
  return { list: nodes, failed: false };
}

/** The list with its outer edges set anew (vfio_iommu_aper_expand); an empty list stays empty. */
export function withEdges(list: readonly Range[], edges: Range): Range[] {
  return list.map((node, index) => ({
    first: index === 0 ? edges.first : node.first,
    last: index === list.length - 1 ? edges.last : node.last,
  }));
}

/** From the first valid byte to the last; null for an empty list. */
export function outline(list: readonly Range[]): Range | null {
  const [lowest] = list;
  const highest = list.at(-1);
  return lowest && highest ? { first: lowest.first, last: highest.last } : null;
}

/** The tightest of several apertures; the whole space when there is none. */
export function commonAperture(apertures: readonly Range[]): Range {
  let first: U64 = 0;
  let last: U64 = U64_MAX;
  for (const aperture of apertures) {
    if (aperture.first > first) first = aperture.first;
    if (aperture.last < last) last = aperture.last;
  }
  return { first, last };
}

/** May [first, last] be mapped (vfio_iommu_iova_dma_valid)? One window must hold it whole; neighbouring nodes don't join. */
export function allows(list: readonly Range[], first: U64, last: U64): boolean {
  return list.length === 0 || list.some((node) => first >= node.first && last <= node.last);
}

export function sameList(one: readonly Range[], other: readonly Range[]): boolean {
  return one.length === other.length && one.every((node, index) => node.first === other[index]?.first && node.last === other[index]?.last);
}
