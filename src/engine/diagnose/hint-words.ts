/** What a message that names its cause says in particular: its numbers, the devices that a listing adds, and the remedy that fits its program. */
import { groupedHex, humanSize, rangeText } from "../../base/format.ts";
import { sub } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { Clues, Hint } from "../../scenario/clues.ts";
import { CAUSES, type Cause } from "./causes.ts";
import type { Finding } from "./finding.ts";
import { NEED } from "./needs.ts";

/** `needs` only where it is another than the cause's own. */
type Words = Pick<Finding, "text" | "remedy"> & Partial<Pick<Finding, "needs">>;

const MAP_FILE = "IOMMU_IOAS_MAP_FILE";
/** The first kernel with each call; /dev/iommu itself came with 6.2. */
const SINCE: Readonly<Record<string, string>> = {
  IOMMU_IOAS_ALLOC: "6.2", IOMMU_IOAS_MAP: "6.2", IOMMU_IOAS_UNMAP: "6.2", IOMMU_IOAS_COPY: "6.2", IOMMU_IOAS_IOVA_RANGES: "6.2", IOMMU_IOAS_ALLOW_IOVAS: "6.2", IOMMU_OPTION: "6.2",
  VFIO_DEVICE_BIND_IOMMUFD: "6.6", VFIO_DEVICE_ATTACH_IOMMUFD_PT: "6.6", VFIO_DEVICE_DETACH_IOMMUFD_PT: "6.6", IOMMU_HWPT_ALLOC: "6.6", IOMMU_GET_HW_INFO: "6.6",
  IOMMU_HWPT_SET_DIRTY_TRACKING: "6.7", IOMMU_HWPT_GET_DIRTY_BITMAP: "6.7", IOMMU_HWPT_INVALIDATE: "6.8", IOMMU_FAULT_QUEUE_ALLOC: "6.11",
  [MAP_FILE]: "6.13", IOMMU_VIOMMU_ALLOC: "6.13", IOMMU_VDEVICE_ALLOC: "6.13", IOMMU_IOAS_CHANGE_PROCESS: "6.13", IOMMU_VEVENTQ_ALLOC: "6.15", IOMMU_HW_QUEUE_ALLOC: "6.17",
};

/** Which call, which kernel, and since when. */
export function tooOld(ioctl: string, { kernel }: Clues): string {
  const since = SINCE[ioctl] === undefined ? "" : `, which came with Linux ${SINCE[ioctl]}${ioctl === MAP_FILE ? " and which VMMs use for memory that is a file" : ""}`;
  return `${kernel === null ? "This kernel" : `Linux ${kernel}`} does not have ${ioctl === "" ? "the ioctl" : ioctl}${since}.`;
}

/** What helps against a missing call; null: what helps against the commonest one. */
export function newerRemedy(ioctl: string): string | undefined {
  const since = SINCE[ioctl];
  return since === undefined || ioctl === MAP_FILE ? undefined : `Use Linux ${since} or newer, or set the VMM up so that it does without ${ioctl}.`;
}

/** What a hint's cause means in general, and what the inputs say of it in particular. */
export function hintWords(cause: Cause, hint: Hint, clues: Clues): Words {
  const { meaning, remedy } = CAUSES[cause];
  const words = inParticular(cause, hint, clues);
  return { text: words?.text ?? meaning, remedy: words?.remedy ?? remedy, ...(words?.needs && { needs: words.needs }) };
}

function inParticular(cause: Cause, hint: Hint, clues: Clues): Partial<Words> | null {
  return PARTICULAR[cause]?.(hint, clues) ?? null;
}

