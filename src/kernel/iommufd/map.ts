/** Mapping into an IOAS: the checks of iopt_map_pages (6.12) in its order, then the areas, then the pins. */
import { add, isAligned, lastOf, lengthOf, max, maskLow, sub, wraps, type U64 } from "../../base/u64.ts";
import { groupedHex, humanSize, rangeText } from "../../base/format.ts";
import type { Given } from "../call.ts";
import type { CallTrace, Evidence } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import type { Area } from "../ranges/area-store.ts";
import { touches } from "../ranges/range-list.ts";
import type { Iommufd } from "./iommufd.ts";
import type { IoPagetable } from "./io-pagetable.ts";
import type { Ioas } from "./objects.ts";
import { WRITABLE, type Pages } from "./pages.ts";
import { chargePages, driverAccepts, driversTake, slicesCanBePinned } from "./pin.ts";
import { largestPlaceable, placeIova, placementAlign, rangesThatFit } from "./place.ts";
import { areaRange, mappingKey, mappingRef, nameOf, refOf, reservationAt, reservationRefs } from "./refs.ts";
import { listRanges } from "./trace-help.ts";

/** A stretch of memory to map. */
export interface Slice {
  /** User address of its first byte. */
  readonly va: U64;
  readonly length: U64;
  /** The pages it belongs to; null: plain memory that needs no object (see pages.ts). */
  readonly pages: Pages | null;
  /** The memory was first mapped WRITEABLE. */
  readonly writable: boolean;
}

export interface MapRequest {
  readonly slices: readonly Slice[];
  readonly length: U64;
  /** FIXED_IOVA. */
  readonly fixed: boolean;
  readonly iova: U64;
  /** READABLE, WRITABLE of the new areas. */
  readonly flags: number;
}

/** Maps; returns the IOVA, or null when a check has refused. After a refusal nothing remains. */
export function mapSlices(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, request: MapRequest, given: Given | null): U64 | null {
  const { table } = ioas;
  const { length, flags, slices } = request;
  // Most checks pass: the words for them are made only when someone looks.
  const { explain } = trace;
  const even = isAligned(length, table.alignment);
  if ((!even || explain) && !trace.holds(R["length-misaligned"], even, () => misalignment(ioas, "length", length))) return null;
  const iova = request.fixed ? checkFixed(trace, ioas, request.iova, length) : chooseIova(iommufd, trace, ioas, request);
  if (iova === null) return null;
  for (const { va, writable } of slices) {
    const allowed = (flags & WRITABLE) === 0 || writable;
    if ((!allowed || explain) && !trace.holds(R["copy-write-on-readonly-pages"], allowed, () => ({ objects: [refOf(ioas)] }))) return null;
    const offset = maskLow(va, PAGE_SIZE);
    const expressible = isAligned(offset, table.alignment);
    if ((!expressible || explain) && !trace.holds(R["va-page-offset-misaligned"], expressible, () => misalignment(ioas, "the memory's offset in its page", offset))) return null;
  }
  if (table.domains.length > 0 && !(slicesCanBePinned(iommufd, trace, ioas, slices, given) && driversTake(trace, table.domains, flags))) return null;
  let at = iova;
  for (const { va, length: part, pages } of slices) {
    table.areas.insert(at, lastOf(at, part), va, flags, pages === null ? 0 : pages.id);
    if (pages !== null) pages.areas.push({ table, first: at });
    at = add(at, part);
  }
  if (table.domains.length > 0 && !(slices.every(({ pages }) => pages === null || chargePages(iommufd, trace, pages)) && driverAccepts(trace, given))) {
    removeSlices(iommufd, ioas, iova, slices);
    return null;
  }
  if (explain) reportMapped(trace, ioas, iova, request);
  return iova;
}

