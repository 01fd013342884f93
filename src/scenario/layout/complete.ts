/** A whole guest from what a command line tells, and which host. */
import type { PlatformKind } from "../../kernel/config.ts";
import { USUAL_GUEST, type Guest } from "./guest.ts";
import type { GuestOptions } from "./options.ts";

/** Physical address bits of a common CPU of such a host. */
const HOST_CPU_BITS: Partial<Record<PlatformKind, number>> = { "intel-vtd": 46, "intel-vtd-scalable": 46, "amd-vi": 48, "arm-smmuv3": 48 };
/** Of QEMU's own CPU models. */
const MODEL_BITS = 40;

/** Fills what the options leave open with what is usual on such a host. `assumed` lists, in words, what was filled in. */
export function completeGuest(options: GuestOptions, kind: PlatformKind): { guest: Guest; assumed: string[] } {
  const assumed: string[] = [];
  const guest: Guest = { ...USUAL_GUEST, ...options.guest };
  if (kind === "arm-smmuv3" && options.guest.machine === undefined) guest.machine = "virt";
  if (options.guest.ram === undefined) assumed.push("4 GiB of RAM");
  if (options.guest.machine === undefined) assumed.push(`machine type ${guest.machine}`);
  if (guest.machine === "virt") guest.vendor = "arm";
  else if (options.guest.vendor === undefined) {
    guest.vendor = kind === "amd-vi" ? "amd" : "intel";
    if (!options.hostVendor) assumed.push(`a vCPU of the host's maker (${guest.vendor})`);
  }
  if (options.guest.physBits === undefined) {
    const host = HOST_CPU_BITS[kind] ?? 46;
    const fromHost = options.hostPhysBits !== null;
    guest.physBits = fromHost ? Math.min(host, options.hostPhysBits?.limit ?? host) : MODEL_BITS;
    if (fromHost && options.hostPhysBits?.limit === null) assumed.push(`${host} physical address bits of the host's CPU`);
  }
  return { guest, assumed };
}
