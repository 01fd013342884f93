/** Lays out a guest's memory as the VMM and the usual firmware do. */
import { add, alignUp, max, sub, toBig, type U64 } from "../../base/u64.ts";
import { virtLayout } from "./arm.ts";
import type { Guest, Layout, Piece } from "./guest.ts";
import { x86BarWindow, x86Layout } from "./x86.ts";

/** The guest's memory map. Nothing here knows of the host. */
export function layoutGuest(guest: Guest): Layout {
  if (guest.machine === "virt") {
    const { pieces, window, highest } = virtLayout(guest);
    return { pieces: inOrder([...pieces, ...placeBars(guest, window)]), highest, relocated: false };
  }
  const { pieces, hole64, highest, relocated } = x86Layout(guest);
  return { pieces: inOrder([...pieces, ...placeBars(guest, x86BarWindow(guest, hole64))]), highest, relocated };
}

/** Largest first, each at a multiple of its own size, as firmware does. */
function placeBars(guest: Guest, window: { first: U64 }): Piece[] {
  let next = window.first;
  return guest.bars.toSorted((one, other) => (one.size > other.size ? -1 : one.size < other.size ? 1 : 0)).map(({ name, size }) => {
    const first = alignUp(next, size);
    next = add(first, size);
    return { first, last: sub(next, 1), kind: "bar", name, mapped: true, placedByGuest: true };
  });
}

function inOrder(pieces: Piece[]): Piece[] {
  return pieces.toSorted((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
}

/** The last address of anything that is mapped, or 0. */
export function lastMapped({ pieces }: Layout): U64 {
  return pieces.reduce<U64>((last, piece) => (piece.mapped ? max(last, piece.last) : last), 0);
}

/** How many bits an address needs. */
export function bitsOf(address: U64): number {
  return toBig(address).toString(2).length;
}