function reportMapped(trace: CallTrace, ioas: Ioas, iova: U64, { length, slices }: MapRequest): void {
  const { table } = ioas;
  trace.effect("map", () => ({
    objects: [{ key: mappingKey(refOf(ioas).key, iova), label: `mapping ${rangeText(iova, lastOf(iova, length))}` }, refOf(ioas), ...table.domains.map(refOf)],
    range: { first: iova, last: lastOf(iova, length) },
    text:
      `${nameOf(ioas)} maps ${rangeText(iova, lastOf(iova, length))} to ${groupedHex((slices[0] as Slice).va)}` +
      (slices.length > 1 ? ` in ${slices.length} areas` : "") +
      (table.domains.length > 0 ? `, pinned and written into ${table.domains.map(nameOf).join(", ")}` : "; no page table yet, so nothing is pinned"),
  }));
}

/** iopt_check_iova: the four checks of a fixed address, in order. When all pass and nobody looks, nothing is recorded. */
function checkFixed(trace: CallTrace, ioas: Ioas, iova: U64, length: U64): U64 | null {
  const { table } = ioas;
  if (!trace.explain && isAligned(iova, table.alignment) && !wraps(iova, length)) {
    const end = lastOf(iova, length);
    if (!touches(table.reserved, iova, end) && !table.areas.overlaps(iova, end)) return iova;
  }
  if (!trace.holds(R["iova-misaligned"], isAligned(iova, table.alignment), () => misalignment(ioas, "iova", iova))) return null;
  if (
    !trace.holds(R["iova-wraps"], !wraps(iova, length), () => ({
      objects: [refOf(ioas)],
      note: `${groupedHex(iova)} + ${groupedHex(length)} passes 2^64`,
    }))
  ) return null;
  const last = lastOf(iova, length);
  if (!trace.holds(R["iova-overlaps-reserved"], !touches(table.reserved, iova, last), () => reservedEvidence(ioas, iova, last))) return null;
  if (!trace.holds(R["iova-overlaps-mapping"], !table.areas.overlaps(iova, last), () => mappingEvidence(ioas, iova, last))) return null;
  return iova;
}

/** iopt_alloc_iova: an address of the kernel's choice. */
function chooseIova(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, request: MapRequest): U64 | null {
  const { table } = ioas;
  const hint = (request.slices[0] as Slice).va;
  const found = placeIova(table, request.length, hint, iommufd.config.maxIovaAlignment);
  const isPlaced = typeof found !== "object";
  if (!trace.explain) {
    if (isPlaced) return found;
    trace.holds(found, false);
    return null;
  }
  const align = placementAlign(request.length, hint, iommufd.config.maxIovaAlignment);
  const refuses = (id: keyof typeof R): boolean => !isPlaced && found === R[id];
  trace.holds(R["iova-wraps"], !refuses("iova-wraps"), () => ({ fn: "iopt_alloc_iova", note: `length ${groupedHex(request.length)} must be below 2^63 − 1` }));
  if (refuses("iova-wraps")) return null;
  trace.holds(R["va-alignment-too-small-for-auto"], !refuses("va-alignment-too-small-for-auto"), () => ({
    objects: [refOf(ioas)],
    note: `the address ${groupedHex(hint)} and the length suggest ${humanSize(align)}; the IOAS needs ${humanSize(table.alignment)}`,
  }));
  if (refuses("va-alignment-too-small-for-auto")) return null;
  trace.holds(R["no-iova-space"], isPlaced, () => {
    const fits = isPlaced ? [] : largestPlaceable(table);
    return {
      objects: [refOf(ioas)],
      range: isPlaced ? { first: found, last: lastOf(found, request.length) } : null,
      note: isPlaced ? `lowest hole that takes it at ${humanSize(align)} alignment` : `${humanSize(request.length)} at ${humanSize(align)} alignment; largest holes: ${listRanges(fits) || "none"}`,
      advice: { fits, text: fits[0] ? `The largest free hole is ${rangeText(fits[0].first, fits[0].last)}. ${R["no-iova-space"].advice}` : R["no-iova-space"].advice },
    };
  });
  return isPlaced ? found : null;
}

