/** A guest as a person describes it to a VMM, and the memory map that comes of it. Bytes and inclusive ranges throughout. */
import type { U64 } from "../../base/u64.ts";

export const KIB = 1024;
export const MIB = 1024 * KIB;
export const GIB = 1024 * MIB;
export const TIB = 1024 * GIB;

export const MACHINES = ["q35", "pc", "virt", "microvm"] as const;
export type MachineType = (typeof MACHINES)[number];
export type VcpuVendor = "intel" | "amd" | "arm";
export type Firmware = "seabios" | "ovmf";

/** A PCI BAR that the guest's firmware has to place; 64-bit and prefetchable, as the large ones are. */
export interface Bar {
  /** "BAR 1 of 0000:01:00.0". */
  name: string;
  /** Bytes, a power of two. */
  size: U64;
}

export interface Guest {
  machine: MachineType;
  /** Of a versioned machine type, "pc-q35-7.0": [7, 0]. Null: the newest. */
  version: readonly [major: number, minor: number] | null;
  /** Bytes. */
  ram: number;
  /** Bytes with all memory devices plugged; null: no room for them. */
  maxmem: number | null;
  slots: number;
  /** Vendor of the vCPU: with KVM the host's, unless the command line names another. */
  vendor: VcpuVendor;
  /** Physical address bits that the guest sees. */
  physBits: number;
  /** Bytes, or null for the machine's own. */
  maxRamBelow4g: number | null;
  firmware: Firmware;
  /** A VGA card keeps 0xa0000–0xbffff. */
  vga: boolean;
  bars: readonly Bar[];
}

/** A plain guest to start from. */
export const USUAL_GUEST: Guest = {
  machine: "q35", version: null, ram: 4 * GIB, maxmem: null, slots: 0, vendor: "intel", physBits: 46, maxRamBelow4g: null, firmware: "ovmf", vga: false, bars: [],
};

export type PieceKind = "ram" | "rom" | "memory-devices" | "bar" | "mmio";

/** One range of the guest's physical space. */
export interface Piece {
  first: U64;
  last: U64;
  kind: PieceKind;
  /** "RAM above 4 GiB". */
  name: string;
  /** VFIO maps it when the guest starts. */
  mapped: boolean;
  readOnly?: true;
  /** The guest's firmware or system chooses the place; this is where the usual one puts it. */
  placedByGuest?: true;
}

export interface Layout {
  /** Ascending. */
  pieces: Piece[];
  /** The last address that the VMM itself needs the vCPU to reach: RAM, memory devices and the PCI window. */
  highest: U64;
  /** Memory above 4 GiB was moved to 1 TiB because of AMD's HyperTransport hole. */
  relocated: boolean;
}
