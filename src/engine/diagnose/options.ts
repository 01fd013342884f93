/** What a VMM's command line says by itself, held against the host, where no message tells of a failure. */
import { groupedHex, humanSize } from "../../base/format.ts";
import type { Clues } from "../../scenario/clues.ts";
import { completeGuest } from "../../scenario/layout/complete.ts";
import type { HostWindows } from "../../scenario/layout/host.ts";
import { addressSpaces, type GuestOptions } from "../../scenario/layout/options.ts";
import { planGuest } from "../../scenario/layout/plan.ts";
import type { Finding } from "./finding.ts";
import { blockers, findingOf, lockCause } from "./messages.ts";
import { NEED } from "./needs.ts";

/** What intel-iommu promises where the command line does not say: from machine types of 9.2 on. */
const USUAL_WIDTH = 48;

export function fromOptions(clues: Clues, host: HostWindows): Finding[] {
  const { options } = clues;
  if (!options) return [];
  return [vcpu(options, host), viommu(options, host, clues), twoSpaces(options, clues), ...viability(options, clues), locked(options, clues)].filter((finding) => finding !== null);
}

function vcpu(options: GuestOptions, host: HostWindows): Finding | null {
  // A width that comes from the host's CPU is not known here, so nothing is said of it.
  if (options.guest.ram === undefined || (options.guest.physBits === undefined && options.hostPhysBits !== null && options.hostPhysBits.limit === null)) return null;
  const { guest } = completeGuest(options, host.kind);
  const narrow = planGuest(host, guest).vcpuTooNarrow;
  if (!narrow) return null;
  return findingOf("vcpu-address-width", {
    range: { first: 0, last: narrow.needs }, confidence: "modelled", basis: "the layout that the command line gives, and the address bits of its vCPU", object: `a vCPU of ${guest.physBits} bits`,
    text: `The guest's memory reaches to ${groupedHex(narrow.needs)}, but its vCPU has ${guest.physBits} physical address bits and ends at ${groupedHex(narrow.reaches)}: the VMM refuses, whatever the IOMMU.`,
  });
}

function viommu({ viommu: guest, guest: { version } }: GuestOptions, host: HostWindows, clues: Clues): Finding | null {
  if (!guest || !clues.known.width || guest.kind.startsWith("virtio")) return null;
  const isRecent = !version || version[0] > 9 || (version[0] === 9 && version[1] >= 2);
  const bits = guest.bits ?? (guest.kind.startsWith("intel") && isRecent ? USUAL_WIDTH : null);
  if (bits === null || bits <= host.bits) return null;
  return findingOf("viommu-wider-than-host", {
    object: guest.kind, confidence: guest.bits === null ? "guessed" : "modelled", basis: guest.bits === null ? "the width that newer machine types have when none is given" : "the command line and the host's width",
    text: `The guest's ${guest.kind} would have ${bits} address bits, the host's IOMMU has ${host.bits}.`, remedy: `Give it the host's width: aw-bits=${host.bits} (libvirt: <driver aw_bits='${host.bits}'/>).`,
  });
}

/** Behind a guest IOMMU each function has an address space of its own, and a group can't be in two. */
function twoSpaces(options: GuestOptions, clues: Clues): Finding | null {
  if (!options.viommu) return null;
  const hosts = options.assigned.flatMap(({ host }) => host ?? []);
  const group = clues.groups.find(({ devices }) => devices.filter(({ name }) => hosts.includes(name)).length > 1);
  if (!group) return null;
  const names = group.devices.filter(({ name }) => hosts.includes(name)).map(({ name }) => name);
  return findingOf("group-in-two-address-spaces", {
    object: `group ${group.group}`, confidence: "modelled", basis: "the command line and the listing of groups",
    text: `${names.join(" and ")} are in group ${group.group}, and behind the guest's ${options.viommu.kind} each would have an address space of its own; a group can't be in two.`,
  });
}

function viability(options: GuestOptions, clues: Clues): Finding[] {
  return options.assigned.flatMap(({ host, iommufd }) => {
    const group = host === null ? undefined : clues.groups.find(({ devices }) => devices.some(({ name }) => name === host));
    const who = group ? blockers(clues, group.group, host ?? undefined) : [];
    if (!group || who.length === 0) return [];
    return [findingOf("group-not-viable", {
      api: iommufd ? "iommufd" : "type1", object: `${host}, group ${group.group}`, confidence: "modelled", basis: "the drivers in the listing of the group",
      text: `Group ${group.group} of ${host} can't be given away: ${who.join(", ")} ${who.length === 1 ? "is" : "are"} still in the hands of a host driver, and a group goes as a whole.`,
      remedy: `Bind ${who.map((name) => name.replace(/ .*/, "")).join(", ")} to vfio-pci too (or unbind from its driver); bridges may stay.`,
    })];
  });
}

function locked(options: GuestOptions, clues: Clues): Finding | null {
  const limit = clues.memlock ?? options.lockLimit;
  const { ram } = options.guest;
  if (limit === null || ram === undefined || options.assigned.length === 0 || limit >= ram * addressSpaces(options)) return null;
  return findingOf(lockCause(clues), {
    confidence: "modelled", basis: "the limit and the guest's RAM", object: "pc.ram", needs: [NEED.limit],
    text: `The guest's ${humanSize(ram)} are pinned ${addressSpaces(options) > 1 ? `${addressSpaces(options)} times, once for each address space` : "whole"}, and the process may lock ${humanSize(limit)}.`,
  });
}
