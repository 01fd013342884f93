/** A mapping of a type1 container, and what it takes to make one. */
import { addWrap, type U64 } from "../../base/u64.ts";

/** Addresses and sizes in bytes. */
export interface DmaRequest {
  readonly iova: U64;
  readonly size: U64;
  readonly vaddr: U64;
  readonly readable: boolean;
  readonly writable: boolean;
  /** Whose memory it is: the number of the process that maps it. */
  readonly process: number;
}

/** One mapping (struct vfio_dma) as it is now. */
export interface Dma extends DmaRequest {
  /** iova + size as 64-bit arithmetic gives it: 0 for a mapping that ends with the last byte of the space. */
  readonly end: U64;
  /** The IOMMU holds it (made or replayed while a domain was there). */
  readonly mapped: boolean;
  /** Numbers of the domains whose replay skipped it: one that ends with the last byte of the space is never replayed. */
  readonly missingIn: readonly number[];
  /** Where its memory was when it was pinned; an update of `vaddr` does not move the pages. */
  readonly pinnedVaddr: U64;
  /** Its address was taken away and it waits for a new one. */
  readonly vaddrInvalid: boolean;
}

export const NOWHERE: readonly number[] = Object.freeze([]);

export function newDma({ iova, size, vaddr, readable, writable, process }: DmaRequest, mapped: boolean): Dma {
  return { iova, size, vaddr, readable, writable, process, end: addWrap(iova, size), mapped, missingIn: NOWHERE, pinnedVaddr: vaddr, vaddrInvalid: false };
}
