/** What to run to learn what the inputs leave open: read-only commands, least privilege first. */
import type { Clues } from "../../scenario/clues.ts";
import type { Need } from "./finding.ts";

export const NEED = {
  regions: { why: "what the host's devices reserve", command: "grep . /sys/kernel/iommu_groups/*/reserved_regions" },
  width: { why: "how wide the host's IOMMU is", command: "grep . /sys/class/iommu/*/intel-iommu/cap /sys/class/iommu/*/amd-iommu/features 2>/dev/null; sudo dmesg | grep -iE 'dmar|amd-vi|smmu'" },
  group: (group: number | null): Need => ({
    why: "which devices are in the group and which driver each has",
    command: `for d in /sys/kernel/iommu_groups/${group ?? "*"}/devices/*; do lspci -nnks "\${d##*/}"; done`,
  }),
  /** The same, where only a member is known. */
  groupOf: (device: string): Need => ({
    why: "which devices are in its group and which driver each has",
    command: `for d in /sys/bus/pci/devices/${device}/iommu_group/devices/*; do lspci -nnks "\${d##*/}"; done`,
  }),
  firmware: { why: "the kernel's own word on it", command: "sudo dmesg | grep -iE '1:1|rmrr|ineligible'" },
  limit: { why: "how much memory the VMM may lock", command: "grep -i 'locked memory' /proc/$(pgrep -o qemu || echo self)/limits" },
  opener: (path: string): Need => ({ why: "who has it open", command: `sudo fuser -v ${path}` }),
  rights: { why: "who may open the file", command: "ls -l /dev/vfio/; id" },
  messages: { why: "the VMM's own message, which has the errno", command: "journalctl -b | grep -iE 'qemu|vfio|iommu'   # or its stderr, or /var/log/libvirt/qemu/NAME.log" },
  order: { why: "in which order the calls were made", command: "strace -f -e trace=openat,ioctl -o vfio.strace PROGRAM" },
  addresses: { why: "the addresses of the calls", command: "sudo bpftrace capture-vfio.bt > vfio.log   # from this site's capture kit" },
  interrupts: { why: "whether interrupts are remapped", command: "sudo dmesg | grep -iE 'remapping|x2apic'" },
  kernel: { why: "which kernel it is", command: "uname -r" },
  events: { why: "what reaches the page tables", command: "sudo sh iommu-events.sh > events.txt   # from this site's capture kit" },
  layout: { why: "where the VMM puts the guest's memory", command: "tr '\\0' ' ' < /proc/$(pgrep -o qemu)/cmdline" },
  pasid: { why: "which members of the group have PASIDs", command: "sudo lspci -vv | grep -E '^[0-9a-f]|PASIDCap|IOMMU group'" },
  bridges: { why: "which addresses bridges forward", command: "sudo lspci -vv | grep -E '^[0-9a-f]|behind bridge'" },
} as const;

/** What would replace an assumed host by the real one. */
export function hostNeeds(clues: Clues): Need[] {
  return [...(clues.known.regions ? [] : [NEED.regions]), ...(clues.known.width ? [] : [NEED.width])];
}
