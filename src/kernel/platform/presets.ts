/** Hosts to start from: a profile and a few devices, as a person would pick and then change them. Sources: docs/model.md. */
import type { HostDevice, Platform, PlatformKind, ReservedRegion } from "../config.ts";
import { HYPERTRANSPORT, makePlatform, SOFTWARE_MSI, X86_MSI } from "./platform.ts";

export interface PlatformPreset {
  id: string;
  name: string;
  /** One line on what is special about this host. */
  summary: string;
  kind: PlatformKind;
  addressBits?: number;
  interruptRemapping?: boolean;
  devices: readonly HostDevice[];
}

/** A device with an MMIO, config and interrupt layout as vfio-pci shows for PCI. */
function pci(name: string, group: number, vfio: number, model: string, regions: ReservedRegion[]): HostDevice {
  return { name, group, vfio, model, regions, regionCount: 9, irqCount: 5 };
}

/** Firmware's own memory of a graphics or USB device: needed before the driver runs only. */
function relaxable(first: number, last: number, label: string): ReservedRegion {
  return { first, last, type: "direct-relaxable", label };
}

/** Memory that firmware uses through the device at all times. */
function direct(first: number, last: number, label: string): ReservedRegion {
  return { first, last, type: "direct", label };
}

const VTD_NIC_AND_NVME = [pci("0000:00:1f.6", 9, 0, "nic", [X86_MSI]), pci("0000:01:00.0", 14, 1, "nvme", [X86_MSI])];
const AMD_REGIONS = [X86_MSI, HYPERTRANSPORT];
const ITS_DOORBELL: ReservedRegion = { first: 0xc601_0000, last: 0xc601_ffff, type: "msi", label: "ITS doorbell" };

