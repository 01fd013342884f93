/** What decided a check of a type1 container, and what would fit instead. Only built when someone looks. */
import { add, addWrap, alignDown, alignUp, lengthOf, max, min, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import { groupedHex, plural, rangeText } from "../../base/format.ts";
import type { ObjectRef, Range } from "../answer.ts";
import type { Evidence } from "../call-trace.ts";
import type { Group, Type1 } from "./type1.ts";
import { containerRef, domainRef, groupRef, mappingRef, rangeOf, regionObjects } from "./refs.ts";

const LISTED = 8;

/** Ranges, largest first. */
function largestFirst(ranges: Range[]): Range[] {
  const size = (range: Range) => lengthOf(range.first, range.last);
  return ranges.sort((one, other) => (size(one) > size(other) ? -1 : size(one) < size(other) ? 1 : one.first < other.first ? -1 : 1));
}

/** The parts of a request that lie in these windows, cut to whole pages, largest first. */
export function piecesInside(windows: readonly Range[], request: Range, page: U64): Range[] {
  const pieces: Range[] = [];
  for (const valid of windows) {
    const first = alignUp(max(valid.first, request.first), page);
    const end = alignDown(add(min(valid.last, request.last), 1), page);
    if (first < end) pieces.push({ first, last: sub(end, 1) });
  }
  return largestFirst(pieces);
}

/** Everything outside an aperture. */
function outside(aperture: Range): Range[] {
  const parts: Range[] = [];
  if (aperture.first > 0) parts.push({ first: 0, last: sub(aperture.first, 1) });
  if (aperture.last < U64_MAX) parts.push({ first: add(aperture.last, 1), last: U64_MAX });
  return parts;
}

interface Culprit {
  range: Range;
  objects: ObjectRef[];
  what: string;
}

function meets(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}

/** What keeps part of a request out of the valid list: regions and aperture ends, lowest first. */
function culprits(container: Type1, request: Range): Culprit[] {
  const found: Culprit[] = [];
  for (const domain of container.domains) {
    for (const range of outside(domain.aperture)) {
      const what = `is outside the aperture ${rangeText(domain.aperture.first, domain.aperture.last)} of ${domainRef(container, domain).label}`;
      found.push({ range, objects: [domainRef(container, domain), ...domain.groups.map((group) => groupRef(group.name))], what });
    }
    for (const group of domain.groups) {
      for (const region of group.regions) {
        if (region.type === "direct-relaxable") continue;
        found.push({
          range: region, objects: regionObjects(group, region),
          what: `is the ${region.label ?? region.type} region ${rangeText(region.first, region.last)} of ${groupRef(group.name).label}`,
        });
      }
    }
  }
  return found.filter(({ range }) => meets(range, request)).sort((one, other) => (one.range.first < other.range.first ? -1 : 1));
}

/** Why [first, last] is not inside one valid window. */
export function outsideList(container: Type1, request: Range): Evidence {
  const pieces = piecesInside(container.list, request, container.page);
  const [cause] = culprits(container, request);
  const windows = piecesInside(container.list, { first: 0, last: U64_MAX }, container.page);
  const note = cause
    ? `${groupedHex(max(cause.range.first, request.first))} ${cause.what}`
    : "the list lost this edge to a group that has left since, and gets it back only when a whole domain goes";
  const [largest] = pieces;
  const text = largest
    ? `Of the range asked for, ${rangeText(largest.first, largest.last)} fits${pieces.length > 1 ? `; ${plural(pieces.length, "piece")} fit one by one` : ""}.`
    : `Nothing of the range asked for is valid. The container has ${plural(windows.length, "valid window")}.`;
  return {
    objects: [...(cause?.objects ?? []), containerRef(container.number)],
    range: cause ? { first: cause.range.first, last: cause.range.last } : request,
    note,
    advice: { text, fits: (pieces.length > 0 ? pieces : windows).slice(0, LISTED), objects: cause?.objects ?? [] },
  };
}

/** Which mappings a request meets, and what of it is free. */
export function overlap(container: Type1, request: Range): Evidence {
  const inTheWay: ObjectRef[] = [];
  const free: Range[] = [];
  let from: U64 = request.first;
  let nearest: Range | null = null;
  for (let dma = container.mappings.firstFrom(request.first); dma && dma.iova <= request.last; dma = container.mappings.next(dma)) {
    const range = rangeOf(dma);
    nearest ??= range;
    if (inTheWay.length < LISTED) inTheWay.push(mappingRef(container, dma));
    if (range.first > from) free.push({ first: from, last: sub(range.first, 1) });
    from = max(from, addWrap(range.last, 1));
  }
  if (from <= request.last) free.push({ first: from, last: request.last });
  return {
    objects: [...inTheWay, containerRef(container.number)], range: nearest,
    note: `${plural(inTheWay.length, "mapping")} in the way`,
    advice: {
      text: "Unmap what is there first, whole; type1 never replaces a mapping.",
      fits: nearest === null ? [] : piecesInside(free, request, container.page).slice(0, LISTED), objects: inTheWay,
    },
  };
}

/** Why a group's aperture does not go with the container's list and mappings. */
export function apertureConflict(container: Type1, group: Group, culprit: Range | null): Evidence {
  const aperture = rangeText(group.aperture.first, group.aperture.last);
  const mapping = culprit && container.overlapping(culprit);
  const others = container.groups().map((other) => groupRef(other.name));
  if (!mapping) {
    return {
      objects: [groupRef(group.name), ...others], range: group.aperture, note: `the aperture ${aperture} and the container's valid addresses have nothing in common`,
      advice: { text: "These groups can't share a container: give each its own.", objects: others },
    };
  }
  const ref = mappingRef(container, mapping);
  return {
    objects: [groupRef(group.name), ref], range: rangeOf(mapping), note: `the aperture is ${aperture}`,
    advice: { text: `Unmap ${ref.label} first, or map that memory inside ${aperture}.`, fits: piecesInside(container.list, group.aperture, container.page).slice(0, LISTED), objects: [ref] },
  };
}

/** Why a mapping must go before a group can come. */
export function regionConflict(container: Type1, group: Group, region: Group["regions"][number]): Evidence {
  const mapping = container.overlapping(region);
  const refs = mapping ? [mappingRef(container, mapping)] : [];
  return {
    objects: [...regionObjects(group, region), ...refs], range: { first: region.first, last: region.last },
    note: `${region.label ?? region.type} region ${rangeText(region.first, region.last)}${refs[0] ? ` lies on ${refs[0].label}` : ""}`,
    advice: { objects: refs },
  };
}

/** Why nothing valid is left. */
export function nothingLeft(container: Type1, group: Group): Evidence {
  const before = container.list.length === 0 ? "no restriction" : plural(container.list.length, "window");
  return {
    objects: [groupRef(group.name), ...container.groups().map((other) => groupRef(other.name))], range: group.aperture,
    note: `from ${before}, the aperture and ${plural(group.regions.length, "region")} leave nothing`,
  };
}

/** One sentence about a change of the valid list. */
export function listChange(before: readonly Range[], after: readonly Range[]): string {
  const words = (list: readonly Range[]) =>
    list.length === 0 ? "no restriction" : list.length <= 3 ? list.map((valid) => `${groupedHex(valid.first)}–${groupedHex(valid.last)}`).join(", ") : plural(list.length, "window");
  return `valid: ${words(before)} → ${words(after)}`;
}
