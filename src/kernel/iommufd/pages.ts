/**
 * The memory behind mappings, as the kernel's iopt_pages: one set of pages per MAP, shared by all areas that come from it
 * through COPY or a cut. A plain mapping made by the first process without accounting needs no object of its own: its area
 * says everything (ref 0). An object is made as soon as there is something to remember.
 */
import { alignDown, lengthOf, sub, type U64 } from "../../base/u64.ts";
import type { Range } from "../answer.ts";
import type { Accounting, AccountMode } from "../memory/accounting.ts";
import { PAGE_SIZE, type Frame } from "../memory/buffers.ts";
import { mergeRanges } from "../ranges/range-list.ts";
import type { Area } from "../ranges/area-store.ts";
import type { IoPagetable } from "./io-pagetable.ts";

/** Page indexes inside a Pages, inclusive. */
export interface PinnedSpan {
  readonly first: number;
  readonly last: number;
}

/** Area flags. */
export const READABLE = 1;
export const WRITABLE = 2;

export class Pages {
  readonly id: number;
  /** User address of the first page, page aligned. */
  readonly uptr: U64;
  /** Mapped WRITEABLE at its creation; decides how its pages are pinned, for life. */
  readonly writable: boolean;
  /** The process that mapped it. */
  readonly process: number;
  readonly account: AccountMode;
  /** The areas that show it, by table and first byte. */
  readonly areas: { table: IoPagetable; first: U64 }[] = [];
  /** What drivers have pinned through accesses. */
  readonly pins: PinnedSpan[] = [];
  /** Frames of pinned pages whose address now has something else behind it, or nothing. */
  readonly frozen = new Map<number, Frame>();
  /** Pages charged against the limit. */
  charged = 0;

  constructor(id: number, uptr: U64, writable: boolean, process: number, account: AccountMode) {
    this.id = id;
    this.uptr = uptr;
    this.writable = writable;
    this.process = process;
    this.account = account;
  }

  indexOf(va: U64): number {
    return Math.floor(Number(sub(va, this.uptr)) / PAGE_SIZE);
  }

  /** The indexes that an area shows. */
  spanOf(area: Area): PinnedSpan {
    return spanFrom(this.uptr, area);
  }

  /** The union of what page tables and drivers need: these pages are pinned, each once. */
  pinned(): PinnedSpan[] {
    const spans: Range[] = [...this.pins];
    for (const { table, first } of this.areas) {
      const area = table.domains.length > 0 ? table.areas.at(first) : null;
      if (area) spans.push(this.spanOf(area));
    }
    return mergeRanges(spans) as PinnedSpan[];
  }

  /** Charges or gives back what has changed. False, and nothing changed, when the limit forbids it. */
  settle(accounting: Accounting): boolean {
    if (this.account === "none" && this.frozen.size === 0) return true;
    const spans = this.pinned();
    const now = spans.reduce((sum, span) => sum + span.last - span.first + 1, 0);
    if (!accounting.charge(this.account, this.process, now - this.charged)) return false;
    this.charged = now;
    for (const index of this.frozen.keys()) {
      if (!spans.some((span) => span.first <= index && index <= span.last)) this.frozen.delete(index);
    }
    return true;
  }
}

/** Page indexes of an area counted from a page-aligned user address. */
export function spanFrom(uptr: U64, area: { va: U64; first: U64; last: U64 }): PinnedSpan {
  const start = Number(sub(area.va, uptr));
  return { first: Math.floor(start / PAGE_SIZE), last: Math.floor((start + Number(lengthOf(area.first, area.last)) - 1) / PAGE_SIZE) };
}

/** The pages that this context has objects for. */
export class PagesTable {
  readonly all = new Map<number, Pages>();
  private next = 1;

  create(va: U64, writable: boolean, process: number, account: AccountMode): Pages {
    const pages = new Pages(this.next++, alignDown(va, PAGE_SIZE), writable, process, account);
    this.all.set(pages.id, pages);
    return pages;
  }

  /** The object behind an area of a table, made now if the area had none. */
  of(table: IoPagetable, area: Area): Pages {
    const known = this.all.get(area.ref);
    if (known) return known;
    const pages = this.create(area.va, (area.flags & WRITABLE) !== 0, 0, "none");
    pages.areas.push({ table, first: area.first });
    table.areas.retag(area.first, area.flags, pages.id);
    return pages;
  }

  /** An area of these pages is gone; so are they, with the last. */
  drop(pages: Pages, table: IoPagetable, first: U64, accounting: Accounting): void {
    const place = pages.areas.findIndex((area) => area.table === table && area.first === first);
    pages.areas.splice(place, 1);
    pages.settle(accounting);
    if (pages.areas.length === 0 && pages.pins.length === 0) this.all.delete(pages.id);
  }
}
