/** Kernel messages (and /sys/class/iommu) about the IOMMU: who makes it, how wide it is, groups, firmware ranges. Forms: formats.md section (f). */
import { parseU64, toBig } from "../../base/u64.ts";
import type { At, Facts } from "./facts.ts";
import { hexNumber, smallNumber } from "./numbers.ts";
import { refusalIn } from "./refusals.ts";
import { anyOf } from "./literals.ts";
import { ignored, USED, type Reader, type Session, type Taken } from "./reader.ts";

const BDF = "([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])";

/** VT-d: the maximum guest address width in bits, from the capability register, and no more than its page tables hold. */
export function vtdWidth(cap: bigint): number {
  const mgaw = Number((cap >> 16n) & 0x3fn) + 1;
  const sagaw = Number((cap >> 8n) & 0x1fn);
  const tables = sagaw & 0b1000 ? 57 : sagaw & 0b100 ? 48 : sagaw & 0b10 ? 39 : mgaw;
  return Math.min(mgaw, tables);
}

/** A fault's device as "0000:03:00.0"; Intel writes [03:00.0], or [0x03:0x00.0] in kernels 5.12 to 5.13. */
function faultingDevice(text: string): string {
  const short = text.replaceAll("0x", "");
  return /^[0-9a-f]{2}:/.test(short) && short.length <= 7 ? `0000:${short}` : short;
}

