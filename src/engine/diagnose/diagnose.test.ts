import { describe, expect, it } from "vitest";
import { localEngine } from "../local.ts";
import type { Finding } from "./finding.ts";

async function findingsOf(...texts: string[]): Promise<Finding[]> {
  const engine = localEngine();
  const { scenarios, clues } = await engine.read(texts.map((content, index) => ({ name: `input ${index + 1}`, content })));
  const found: Finding[] = [];
  for (const scenario of scenarios) {
    await engine.load(scenario);
    if (clues) found.push(...(await engine.diagnose(clues)).findings);
  }
  return found;
}

const INTEL_LIST = "/sys/kernel/iommu_groups/14/reserved_regions:0x00000000fee00000 0x00000000feefffff msi";
const AMD_LIST = `/sys/kernel/iommu_groups/22/reserved_regions:0x00000000fee00000 0x00000000feefffff msi
/sys/kernel/iommu_groups/22/reserved_regions:0x000000fd00000000 0x000000ffffffffff reserved`;
/** 39 bits, four-level tables. */
const VTD_39 = "[    0.5] DMAR: dmar0: reg_base_addr fed91000 ver 1:0 cap d2008c40660462 ecap f050da";

/** Reports as people write them, in our own words, and the cause that comes first. The numbers are those of problems.md. */
const REPORTS: readonly { problem: string; cause: string; texts: string[] }[] = [
  { problem: "1 large-RAM guest with a GPU", cause: "iova-above-aperture", texts: ["Oct 02 11:00:01 host QEMU[99]: kvm: VFIO_MAP_DMA failed: Invalid argument\nOct 02 11:00:01 host QEMU[99]: kvm: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)"] },
  { problem: "1 with the host's own lists", cause: "iova-above-aperture", texts: ["kvm: vfio_container_dma_map(0x5e00aa, 0x380000000000, 0x400000000, 0x7f0000000000) = -22 (Invalid argument)", INTEL_LIST, VTD_39] },
  { problem: "3 resizable BAR of 16 GiB", cause: "iova-above-aperture", texts: ["> qemu-system-x86_64: vfio_container_dma_map(0x55, 0x382800000000, 0x400000000, 0x7a0000000000) = -22 (Invalid argument)\n> qemu-system-x86_64: 0000:01:00.0: PCI peer-to-peer transactions on BARs are not supported."] },
  { problem: "4 ivshmem", cause: "iova-above-aperture", texts: ["qemu-system-x86_64: Region ivshmem.bar2: vfio_container_dma_map(0x55, 0x382000000000, 0x8000000, 0x7a0000000000) = -22 (Invalid argument)"] },
  { problem: "7 RAM above 39 bits from a command line", cause: "iova-above-aperture", texts: ["qemu-system-x86_64 -enable-kvm -machine q35 -cpu host -m 700G -device vfio-pci,host=01:00.0", VTD_39] },
  { problem: "9 EAL", cause: "iova-above-aperture", texts: ["EAL: memseg_segment_walk(): IOVA 0x7fbe40000000 exceeds limits of current DMA mask\nEAL: IOVA exceeding limits of current DMA mask"] },
  { problem: "10 vIOMMU", cause: "viommu-wider-than-host", texts: ["qemu-system-x86_64: -device vfio-pci,host=0000:01:00.0: vfio 0000:01:00.0: Failed to set vIOMMU: aw-bits 57 > host aw-bits 48"] },
  { problem: "2 KVM refuses the same address", cause: "vcpu-address-width", texts: ["qemu-system-x86_64: Address space limit 0x7fffffffff < 0x20c7fffffff phys-bits too low (39)"] },
  { problem: "11 AMD, error line only", cause: "map-crosses-reserved-region", texts: ["qemu-system-x86_64: -device vfio-pci,host=0000:c1:00.0: vfio 0000:c1:00.0: failed to setup container for group 22: memory listener initialization failed: Region pc.ram: vfio_dma_map(0x55, 0x100000000, 0xfd80000000, 0x7e0000000000) = -22 (Invalid argument)"] },
  { problem: "11 AMD with its list", cause: "map-crosses-reserved-region", texts: [AMD_LIST, "Region pc.ram: vfio_container_dma_map(0x55, 0x100000000, 0xfc40000000, 0x7e0000000000) = -22 (Invalid argument)"] },
  { problem: "11 from the command line", cause: "map-crosses-reserved-region", texts: [AMD_LIST, "/usr/bin/qemu-system-x86_64 -machine pc-q35-6.2,accel=kvm -cpu host -m 1011G -device vfio-pci,host=0000:c1:00.0"] },
  { problem: "13 bridge windows", cause: "bridge-window-not-listed", texts: ["# cat /sys/bus/pci/devices/0000\\:5e\\:00.0/iommu_group/reserved_regions\n0x00000000fee00000 0x00000000feefffff msi"] },
  { problem: "14 untranslated doorbell", cause: "msi-window-unusable", texts: ["arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, iova=0x08000040, fsynr=0x11, cbfrsynra=0x402, cb=3\n0x0000000008000000 0x00000000080fffff msi"] },
  { problem: "16 two MSI kinds", cause: "two-msi-kinds", texts: ["==> /sys/kernel/iommu_groups/7/reserved_regions <==\n0x0000000008000000 0x00000000080fffff msi\n0x00000000c6010000 0x00000000c601ffff msi"] },
  { problem: "17 ISA bridge direct", cause: "direct-region-refuses-device", texts: ["$ cat /sys/kernel/iommu_groups/19/reserved_regions\n0x0000000000000000 0x0000000000ffffff direct\n0x00000000fee00000 0x00000000feefffff msi"] },
  { problem: "18 old kernel's RMRR refusal", cause: "direct-region-refuses-device", texts: ["[  101.2] vfio-pci 0000:05:00.0: DMAR: Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact your platform vendor."] },
  { problem: "18 new kernel's refusal", cause: "direct-region-refuses-device", texts: ["qemu-kvm: -device vfio-pci,host=0000:05:00.0: vfio 0000:05:00.0: failed to setup container for group 30: Failed to set group container: Invalid argument"] },
  { problem: "21 partial unmap", cause: "partial-unmap-type1-v1", texts: ["dma_map vaddr: 0x200000000000, iova: 0x200000000000, size: 0x10000000, ret: 0\ndma_unmap iova: 0x200001000000, size: 0x0, ret: 0\ndma_map vaddr: 0x200001000000, iova: 0x200001000000, size: 0x200000, ret=-1, errno was set to EEXIST"] },
  { problem: "22 mapped already", cause: "map-overlaps-mapping", texts: ["EAL:   0000:02:00.0 cannot set up DMA remapping, error 17 (File exists)"] },
  { problem: "24 unmap of nothing", cause: "unmap-of-nothing", texts: ["vfio_attach_device  (0000:00:05.0) group 3\nvfio_listener_region_add_ram region_add [ram] 0x0 - 0x9ffff [0x7f0000000000]\nvfio_listener_region_del region_del 0x100000 - 0x1fffff"] },
  { problem: "25 map before the IOMMU is set", cause: "map-before-iommu-set", texts: ["myapp: VFIO_IOMMU_MAP_DMA failed: Invalid argument"] },
  { problem: "25 the same as strace shows it", cause: "map-before-iommu-set", texts: [
    "ioctl(3, VFIO_GET_API_VERSION, 0) = 0\nioctl(3, VFIO_DEVICE_PCI_HOT_RESET or VFIO_IOMMU_MAP_DMA, 0x7ffc) = -1 EINVAL (Invalid argument)\nioctl(4, VFIO_GROUP_SET_CONTAINER, 0x7ffc) = 0"] },
  { problem: "26 too many mappings", cause: "dma-entry-limit", texts: ["vtophys.c: 611: *ERROR*: Cannot set up DMA mapping, error 28"] },
  { problem: "28 memlock", cause: "memlock-limit", texts: ["qemu-system-x86_64: vfio 0000:07:00.0: failed to setup container for group 49: memory listener initialization failed: Region pc.ram: vfio_dma_map(0x64, 0x0, 0x80000000, 0x7c) = -12 (Cannot allocate memory)", "[ 9.0] vfio_pin_pages_remote: RLIMIT_MEMLOCK (8388608) exceeded"] },
  { problem: "29 counted twice", cause: "pinned-more-than-once", texts: ["[ 9.0] vfio_pin_pages_remote: RLIMIT_MEMLOCK (18253611008) exceeded", "qemu-system-x86_64 -M q35 -m 16G -device intel-iommu,caching-mode=on -device vfio-pci,host=01:00.0 -device vfio-pci,host=02:00.0"] },
  { problem: "30 not viable", cause: "group-not-viable", texts: ["vfio 0000:01:00.0: group 1 is not viable", "IOMMU Group 1:\n\t0000:01:00.0 VGA compatible controller\n\t0000:01:00.1 Audio device"] },
  { problem: "30 under iommufd", cause: "group-not-viable", texts: ["qemu-system-x86_64: vfio 0000:02:01.0: error bind device fd=25 to iommufd=24: Operation not permitted"] },
  { problem: "31 no ACS", cause: "no-acs", texts: ["IOMMU Group 1 00:02.0 PCI bridge [0604]\nIOMMU Group 1 00:02.2 PCI bridge [0604]\nIOMMU Group 1 01:00.0 Ethernet controller [0200]\nIOMMU Group 1 02:00.0 Ethernet controller [0200]"] },
  { problem: "32 two address spaces", cause: "group-in-two-address-spaces", texts: ["qemu-system-x86_64: -device vfio-pci,host=0000:03:00.1: vfio 0000:03:00.1: group 12 used in multiple address spaces"] },
  { problem: "33 busy", cause: "group-already-open", texts: ["qemu-system-x86_64: -device vfio-pci,host=0000:03:00.0: vfio 0000:03:00.0: Could not open '/dev/vfio/12': Device or resource busy"] },
  { problem: "34 PASID", cause: "pasid-not-supported-by-group", texts: ["qemu-system-aarch64: [iommufd=23] error attach 0009:01:00.0 (31) pasid 5 to id=3: Invalid argument"] },
  { problem: "35 BAR under iommufd", cause: "bar-memory-not-pinnable", texts: ["qemu-system-x86_64: IOMMU_IOAS_MAP failed: Bad address, PCI BAR?\nqemu-system-x86_64: vfio_container_dma_map(0x55, 0xc000000000, 0x800000000, 0x77) = -14 (Bad address)"] },
  { problem: "35 in another VMM's words", cause: "bar-memory-not-pinnable", texts: ["Failed to map VFIO MMIO region: Failed to DMA map: failed to map an IOVA range to the IOAS: Bad address (os error 14)"] },
  { problem: "37 mdev", cause: "mdev-has-no-hwpt", texts: ["qemu-system-s390x: -device vfio-ap: vfio 8eb8351a-e656-4187-b773-fea4e926310d: Failed to get hardware info: No such file or directory"] },
  { problem: "38 attach over a mapping", cause: "attach-reserved-over-mapping", texts: ["qemu-system-aarch64: [iommufd=20] error attach 0000:00:04.0 (33) to id=2: Address already in use"] },
  { problem: "39 kernel too old", cause: "kernel-too-old", texts: ["qemu-system-x86_64: vfio 0000:00:05.0: memory listener initialization failed: Region m1: vfio_container_dma_map(0x55, 0x0, 0x20000000, 0x7f) = -25 (Inappropriate ioctl for device)"] },
  { problem: "40 IOVA mode", cause: "outside-the-model", texts: ["EAL: Expecting 'PA' IOVA mode but current mode is 'VA', not initializing\nEAL: Requested device 0000:06:00.0 cannot be used"] },
  { problem: "41 no interrupt remapping", cause: "no-interrupt-remapping", texts: ["qemu-system-aarch64: vfio 0000:00:02.0: failed to setup container for group 2: Failed to set iommu for container: Operation not permitted", "vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module param \"allow_unsafe_interrupts\" to enable"] },
  { problem: "1 as older kernels said it", cause: "iova-above-aperture", texts: ["[ 5.0] intel_iommu_map: iommu width (39) is not sufficient for the mapped address (380000000000)"] },
  { problem: "1 refused by the VMM before the kernel", cause: "iova-above-aperture", texts: ["qemu-system-x86_64: vfio: Container 0x55 can't map guest IOVA region 0x8000000000..0x80ffffffff"] },
  { problem: "2 on Arm", cause: "vcpu-address-width", texts: ["qemu-system-aarch64: Addressing limited to 40 bits, but memory exceeds it by 549755813888 bytes"] },
  { problem: "9 DPDK without an address", cause: "iova-above-aperture", texts: ["EAL:   0000:02:00.0 cannot set up DMA remapping, error 22 (Invalid argument)"] },
  { problem: "11 in another VMM's words", cause: "map-crosses-reserved-region", texts: [AMD_LIST, "Error booting VM: VmBoot(DeviceManager(VfioDmaMap(VfioDmaMap(Error(22)))))"] },
  { problem: "28 in another VMM's words", cause: "memlock-limit", texts: ["Error booting VM: VmBoot(DeviceManager(VfioDmaMap(Error(12))))"] },
  { problem: "30 in DPDK's words", cause: "group-not-viable", texts: ["EAL: 0000:02:00.0 VFIO group is not viable! Not all devices in IOMMU group bound to VFIO or unbound"] },
  { problem: "33 in libvirt's words", cause: "group-already-open", texts: ["error: Requested operation is not valid: PCI device 0000:01:00.0 is in use by driver QEMU, domain win10"] },
];