function misalignment(ioas: Ioas, what: string, value: U64): Evidence {
  const { alignment } = ioas.table;
  const rest = maskLow(value, alignment);
  return {
    objects: [refOf(ioas), ...alignmentOwners(ioas.table)],
    note: rest === 0 ? `${what} ${groupedHex(value)}, alignment ${humanSize(alignment)}` : `${what} ${groupedHex(value)} is ${groupedHex(rest)} past a multiple of ${humanSize(alignment)}`,
  };
}

/** Who makes the IOAS's alignment what it is. */
function alignmentOwners(table: IoPagetable): { key: string; label: string }[] {
  return [...table.domains, ...table.accesses.filter((access) => access.pins)].map(refOf);
}

function reservedEvidence(ioas: Ioas, first: U64, last: U64): Evidence {
  const hit = reservationAt(ioas.table, first, last);
  if (!hit) return { objects: [refOf(ioas)], range: { first, last }, note: `${rangeText(first, last)} is free of reserved ranges` };
  const fits = rangesThatFit(ioas.table, lengthOf(first, last), first);
  const overlap = { first: max(first, hit.first), last: last < hit.last ? last : hit.last };
  return {
    objects: [...reservationRefs(hit), refOf(ioas)],
    range: { first: hit.first, last: hit.last },
    note: `${rangeText(overlap.first, overlap.last)} of it lies ${hit.kind === "aperture" ? `${hit.label}, in` : `in the ${hit.label}`} ${rangeText(hit.first, hit.last)}`,
    advice: { fits, objects: hit.owner ? [refOf(hit.owner)] : [], text: fits.length > 0 ? `Free and unreserved: ${listRanges(fits)}.` : R["iova-overlaps-reserved"].advice },
  };
}

function mappingEvidence(ioas: Ioas, first: U64, last: U64): Evidence {
  const { table } = ioas;
  const hit = table.areas.firstTouching(first, last);
  if (!hit) return { objects: [refOf(ioas)], range: { first, last }, note: "nothing is mapped there" };
  const fits = rangesThatFit(table, lengthOf(first, last), first);
  return {
    objects: [mappingRef(refOf(ioas), hit), refOf(ioas)],
    range: areaRange(hit),
    note: `${rangeText(hit.first, hit.last)} is mapped already`,
    advice: {
      fits,
      objects: [mappingRef(refOf(ioas), hit)],
      text: `Unmap ${rangeText(hit.first, hit.last)} first` + (fits.length > 0 ? `, or use ${listRanges(fits)}.` : "."),
    },
  };
}

/** Takes back areas that were inserted a moment ago. */
function removeSlices(iommufd: Iommufd, ioas: Ioas, iova: U64, slices: readonly Slice[]): void {
  let at = iova;
  for (const { length, pages } of slices) {
    ioas.table.areas.remove(at);
    if (pages !== null) ioas.context.pages.drop(pages, ioas.table, at, iommufd.accounting);
    at = add(at, length);
  }
}

/** A part of a range, and the area it lies in. */
export interface Piece {
  readonly first: U64;
  /** Inclusive. */
  readonly last: U64;
  readonly area: Area;
}

/** Do the areas cover [first, last] without a gap? Gives the pieces, cut to the range, or the address of the gap. */
export function contiguousPieces(table: IoPagetable, first: U64, last: U64): { pieces: Piece[]; gap: U64 | null } {
  const pieces: Piece[] = [];
  let next = first;
  let covered = false;
  table.areas.each(first, last, (area) => {
    if (area.first > next) return false;
    const end = area.last < last ? area.last : last;
    pieces.push({ first: next, last: end, area });
    covered = end === last;
    if (!covered) next = add(end, 1);
    return !covered;
  });
  return { pieces, gap: covered ? null : next };
}

/** User address of a byte of an area. */
export function vaAt(area: { first: U64; va: U64 }, iova: U64): U64 {
  return add(area.va, sub(iova, area.first));
}
