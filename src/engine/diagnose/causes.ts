/** Every cause that a diagnosis can name: its rules, what it means and what helps in general. */
import type { Severity } from "./finding.ts";

interface CauseFacts {
  /** The model's rule in a VFIO container and in an IOAS. */
  rules: { type1: string | null; iommufd: string | null };
  errno: string | null;
  severity: Severity;
  /** Why it fails, one sentence. */
  meaning: string;
  remedy: string;
}

function cause(type1: string | null, iommufd: string | null, errno: string | null, severity: Severity, meaning: string, remedy: string): CauseFacts {
  return { rules: { type1, iommufd }, errno, severity, meaning, remedy };
}

export const CAUSES = {
  "iova-above-aperture": cause(
    "dma-outside-valid-list", "iova-overlaps-reserved", "EINVAL", "fatal", "The range ends above the last address that the host's IOMMU can translate.",
    "Keep addresses below the IOMMU's width: limit the guest's physical address bits (-cpu host,host-phys-bits-limit=39 on a 39-bit host; libvirt: <maxphysaddr mode='passthrough' limit='39'/>), or in user space drivers use physical addresses as IOVAs (--iova-mode=pa).",
  ),
  "vcpu-address-width": cause(null, null, "EINVAL", "fatal", "The address is above what the vCPU or KVM can address, which is another limit than the IOMMU's.", "Give the vCPU as many physical address bits as the host's CPU has (-cpu host,host-phys-bits=on), or lay the guest out lower: less RAM, a smaller maxmem, smaller BARs."),
  "viommu-wider-than-host": cause(null, null, "EINVAL", "fatal", "The guest's own IOMMU promises more address bits than the host's IOMMU has.", "Give the guest's IOMMU the host's width: -device intel-iommu,aw-bits=39 (libvirt: <driver aw_bits='39'/>)."),
  "map-crosses-reserved-region": cause("dma-outside-valid-list", "iova-overlaps-reserved", "EINVAL", "fatal", "The range touches addresses that a device or its platform keeps for itself, and the kernel refuses it whole.", "Split or move the mapping around the region, or lay the guest out so that its RAM does not reach it."),
  "attach-reserved-over-mapping": cause("attach-reserved-conflict", "reserved-hits-mapping-or-allowed", "EINVAL", "fatal", "The device that joins reserves addresses that are mapped already.", "Attach the device before the memory is mapped, unmap what lies under its region, or give it an address space of its own."),
  "bridge-window-not-listed": cause(null, null, null, "harmless", "reserved_regions does not list the memory windows of PCI bridges on x86; a transfer to such an address may be routed to a device below the bridge and never reach the IOMMU.", "Keep IOVAs out of the bridges' windows (lspci -vv shows them), or rely on ACS with P2P redirect."),
  "msi-window-unusable": cause(null, null, null, "fatal", "The device's interrupt write faulted: the window that software picked for MSI is at an address that this hardware does not translate.", "The platform must list the untranslatable range as reserved, so that the window goes elsewhere; that is firmware's or the kernel's to change."),
  "two-msi-kinds": cause(null, "two-msi-kinds", "EINVAL", "fatal", "The device reports a hardware and a software MSI window at once; iommufd refuses that, type1 prefers the hardware one.", "Use a legacy VFIO container instead of iommufd, or a kernel whose driver reports one kind."),
  "direct-region-refuses-device": cause("direct-region-refuses-device", "direct-region-refuses-device", "EINVAL", "fatal", "Firmware demands that a region stays mapped one to one for this device, so the kernel does not give the device away. No layout of the guest helps.", "Look for a firmware option that turns the region off (often shared memory of management controllers), try another slot or port, or pass another device."),
  "map-overlaps-mapping": cause("dma-overlaps-mapping", "iova-overlaps-mapping", "EEXIST", "harmless", "Part of the range is mapped already; mappings are never replaced.", "Unmap the old range first. If the same memory is already there at the same address, nothing is lost; if not, the device writes to the old memory."),
  "partial-unmap-type1-v1": cause(null, null, null, "fatal", "An unmap that starts inside a mapping of a type1 v1 container removes nothing and reports success with size 0; the stale mapping stays.", "Open the container as type1 v2 (VFIO_SET_IOMMU with 3), which refuses such an unmap, and unmap exactly what was mapped."),
  "unmap-of-nothing": cause(null, "unmap-nothing-there", null, "harmless", "The range was not mapped.", "Nothing needs to be done: type1 answers with size 0, iommufd with ENOENT, and VMMs pass over both."),
  "map-before-iommu-set": cause("no-iommu-set", null, "EINVAL", "fatal", "The container had no IOMMU yet: no group in it, or VFIO_SET_IOMMU was not called.", "In this order: open the container, open the group, VFIO_GROUP_SET_CONTAINER, VFIO_SET_IOMMU, and only then VFIO_IOMMU_MAP_DMA."),
  "dma-entry-limit": cause("dma-entry-limit", null, "ENOSPC", "fatal", "The container holds as many mappings as it may.", "Map larger pieces (hugepages of 1 GiB instead of 2 MiB), or raise the limit: modprobe vfio_iommu_type1 dma_entry_limit=…"),
  "memlock-limit": cause("dma-lock-limit", "memlock-limit", "ENOMEM", "fatal", "Pinning the memory would lock more than RLIMIT_MEMLOCK allows; free RAM has nothing to do with it.", "Raise the limit to more than the guest's RAM: ulimit -l, LimitMEMLOCK= in the service, or <memtune><hard_limit> in libvirt."),
  "pinned-more-than-once": cause("dma-lock-limit", "memlock-limit", "ENOMEM", "fatal", "The same memory is pinned for several containers or IOASes, and each counts it again.", "Put the devices into one container or IOAS, or raise RLIMIT_MEMLOCK to the number of address spaces times the RAM."),
  "group-not-viable": cause("group-not-viable", "device-group-owned", "EPERM", "fatal", "Another device of the same iommu group is still in the hands of a host driver, and a group goes as a whole.", "Bind every device of the group (bridges aside) to vfio-pci, or unbind it from its driver."),
  "group-in-two-address-spaces": cause(null, null, "EINVAL", "fatal", "The guest's IOMMU gives each function an address space of its own, and a container holds whole groups: one group can't be in two.", "Without a guest IOMMU they share one space; with one, put the functions behind one guest PCI bridge that is no PCIe port, or pass only one of them."),
  "group-already-open": cause("group-busy", "cdev-group-open", "EBUSY", "fatal", "The group or the device has another owner already.", "Find who has it open and stop that one first."),
  "no-acs": cause(null, null, null, "harmless", "Nothing on the way isolates these devices from one another (no ACS), so the kernel keeps them in one group.", "Move the device to a slot behind a port with ACS, or pass the whole group. Overriding ACS joins what can still reach each other."),
  "bar-memory-not-pinnable": cause("dma-pin-faults", "bad-user-memory", "EFAULT", "peer-to-peer", "The memory is a device's BAR, not RAM, and IOMMU_IOAS_MAP pins RAM only.", "The guest runs; only transfers from device to device are lost. Newer kernels (6.19 on) and VMMs map BARs as dma-buf files."),
  "mdev-has-no-hwpt": cause(null, "id-not-found", "ENOENT", "harmless", "An emulated device (mdev) has an access to the address space and no IOMMU hardware behind it, so there is nothing to ask about hardware.", "Use a VMM that does not ask an mdev for its hardware (QEMU from 9.1 on), or a legacy container."),
  "vdevice-missing": cause(null, "vdevice-missing", "ENOENT", "fatal", "A nested page table of a virtual IOMMU is attached before the device has its virtual device there.", "Allocate the vDEVICE (IOMMU_VDEVICE_ALLOC) before the attach."),
  "pasid-not-supported-by-group": cause(null, "pasid-incompatible", "EINVAL", "fatal", "A member of the group has no PASIDs, or fewer bits of them.", "Move the device that lacks PASIDs into another group, or attach without a PASID; newer kernels ask the device alone."),
  "kernel-too-old": cause(null, "unknown-ioctl", "ENOTTY", "fatal", "This kernel does not have the ioctl.", "IOMMU_IOAS_MAP_FILE needs Linux 6.13: use a newer kernel, or RAM that is no file (no memfd, no hugetlbfs backend)."),
  "no-interrupt-remapping": cause("no-interrupt-remapping", "msi-not-isolated", "EPERM", "fatal", "The host can't isolate interrupts, so a device could raise any of them; the attach is refused before any address matters.", "Turn on interrupt remapping (firmware: x2APIC, VT-d), or as a last resort load vfio_iommu_type1 with allow_unsafe_interrupts=1."),
  "outside-the-model": cause(null, null, null, "fatal", "This is no matter of addresses, groups or objects: a driver is not bound, or a library's mode does not fit.", "Bind the device to vfio-pci with the IOMMU on, then try again."),
} as const satisfies Record<string, CauseFacts>;

