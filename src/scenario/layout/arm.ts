/** Where QEMU's arm64 "virt" puts memory. Facts: hw/arm/virt.c of 7.2 to 10.0; checked in layout.test.ts. */
import { alignUp, type U64 } from "../../base/u64.ts";
import { GIB, MIB, type Guest, type Piece } from "./guest.ts";

const RAM_BASE = 0x4000_0000;
/** High regions never start lower, so that small guests of old versions keep their map. */
const HIGH_REGIONS = 256 * GIB;
const REDISTRIBUTORS = 64 * MIB;
const ECAM = 256 * MIB;
const WINDOW = 512 * GIB;

export function virtLayout(guest: Guest): { pieces: Piece[]; window: { first: U64; last: U64 }; highest: U64 } {
  const end = RAM_BASE + guest.ram;
  const devicesSize = guest.maxmem === null ? 0 : Math.max(0, guest.maxmem - guest.ram) + guest.slots * GIB;
  const devicesFirst = alignUp(end, GIB) as number;
  const top = devicesSize > 0 ? devicesFirst + (alignUp(devicesSize, GIB) as number) : devicesFirst;
  const high = Math.max(top, HIGH_REGIONS);
  const ecam = alignUp(high + REDISTRIBUTORS, ECAM) as number;
  const window = alignUp(ecam + ECAM, WINDOW) as number;
  const pieces: Piece[] = [
    // Flash reads like memory and is programmed through writes; VFIO leaves it out.
    { first: 0, last: 0x7ff_ffff, kind: "mmio", name: "firmware flash", mapped: false },
    { first: 0x800_0000, last: 0xfff_ffff, kind: "mmio", name: "interrupt controller and devices", mapped: false },
    { first: 0x1000_0000, last: 0x3efe_ffff, kind: "mmio", name: "32-bit PCI window", mapped: false },
    { first: RAM_BASE, last: end - 1, kind: "ram", name: "RAM", mapped: true },
    { first: ecam, last: ecam + ECAM - 1, kind: "mmio", name: "PCIe configuration space", mapped: false },
  ];
  if (devicesSize > 0) {
    pieces.push({ first: devicesFirst, last: devicesFirst + devicesSize - 1, kind: "memory-devices", name: "room for memory devices (maxmem)", mapped: false });
  }
  return { pieces, window: { first: window, last: window + WINDOW - 1 }, highest: window + WINDOW - 1 };
}
