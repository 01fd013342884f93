/** DMA that an IOMMU refused, as the kernel log tells it: what lies where the device went. */
import { groupedHex, rangeText } from "../../base/format.ts";
import type { Range } from "../../kernel/answer.ts";
import type { Clues, DmaFault } from "../../scenario/clues.ts";
import type { Finding } from "./finding.ts";
import { listsOf } from "./lists.ts";
import { findingOf } from "./messages.ts";
import { NEED } from "./needs.ts";

/** Where Linux puts the software window unless a driver says otherwise. */
const SW_MSI: Range = { first: 0x800_0000, last: 0x80f_ffff };
/** Offsets of the doorbell registers of GICv2m and of an ITS: an MSI write that was not given a window at all. */
const DOORBELLS: readonly (number | bigint)[] = [0x40, 0x1_0040];

function holds(range: Range, fault: DmaFault): boolean {
  return range.first <= fault.address && fault.address <= range.last;
}

function isMsi(fault: DmaFault, clues: Clues): boolean {
  if (fault.by === "intel" || fault.by === "amd") return false;
  const listed = listsOf(clues).flatMap(({ regions }) => regions).filter((region) => region.type === "msi");
  const windows = listed.length > 0 ? listed : [SW_MSI];
  return windows.some((window) => holds(window, fault)) || DOORBELLS.includes(fault.address);
}

function fromFault(fault: DmaFault, clues: Clues): Finding {
  const base = { where: fault.at, object: fault.device ?? "", range: { first: fault.address, last: fault.address } };
  const who = fault.device ?? "A device";
  if (isMsi(fault, clues)) {
    return findingOf("msi-window-unusable", {
      ...base, needs: clues.known.regions ? [] : [NEED.regions], basis: "the fault's address, which is an interrupt doorbell's",
      text: `${who}'s interrupt write to ${groupedHex(fault.address)} faulted: the window that software picked for MSI is where this hardware does not translate, or was never mapped.`,
    });
  }
  const direct = [...listsOf(clues).flatMap(({ regions }) => regions).filter((region) => region.type.startsWith("direct")), ...clues.firmware].find((region) => holds(region, fault));
  if (direct) {
    return findingOf("direct-region-refuses-device", {
      ...base, decidedBy: direct, confidence: "guessed", basis: "the fault's address, which lies in a region of the firmware",
      text: `${who} accessed ${groupedHex(fault.address)} in the firmware region ${rangeText(direct.first, direct.last)}, which must stay mapped one to one for it.`,
    });
  }
  return findingOf("outside-the-model", {
    ...base, confidence: "guessed", basis: "a fault alone tells where a device went, not who should have mapped that",
    text: `${who} accessed ${groupedHex(fault.address)}, which is not mapped for it. Its driver or firmware uses an address that nobody mapped, or one that was unmapped too early.`,
    remedy: "Look for what the driver of that device did just before; a capture of its mappings shows whether the address was ever there.", needs: [NEED.events],
  });
}

/** One finding for each kind of fault: a device that faults once faults a thousand times. */
export function fromFaults(clues: Clues): Finding[] {
  const found: Finding[] = [];
  for (const fault of clues.faults) {
    const finding = fromFault(fault, clues);
    if (!found.some(({ cause }) => cause === finding.cause)) found.push(finding);
  }
  return found;
}