export const platformPresets: readonly PlatformPreset[] = [
  {
    id: "intel-desktop", name: "Intel desktop, 39-bit VT-d", kind: "intel-vtd", addressBits: 39,
    summary: "Three-level tables reach 512 GiB only; integrated graphics and USB bring regions that may be ignored.",
    devices: [
      pci("0000:00:02.0", 1, 0, "graphics", [relaxable(0x8b80_0000, 0x8fff_ffff, "RMRR (graphics memory)"), X86_MSI]),
      pci("0000:00:14.0", 5, 1, "usb", [relaxable(0x8a3a_0000, 0x8a3c_3fff, "RMRR (USB keyboard emulation)"), X86_MSI]),
      ...VTD_NIC_AND_NVME.map((device, index) => ({ ...device, vfio: 2 + index })),
    ],
  },
  {
    id: "intel-server", name: "Intel server, 48-bit VT-d", kind: "intel-vtd", addressBits: 48,
    summary: "Four-level tables; the only hole is the MSI window just below 4 GiB.",
    devices: [pci("0000:41:00.0", 27, 0, "nvme", [X86_MSI]), pci("0000:82:00.0", 61, 1, "nic", [X86_MSI]), pci("0000:82:00.1", 62, 2, "nic", [X86_MSI])],
  },
  {
    id: "intel-server-57", name: "Intel server, 57-bit VT-d", kind: "intel-vtd", addressBits: 57,
    summary: "Five-level tables: 128 PiB of address space.", devices: VTD_NIC_AND_NVME,
  },
  {
    id: "intel-scalable", name: "Intel VT-d, scalable mode", kind: "intel-vtd-scalable", addressBits: 48,
    summary: "PASIDs, nested tables, dirty tracking and enforced coherency.", devices: VTD_NIC_AND_NVME,
  },
  {
    id: "intel-first-level", name: "Intel VT-d, first-level tables", kind: "intel-vtd-scalable", addressBits: 47,
    summary: "CPU-format tables lose one bit to canonical addresses: 128 TiB instead of 256.", devices: VTD_NIC_AND_NVME,
  },
  {
    id: "intel-rmrr", name: "Intel server with a locked RMRR", kind: "intel-vtd", addressBits: 48,
    summary: "Firmware keeps using memory through the NIC, so the NIC can't be assigned; its neighbour can.",
    devices: [pci("0000:03:00.0", 18, 0, "nic", [direct(0x7df8_3000, 0x7dfe_2fff, "RMRR (management firmware)"), X86_MSI]), pci("0000:41:00.0", 27, 1, "nvme", [X86_MSI])],
  },
  {
    id: "shared-group", name: "Devices behind one old bridge", kind: "intel-vtd", addressBits: 39,
    summary: "Two devices share a group and can only be given away together; one is still used by the host.",
    devices: [
      pci("0000:02:01.0", 7, 0, "nic", [X86_MSI]),
      { ...pci("0000:02:02.0", 7, 1, "sound", [X86_MSI]), boundToHost: true },
      pci("0000:00:05.0", 4, 2, "nvme", [X86_MSI]),
    ],
  },
  {
    id: "amd", name: "AMD server", kind: "amd-vi",
    summary: "All 64 bits, but 12 GiB below 1 TiB belong to HyperTransport: large guests run into them.",
    devices: [pci("0000:41:00.0", 27, 0, "nvme", AMD_REGIONS), pci("0000:81:00.0", 44, 1, "gpu", AMD_REGIONS)],
  },
  {
    id: "amd-ivmd", name: "AMD host with a unity map", kind: "amd-vi",
    summary: "An IVMD entry of the firmware wants a range of one device mapped one to one.",
    devices: [pci("0000:05:00.0", 12, 0, "sata", [direct(0x9bd0_0000, 0x9bdf_ffff, "IVMD unity map"), ...AMD_REGIONS]), pci("0000:41:00.0", 27, 1, "nvme", AMD_REGIONS)],
  },
  {
    id: "amd-cpu-format", name: "AMD with CPU-format tables", kind: "amd-vi", addressBits: 47,
    summary: "Version 2 tables, needed for PASIDs, reach 128 TiB.", devices: [pci("0000:41:00.0", 27, 0, "gpu", AMD_REGIONS)],
  },
  {
    id: "arm", name: "Arm server, SMMUv3", kind: "arm-smmuv3", addressBits: 48,
    summary: "Interrupt doorbells are translated too, so software keeps a window for them at 128 MiB.",
    devices: [pci("0001:01:00.0", 4, 0, "nvme", [SOFTWARE_MSI]), pci("0002:01:00.0", 5, 1, "nic", [SOFTWARE_MSI])],
  },
  {
    id: "arm-rmr", name: "Arm server with an RMR", kind: "arm-smmuv3", addressBits: 48,
    summary: "Firmware's IORT table keeps memory for the RAID controller; the display's may be moved.",
    devices: [
      pci("0001:01:00.0", 4, 0, "raid", [SOFTWARE_MSI, direct(0x8000_0000, 0x801f_ffff, "RMR (IORT)")]),
      pci("0003:01:00.0", 6, 1, "display", [SOFTWARE_MSI, relaxable(0x8800_0000, 0x88ff_ffff, "RMR (IORT), may be moved")]),
    ],
  },
  {
    id: "arm-its", name: "Arm server with untranslated doorbells", kind: "arm-smmuv3", addressBits: 48,
    summary: "HiSilicon HI161x: writes to the ITS are not translated, so both a hardware and a software MSI region are reported.",
    devices: [pci("0005:01:00.0", 3, 0, "nic", [SOFTWARE_MSI, ITS_DOORBELL])],
  },
  {
    id: "arm-unsafe", name: "Arm board without isolated interrupts", kind: "arm-smmuv3", addressBits: 48, interruptRemapping: false,
    summary: "Any device could raise any interrupt, so type1 refuses every group.",
    devices: [pci("0000:00:02.0", 2, 0, "nic", [SOFTWARE_MSI])],
  },
  {
    id: "virtio", name: "Guest with virtio-iommu", kind: "virtio-iommu",
    summary: "A virtual IOMMU with a software MSI window, as on Arm guests.", devices: [pci("0000:00:03.0", 3, 0, "nic", [SOFTWARE_MSI])],
  },
  {
    id: "virtio-x86", name: "x86 guest with virtio-iommu", kind: "virtio-iommu",
    summary: "The virtual IOMMU reports the x86 MSI window as a hardware doorbell.", devices: [pci("0000:00:03.0", 3, 0, "nic", [X86_MSI])],
  },
  {
    id: "recorded", name: "The machine of the recordings", kind: "intel-vtd", addressBits: 39,
    summary: "QEMU q35 with a 39-bit VT-d: three groups, one of them with two devices.", devices: makePlatform("intel-vtd").devices,
  },
];

/** The platform of a preset. */
export function presetPlatform(preset: PlatformPreset): Platform {
  const platform = makePlatform(preset.kind, { addressBits: preset.addressBits, devices: [...preset.devices] });
  return { ...platform, name: preset.name, interruptRemapping: preset.interruptRemapping ?? platform.interruptRemapping };
}