const PARTICULAR: Partial<Record<Cause, (hint: Hint, clues: Clues) => Partial<Words> | null>> = {
  "memlock-limit": ({ text }, { memlock }) => (text.includes("memory listener") ? {
    text: "The VMM could not map the guest's memory, and the line that says why is not among the inputs. Mostly the process may not lock so much memory (ENOMEM); it may also be an address that the host's IOMMU does not take (EINVAL).",
    needs: [NEED.messages, NEED.limit],
  } : limitRefused(text) ?? (memlock === null ? null : { text: `${CAUSES["memlock-limit"].meaning} The limit was ${humanSize(memlock)}.` })),
  "kernel-too-old": (hint, clues) => fileMissing(hint, clues) ?? { text: tooOld(hint.object ?? "", clues), remedy: newerRemedy(hint.object ?? "") },
  "vcpu-address-width": ({ range, text, weak }) => exceeds(text) ?? (range ? { text: vcpuText(range, text) } : weak ? {
    text: "KVM refused a piece of the guest's memory, and the message names no address. Mostly it lies above what the host's CPU can address; on hosts with 64 KiB pages it may also be a piece that is no whole page.",
  } : null),
  "pasid-not-supported-by-group": withoutPasids,
  "partial-unmap-type1-v1": ({ range }) => (range ? { text: `The unmap at ${groupedHex(range.first)} removed nothing and was called a success: a type1 v1 container leaves a mapping whole that starts before the range. The stale mapping stays, and the device goes on using the old memory.` } : null),
  "iova-above-aperture": ({ text }) => (/DMA mask|IOVA as VA/i.test(text) ? { text: "The memory's own (virtual) addresses are used as IOVAs here, and they lie above what the host's IOMMU can translate (39 bits on many machines).", remedy: "Start with --iova-mode=pa, so that physical addresses are the IOVAs." } : null),
  "group-already-open": ({ text, object }) => {
    const domain = /in use by driver \S+, domain (\S+)/.exec(text)?.[1];
    return domain === undefined ? null : { text: `${object ?? "The device"} belongs to the running guest ${domain} already.`, remedy: `Shut ${domain} down or detach the device from it first (virsh detach-device).`, needs: [] };
  },
  "outside-the-model": (hint, clues) => (hint.cause === "kernel-too-old" ? fileMissing(hint, clues) : outside(hint.text, hint.object)),
};

/** Who may not raise the limit never comes to pin anything. */
function limitRefused(text: string): Partial<Words> | null {
  const asked = /cannot limit locked memory(?: of process(?: \d+)?)? to (\d+)/.exec(text)?.[1];
  if (asked === undefined) return null;
  return {
    text: `libvirt may not raise the limit of locked memory to ${humanSize(Number(asked))}, which this guest and its devices need; nothing was pinned yet.`,
    remedy: "Give whoever starts the VMM that limit beforehand (LimitMEMLOCK= of the service, prlimit --memlock on the container's main process) or CAP_SYS_RESOURCE; with a guest IOMMU each device counts the guest's RAM once more.",
  };
}

/** Files that are there from a kernel version on, if it was built with them and, for a device's own, if a VFIO driver has it. */
const FILES: Readonly<Record<string, { since: string; config: string; perDevice?: true }>> = {
  "/dev/iommu": { since: "6.2", config: "CONFIG_IOMMUFD" }, "/dev/vfio/devices": { since: "6.6", config: "CONFIG_VFIO_DEVICE_CDEV", perDevice: true }, "vfio-dev": { since: "6.6", config: "CONFIG_VFIO_DEVICE_CDEV", perDevice: true },
};

/** The file that a message misses. */
function missingFile({ text }: Hint): string {
  return /No such file/.test(text) ? (/\/dev\/iommu\b|\/dev\/vfio\/devices|vfio-dev/.exec(text)?.[0] ?? "") : "";
}

/** Is what is missing no matter of the kernel's age? A device's own file is mostly missing for want of its driver. */
export function isNoMatterOfAge(hint: Hint, { kernel }: Clues): boolean {
  const name = missingFile(hint);
  const file = FILES[name];
  return file !== undefined && (kernel === null ? name === "vfio-dev" : !isBefore(kernel, file.since));
}

export function isBefore(kernel: string, since: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  const [first = 0, second = 0] = since.split(".").map(Number);
  return major < first || (major === first && minor < second);
}

function fileMissing(hint: Hint, clues: Clues): Partial<Words> | null {
  const name = missingFile(hint);
  const file = FILES[name];
  if (!file) return null;
  const { kernel } = clues;
  const what = name === "vfio-dev" ? "character device for this device (vfio-dev)" : name;
  if (isNoMatterOfAge(hint, clues)) {
    return {
      text: `There is no ${what}: ${file.perDevice ? `the device is not bound to vfio-pci, or the kernel was built without ${file.config}` : `the kernel was built without ${file.config}, or its module is not loaded`}.`,
      remedy: file.perDevice ? `Bind the device to vfio-pci, and look for ${file.config}=y in /boot/config-$(uname -r).` : `modprobe iommufd, and look for ${file.config} in /boot/config-$(uname -r).`,
    };
  }
  return {
    text: kernel === null ? `There is no ${what}: the kernel is older than ${file.since}, or was built without ${file.config}.` : `Linux ${kernel} has no ${what}, which came with Linux ${file.since}.`,
    remedy: `Use Linux ${file.since} or newer built with ${file.config}, or a legacy container (leave out the iommufd object).`,
  };
}

function exceeds(text: string): Partial<Words> | null {
  const match = /Addressing limited to (\d+) bits, but memory exceeds it by (\d+) bytes/.exec(text);
  return match && { text: `The guest's CPU addresses ${match[1]} bits, and its memory with what lies above it goes ${humanSize(Number(match[2]))} beyond. That is KVM's limit for a guest, not the IOMMU's: no device is to blame.` };
}

