/** IOMMU_IOAS_MAP, COPY, UNMAP, in the kernel's order of checks (iommufd/ioas.c and io_pagetable.c, 6.12). */
import { lastOf, lengthOf, sub, U64_MAX, wraps, type U64 } from "../../../base/u64.ts";
import { groupedHex, plural, rangeText } from "../../../base/format.ts";
import type { CallDef, Given } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, iova as iovaKind, length as lengthKind, orElse, pointer } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import type { Context } from "../context.ts";
import type { Iommufd } from "../iommufd.ts";
import { contiguousPieces, mapSlices, vaAt, type Slice } from "../map.ts";
import type { Ioas } from "../objects.ts";
import { READABLE, WRITABLE, type Pages } from "../pages.ts";
import { refOf } from "../refs.ts";
import { unmapAll, unmapRange } from "../unmap.ts";
import { defineIoctl, flagsAreKnown, reservedIsZero } from "./ioctl.ts";
import { findIoas } from "./lookup.ts";

const FIXED_IOVA = 1;
const MAP_WRITEABLE = 2;
const MAP_READABLE = 4;
const MAP_FLAGS = FIXED_IOVA | MAP_WRITEABLE | MAP_READABLE;

/** The area flags of MAP flags. */
function areaFlags(flags: number): number {
  return (flags & MAP_READABLE ? READABLE : 0) | (flags & MAP_WRITEABLE ? WRITABLE : 0);
}

/** No 64-bit argument may be 2^64 − 1. */
function belowMax(trace: CallTrace, good: boolean, fn: string): boolean {
  if (good && !trace.explain) return true;
  return trace.holds(R["iova-wraps"], good, () => ({ fn, note: good ? "" : "an address or length is 2^64 − 1" }));
}

function hasPermission(trace: CallTrace, flags: number): boolean {
  const good = (flags & (MAP_WRITEABLE | MAP_READABLE)) !== 0;
  if (good && !trace.explain) return true;
  return trace.holds(R["map-no-permission"], good, () => ({ note: `flags ${flags}` }));
}

/** Lengths that iopt_alloc_pages takes: not 0, and rounding up to a page must not wrap. */
const LONGEST: U64 = (1n << 64n) - 1n - 4096n;

export interface UserMapRequest {
  /** User address, and its size in bytes. */
  readonly va: U64;
  readonly length: U64;
  readonly fixed: boolean;
  readonly iova: U64;
  /** READABLE, WRITABLE of the area. */
  readonly flags: number;
  /** The process whose memory it is. */
  readonly caller: number;
}

/**
 * Maps user memory, with the checks of iopt_map_user_pages; MAP and VFIO_IOMMU_MAP_DMA come here. Returns the IOVA, or null
 * when a check refused.
 */
export function mapUserPages(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, request: UserMapRequest, given: Given | null): U64 | null {
  const { context } = ioas;
  const { va, length, fixed, iova, flags, caller } = request;
  const sane = length !== 0 && length <= LONGEST;
  if ((!sane || trace.explain) && !trace.holds(R["length-zero"], sane, () => ({ note: `length ${groupedHex(length)}` }))) return null;
  const inside = !wraps(va, length) && lastOf(va, length) !== U64_MAX;
  if ((!inside || trace.explain) && !trace.holds(R["va-wraps"], inside, () => ({ note: `${groupedHex(va)} + ${groupedHex(length)}` }))) return null;
  const writable = (flags & WRITABLE) !== 0;
  const pages = pagesFor(iommufd, context, va, writable, caller);
  const slice: Slice = { va, length, pages, writable };
  const placed = mapSlices(iommufd, trace, ioas, { slices: [slice], length, fixed, iova, flags }, given);
  if (placed === null && pages !== null && pages.areas.length === 0) context.pages.all.delete(pages.id);
  return placed;
}

/** An object for the pages when there is something to remember: another process, or a limit that counts. */
function pagesFor(iommufd: Iommufd, context: Context, va: U64, writable: boolean, caller: number): Pages | null {
  const { ipcLock } = iommufd.accounting.of(caller);
  if (caller === 0 && ipcLock) return null;
  return context.pages.create(va, writable, caller, ipcLock ? "none" : context.accountMode);
}

