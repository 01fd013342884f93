/** Kernel messages (and /sys/class/iommu) about the IOMMU: who makes it, how wide it is, groups, firmware ranges. Forms: formats.md section (f). */
import { parseU64, toBig } from "../../base/u64.ts";
import type { Facts } from "./facts.ts";
import { hexNumber, smallNumber } from "./numbers.ts";
import { ignored, USED, type Reader, type Taken } from "./reader.ts";

const BDF = "([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])";

/** VT-d: the maximum guest address width in bits, from the capability register, and no more than its page tables hold. */
export function vtdWidth(cap: bigint): number {
  const mgaw = Number((cap >> 16n) & 0x3fn) + 1;
  const sagaw = Number((cap >> 8n) & 0x1fn);
  const tables = sagaw & 0b1000 ? 57 : sagaw & 0b100 ? 48 : sagaw & 0b10 ? 39 : mgaw;
  return Math.min(mgaw, tables);
}

const MESSAGES: readonly [RegExp, (facts: Facts, match: RegExpExecArray) => Taken][] = [
  [/Linux version (\d+\.\d+(?:\.\d+)?)|^Linux \S+ (\d+\.\d+(?:\.\d+)?)\S* /, (facts, match) => {
    facts.kernel ??= (match[1] ?? match[2]) as string;
    return USED;
  }],
  [/reg_base_addr [0-9a-f]+ ver \d+:\d+ cap ([0-9a-f]{1,16})\b/, (facts, match) => {
    facts.vendor ??= "intel";
    facts.unitBits.push(vtdWidth(toBig(hexNumber(match[1]))));
    return USED;
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
  [/DMAR: Host address width \d+/, (facts) => {
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
  [new RegExp(`${BDF}: (?:DMAR: Device is (ineligible) for IOMMU domain attach due to platform RMRR|Firmware has requested this device have a 1:1 IOMMU mapping)`), (facts, match) => {
    const device = match[1] as string;
    facts.needsDirect.add(device);
    // The Intel driver refused when the IOMMU was set; since 6.6 the core refuses when the group joins.
    if (match[2] !== undefined) facts.failures.push({ kind: "set-iommu", device, errno: "EPERM" });
    else facts.failures.push({ kind: "set-container", device, errno: "EINVAL" });
    return USED;
  }],
  [/DMAR: \[DMA (?:Read|Write)|IO_PAGE_FAULT|Unhandled context fault|DMAR: DRHD: handling fault status/, () => ignored("a refused DMA of a device")],
  [/BIOS-e820: \[mem /, () => ignored("host physical memory, not IOVA")],
  [/^(?:DMAR(?:-IR)?|AMD-Vi|IOMMU \d+|arm-smmu\S*(?: \S+)?|virtio_iommu \S+|iommu|iommufd|vfio-pci \S+|vfio_[a-z0-9_]+): |^VFIO - |^ACPI: (?:DMAR|IVRS|IORT) /, () => ignored("a kernel message without addresses we need")],
];

export const dmesgReader: Reader = {
  format: "kernel messages",
  open: (facts, input) => ({
    take(line, number) {
      for (const [pattern, read] of MESSAGES) {
        const match = pattern.exec(line);
        if (!match) continue;
        const before = facts.failures.length;
        const taken = read(facts, match);
        for (const failure of facts.failures.slice(before)) failure.at = { file: input, line: number };
        return taken;
      }
      return null;
    },
  }),
};
