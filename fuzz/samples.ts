/** Made-up inputs in the forms of docs/formats.md that no capture of the project has. */
export const SAMPLES: readonly string[] = [
  [
    "r0 = openat$iommufd(0xffffffffffffff9c, &AUTO='/dev/iommu\\x00', 0x0, 0x0)",
    "ioctl$IOMMU_IOAS_ALLOC(r0, 0x3b81, &(0x7f0000000040)={0xc, 0x0, <r7=>0x0})",
    "ioctl$IOMMU_IOAS_ALLOW_IOVAS(r0, 0x3b82, &AUTO={0x18, r7, 0x1, 0x0, &AUTO=[{0x1000,0x8fff}]})",
    "ioctl$IOMMU_IOAS_MAP$PAGES(r0, 0x3b85, &AUTO={0x28, 0x7, r7, 0x0, &(0x7f0000fe0000/0x2000)=nil, 0x2000, 0x4000})",
    "ioctl$IOMMU_TEST_OP_MOCK_DOMAIN(r0, 0x3ba0, &AUTO={0x48, 0x2, r7, 0x0, <r8=>0x0, <r9=>0x0, <r10=>0x0})",
    "ioctl$IOMMU_IOAS_COPY(r0, 0x3b83, &AUTO={0x28, 0x7, r7, r7, 0x1000, 0x8000, 0x4000})",
    "ioctl$IOMMU_IOAS_UNMAP$ALL(r0, 0x3b86, &AUTO={0x18, r7, 0, 0xFFFFFFFFFFFFFFFF}) (fail_nth: 3)",
    "ioctl$IOMMU_VFIO_SET_IOMMU(r0, 0x3b66, 0x3)",
    "close(r0)",
  ].join("\n"),
  [
    "DMAR: Host address width 39", "DMAR: DRHD base: 0x000000fed90000 flags: 0x0", "DMAR: dmar0: reg_base_addr fed90000 ver 1:0 cap 1c0000c40660462 ecap 19e2ff0505e",
    "DMAR: RMRR base: 0x0000007b000000 end: 0x0000007f7fffff", "pci 0000:00:02.0: Adding to iommu group 0", "pci 0000:01:00.0: Adding to iommu group 1",
    "vfio-pci 0000:01:00.0: Device is ineligible for IOMMU domain attach due to platform RMRR requirement.  Contact your platform vendor.",
    "DMAR: [DMA Write NO_PASID] Request device [01:00.0] fault addr 0xfee00000 [fault reason 0x05] PTE Write access is not set",
    "vfio_pin_pages_remote: RLIMIT_MEMLOCK (65536) exceeded",
  ].map((line, index) => `[    ${index}.${100000 + index}] ${line}`).join("\n"),
  [
    "AMD-Vi: Extended features (0x58f77ef22294ade, 0x0): PPR NX GT IA GA PC GA_vAPIC", "pci 0000:41:00.0: Adding to iommu group 27",
    "vfio-pci 0000:41:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x0019 address=0xfd00000000 flags=0x0020]",
    "arm-smmu-v3 arm-smmu-v3.0.auto: ias 44-bit, oas 44-bit (features 0x00041fef)", "arm-smmu 5000000.iommu: Unhandled context fault: fsr=0x402, iova=0xfffff000, fsynr=0x11, cbfrsynra=0x800, cb=3",
  ].join("\n"),
  [
    " qemu-system-x86-811   [002] .....   12.345678: map: IOMMU: iova=0x0000000000000000 - 0x00000000000a0000 paddr=0x0000000104600000 size=655360",
    "     qemu-kvm   811 [001]  4.843: iommu:unmap: IOMMU: iova=0x0000000000100000 - 0x0000000000300000 size=2097152 unmapped_size=2097152",
    " kworker/0:1-12 [000] 3.1: attach_device_to_domain: IOMMU: device=0000:01:00.0", " <idle>-0 [003] 5.000: io_page_fault: IOMMU:vfio-pci 0000:01:00.0 iova=0x00000000fee00000 flags=0x0001",
    " trace-cmd: add_device_to_group: IOMMU: groupID=4 device=0000:01:00.0",
  ].join("\n"),
  [
    "Mar 03 11:02:07 pve QEMU[4242]: kvm: vfio_container_dma_map(0x55c0de001000, 0x382000000000, 0x20000000, 0x7a0400000000) = -22 (Invalid argument)",
    "qemu-system-x86_64: -device vfio-pci,host=0000:61:00.0: vfio 0000:61:00.0: failed to setup container for group 91: memory listener initialization failed: Region pc.ram: vfio_dma_map(0x55aa00000000, 0x100000000, 0xfe80000000, 0x7e5000000000) = -22 (Invalid argument)",
    "error: internal error: qemu unexpectedly closed the monitor: 2025-05-01T10:00:00.000001Z qemu-system-x86_64: -device vfio-pci,host=0000:08:00.0: vfio 0000:08:00.0: failed to setup container for group 33: memory listener initialization failed: Region pc.ram: vfio_container_dma_map(0x5600aa, 0x0, 0x80000000, 0x7f00c0000000) = -12 (Cannot allocate memory)",
    "qemu-kvm: -device vfio-pci,host=0000:09:00.0: vfio 0000:09:00.0: Could not open '/dev/vfio/21': Device or resource busy",
  ].join("\n"),
  [
    "/sys/kernel/iommu_groups/0/reserved_regions:0x000000007b000000 0x000000007f7fffff direct-relaxable", "/sys/kernel/iommu_groups/0/reserved_regions:0x00000000fee00000 0x00000000feefffff msi",
    "/sys/kernel/iommu_groups/1/reserved_regions:0x000000fd00000000 0x000000ffffffffff reserved", "/sys/kernel/iommu_groups/1/devices/0000:01:00.0", "0x0000000008000000 0x00000000080fffff msi",
    "::::::::::::::", "/sys/kernel/iommu_groups/4/reserved_regions", "::::::::::::::", "0x00000000fee00000 0x00000000feefffff msi",
  ].join("\n"),
  [
    "[pid 12] ioctl(8, VFIO_GET_API_VERSION, 0) = 0", "[pid 12] ioctl(3, VFIO_GROUP_SET_CONTAINER, 0x7ffd) = 0", "[pid 12] ioctl(8, VFIO_SET_IOMMU, 0x3) = -1 EPERM (Operation not permitted)",
    "[pid 12] ioctl(8, VFIO_DEVICE_PCI_HOT_RESET or VFIO_IOMMU_MAP_DMA, 0x7ffd) = 0", "ioctl(11, _IOC(_IOC_NONE, 0x3b, 0x81, 0), 0x7ffe1000) = 0",
  ].join("\n"),
  [
    "4711@1700000000.000001:vfio_attach_device  (0000:0b:00.0) group 8", "4711@1700000000.000002:vfio_listener_region_add_ram region_add [ram] 0x0 - 0x3fffffff [0x7f1200000000]",
    "vfio_listener_region_del region_del 0xfe000000 - 0xfe003fff", "iommufd_cdev_getfd  /dev/vfio/devices/vfio2 (fd=12)",
    "iommufd_cdev_connect_and_bind  [iommufd=11] Successfully bound device 0000:0c:00.0 (fd=12): output devid=1", "iommufd_backend_alloc_ioas  iommufd=11 ioas=2",
    "iommufd_backend_map_dma  iommufd=11 ioas=2 iova=0x0 size=0x80000 addr=0x7f0000000000 readonly=0 (0)", "iommufd_backend_unmap_dma  iommufd=11 ioas=2 iova=0x0 size=0x80000 (0)",
    "iommufd_backend_map_file_dma  iommufd=11 ioas=2 iova=0x100000 size=0x1000 fd=10 start=8192 readonly=1 (0)",
  ].join("\n"),
  [
    "00000000-00000fff : Reserved", "00001000-0009ffff : System RAM", "000a0000-000fffff : PCI Bus 0000:00", "  fed90000-fed90fff : dmar0", "100000000-47fffffff : System RAM",
    "01:00.0 VGA compatible controller: Some GPU (rev a1) (prog-if 00 [VGA controller])", "\tIOMMU group: 14", "\tRegion 0: Memory at a2000000 (32-bit, non-prefetchable) [size=16M]",
    "\tRegion 1: Memory at 382000000000 (64-bit, prefetchable) [size=16G]", "\tCapabilities: [b00 v1] Process Address Space ID (PASID)", "\t\tPASIDCap: Exec+ Priv+, Max PASID Width: 14", "\tKernel driver in use: vfio-pci",
  ].join("\n"),
  [
    "FlatView #0", " AS \"memory\", root: system", " Root memory region: system", "  0000000000000000-000000000009ffff (prio 0, ram): pc.ram", "  00000000000a0000-00000000000affff (prio 1, i/o): vga-lowmem",
    "  0000000000100000-000000007fffffff (prio 0, ram): pc.ram @0000000000100000", "  0000000100000000-000000117fffffff (prio 0, ram): pc.ram @0000000080000000",
  ].join("\n"),
  "qemu-system-x86_64 -machine q35,accel=kvm -m 1T -cpu host,host-phys-bits-limit=46 -device vfio-pci,host=0000:41:00.0 -object iommufd,id=iommufd0",
];
