/**
 * The IOVA side of an IOAS (the kernel's io_pagetable): what is mapped, reserved and allowed, who needs which alignment.
 * Pure state and questions; the functions that check and change it for a call are in map.ts and reserve.ts.
 */
import { lengthOf, lowestBit, max, maskLow, U64_MAX } from "../../base/u64.ts";
import type { Range } from "../answer.ts";
import type { HoleKind } from "../inspect.ts";
import { PAGE_SIZE } from "../memory/buffers.ts";
import type { Copy } from "../clone.ts";
import type { AreaStore, Area } from "../ranges/area-store.ts";
import { holesOf, mergeRanges } from "../ranges/range-list.ts";
import type { Access, Device, HwptPaging } from "./objects.ts";

/** Who keeps a range out of the space: a device, a page table, or null for a test. */
export type ReservationOwner = Device | HwptPaging | null;

export interface Reservation extends Range {
  readonly owner: ReservationOwner;
  readonly kind: HoleKind;
  readonly label: string;
}

/** Automatic placement never uses the first page nor the last. */
const PLACEABLE: Range = Object.freeze({ first: PAGE_SIZE, last: U64_MAX as bigint - BigInt(PAGE_SIZE) });
const ANYWHERE: readonly Range[] = Object.freeze([PLACEABLE]);
const NONE: readonly Range[] = Object.freeze([]);
const NO_RESERVATIONS: readonly Reservation[] = Object.freeze([]);

export class IoPagetable {
  readonly areas: AreaStore;
  /** In the order of reserving; they may overlap each other. */
  reservations: readonly Reservation[] = NO_RESERVATIONS;
  /** Reservations sorted and joined: what nobody may map. */
  reserved: readonly Range[] = NONE;
  /** The user's list, as given; empty: everything is allowed. */
  allowed: readonly Range[] = NONE;
  /** The list sorted and joined, cut to where the kernel places automatically. */
  placeable: readonly Range[] = ANYWHERE;
  /** Page tables filled from here, in the order of the kernel's array. */
  readonly domains: HwptPaging[] = [];
  readonly accesses: Access[] = [];
  /** Power of two, bytes. */
  alignment = 1;
  largePagesOff = false;

  constructor(areas: AreaStore) {
    this.areas = areas;
  }

  /** A copy without those who use it, see copyUsers. Lists that are only ever replaced are shared. */
  emptyTwin(copy: Copy): IoPagetable {
    const twin = new IoPagetable(this.areas.cloneSelf(copy));
    twin.reserved = this.reserved;
    twin.allowed = this.allowed;
    twin.placeable = this.placeable;
    twin.alignment = this.alignment;
    twin.largePagesOff = this.largePagesOff;
    return twin;
  }

  /** Gives a copy the copies of those who use this table. */
  copyUsers(twin: IoPagetable, copy: Copy): void {
    if (this.reservations.length > 0) twin.reservations = this.reservations.map((reservation) => ({ ...reservation, owner: copy(reservation.owner) }));
    for (const hwpt of this.domains) twin.domains.push(copy(hwpt));
    for (const access of this.accesses) twin.accesses.push(copy(access));
  }

  reserve(reservation: Reservation): void {
    this.reservations = [...this.reservations, reservation];
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


/** Are the area's first byte, its length and its offset in a memory page multiples of the alignment? */
export function conforms(area: Area, alignment: number): boolean {
  return (
    maskLow(area.first, alignment) === 0 &&
    maskLow(lengthOf(area.first, area.last), alignment) === 0 &&
    maskLow(maskLow(area.va, PAGE_SIZE), alignment) === 0
  );
}
