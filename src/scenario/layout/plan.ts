/** Will a guest fit? Every piece of its memory held against the holes and the end of the host's IOMMU. */
import { add, max, min, pow2, sub, type U64 } from "../../base/u64.ts";
import { GIB, MIB, type Guest, type Layout, type Piece } from "./guest.ts";
import { layoutGuest } from "./layout.ts";
import type { HostHole, HostWindows } from "./host.ts";

export type Verdict = "fits" | "crosses-hole" | "above-aperture" | "not-mapped";

export interface PlacedPiece extends Piece {
  verdict: Verdict;
  /** The part of the piece that meets the hole, or that lies above the aperture. */
  conflict: { first: U64; last: U64 } | null;
  hole: HostHole | null;
  /** Without it the guest can't start; otherwise only peer-to-peer transfers to this BAR are lost. */
  fatal: boolean;
}

export interface Plan {
  guest: Guest;
  layout: Layout;
  pieces: PlacedPiece[];
  /** The guest starts: all its RAM is mapped, every device may be given away, the vCPU reaches it all. */
  starts: boolean;
  /** And every BAR is mapped too. */
  fits: boolean;
  /** The layout needs more physical address bits than the vCPU has: the VMM refuses, whatever the IOMMU. */
  vcpuTooNarrow: { needs: U64; reaches: U64 } | null;
  refused: HostWindows["refused"];
  /** The most RAM, bytes, with which the same guest starts: as much as asked for or more when it does, less when not; 0: none. */
  largestRam: number;
}

/** Lays a guest out and says of every piece whether VFIO can map it on this host. */
export function planGuest(host: HostWindows, guest: Guest): Plan {
  const plan = place(host, guest);
  return { ...plan, largestRam: largestRam(host, plan) };
}

/** Does the guest start, and do its BARs fit as well? The verdict without the search for the most RAM. */
export function verdictOn(host: HostWindows, guest: Guest): Pick<Plan, "starts" | "fits"> {
  return place(host, guest);
}

function place(host: HostWindows, guest: Guest): Plan {
  const layout = layoutGuest(guest);
  const pieces = layout.pieces.map((piece) => placed(host, piece));
  const reaches = sub(pow2(guest.physBits), 1);
  const vcpuTooNarrow = layout.highest > reaches ? { needs: layout.highest, reaches } : null;
  const starts = vcpuTooNarrow === null && host.refused.length === 0 && pieces.every((piece) => !piece.fatal);
  return { guest, layout, pieces, starts, fits: starts && pieces.every((piece) => piece.conflict === null), vcpuTooNarrow, refused: host.refused, largestRam: 0 };
}

function placed(host: HostWindows, piece: Piece): PlacedPiece {
  // Memory devices are mapped when they are plugged: a place that can't be mapped shows then.
  const counts = piece.mapped || piece.kind === "memory-devices";
  if (!counts) return { ...piece, verdict: "not-mapped", conflict: null, hole: null, fatal: false };
  const fatal = piece.kind === "ram" || piece.kind === "rom";
  if (piece.last > host.aperture.last) {
    return { ...piece, verdict: "above-aperture", conflict: { first: max(piece.first, add(host.aperture.last, 1)), last: piece.last }, hole: null, fatal };
  }
  if (piece.first < host.aperture.first) {
    return { ...piece, verdict: "above-aperture", conflict: { first: piece.first, last: min(piece.last, sub(host.aperture.first, 1)) }, hole: null, fatal };
  }
  const hole = host.holes.find((candidate) => candidate.first <= piece.last && piece.first <= candidate.last);
  if (!hole) return { ...piece, verdict: "fits", conflict: null, hole: null, fatal: false };
  return { ...piece, verdict: "crosses-hole", conflict: { first: max(piece.first, hole.first), last: min(piece.last, hole.last) }, hole, fatal };
}

/** More RAM than any host has: where a search upwards ends. */
const MOST_RAM = 2 ** 50;
/** So many sizes are looked at on the way down, evenly; and all of them around what may be in the way. */
const LOOKS = 512;
const AROUND = 8;

function startsWith(host: HostWindows, guest: Guest, ram: number): boolean {
  // What maxmem promises is part of the layout; it can't be less than RAM.
  return place(host, { ...guest, ram, maxmem: guest.maxmem === null ? null : Math.max(guest.maxmem, ram) }).starts;
}

function largestRam(host: HostWindows, { guest, starts }: Plan): number {
  // A device that can't be given away is none of RAM's business.
  if (host.refused.length > 0) return 0;
  const good = (ram: number) => startsWith(host, guest, ram);
  if (!starts) {
    const [below, above] = lastGood(host, guest, good);
    return edge(good, below * GIB, Math.min(guest.ram, above * GIB));
  }
  let low = Math.max(guest.ram, MIB);
  if (!good(low)) return guest.ram;
  for (let high = low * 2; high <= MOST_RAM; high *= 2) {
    if (!good(high)) return edge(good, low, high);
    low = high;
  }
  return low;
}

/** The most GiB, of those looked at, with which the guest starts (0: none), and the next larger that was looked at. */
function lastGood(host: HostWindows, guest: Guest, good: (ram: number) => boolean): [below: number, above: number] {
  const asked = Math.floor((Math.min(guest.ram, MOST_RAM) - 1) / GIB);
  const stride = Math.max(1, Math.ceil(asked / LOOKS));
  const bounds = [host.aperture.last, sub(pow2(guest.physBits), 1), ...host.holes.map(({ first }) => first)].map((bound) => Math.floor(Number(bound) / GIB));
  const sizes = new Set(Array.from({ length: LOOKS + 1 }, (_, look) => asked - look * stride));
  for (const bound of bounds) for (let away = -AROUND; away <= AROUND; away++) sizes.add(bound + away);
  let above = asked + 1;
  for (const size of [...sizes].filter((candidate) => candidate > 0 && candidate <= asked).toSorted((one, other) => other - one)) {
    if (good(size * GIB)) return [size, above];
    above = size;
  }
  return [0, above];
}

/** The last whole MiB that is good between one that is (or 0) and one that is not. */
function edge(good: (ram: number) => boolean, from: number, to: number): number {
  let low = Math.ceil(from / MIB);
  let high = Math.ceil(to / MIB);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (good(middle * MIB)) low = middle;
    else high = middle;
  }
  return low * MIB;
}

