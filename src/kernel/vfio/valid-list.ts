/**
 * The list of valid IOVAs of a type1 container: windows in ascending order, disjoint, inclusive. An empty list means that
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
    const window = list[index] as Range;
    if (aperture.first < window.first) break;
    if (aperture.first < window.last) {
      started.push({ first: aperture.first, last: window.last });
      index++;
      break;
    }
  }
  started.push(...list.slice(index));
  const resized: Range[] = [];
  for (const window of started) {
    if (aperture.last > window.last) resized.push(window);
    else if (aperture.last > window.first) resized.push({ first: window.first, last: aperture.last });
  }
  return resized;
}

/** The list without these ranges (vfio_iommu_resv_exclude); may come out empty, which the callers treat as a failure. */
export function exclude(list: readonly Range[], holes: readonly Range[]): Range[] {
  let windows: readonly Range[] = list;
  for (const hole of holes) {
    windows = windows.flatMap((window) => {
      if (hole.first > window.last || hole.last < window.first) return [window];
      const rest: Range[] = [];
      if (hole.first > window.first) rest.push({ first: window.first, last: sub(hole.first, 1) });
      if (hole.last < window.last) rest.push({ first: add(hole.last, 1), last: window.last });
      return rest;
    });
  }
  return [...windows];
}

/** The list with its outer edges set anew (vfio_iommu_aper_expand); an empty list stays empty. */
export function withEdges(list: readonly Range[], edges: Range): Range[] {
  return list.map((window, index) => ({
    first: index === 0 ? edges.first : window.first,
    last: index === list.length - 1 ? edges.last : window.last,
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

/** May [first, last] be mapped (vfio_iommu_iova_dma_valid)? One window must hold it whole; neighbouring windows don't join. */
export function allows(list: readonly Range[], first: U64, last: U64): boolean {
  return list.length === 0 || list.some((window) => first >= window.first && last <= window.last);
}

export function sameList(one: readonly Range[], other: readonly Range[]): boolean {
  return one.length === other.length && one.every((window, index) => window.first === other[index]?.first && window.last === other[index]?.last);
}