/** IOMMU_IOAS_MAP. Without a page table on the IOAS no memory is touched: any user_va is taken. */
const map = defineIoctl(
  "IOMMU_IOAS_MAP",
  {
    nr: 0x85, min: 40, full: 40, summary: "Maps memory of the process at an IOVA: a given one (FIXED_IOVA) or one of the kernel's choice.",
    in: { flags: flagBits, ioas_id: idOf("an IOAS"), user_va: pointer, length: lengthKind, iova: orElse(iovaKind, 0) },
    out: { iova: iovaKind },
    order: [
      R["unknown-flag"], R["iova-wraps"], R["map-no-permission"], R["id-not-found"], R["length-zero"], R["va-wraps"], R["length-misaligned"],
      R["va-alignment-too-small-for-auto"], R["no-iova-space"], R["iova-misaligned"], R["iova-overlaps-reserved"], R["iova-overlaps-mapping"],
      R["va-page-offset-misaligned"], R["bad-user-memory"], R["memlock-limit"], R["driver-map"],
    ],
  },
  (iommufd, context, { flags, ioas_id, user_va, length, iova, __reserved }, trace, given, caller) => {
    if (!flagsAreKnown(trace, flags, MAP_FLAGS, "iommufd_ioas_map") || !reservedIsZero(trace, __reserved)) return trace.refusal();
    if (!belowMax(trace, iova !== U64_MAX && length !== U64_MAX, "iommufd_ioas_map")) return trace.refusal();
    if (!hasPermission(trace, flags)) return trace.refusal();
    const ioas = findIoas(trace, context, ioas_id);
    if (!ioas) return trace.refusal();
    const va = iommufd.memory.address(user_va);
    const placed = mapUserPages(iommufd, trace, ioas, { va, length, fixed: (flags & FIXED_IOVA) !== 0, iova, flags: areaFlags(flags), caller }, given);
    return placed === null ? trace.refusal() : { errno: "OK", out: { iova: placed } };
  },
);

/** IOMMU_IOAS_COPY: the memory under a range of one IOAS, mapped into another (or the same). Pages stay shared. */
const copy = defineIoctl(
  "IOMMU_IOAS_COPY",
  {
    nr: 0x83, min: 40, full: 40, summary: "Maps the memory under a range of one IOAS in another one too; the pages are shared.",
    in: { flags: flagBits, dst_ioas_id: idOf("an IOAS"), src_ioas_id: idOf("an IOAS"), length: lengthKind, dst_iova: orElse(iovaKind, 0), src_iova: iovaKind },
    out: { dst_iova: iovaKind },
    order: [
      R["unknown-flag"], R["iova-wraps"], R["map-no-permission"], R["id-not-found"], R["length-zero"], R["copy-source-has-gap"], R["length-misaligned"],
      R["va-alignment-too-small-for-auto"], R["no-iova-space"], R["iova-misaligned"], R["iova-overlaps-reserved"], R["iova-overlaps-mapping"],
      R["copy-write-on-readonly-pages"], R["va-page-offset-misaligned"], R["bad-user-memory"], R["memlock-limit"], R["driver-map"],
    ],
  },
  (iommufd, context, { flags, dst_ioas_id, src_ioas_id, length, dst_iova, src_iova }, trace, given) => {
    if (!flagsAreKnown(trace, flags, MAP_FLAGS, "iommufd_ioas_copy")) return trace.refusal();
    if (!belowMax(trace, length !== U64_MAX && src_iova !== U64_MAX && dst_iova !== U64_MAX, "iommufd_ioas_copy")) return trace.refusal();
    if (!hasPermission(trace, flags)) return trace.refusal();
    const source = findIoas(trace, context, src_ioas_id);
    if (!source) return trace.refusal();
    const slices = sourceSlices(trace, context, source, src_iova, length);
    if (!slices) return trace.refusal();
    const target = findIoas(trace, context, dst_ioas_id);
    if (!target) return trace.refusal();
    const placed = mapSlices(iommufd, trace, target, { slices, length, fixed: (flags & FIXED_IOVA) !== 0, iova: dst_iova, flags: areaFlags(flags) }, given);
    return placed === null ? trace.refusal() : { errno: "OK", out: { dst_iova: placed } };
  },
);

