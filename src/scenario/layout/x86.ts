/** Where QEMU puts the memory of PCs. Facts: hw/i386/pc.c, pc_piix.c, pc_q35.c, microvm.c of 7.2 to 10.0; checked in layout.test.ts. */
import { add, alignUp, sub, type U64 } from "../../base/u64.ts";
import { GIB, type Guest, type Piece } from "./guest.ts";

const FOUR_GIB = 4 * GIB;
/** Here the memory above 4 GiB goes when it would reach the hole below it. */
export const AMD_HOLE = { first: 0xfd_0000_0000, last: 0xff_ffff_ffff };
const ABOVE_1TIB = 0x100_0000_0000;
/** Of machine types: the first that moves memory out of the hole. */
export const RELOCATES_SINCE = [7, 1] as const;

/** What the VMM keeps for 64-bit BARs above everything else, bytes. */
const PCI_HOLE_64 = { q35: 32 * GIB, pc: 2 * GIB, microvm: 0 } as const;

/** Bytes of RAM below 4 GiB. */
function lowRam({ machine, ram, maxRamBelow4g }: Guest): number {
  if (machine === "q35") {
    const usual = ram >= 0xb000_0000 ? 0x8000_0000 : 0xb000_0000;
    return Math.min(ram, usual, maxRamBelow4g ?? FOUR_GIB);
  }
  if (machine === "microvm") return Math.min(ram, 0xc000_0000);
  const limit = maxRamBelow4g ?? 0xe000_0000;
  // What does not fit below is split at a whole number of GiB.
  return ram < limit ? ram : Math.min(limit, 0xc000_0000);
}

export function relocates({ machine, vendor, version }: Guest): boolean {
  if (vendor !== "amd" || machine === "microvm") return false;
  return version === null || version[0] > RELOCATES_SINCE[0] || (version[0] === RELOCATES_SINCE[0] && version[1] >= RELOCATES_SINCE[1]);
}

interface High {
  ram: number;
  /** First byte of memory above 4 GiB. */
  start: number;
  devices: { first: number; size: number } | null;
  /** First byte of the 64-bit PCI window. */
  hole64: number;
  /** Last byte that anything may use. */
  highest: U64;
}

function high(guest: Guest, ram: number, start: number): High {
  const size = guest.maxmem === null ? 0 : Math.max(0, guest.maxmem - guest.ram) + guest.slots * GIB;
  const end = start + ram;
  const devices = size === 0 ? null : { first: alignUp(end, GIB) as number, size };
  const hole64 = alignUp(devices ? devices.first + devices.size : end, GIB) as number;
  const window = guest.machine === "virt" ? 0 : PCI_HOLE_64[guest.machine];
  return { ram, start, devices, hole64, highest: hole64 + window - 1 };
}

/** RAM, ROM and memory devices, and where the 64-bit PCI window begins. */
export function x86Layout(guest: Guest): { pieces: Piece[]; hole64: number; highest: U64; relocated: boolean } {
  const low = lowRam(guest);
  const above = guest.ram - low;
  const plain = high(guest, above, FOUR_GIB);
  const relocated = relocates(guest) && plain.highest >= AMD_HOLE.first;
  const { start, devices, hole64, highest } = relocated ? high(guest, above, ABOVE_1TIB) : plain;
  const pieces = lowPieces(guest, low);
  if (above > 0) pieces.push({ first: start, last: start + above - 1, kind: "ram", name: relocated ? "RAM above 1 TiB" : "RAM above 4 GiB", mapped: true });
  if (devices) {
    pieces.push({ first: devices.first, last: devices.first + devices.size - 1, kind: "memory-devices", name: "room for memory devices (maxmem)", mapped: false });
  }
  return { pieces, hole64, highest, relocated };
}

function lowPieces(guest: Guest, low: number): Piece[] {
  const ram = (first: number, end: number, name: string): Piece => ({ first, last: end - 1, kind: "ram", name, mapped: true });
  if (guest.machine === "microvm") return [ram(0, low, "RAM below 4 GiB")];
  const pieces = [ram(0, Math.min(low, guest.vga ? 0xa_0000 : 0xc_0000), "RAM below 1 MiB")];
  if (guest.vga) pieces.push({ first: 0xa_0000, last: 0xb_ffff, kind: "mmio", name: "VGA", mapped: false });
  pieces.push({ first: 0xc_0000, last: 0xd_ffff, kind: "rom", name: "option ROMs", mapped: true, readOnly: true });
  pieces.push({ first: 0xe_0000, last: 0xf_ffff, kind: "rom", name: "BIOS, shadow", mapped: true, readOnly: true });
  if (low > 0x10_0000) pieces.push(ram(0x10_0000, low, "RAM below 4 GiB"));
  if (guest.machine === "q35" && guest.firmware === "seabios") pieces.push(mmio(0xb000_0000, 0xbfff_ffff, "PCIe configuration space"));
  pieces.push(mmio(0xfec0_0000, 0xfec0_0fff, "IOAPIC"), mmio(0xfed0_0000, 0xfed0_03ff, "HPET"), mmio(0xfee0_0000, 0xfeef_ffff, "APIC and MSI"));
  // OVMF's flash is a ROM device: reads go to memory, writes do not, and VFIO leaves it out.
  pieces.push(guest.firmware === "seabios"
    ? { first: 0xfffc_0000, last: 0xffff_ffff, kind: "rom", name: "BIOS", mapped: true, readOnly: true }
    : mmio(0xffc0_0000, 0xffff_ffff, "firmware flash"));
  return pieces;
}

function mmio(first: U64, last: U64, name: string): Piece {
  return { first, last, kind: "mmio", name, mapped: false };
}

/** Where the guest's firmware begins to place 64-bit BARs: OVMF takes the top eighth of the guest's address space, SeaBIOS what follows RAM. */
export function x86BarWindow(guest: Guest, hole64: number): { first: U64; last: U64 } {
  // OVMF trusts no more than 46 bits: that is what four levels of its page tables are made for.
  const bits = Math.min(guest.physBits, 46);
  const end = 2 ** bits;
  if (guest.firmware === "ovmf" && guest.machine !== "microvm") {
    const first = end - end / 8;
    if (first >= hole64) return { first, last: end - 1 };
  }
  return { first: hole64, last: sub(add(hole64, end), 1) };
}
