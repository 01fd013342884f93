/** Accesses: in-kernel users of an IOAS (mdev drivers). They raise the alignment if they pin, and nothing else. */
import { lastOf, maskLow, min, type U64 } from "../../base/u64.ts";
import { groupedHex, plural, rangeText } from "../../base/format.ts";
import type { CallTrace } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { PAGE_SIZE, type Frame } from "../memory/buffers.ts";
import { changeAlignment } from "./alignment.ts";
import type { Iommufd } from "./iommufd.ts";
import { contiguousPieces, vaAt, type Piece } from "./map.ts";
import type { Access, AccessItem, Ioas } from "./objects.ts";
import { READABLE, spanFrom, WRITABLE, type Pages, type PinnedSpan } from "./pages.ts";
import { chargePages, frameOf, pinSpan } from "./pin.ts";
import { mappingRef, nameOf, refOf } from "./refs.ts";
import { hold, unhold } from "./trace-help.ts";

/**
 * iommufd_access_change_ioas (6.12): joins `to`, then leaves the IOAS it was on, giving back all pins there. False: a check
 * refused and everything is as it was.
 */
export function changeAccessIoas(iommufd: Iommufd, trace: CallTrace, access: Access, to: Ioas | null): boolean {
  const from = access.ioas;
  if (from === to) return true;
  if (to) {
    to.table.accesses.push(access);
    if (!changeAlignment(trace, to, access)) {
      to.table.accesses.splice(to.table.accesses.indexOf(access), 1);
      return false;
    }
    hold(trace, to, nameOf(access));
  }
  access.ioas = to;
  if (from) {
    for (const item of access.items.values()) releaseItem(iommufd, trace, access, item);
    from.table.accesses.splice(from.table.accesses.indexOf(access), 1);
    changeAlignment(trace, from, access);
    unhold(trace, from, nameOf(access));
  }
  trace.effect(to ? (from ? "replace" : "attach") : "detach", () => ({
    objects: [refOf(access), ...(to ? [refOf(to)] : []), ...(from ? [refOf(from)] : [])],
    text: to ? `${nameOf(access)} uses ${nameOf(to)}` : `${nameOf(access)} uses no IOAS any more`,
  }));
  return true;
}

/** Gives back what one ACCESS_PAGES call had pinned. */
export function releaseItem(iommufd: Iommufd, trace: CallTrace, access: Access, item: AccessItem): void {
  access.items.delete(item.id);
  for (const { pages, span } of item.spans) {
    pages.pins.splice(pages.pins.indexOf(span), 1);
    pages.settle(iommufd.accounting);
  }
  trace.effect("unpin", () => ({
    objects: [refOf(access)],
    range: { first: item.iova, last: item.last },
    text: `${nameOf(access)} unpins item ${item.id}, ${rangeText(item.iova, item.last)}`,
  }));
}

/** The pages a driver got, and what has to be given back. */
export interface Pinned {
  readonly frames: (Frame | null)[];
  readonly spans: AccessItem["spans"];
}

/**
 * iommufd_access_pin_pages (6.12) on [iova, iova + length): piece by piece, each with its checks. Returns the frames and what
 * was pinned; null when a check refused, and then nothing stays pinned. The caller has checked length and overflow.
 */
export function pinPages(iommufd: Iommufd, trace: CallTrace, access: Access, ioas: Ioas, iova: U64, length: U64, write: boolean): Pinned | null {
  const last = lastOf(iova, length);
  const { pieces, gap } = contiguousPieces(ioas.table, iova, last);
  const spans: AccessItem["spans"] = [];
  const frames: (Frame | null)[] = [];
  for (const piece of pieces) {
    const pinned = pinPiece(iommufd, trace, ioas, piece, last, write);
    if (!pinned) {
      undo(iommufd, spans);
      return null;
    }
    spans.push(pinned);
    for (let index = pinned.span.first; index <= pinned.span.last; index++) frames.push(frameOf(iommufd, pinned.pages, index));
  }
  if (
    !trace.holds(R["access-hole"], gap === null, () => ({
      objects: [refOf(ioas)],
      note: gap === null ? `${plural(pieces.length, "mapping")} cover the range` : `nothing is mapped at ${groupedHex(gap)}`,
    }))
  ) {
    undo(iommufd, spans);
    return null;
  }
  trace.effect("pin", () => ({
    objects: [refOf(access), refOf(ioas)], range: { first: iova, last },
    text: `${nameOf(access)} pins ${plural(frames.length, "page")} under ${rangeText(iova, last)}`,
  }));
  return { frames, spans };
}

function pinPiece(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, piece: Piece, last: U64, write: boolean): { pages: Pages; span: PinnedSpan } | null {
  const { table, context } = ioas;
  const area = table.areas.at(piece.first) ?? piece.area;
  const objects = () => [mappingRef(refOf(ioas), area), refOf(ioas)];
  const isLast = last <= area.last;
  const aligned = maskLow(vaAt(area, piece.first), PAGE_SIZE) === 0 && (isLast || maskLow(vaAt(area, area.last), PAGE_SIZE) === PAGE_SIZE - 1);
  if (!trace.holds(R["access-page-start"], aligned, () => ({ objects: objects(), note: `memory at ${groupedHex(vaAt(area, piece.first))}` }))) return null;
  if (!trace.holds(R["access-permission"], mayAccess(area.flags, write), () => ({ objects: objects(), note: rights(area.flags) }))) return null;
  const pages = context.pages.of(table, area);
  if (
    !trace.holds(R["access-permission"], !write || pages.writable, () => ({
      objects: objects(), fn: "iopt_area_add_access",
      note: pages.writable ? "the memory was mapped writeable" : "the memory was mapped read-only",
    }))
  ) return null;
  const span = spanFrom(pages.uptr, { va: vaAt(area, piece.first), first: piece.first, last: min(piece.last, area.last) });
  if (!trace.holds(R["bad-user-memory"], pinSpan(iommufd, pages, span), () => ({ objects: objects() }))) return null;
  pages.pins.push(span);
  if (!chargePages(iommufd, trace, pages)) {
    pages.pins.pop();
    return null;
  }
  return { pages, span };
}

export function mayAccess(flags: number, write: boolean): boolean {
  return (flags & (write ? WRITABLE : READABLE)) !== 0;
}

/** "readable", "readable and writable", "neither readable nor writable". */
export function rights(flags: number): string {
  const words = [...(flags & READABLE ? ["readable"] : []), ...(flags & WRITABLE ? ["writable"] : [])];
  return words.length > 0 ? `the mapping is ${words.join(" and ")}` : "the mapping is neither readable nor writable";
}

function undo(iommufd: Iommufd, spans: AccessItem["spans"]): void {
  for (const { pages, span } of spans) {
    pages.pins.splice(pages.pins.indexOf(span), 1);
    pages.settle(iommufd.accounting);
  }
}
