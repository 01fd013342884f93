/** What to change so that a guest fits: each change is tried, and only what works is told. */
import { groupedHex, humanSize, rangeText } from "../../base/format.ts";
import { sub } from "../../base/u64.ts";
import type { Guest } from "./guest.ts";
import type { HostWindows } from "./host.ts";
import { bitsOf } from "./layout.ts";
import { verdictOn, type Plan } from "./plan.ts";
import { AMD_HOLE, relocates } from "./x86.ts";

export interface Remedy {
  /** "newer-machine". */
  id: "newer-machine" | "amd-vcpu" | "phys-bits" | "more-phys-bits" | "no-maxmem" | "less-ram" | "other-device";
  /** One sentence. */
  text: string;
  /** What to put on QEMU's command line; empty where there is no option. */
  option: string;
  /** The guest so changed. */
  guest: Guest;
}

/** Changes after which the guest starts (or, where it starts already, after which its BARs can be mapped too). Best first. */
export function remediesFor(host: HostWindows, plan: Plan): Remedy[] {
  if (plan.fits || plan.refused.length > 0) return [];
  return candidates(host, plan).filter(({ guest }) => {
    const changed = verdictOn(host, guest);
    return plan.starts ? changed.fits : changed.starts;
  });
}

function candidates(host: HostWindows, plan: Plan): Remedy[] {
  const { guest } = plan;
  const found: Remedy[] = [];
  const name = guest.machine === "pc" ? "pc-i440fx" : `pc-${guest.machine}`;
  const meetsHyperTransport = plan.pieces.some((piece) => piece.hole?.first === AMD_HOLE.first);
  const wide = Math.max(guest.physBits, 42);
  if (meetsHyperTransport && guest.vendor === "amd" && !relocates(guest) && guest.machine !== "microvm") {
    found.push({
      id: "newer-machine", option: `-machine ${name}-7.1`, guest: { ...guest, version: null, physBits: wide },
      text: "From machine type 7.1 on, QEMU moves the memory of an AMD vCPU that would reach the hole to 1 TiB.",
    });
  }
  if (meetsHyperTransport && guest.vendor !== "amd" && guest.machine !== "microvm" && guest.machine !== "virt") {
    found.push({
      id: "amd-vcpu", option: "-cpu host", guest: { ...guest, vendor: "amd", version: null, physBits: wide },
      text: "With an AMD vCPU and a machine type from 7.1 on, QEMU moves the memory that would reach the hole to 1 TiB.",
    });
  }
  if (plan.vcpuTooNarrow) {
    const bits = bitsOf(plan.vcpuTooNarrow.needs);
    found.push({
      id: "more-phys-bits", option: "-cpu host,host-phys-bits=on", guest: { ...guest, physBits: bits },
      text: `Give the vCPU at least ${bits} physical address bits, if the host's CPU has them.`,
    });
  }
  if (plan.pieces.some((piece) => piece.kind === "bar" && piece.verdict === "above-aperture") && guest.physBits > host.bits) {
    found.push({
      id: "phys-bits", option: `-cpu host,host-phys-bits=on,host-phys-bits-limit=${host.bits}`, guest: { ...guest, physBits: host.bits },
      text: `With ${host.bits} physical address bits the guest's firmware places BARs below ${groupedHex(host.aperture.last)}.`,
    });
  }
  if (guest.maxmem !== null) {
    found.push({ id: "no-maxmem", option: `-m ${megabytes(guest.ram)}`, guest: { ...guest, maxmem: null, slots: 0 }, text: "Without room for memory devices (maxmem) the layout is shorter." });
  }
  if (!plan.starts && plan.largestRam > 0) {
    found.push({
      id: "less-ram", option: `-m ${megabytes(plan.largestRam)}`, guest: { ...guest, ram: plan.largestRam, maxmem: null, slots: 0 },
      text: `${humanSize(plan.largestRam)} of RAM is the most that fits this layout.`,
    });
  }
  return found;
}

function megabytes(bytes: number): string {
  return bytes % 2 ** 30 === 0 ? `${bytes / 2 ** 30}G` : `${Math.floor(bytes / 2 ** 20)}M`;
}

/** The verdict in sentences: the first says whether it works, the others name each collision. */
export function verdictSentences(host: HostWindows, plan: Plan): string[] {
  const { guest } = plan;
  const asked = `${humanSize(guest.ram)} of RAM`;
  const lines: string[] = [];
  if (plan.fits) lines.push(`It fits: ${asked}${guest.bars.length > 0 ? " and every BAR" : ""} can be mapped on ${host.name}.`);
  else if (plan.starts) {
    const lost = plan.pieces.filter((piece) => piece.conflict !== null).map(({ kind }) => kind);
    if (lost.includes("bar")) lines.push(`The guest starts, but not every BAR can be mapped on ${host.name}: peer-to-peer transfers to it are lost, nothing else.`);
    if (lost.includes("memory-devices")) lines.push(`The guest starts with ${asked}, but not all of the memory that may be plugged later (maxmem) can be mapped on ${host.name}.`);
  }
  else lines.push(`It does not fit: a guest with ${asked} does not start on ${host.name}.`);
  for (const { device, hole } of plan.refused) lines.push(`${device} can't be given away at all: firmware wants ${rangeText(hole.first, hole.last)} mapped one to one for it.`);
  if (plan.vcpuTooNarrow) {
    lines.push(`The layout ends at ${groupedHex(plan.vcpuTooNarrow.needs)}, and a vCPU with ${guest.physBits} address bits reaches ${groupedHex(plan.vcpuTooNarrow.reaches)}: the VMM refuses before the IOMMU is asked.`);
  }
  for (const piece of plan.pieces) {
    if (!piece.conflict) continue;
    const what = `${piece.name}, ${rangeText(piece.first, piece.last)},`;
    if (piece.hole) {
      const { hole } = piece;
      lines.push(`${what} crosses the ${hole.label} of ${listed(hole.devices)}, ${rangeText(hole.first, hole.last)}${piece.fatal ? "; the kernel refuses the whole range" : ""}.`);
    } else {
      lines.push(`${what} ends ${humanSize(sub(piece.last, host.aperture.last))} above the IOMMU's last address ${groupedHex(host.aperture.last)}.`);
    }
  }
  if (!plan.starts && plan.refused.length === 0 && plan.largestRam > 0) lines.push(`The most RAM that fits is ${humanSize(plan.largestRam)}.`);
  if (plan.layout.relocated) lines.push("QEMU moved the memory above 4 GiB to 1 TiB, because it would have reached AMD's HyperTransport hole.");
  return lines;
}

function listed(names: string[]): string {
  return names.length <= 2 ? names.join(" and ") : `${names[0]} and ${names.length - 1} others`;
}
