/**
 * Messages of user space drivers (DPDK, SPDK), other VMMs and the kernel that say what was wrong without naming a call that
 * could be made again. Each names the cause that it stands for.
 */
import type { U64 } from "../../base/u64.ts";
import { add, parseU64, sub, U64_MAX } from "../../base/u64.ts";
import type { Facts, Failure, Hint } from "./facts.ts";
import { hexNumber } from "./numbers.ts";
import { anyOf, needsOf } from "./literals.ts";
import { USED, type Reader, type Session, type Taken } from "./reader.ts";

type Told = Omit<Hint, "at" | "text"> | Failure;

/** A line without any of these words is not worth a closer look. */
const GATE = /already attached|unmap|RMRR|aw-bits|iommu_group|mapped region|overlap|peer-to-peer|bind|IOVA|VFIO|Vfio|vfio|Dma|viable|Viable|locked memory|Addressing limited|registering slot|iommu width|IOMMU|DMA|dma|phys-bits|Address space limit|USER_MEMORY_REGION|[uU]ser[_ ]?[mM]emory[_ ]?[rR]egion|context fault|iopt_table|hardware info|MEMLOCK|[Ii]nterrupt remapping|in use by|ACS|acs|PASID|pasid|VDEVICE|vdevice|iommufd|intel-iommu[",]|virtio-iommu|remapping is being|DMA region|wo GPUs|oth GPUs|2 GPUs|econd GPU|wo NVMe|wo NICs|wo VFs|vfio-dev|\/dev\/iommu|no space|error \d+/;
/** An option or a word for an IOMMU in the guest. */
const GUEST_IOMMU = /\b(?:intel|amd)-iommu[",]|\bvirtio-iommu\b|\bvIOMMU\b|guest IOMMU/;
/** Spelt out: alternatives within a phrase would be looked for one by one, and "wo" is in many a line. */
const SEVERAL = /wo GPUs\b|oth GPUs\b|\b2 GPUs\b|econd GPU\b|wo NVMe|wo NICs\b|wo VFs\b/;

const BDF = /([0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])/;

function deviceIn(line: string): { object?: string } {
  const device = BDF.exec(line)?.[1];
  return device === undefined ? {} : { object: device };
}

function range(first: U64, size: U64): { range?: { first: U64; last: U64 } } {
  return size === 0 ? {} : { range: { first, last: sub(add(first, size), 1) } };
}

/** The kernel's command line: what it was booted with says nothing of what is wrong. */
const BOOT_OPTIONS = /BOOT_IMAGE=|[Cc]ommand line: |\broot=|\binitrd=|GRUB_CMDLINE/;

/** The first that matches counts; null from one: it is not that after all. */
const MESSAGES: readonly [RegExp, (match: RegExpExecArray, line: string) => Told | null][] = [
  [/IOVA (?:\S+ )?exceed(?:ing|s) limits of current DMA mask|IOVA as VA.*not supported.*IOMMU|IOMMU.*(?:does not support|limited).*IOVA as VA/i, () => ({ cause: "iova-above-aperture", errno: "EINVAL" })],
  [/iommu width \((\d+)\) is not sufficient for the mapped address \(([0-9a-f]{1,16})\)/, (match) => {
    const address = hexNumber(match[2]);
    return { cause: "iova-above-aperture", errno: "EFAULT", range: { first: address, last: address } };
  }],
  [/can't map (?:guest )?IOVA region (0x[0-9a-f]{1,16}) ?(?:\.\.|-) ?(0x[0-9a-f]{1,16})/, (match) => {
    const first = hexNumber(match[1]);
    const last = hexNumber(match[2]);
    return last < first || (first === 0 && last === U64_MAX) ? null : { kind: "map", op: "map", iova: first, size: add(sub(last, first), 1), va: null, errno: "EINVAL" };
  }],
  [/disallowed to assign (\S+) with shared RMRR at ([0-9a-f]{1,16})/, (match) => {
    const start = hexNumber(match[2]);
    return { cause: "direct-region-refuses-device", errno: "EPERM", object: match[1] as string, range: { first: start, last: start } };
  }],
  [/\bshared RMRR\b|RMRR.*(?:shared|not (?:permitted|allowed)|disallowed|refus)/i, (_match, line) => ({ cause: "direct-region-refuses-device", errno: "EPERM", ...deviceIn(line) })],
  [/\baw[-_ ]?bits?\D{0,12}(\d{2})\b.*\bhost\b.*?(\d{2})\b/i, (match) => {
    const [guest, host] = [Number(match[1]), Number(match[2])];
    return guest > host && host >= 30 && guest <= 64 ? { kind: "width", guest, host } : null;
  }],
  [/Unexpected size (\d+) of DMA remapping cleared instead of \d+/, (match) => ({ cause: match[1] === "0" ? "partial-unmap-type1-v1" : "unmap-of-nothing", errno: null })],
  [/[Cc]ouldn't find (?:previously )?mapped region|DMA ?(?:un)?map\w*.*\bnot (?:found|mapped)\b/, () => ({ cause: "unmap-of-nothing", errno: "ENOENT" })],
  [/remov\w* DMA region \[(0x[0-9a-f]{1,16}), (0x[0-9a-f]{1,16})\).*No such file/, (match) => ({ cause: "unmap-of-nothing", errno: "ENOENT", ...range(hexNumber(match[1]), hexNumber(match[2]) > hexNumber(match[1]) ? sub(hexNumber(match[2]), hexNumber(match[1])) : 0) })],
  [/DMA region.*(?:overlaps|already)|already (?:mapped|registered).*(?:DMA|iova|vfio)|(?:DMA|iova|IOAS).*already (?:mapped|exists)/i, () => ({ cause: "map-overlaps-mapping", errno: "EEXIST" })],
  [/device is already attached|vfio.*already (?:opened|open\b|assigned)/i, (_match, line) => ({ cause: "group-already-open", errno: "EBUSY", ...deviceIn(line) })],
  [/no iommu_group found|iommu_group.*No such file|cannot open VFIO container|VFIO support (?:could not|couldn't) be initiali[sz]ed|Cannot bind to driver vfio|vfio-pci: probe of \S+ failed/i, (_match, line) => ({ cause: "outside-the-model", errno: null, ...deviceIn(line) })],
  [/(?:vfio|VFIO).*(?:can't reserve \[|not ready \d+ms after|stuck in D3|Invalid PCI ROM|Failed to set up? INTx|reset recovery|Unable to power on)|not managed by VFIO driver/i, (_match, line) => ({ cause: "outside-the-model", errno: null, ...deviceIn(line), weak: true })],
  [/PCI peer-to-peer transactions on BARs are not supported/, (_match, line) => ({ cause: "bar-memory-not-pinnable", errno: null, ...deviceIn(line), weak: true })],
  [/(?:VFIO )?group is not viable|group not viable|GroupViable/i, (_match, line) => (/group \d+ is not viable/.test(line) ? null : { cause: "group-not-viable", errno: "EPERM", ...deviceIn(line) })],
  // The line with the errno was left out.
  [/memory listener initialization failed[.:]?$/, (_match, line) => ({ cause: "memlock-limit", errno: null, weak: true, ...deviceIn(line) })],
  [/error getting device from group (\d+): No such device/, (_match, line) => ({ cause: "outside-the-model", errno: "ENODEV", ...deviceIn(line) })],
  [/[Cc]annot bind \S+ to vfio|IOMMU not present|does(?:n't| not) support VFIO|No IOMMU detected/, (_match, line) => ({ cause: "outside-the-model", errno: null, ...deviceIn(line) })],
  [/\/vfio-dev\b.*No such file/, (_match, line) => ({ cause: "kernel-too-old", errno: "ENOENT", ...deviceIn(line) })],
  [/\/dev\/vfio\/devices(?!\/vfio\d).*No such file/, () => ({ cause: "kernel-too-old", errno: "ENOENT" })],
  [/\/dev\/iommu\b.*No such file/, () => ({ cause: "kernel-too-old", errno: "ENOENT" })],
  [/BAR \d+\b.*(?:can't assign; no space|no space for \[mem size)/, (_match, line) => ({ cause: "outside-the-model", errno: null, weak: true, ...deviceIn(line) })],
  [/cannot limit locked memory|Failed to (?:set|raise) RLIMIT_MEMLOCK/i, () => ({ cause: "memlock-limit", errno: "ENOMEM" })],
  [/Expecting '?(?:PA|VA)'? IOVA mode but current mode is/, (_match, line) => ({ cause: "outside-the-model", errno: null, ...deviceIn(line) })],
  [/VFIO support (?:is )?not initialized/i, () => ({ cause: "map-before-iommu-set", errno: "EINVAL" })],
  [/unmap\w*\b.*\biova[:= ]+(0x[0-9a-f]{1,16})/i, (match, line) => (/\bsize[:= ]+0(?:x0)?\b|\b0 bytes\b|unmapped[:= ]+0(?:x0)?\b/i.test(line) && /\bret\w*[:= ]+0\b|(?:=|->) ?0\b|\bok\b|success/i.test(line) ? { cause: "partial-unmap-type1-v1", errno: null, range: { first: hexNumber(match[1]), last: hexNumber(match[1]) } } : null)],
  [/Failed to get hardware info: No such file/, (_match, line) => ({ cause: "mdev-has-no-hwpt", errno: "ENOENT", ...objectAfterVfio(line) })],
  [/Address space limit (0x[0-9a-f]+) < (0x[0-9a-f]+) phys-bits too low/, (match) => ({ cause: "vcpu-address-width", errno: "EINVAL", range: { first: add(hexNumber(match[1]), 1), last: hexNumber(match[2]) } })],
  [/phys-bits too low|phys-bits should be between|Addressing limited to \d+ bits, but/i, () => ({ cause: "vcpu-address-width", errno: "EINVAL" })],
  [/KVM_SET_USER_MEMORY_REGION failed, slot=\d+, start=(0x[0-9a-f]+), size=(0x[0-9a-f]+): Invalid argument/, (match) => ({ cause: "vcpu-address-width", errno: "EINVAL", ...range(hexNumber(match[1]), hexNumber(match[2])) })],
  [/kvm_set_phys_mem: error registering slot: Invalid argument/, () => ({ cause: "vcpu-address-width", errno: "EINVAL" })],
  [/[sS]et_?[uU]ser_?[mM]emory_?[rR]egion\w*.*(?:\b22\b|Invalid argument)/, () => ({ cause: "vcpu-address-width", errno: "EINVAL", weak: true })],
  [/WARNING: .*iopt_table_enforce_\w*resv_regions/, () => ({ cause: "two-msi-kinds", errno: "EINVAL" })],
  [/RLIMIT_MEMLOCK \((\d+)\) exceeded/, () => null],
  [/No interrupt remapping|allow_unsafe_interrupts/, (match, line) => (/allow_unsafe_interrupts[=:]|parameters\/allow/.test(line) ? null : { cause: "no-interrupt-remapping", errno: "EPERM", ...(!match[0].startsWith("N") && !/param|enable/.test(line) && { weak: true }) })],
  [/interrupt remapping is being\b|Failed to enable irq remapping/i, () => ({ cause: "no-interrupt-remapping", errno: "EPERM", weak: true })],
  [/\/dev\/vfio\/(?:devices\/vfio|(\d+)\b)?\d*\b.*(?:Device or resource busy|Resource busy)|is in use by driver|already in use by/i, (match, line) => (/Could not open|failed to open/.test(line) ? null : match[1] !== undefined && match[1].length < 9 ? { kind: "open-group", group: Number(match[1]), errno: "EBUSY" } : { cause: "group-already-open", errno: "EBUSY", ...deviceIn(line) })],
  [/error attach (\S+) \(\d+\) pasid (\d+) to id=\d+: Invalid argument/, (match) => (match[2] === "0" ? null : { cause: "pasid-not-supported-by-group", errno: "EINVAL", object: match[1] as string })],
  [/\bpasid\b.*\b(?:Invalid argument|EINVAL|not supported|exceeds)/i, (_match, line) => (/pasid 0\b/.test(line) ? null : { cause: "pasid-not-supported-by-group", errno: "EINVAL", ...deviceIn(line) })],
  [/\bv(?:irtual )?device\b.*(?:No such file|ENOENT)|VDEVICE.*(?:No such file|ENOENT)/i, (_match, line) => (/iommu|attach|hwpt|nest|vdevice/i.test(line) ? { cause: "vdevice-missing", errno: "ENOENT", ...deviceIn(line) } : null)],
  [/behind a switch lacking ACS|lacks? ACS\b.*(?:assign|passthrough|isolat)/i, (_match, line) => ({ cause: "no-acs", errno: null, ...deviceIn(line) })],
  [/pcie_acs_override|ACS (?:is )?(?:not (?:supported|enabled)|disabled|missing)|no ACS\b/i, (_match, line) => (BOOT_OPTIONS.test(line) ? null : { cause: "no-acs", errno: null, weak: true })],
];

function objectAfterVfio(line: string): { object?: string } {
  const name = /vfio ([0-9a-f-]{36}|[0-9a-f]{4}:[0-9a-f:.]+|[\w.-]+): /.exec(line)?.[1];
  return name === undefined ? {} : { object: name };
}

const SHOWN = 200;
const LONGEST = 4096;

class Hints implements Session {
  private readonly facts: Facts;
  private readonly input: string;

  constructor(facts: Facts, input: string) {
    this.facts = facts;
    this.input = input;
  }

  take(line: string, number: number): Taken | null {
    // No message is that long, and patterns with gaps are slow on what is.
    if (line.length > LONGEST || !GATE.test(line)) return null;
    if (GUEST_IOMMU.test(line)) this.facts.guestIommu = true;
    if (SEVERAL.test(line)) this.facts.severalDevices = true;
    const limit = /RLIMIT_MEMLOCK \((\d+)\) exceeded/.exec(line);
    if (limit) {
      this.facts.memlock = parseU64(limit[1]);
      this.facts.hints.push({ cause: "memlock-limit", errno: "ENOMEM", at: { file: this.input, line: number }, text: line.slice(0, SHOWN) });
      return USED;
    }
    for (const [pattern, read] of MESSAGES) {
      const match = pattern.exec(line);
      if (!match) continue;
      const told = read(match, line);
      if (told === null) return null;
      const at = { file: this.input, line: number };
      if ("kind" in told) this.facts.failures.push({ ...told, at });
      else {
        this.facts.hints.push({ ...told, at, text: line.slice(0, SHOWN) });
        if (told.cause === "no-interrupt-remapping") this.facts.interruptRemapping = false;
      }
      return USED;
    }
    return null;
  }
}

export const hintsReader: Reader = {
  format: "messages",
  needs: [needsOf(GATE), anyOf([...MESSAGES.map(([pattern]) => pattern), GUEST_IOMMU, SEVERAL])],
  open: (facts, input) => new Hints(facts, input),
};