function vcpuText(range: Range, text: string): string {
  return /Address space limit/.test(text)
    ? `The guest's memory would reach to ${groupedHex(range.last)}, and its CPU addresses no more than ${groupedHex(sub(range.first, 1))}. That is the CPU's limit, not the IOMMU's: no device is to blame.`
    : `KVM does not take memory at ${rangeText(range.first, range.last)}: it lies above what the host's CPU can address, which is another limit than the IOMMU's.`;
}

/** Members of the group without PASIDs, where lspci shows them. */
function withoutPasids({ object }: Hint, clues: Clues): Partial<Words> | null {
  const group = clues.groups.find(({ devices }) => devices.some(({ name }) => name === object));
  if (!group || group.devices.every(({ pasidBits }) => pasidBits === null)) return null;
  const lacking = group.devices.filter(({ pasidBits, bridge }) => pasidBits === null && !bridge).map(({ name }) => name);
  return lacking.length === 0 ? null : { text: `${lacking.join(", ")} of group ${group.group} ${lacking.length === 1 ? "has" : "have"} no PASIDs, and this kernel asks every member of the group.` };
}

/** What is no matter of addresses, in the words that fit it. */
function outside(text: string, object: string | undefined): Partial<Words> | null {
  const group = /error getting device from group (\d+): No such device/.exec(text)?.[1];
  if (group !== undefined) {
    return { text: `${object ?? "The device"} is not bound to vfio-pci, or no longer: its group ${group} has a VFIO device, this one is none.`, remedy: "Bind it to vfio-pci and see in dmesg whether that driver kept it; if its probe failed, that message is the reason.", needs: [NEED.group(Number(group))] };
  }
  if (/no iommu_group|iommu_group.*No such file|IOMMU not present|No IOMMU detected|does(?:n't| not) support (?:VFIO|passthrough)/i.test(text)) {
    return { text: "The device is in no IOMMU group: the host's IOMMU is off, or its kernel has no driver for it.", remedy: "Turn on VT-d or AMD-Vi (called IOMMU) in the firmware's setup; on Intel also boot with intel_iommu=on. Then /sys/kernel/iommu_groups has entries." };
  }
  if (/cannot open VFIO container|VFIO support co/i.test(text)) {
    return { text: "/dev/vfio/vfio can't be opened: the kernel's vfio modules are not there or not loaded.", remedy: "modprobe vfio-pci; some cloud kernels leave the module out, then install the package of extra modules or another kernel. In a container, pass /dev/vfio into it." };
  }
  if (/not ready \d+ms after|reset recovery/.test(text)) {
    return { text: `${object ?? "The device"} does not come back from a reset: a matter of its power and reset, not of addresses.`, remedy: "Switch the machine off and on; some cards need a reset module of their own (vendor-reset), or a firmware without this fault." };
  }
  if (/not managed by VFIO driver/.test(text)) {
    return { text: `${object ?? "The device"} is not bound to vfio-pci.`, remedy: "Bind it: dpdk-devbind.py -b vfio-pci ADDRESS, or driverctl set-override ADDRESS vfio-pci." };
  }
  if (/no space/.test(text)) {
    return { text: `${object ?? "A device"} finds no room for one of its BARs in the guest: the window that the guest's firmware keeps for them is too small. No mapping was refused.`, remedy: "Give the vCPU more physical address bits (-cpu host,host-phys-bits=on), which makes OVMF's window larger, or set the window outright: -fw_cfg name=opt/ovmf/X-PciMmio64Mb,string=262144." };
  }
  if (/\bD3(?:cold|hot)?\b|power on/.test(text)) {
    return { text: `${object ?? "The device"} does not wake from its sleep state: a matter of power and reset, not of addresses.`, remedy: "Switch the machine off and on (a reboot may not be enough); keep the device awake on the host (echo 0 > /sys/bus/pci/devices/ADDRESS/d3cold_allowed); some cards need a reset module of their own." };
  }
  if (/can't reserve \[/.test(text)) {
    return { text: `${object ?? "The device"} can't be taken over whole: something on the host, mostly the boot screen's framebuffer, still holds one of its BARs.`, remedy: "Boot with initcall_blacklist=sysfb_init (or video=efifb:off on older kernels), or make another card the first one; /proc/iomem shows who holds the range." };
  }
  if (/IOVA mode but current mode is/.test(text)) {
    return { text: "The library and the device's driver want different kinds of IOVAs: the device is not on vfio-pci with a working IOMMU, so it needs physical addresses.", remedy: "Bind the device to vfio-pci with the IOMMU on, or start with --iova-mode=pa." };
  }
  return null;
}
