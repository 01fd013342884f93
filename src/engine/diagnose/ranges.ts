/** Why a range was refused: against the holes and the end of the host's IOMMU. */
import { humanSize, rangeText, groupedHex } from "../../base/format.ts";
import { add, alignDown, lengthOf, max, min, sub } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import { completeGuest } from "../../scenario/layout/complete.ts";
import { GIB } from "../../scenario/layout/guest.ts";
import type { HostHole, HostWindows } from "../../scenario/layout/host.ts";
import { planGuest } from "../../scenario/layout/plan.ts";
import { remediesFor } from "../../scenario/layout/remedies.ts";
import { AMD_HOLE } from "../../scenario/layout/x86.ts";
import type { Clues } from "../../scenario/clues.ts";
import type { Cause } from "./causes.ts";

export interface RangeVerdict {
  cause: Extract<Cause, "iova-above-aperture" | "map-crosses-reserved-region">;
  decidedBy: Range;
  text: string;
  remedy: string;
}

/** What lies there: a BAR that a VMM maps, a guest's memory, or memory of a program that chooses the addresses itself. */
export type MappedBy = "bar" | "guest" | "program";

const PAGE = 4096;
/** A region's label within a sentence. */
const SPELLED: Readonly<Record<string, string>> = { MSI: "MSI window", "software MSI": "software MSI window", HyperTransport: "HyperTransport hole", "ISA bridge": "ISA bridge's region" };

/** Whose a hole is, unless that name was made up to have one. */
function ownersOf({ devices }: HostHole, clues: Clues): string {
  const known = devices.filter((name) => isKnown(name, clues));
  return known.length === 0 ? "" : ` of ${known[0]}${known.length > 1 ? ` and ${known.length - 1} more` : ""}`;
}

/** Did the inputs have this name of a device or group? Others were made up for the model. */
function isKnown(name: string, clues: Clues): boolean {
  const group = /^group (\d+)$/.exec(name)?.[1];
  return group === undefined ? !/^vfio\d+$/.test(name) : clues.groups.some((known) => known.group === Number(group)) || clues.failures.some((failure) => "group" in failure && failure.group === Number(group));
}

/** Null: the range lies in a valid window of this host. */
export function judgeRange(range: Range, host: HostWindows, what: string, by: MappedBy, clues: Clues): RangeVerdict | null {
  const asked = `${what} at ${rangeText(range.first, range.last)}`;
  if (range.last > host.aperture.last) {
    const over = sub(range.last, host.aperture.last);
    const decidedBy = { first: add(host.aperture.last, 1), last: max(range.last, add(host.aperture.last, 1)) };
    return {
      cause: "iova-above-aperture", decidedBy,
      text: `${asked} ends ${humanSize(over)} above ${groupedHex(host.aperture.last)}, the last address of the host's ${host.bits}-bit IOMMU (${host.name}).${by === "bar" ? " The guest still starts: only peer-to-peer transfers to this BAR are lost." : ""}`,
      remedy: aboveRemedy(host, by, clues),
    };
  }
  const hole = host.holes.find((candidate) => candidate.first <= range.last && range.first <= candidate.last);
  if (!hole) return null;
  return {
    cause: "map-crosses-reserved-region", decidedBy: { first: hole.first, last: hole.last },
    text: `${asked} crosses the ${SPELLED[hole.label] ?? hole.label} ${rangeText(hole.first, hole.last)}${ownersOf(hole, clues)}; the kernel refuses the whole range.`,
    remedy: holeRemedy(range, hole, host, by, clues),
  };
}

/** What a planner that knows the guest would change. */
function planned(host: HostWindows, clues: Clues): string | null {
  if (clues.options?.guest.ram === undefined) return null;
  const { guest } = completeGuest(clues.options, host.kind);
  const remedies = remediesFor(host, planGuest(host, guest));
  return remedies.length === 0 ? null : remedies.map(({ text, option }) => (option === "" ? text : `${option}: ${text}`)).join(" Or ");
}

function aboveRemedy(host: HostWindows, by: MappedBy, clues: Clues): string {
  if (by === "program") return `Choose IOVAs below ${groupedHex(add(host.aperture.last, 1))} (${humanSize(add(host.aperture.last, 1))}); in DPDK and SPDK, --iova-mode=pa.`;
  const fromPlan = planned(host, clues);
  if (fromPlan !== null) return fromPlan;
  if (by === "bar") return `Let the guest see no more than ${host.bits} physical address bits, so that its firmware places BARs lower: -cpu host,host-phys-bits-limit=${host.bits} (libvirt: <maxphysaddr mode='passthrough' limit='${host.bits}'/>).`;
  return `Keep everything below ${groupedHex(add(host.aperture.last, 1))} (${humanSize(add(host.aperture.last, 1))}): less RAM or maxmem; in user space drivers, --iova-mode=pa.`;
}

function holeRemedy(range: Range, hole: HostHole, host: HostWindows, by: MappedBy, clues: Clues): string {
  if (by === "program") return `${fits(range, host)}Choose IOVAs around it.`;
  const fromPlan = planned(host, clues);
  if (fromPlan !== null) return fromPlan;
  if (hole.first === AMD_HOLE.first && range.first < hole.first) {
    const low = range.first === 4 * GIB ? 2 : 0;
    return `Use a machine type from 7.1 on with an AMD vCPU (-machine pc-q35-7.1 -cpu host): QEMU then moves memory above 4 GiB to 1 TiB. Or give the guest at most ${low === 2 ? "1010 GiB (q35) or 1011 GiB (i440fx)" : "so much"} RAM.`;
  }
  return `${fits(range, host)}Lay the guest out around it, or use a device without this region.`;
}

/** The pieces of a range that could be mapped, largest first. */
function fits(range: Range, host: HostWindows): string {
  const pieces: Range[] = [];
  let from = max(range.first, host.aperture.first);
  const end = min(range.last, host.aperture.last);
  for (const hole of [...host.holes, null]) {
    const last = hole === null ? end : hole.first > 0 ? min(end, sub(hole.first, 1)) : 0;
    if (last > from) {
      const stop = alignDown(add(last, 1), PAGE);
      if (stop > from) pieces.push({ first: from, last: sub(stop, 1) });
    }
    if (hole !== null) from = max(from, add(hole.last, 1));
  }
  const sizes = pieces.toSorted((one, other) => (lengthOf(one.first, one.last) > lengthOf(other.first, other.last) ? -1 : 1));
  return sizes.length === 0 ? "" : `What fits: ${sizes.slice(0, 3).map((piece) => rangeText(piece.first, piece.last)).join(", ")}. `;
}