/** iopt_get_pages: the memory under a range without gaps, one slice per area. Null: a check refused. */
function sourceSlices(trace: CallTrace, context: Context, source: Ioas, iova: U64, length: U64): Slice[] | null {
  if (!trace.holds(R["length-zero"], length !== 0, () => ({ fn: "iopt_get_pages" }))) return null;
  if (!trace.holds(R["iova-wraps"], !wraps(iova, length), () => ({ fn: "iopt_get_pages", note: `${groupedHex(iova)} + ${groupedHex(length)}` }))) return null;
  const last = lastOf(iova, length);
  const { pieces, gap } = contiguousPieces(source.table, iova, last);
  if (
    !trace.holds(R["copy-source-has-gap"], gap === null, () => ({
      objects: [refOf(source)],
      range: { first: iova, last },
      note: gap === null ? `${plural(pieces.length, "mapping")} cover it` : `nothing is mapped at ${groupedHex(gap)}`,
      advice: { fits: pieces.map((piece) => ({ first: piece.first, last: piece.last })), text: pieces.length > 0 ? `Mapped without a gap: ${rangeText(iova, sub(gap ?? iova, 1))}.` : "Map it first." },
    }))
  ) return null;
  return pieces.map((piece) => {
    const pages = context.pages.of(source.table, source.table.areas.at(piece.first) ?? piece.area);
    return { va: vaAt(piece.area, piece.first), length: lengthOf(piece.first, piece.last), pages, writable: pages.writable };
  });
}

/** IOMMU_IOAS_UNMAP: whole mappings only; those before one that sticks out are gone even when the call is refused. */
const unmap = defineIoctl(
  "IOMMU_IOAS_UNMAP",
  {
    nr: 0x86, min: 24, full: 24, summary: "Removes the mappings inside a range; 0 with length 2^64 − 1 removes all.",
    in: { ioas_id: idOf("an IOAS"), iova: iovaKind, length: lengthKind }, out: { length: lengthKind },
    order: [R["id-not-found"], R["iova-wraps"], R["length-zero"], R["unmap-splits-mapping"], R["unmap-nothing-there"]],
  },
  (iommufd, context, { ioas_id, iova, length }, trace) => {
    const ioas = findIoas(trace, context, ioas_id);
    if (!ioas) return trace.refusal();
    if (iova === 0 && length === U64_MAX) {
      const all = unmapAll(iommufd, trace, ioas);
      return all === null ? trace.refusal() : { errno: "OK", out: { length: all } };
    }
    if (!belowMax(trace, iova !== U64_MAX && length !== U64_MAX, "iommufd_ioas_unmap")) return trace.refusal();
    if ((length === 0 || trace.explain) && !trace.holds(R["length-zero"], length !== 0, () => ({ fn: "iopt_unmap_iova" }))) return trace.refusal();
    const inside = !wraps(iova, length);
    if (
      (!inside || trace.explain) && !trace.holds(R["iova-wraps"], inside, () => ({
        fn: "iopt_unmap_iova",
        note: `${groupedHex(iova)} + ${groupedHex(length)}`,
      }))
    ) return trace.refusal();
    const unmapped = unmapRange(iommufd, trace, ioas, iova, lastOf(iova, length));
    if (unmapped === null) return trace.refusal();
    if (
      (unmapped === 0 || trace.explain) && !trace.holds(R["unmap-nothing-there"], unmapped !== 0, () => ({
        objects: [refOf(ioas)], range: { first: iova, last: lastOf(iova, length) },
      }))
    ) return trace.refusal();
    return { errno: "OK", out: { length: unmapped } };
  },
);

export const mapCalls: readonly CallDef[] = [map, copy, unmap];
