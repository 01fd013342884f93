/**
 * The IOVA side of an IOAS (the kernel's io_pagetable): what is mapped, reserved and allowed, who needs which alignment.
 * Pure state and questions; the functions that check and change it for a call are in map.ts and reserve.ts.
 */
import { lengthOf, lowestBit, max, maskLow, U64_MAX } from "../../base/u64.ts";
import type { Range } from "../answer.ts";
import type { HoleKind } from "../inspect.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import type { AreaJournal } from "../ranges/area-recorder.ts";
import { AreaStore, type Area } from "../ranges/area-store.ts";
import { holesOf, mergeRanges } from "../ranges/range-list.ts";
import type { Access, Device, HwptPaging } from "./objects.ts";

/** Who keeps a range out of the space: a device, a page table, or null for a test. */
export type ReservationOwner = Device | HwptPaging | null;

export interface Reservation extends Range {
  readonly owner: ReservationOwner;
  readonly kind: HoleKind;
  readonly label: string;
}

export class IoPagetable {
  readonly areas: AreaStore;
  /** In the order of reserving; they may overlap each other. */
  reservations: Reservation[] = [];
  /** Reservations sorted and joined: what nobody may map. */
  reserved: Range[] = [];
  /** The user's list, as given; empty: everything is allowed. */
  allowed: Range[] = [];
  /** The list sorted and joined, cut to where the kernel places automatically. */
  placeable: Range[] = [PLACEABLE];
  /** Page tables filled from here, in the order of the kernel's array. */
  readonly domains: HwptPaging[] = [];
  readonly accesses: Access[] = [];
  /** Power of two, bytes. */
  alignment = 1;
  largePagesOff = false;

  constructor(journal: AreaJournal) {
    this.areas = new AreaStore(journal);
  }

  reserve(reservation: Reservation): void {
    this.reservations.push(reservation);
    this.reserved = mergeRanges(this.reservations);
  }

  /** Gives up everything an owner reserved; how many ranges that was. */
  release(owner: ReservationOwner): Reservation[] {
    const gone = this.reservations.filter((reservation) => reservation.owner === owner);
    if (gone.length > 0) {
      this.reservations = this.reservations.filter((reservation) => reservation.owner !== owner);
      this.reserved = mergeRanges(this.reservations);
    }
    return gone;
  }

  allow(ranges: Range[]): void {
    this.allowed = ranges;
    const merged = ranges.length === 0 ? [PLACEABLE] : mergeRanges(ranges);
    this.placeable = merged
      .filter((range) => range.first <= PLACEABLE.last && range.last >= PLACEABLE.first)
      .map((range) => ({ first: max(range.first, PLACEABLE.first), last: range.last < PLACEABLE.last ? range.last : PLACEABLE.last }));
  }

  /** What IOVA_RANGES reports: the holes of the reserved ranges. */
  usable(): Range[] {
    return holesOf(this.reserved);
  }

  /** The alignment that the page tables, accesses and options ask for now. */
  wantedAlignment(): number {
    let wanted = this.largePagesOff ? PAGE_SIZE : 1;
    for (const { domain } of this.domains) if (domain) wanted = Math.max(wanted, Number(lowestBit(domain.pageSizes)));
    for (const access of this.accesses) if (access.pins) wanted = Math.max(wanted, PAGE_SIZE);
    return wanted;
  }

  /** The first area that a larger alignment does not fit; null when all conform. */
  misaligned(alignment: number): Area | null {
    if (alignment <= this.alignment) return null;
    let found: Area | null = null;
    this.areas.each(0, U64_MAX, (area) => {
      if (!conforms(area, alignment)) found = area;
      return found === null;
    });
    return found;
  }
}

/** Automatic placement never uses the first page nor the last. */
const PLACEABLE: Range = Object.freeze({ first: PAGE_SIZE, last: U64_MAX as bigint - BigInt(PAGE_SIZE) });

/** Are the area's first byte, its length and its offset in a memory page multiples of the alignment? */
export function conforms(area: Area, alignment: number): boolean {
  return (
    maskLow(area.first, alignment) === 0 &&
    maskLow(lengthOf(area.first, area.last), alignment) === 0 &&
    maskLow(maskLow(area.va, PAGE_SIZE), alignment) === 0
  );
}
