/** The whole space on a log scale: every power of two from one page up gets the same width. */
import { sub, toBig, type U64 } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import { floatToU64, SPACE_END } from "./axis.ts";

const PAGE_BITS = 12;
const PAGE = 2 ** PAGE_BITS;
const SPAN = log2Ratio(SPACE_END);

/** Px of a position in [0, 2^64]. */
export function stripPx(position: U64, width: Px): Px {
  return (log2Ratio(position) / SPAN) * width;
}

/** The address under a px of the strip, a multiple of 4 KiB. */
export function stripAddress(px: Px, width: Px): U64 {
  const share = Math.min(Math.max(px / width, 0), 1);
  if (share >= 1) return sub(SPACE_END, 1);
  const pages = 2 ** (share * SPAN) - 1;
  const address = floatToU64(Math.floor(pages) * PAGE);
  return address >= SPACE_END ? sub(SPACE_END, 1) : address;
}

/** Powers of two worth a tick: 64 KiB, 1 MiB, … every four bits. */
export function stripTicks(width: Px): { bits: number; px: Px }[] {
  const every = width < 420 ? 16 : width < 800 ? 8 : 4;
  const ticks: { bits: number; px: Px }[] = [];
  for (let bits = 16; bits <= 60; bits += every) ticks.push({ bits, px: stripPx(2 ** bits <= Number.MAX_SAFE_INTEGER ? 2 ** bits : 1n << BigInt(bits), width) });
  return ticks;
}

function log2Ratio(position: U64): number {
  return Math.log2(1 + (typeof position === "number" ? position : Number(toBig(position))) / PAGE);
}