const MESSAGES: readonly [RegExp, (facts: Facts, match: RegExpExecArray, at: At, line: string) => Taken | null][] = [
  [/Linux version (\d+\.\d+(?:\.\d+)?)|^Linux (?:\S+ )?(\d+\.\d+(?:\.\d+)?)\S* /, (facts, match) => {
    facts.kernel ??= (match[1] ?? match[2]) as string;
    return USED;
  }],
  [/(?:\buname -r|^[Kk]ernel(?: version)?)(?: is|:| =)? v?(\d+\.\d+(?:\.\d+)?)\b/, (facts, match) => {
    facts.kernel ??= match[1] as string;
    return USED;
  }],
  [/reg_base_addr [0-9a-f]+ ver \d+:\d+ cap ([0-9a-f]{1,16})\b/, (facts, match) => {
    facts.vendor ??= "intel";
    facts.unitBits.push(vtdWidth(toBig(hexNumber(match[1]))));
    return USED;
  }],
  [/range_start: (?:0x)?([0-9a-f]{1,16}) range_end: (?:0x)?([0-9a-f]{1,16}) flags:/, (facts, match) => {
    facts.vendor ??= "amd";
    const range = { first: hexNumber(match[1]), last: hexNumber(match[2]) };
    if (range.last >= range.first) facts.firmware.push(range);
    return USED;
  }],
  [/starting up libvirt version: .*?(?:kernel: (\d+\.\d+(?:\.\d+)?)|$)/, (facts, match) => {
    facts.kernel ??= match[1] ?? null;
    return ignored("who started the guest");
  }],
  [/\/intel-iommu\/cap:([0-9a-f]{1,16})$/, (facts, match) => {
    facts.vendor ??= "intel";
    facts.unitBits.push(vtdWidth(toBig(hexNumber(match[1]))));
    return USED;
  }],
  [/\/amd-iommu\/(?:cap|features):|\/iommu\/(smmu3)\b/, (facts, match) => {
    facts.vendor ??= match[1] === undefined ? "amd" : "arm";
    return USED;
  }],
  [/\bdevices\/\S*\/iommu\/(dmar|ivhd|smmu3)|^(dmar|ivhd)\d+$/, (facts, match) => {
    const unit = match[1] ?? match[2];
    facts.vendor ??= unit === "dmar" ? "intel" : unit === "ivhd" ? "amd" : "arm";
    return USED;
  }],
  [/DMAR: (?:Host address width \d+|IOMMU enabled)/, (facts) => {
    facts.vendor ??= "intel";
    return ignored("the CPU's width, not the IOMMU's");
  }],
  [/DMAR: RMRR base: (0x[0-9a-f]{1,16}) end: (0x[0-9a-f]{1,16})/, (facts, match) => {
    const range = { first: hexNumber(match[1]), last: hexNumber(match[2]) };
    if (range.last >= range.first) facts.firmware.push(range);
    return USED;
  }],
  [new RegExp(`${BDF}: Adding to iommu group (\\d+)|iommu: Adding device ${BDF} to group (\\d+)`), (facts, match) => {
    facts.join((match[1] ?? match[3]) as string, smallNumber(match[2] ?? match[4]));
    return USED;
  }],
  [/AMD-Vi: (?:Extended features|Interrupt remapping enabled|Found IOMMU)|AMD-Vi: .*Applying/, (facts) => {
    facts.vendor ??= "amd";
    return USED;
  }],
  [/arm-smmu-v3 \S+: ias (\d+)-bit, oas (\d+)-bit/, (facts) => {
    facts.vendor ??= "arm";
    return USED;
  }],
  [/virtio_iommu \S+: input address: (\d+) bits/, (facts, match) => {
    facts.vendor ??= "virtio";
    facts.unitBits.push(smallNumber(match[1]));
    return USED;
  }],
  [/No interrupt remapping support/, (facts) => {
    facts.interruptRemapping = false;
    return USED;
  }],
  [/RLIMIT_MEMLOCK \((\d+)\) exceeded/, (facts, match) => {
    facts.memlock = parseU64(match[1]);
    return USED;
  }],
  [new RegExp(`${BDF}: (?:(?:DMAR: )?Device is (ineligible) for IOMMU domain attach|Firmware has requested this device have a 1:1)`), (facts, match) => {
    const device = match[1] as string;
    facts.needsDirect.add(device);
    // The Intel driver refused when the IOMMU was set; since 6.6 the core refuses when the group joins.
    if (match[2] !== undefined) facts.failures.push({ kind: "set-iommu", device, errno: "EPERM" });
    else facts.failures.push({ kind: "set-container", device, errno: "EINVAL" });
    return USED;
  }],
  [/DMAR:\s?\[DMA (?:Read|Write)[^\]]*\] Request device \[([^\]]+)\](?: PASID \S+)? fault addr (?:0x)?([0-9a-f]{1,16})/, (facts, match, at) => {
    facts.vendor ??= "intel";
    facts.faults.push({ at, device: faultingDevice(match[1] as string), address: hexNumber(match[2]), by: "intel" });
    return USED;
  }],
  // Kernels from 5.3 on print the device before the message.
  [/(?:([0-9a-f]{4}:[0-9a-f:.]{7}): AMD-Vi: )?Event logged \[IO_PAGE_FAULT (?:device=(\S+) )?domain=\S+ address=(?:0x)?([0-9a-f]{1,16})/, (facts, match, at) => {
    facts.vendor ??= "amd";
    const device = match[1] ?? match[2];
    facts.faults.push({ at, device: device === undefined ? null : faultingDevice(device), address: hexNumber(match[3]), by: "amd" });
    return USED;
  }],
  [/arm-smmu \S+: Unhandled context fault.*\biova=(0x[0-9a-f]{1,16})/, (facts, match, at) => {
    facts.vendor ??= "arm";
    facts.faults.push({ at, device: null, address: hexNumber(match[1]), by: "arm" });
    return USED;
  }],
  // Kernels from 6.15 on decode the event.
  [/arm-smmu-v3 \S+: event: F_\w+ client: (\S+) .*\biova: (0x[0-9a-f]{1,16})/, (facts, match, at) => {
    facts.vendor ??= "arm";
    facts.faults.push({ at, device: faultingDevice(match[1] as string), address: hexNumber(match[2]), by: "arm" });
    return USED;
  }],
  [/arm-smmu \S+:\s+Stage-1: (\d+)-bit VA -> \d+-bit IPA/, (facts, match) => {
    facts.vendor ??= "arm";
    facts.hostBits ??= smallNumber(match[1]);
    return USED;
  }],
  [/IO_PAGE_FAULT|Unhandled context fault|DMAR: DRHD: handling fault status/, () => ignored("a refused DMA of a device")],
  [/BIOS-e820: \[mem /, () => ignored("host physical memory, not IOVA")],
  [/^(?:DMAR(?:-IR)?|AMD-Vi|IOMMU \d+|arm-smmu\S*(?: \S+)?|virtio_iommu \S+|iommu|iommufd|vfio-pci \S+|vfio_[a-z0-9_]+): |^VFIO - |^ACPI: (?:DMAR|IVRS|IORT) /, (_facts, _match, _at, line) => (refusalIn(line) === null ? ignored("a kernel message without addresses we need") : null)],
];

/** A command or heading that names the file alone: its values follow, one a line. */
const KERNEL_ASKED = /\buname -r$/;
const KERNEL_VALUE = /^(\d+\.\d+(?:\.\d+)?)[-+.\w]*$/;
const CAP_FILE = /\/intel-iommu\/cap(?: <==)?$/;
const CAP_VALUE = /^[0-9a-f]{8,16}$/;

/** Words of an SMMUv3 event: 0x10 is a translation fault; the third word is the address. */
const EVENT = /arm-smmu-v3 \S+: event 0x([0-9a-f]{2}) received:/;
const EVENT_WORD = /arm-smmu-v3 \S+:\s+(0x[0-9a-f]{16})$/;
const TRANSLATION_FAULT = "10";

class Dmesg implements Session {
  private readonly facts: Facts;
  private readonly input: string;
  /** Words seen of the event being printed; null outside of one. */
  private words: number | null = null;
  private awaitsCap = false;
  private awaitsKernel = false;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  /** After a command comes what it prints. */
  get expecting(): boolean {
    return this.awaitsCap || this.awaitsKernel;
  }

  take(line: string, number: number): Taken | null {
    if (this.awaitsCap && CAP_VALUE.test(line)) {
      this.facts.unitBits.push(vtdWidth(toBig(hexNumber(line))));
      return USED;
    }
    const kernel = this.awaitsKernel ? KERNEL_VALUE.exec(line)?.[1] : undefined;
    this.awaitsKernel = KERNEL_ASKED.test(line);
    if (kernel !== undefined) {
      this.facts.kernel ??= kernel;
      return USED;
    }
    if (this.awaitsKernel) return ignored("the name of what follows");
    this.awaitsCap = CAP_FILE.test(line);
    if (this.awaitsCap) {
      this.facts.vendor ??= "intel";
      return ignored("the name of what follows");
    }
    const at = { file: this.input, line: number };
    const event = this.eventLine(line, at);
    if (event) return event;
    for (const [pattern, read] of MESSAGES) {
      const match = pattern.exec(line);
      if (!match) continue;
      const before = this.facts.failures.length;
      const taken = read(this.facts, match, at, line);
      if (!taken) continue;
      for (const failure of this.facts.failures.slice(before)) failure.at = at;
      return taken;
    }
    return null;
  }

  /** Kernels before 6.15 print an event as four raw words, one a line. */
  private eventLine(line: string, at: At): Taken | null {
    const event = EVENT.exec(line)?.[1];
    if (event !== undefined) {
      this.facts.vendor ??= "arm";
      this.words = event === TRANSLATION_FAULT ? 0 : null;
      return ignored("the heading of an SMMU event");
    }
    const word = this.words === null ? undefined : EVENT_WORD.exec(line)?.[1];
    if (word === undefined || this.words === null) return null;
    this.words++;
    if (this.words !== 3) return ignored("a word of an SMMU event");
    this.facts.faults.push({ at, device: null, address: hexNumber(word), by: "arm" });
    return USED;
  }
}

export const dmesgReader: Reader = {
  format: "kernel messages",
  needs: [anyOf([...MESSAGES.map(([pattern]) => pattern), CAP_FILE, KERNEL_ASKED, EVENT, EVENT_WORD])],
  open: (facts, input) => new Dmesg(facts, input),
};