describe("the first finding of a report", () => {
  for (const { problem, cause, texts } of REPORTS) {
    it(`names the cause of problem ${problem}`, async () => {
      const [first] = await findingsOf(...texts);
      expect(first?.cause).toBe(cause);
      expect(first?.text).not.toBe("");
      expect(first?.remedy).not.toBe("");
    });
  }
});

describe("a finding", () => {
  it("names the line, the range, the object and what would work, in the log's words", async () => {
    const [first] = await findingsOf(AMD_LIST, "noise\nqemu: Region pc.ram: vfio_container_dma_map(0x55, 0x100000000, 0xfc40000000, 0x7e0000000000) = -22 (Invalid argument)");
    expect(first).toMatchObject({
      where: { file: "input 2", line: 2 }, object: "pc.ram", rule: "dma-outside-valid-list", errno: "EINVAL", severity: "fatal", confidence: "modelled",
      range: { first: 0x1_0000_0000, last: 0xfd_3fff_ffff }, decidedBy: { first: 0xfd_0000_0000, last: 0xff_ffff_ffff },
    });
    expect(first?.remedy).toMatch(/7\.1/);
  });

  it("says that a BAR costs peer-to-peer only, and what to run where the host was assumed", async () => {
    const [first] = await findingsOf("kvm: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)");
    expect(first).toMatchObject({ severity: "peer-to-peer", confidence: "guessed" });
    expect(first?.needs.map((need) => need.command)).toContain("grep . /sys/kernel/iommu_groups/*/reserved_regions");
    expect(first?.remedy).toContain("host-phys-bits-limit=39");
  });

  it("does not guess where the inputs say it", async () => {
    const [first] = await findingsOf("kvm: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)", INTEL_LIST, VTD_39);
    expect(first).toMatchObject({ confidence: "modelled", needs: [] });
  });

  it("puts what stops the guest before what does not", async () => {
    const findings = await findingsOf(
      "qemu: vfio_dma_map(0x5e00aa, 0x383800000000, 0x8000000, 0x7f0000000000) = -22 (Invalid argument)\nqemu: Region pc.ram: vfio_dma_map(0x64, 0x0, 0x80000000, 0x7c00000000) = -12 (Cannot allocate memory)",
    );
    expect(findings.map((finding) => finding.cause)).toEqual(["memlock-limit", "iova-above-aperture"]);
  });

  it("names who blocks a group", async () => {
    const [first] = await findingsOf(
      "vfio 0000:01:00.0: group 1 is not viable",
      "01:00.0 VGA compatible controller: X\n\tIOMMU group: 1\n\tKernel driver in use: vfio-pci\n01:00.1 Audio device: X\n\tIOMMU group: 1\n\tKernel driver in use: snd_hda_intel\n",
    );
    expect(first?.text).toContain("0000:01:00.1 (snd_hda_intel)");
    expect(first?.remedy).toContain("0000:01:00.1");
    expect(first?.needs).toEqual([]);
  });

  it("knows an unmap that removed nothing from the capture script, which prints what was asked for", async () => {
    const [first] = await findingsOf(`1 5 app fd=8 VFIO_GET_API_VERSION = 0
2 5 app fd=3 VFIO_GROUP_SET_CONTAINER container_fd=8 = 0
3 5 app fd=8 VFIO_SET_IOMMU type=3 = 0
4 5 app fd=8 VFIO_IOMMU_UNMAP_DMA flags=0x0 iova=0x100000 size=0x0 asked=0x200000 = 0`);
    expect(first).toMatchObject({ cause: "unmap-of-nothing", severity: "harmless", range: { first: 0x10_0000, last: 0x2f_ffff } });
  });

  it("finds nothing where nothing failed", async () => {
    expect(await findingsOf(AMD_LIST)).toEqual([]);
    expect(await findingsOf(`${AMD_LIST}\nvfio_attach_device  (0000:00:05.0) group 22\nvfio_listener_region_add_ram region_add [ram] 0x0 - 0x7fffffff [0x7f0000000000]`)).toEqual([]);
  });

  it("says in a reply what failed, why, what works and how sure it is", async () => {
    const engine = localEngine();
    const { scenarios, clues } = await engine.read([{ name: "log", content: "vfio 0000:01:00.0: group 1 is not viable" }]);
    await engine.load(scenarios[0]!);
    const { reply } = await engine.diagnose(clues!);
    expect(reply).toMatch(/Group 1 of 0000:01:00\.0 .*Bind every device.*The log says so.*lspci/s);
  });
});