export type Cause = keyof typeof CAUSES;

export function isCause(name: string): name is Cause {
  return Object.hasOwn(CAUSES, name);
}

/** The cause behind each refusal of the model that has one of its own. Ranges need a closer look and are not here. */
export const CAUSE_OF_RULE: Readonly<Record<string, Cause>> = {
  "dma-overlaps-mapping": "map-overlaps-mapping", "iova-overlaps-mapping": "map-overlaps-mapping",
  "dma-entry-limit": "dma-entry-limit", "dma-lock-limit": "memlock-limit", "memlock-limit": "memlock-limit",
  "dma-pin-faults": "bar-memory-not-pinnable", "bad-user-memory": "bar-memory-not-pinnable",
  "no-iommu-set": "map-before-iommu-set", "set-iommu-needs-group": "map-before-iommu-set", "device-needs-iommu": "map-before-iommu-set", "group-in-container": "map-before-iommu-set",
  "group-not-viable": "group-not-viable", "device-group-owned": "group-not-viable",
  "group-busy": "group-already-open", "cdev-group-open": "group-already-open", "cdev-already-bound": "group-already-open", "group-exists": "outside-the-model",
  "direct-region-refuses-device": "direct-region-refuses-device", "claim-driver": "direct-region-refuses-device",
  "attach-reserved-conflict": "attach-reserved-over-mapping", "attach-aperture-conflict": "attach-reserved-over-mapping", "reserved-hits-mapping-or-allowed": "attach-reserved-over-mapping",
  "two-msi-kinds": "two-msi-kinds", "no-interrupt-remapping": "no-interrupt-remapping", "msi-not-isolated": "no-interrupt-remapping",
  "unknown-ioctl": "kernel-too-old", "unmap-nothing-there": "unmap-of-nothing", "vdevice-missing": "vdevice-missing", "pasid-incompatible": "pasid-not-supported-by-group",
};
