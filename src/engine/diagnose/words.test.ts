import { describe, expect, it } from "vitest";
import { localEngine } from "../local.ts";
import type { Finding } from "./finding.ts";

async function findingsOf(content: string): Promise<Finding[]> {
  const engine = localEngine();
  const { scenarios, clues } = await engine.read([{ name: "report", content }]);
  const found: Finding[] = [];
  for (const scenario of scenarios) {
    await engine.load(scenario);
    if (clues) found.push(...(await engine.diagnose(clues)).findings);
  }
  return found;
}

async function firstOf(content: string): Promise<Finding> {
  const [first] = await findingsOf(content);
  if (!first) throw new Error("nothing was found");
  return first;
}

const BIND = "qemu-system-x86_64: -device vfio-pci,host=0000:2d:00.0,iommufd=i0: vfio 0000:2d:00.0: error bind device fd=19 to iommufd=18: Operation not permitted";

describe("the words of a finding", () => {
  it("name no group that the inputs do not have", async () => {
    const first = await firstOf(BIND);
    expect(`${first.text} ${first.object}`).not.toMatch(/group \d/);
    expect(first.needs.map(({ command }) => command).join()).toContain("/sys/bus/pci/devices/0000:2d:00.0/iommu_group");
  });

  it("name the function that a host driver has, even without a listing of groups", async () => {
    const first = await firstOf(`${BIND}\n2d:00.0 VGA compatible controller: NVIDIA Corporation TU106\n\tKernel driver in use: vfio-pci\n2d:00.1 Audio device: NVIDIA Corporation TU106 High Definition Audio Controller\n\tKernel driver in use: snd_hda_intel`);
    expect(first.text).toContain("most likely 0000:2d:00.1 (snd_hda_intel)");
  });

  it("say that the address is missing where it is, and how to get it", async () => {
    const first = await firstOf("kvm: VFIO_MAP_DMA failed: Invalid argument");
    expect(first.text).toContain("names no address");
    expect(first.needs[0]?.command).toContain("capture-vfio.bt");
  });

  it("call a program's memory no BAR", async () => {
    const first = await firstOf(
      "1 9 nvmed fd=5 VFIO_SET_IOMMU type=3 = 0\n2 9 nvmed fd=5 VFIO_IOMMU_GET_INFO argsz=112 flags=0x3 pgsizes=0x40201000 dma_avail=65535 [0x0-0xfedfffff] [0xfef00000-0x7fffffffff] = 0\n" +
      "3 9 nvmed fd=5 VFIO_IOMMU_MAP_DMA flags=0x3 vaddr=0x7f3a12400000 iova=0x7f3a12400000 size=0x200000 = -22",
    );
    expect(first).toMatchObject({ cause: "iova-above-aperture", severity: "fatal" });
    expect(first.text).not.toContain("BAR");
    expect(first.remedy).toContain("below 0x80_0000_0000");
  });

  it("name the member of the group that has no PASIDs", async () => {
    const first = await firstOf(
      "vfio-pci 0009:01:00.0: attach pasid 1 failed: -22\n0009:01:00.0 3D controller: NVIDIA Corporation GB200\n\tCapabilities: [2c0 v1] Process Address Space ID (PASID)\n\t\tPASIDCap: Exec+ Priv+, Max PASID Width: 14\n\tIOMMU group: 12\n" +
      "0009:01:00.1 Audio device: NVIDIA Corporation dummy\n\tIOMMU group: 12",
    );
    expect(first.text).toContain("0009:01:00.1 of group 12 has no PASIDs");
    expect(first.needs).toEqual([]);
  });

  it("name the kernel that lacks a call, and the one that has it", async () => {
    const first = await firstOf('$ uname -r\n6.12.0-55.el9.x86_64\nioctl(21, IOMMU_VIOMMU_ALLOC, 0x7ffe5bd34ab0) = -1 ENOTTY (Inappropriate ioctl for device)');
    expect(first.text).toBe("Linux 6.12.0 does not have IOMMU_VIOMMU_ALLOC, which came with Linux 6.13.");
    expect(first.remedy).toContain("Linux 6.13 or newer");
  });

  it("name the bridge that forwards an address", async () => {
    const first = await firstOf(
      "12 9 fpga fd=7 VFIO_SET_IOMMU type=3 = 0\n13 9 fpga fd=7 VFIO_IOMMU_MAP_DMA flags=0x3 vaddr=0x7f0000000000 iova=0x91000000 size=0x100000 = 0\n90000000-a7ffffff : PCI Bus 0000:80\n  90000000-91ffffff : PCI Bus 0000:81\n" +
      "/sys/kernel/iommu_groups/27/reserved_regions:0x00000000fee00000 0x00000000feefffff msi",
    );
    expect(first).toMatchObject({ cause: "bridge-window-not-listed", object: "PCI Bus 0000:81" });
    expect(first.text).toContain("0x9000_0000–0x91ff_ffff (32 MiB), which the bridge above PCI Bus 0000:81 forwards");
  });

  it("say nothing of bridges to a guest whose memory lies on /proc/iomem's windows, as every guest's does", async () => {
    const found = await findingsOf(
      "vfio_device_attach  (0000:06:10.0) group 18\nvfio_listener_region_add_ram region_add [ram] 0x0 - 0xbfffffff [0x7f7f57e00000]\n90000000-a7ffffff : PCI Bus 0000:80\n/sys/kernel/iommu_groups/18/reserved_regions:0x00000000fee00000 0x00000000feefffff msi",
    );
    expect(found.map(({ object }) => object)).not.toContain("PCI Bus 0000:80");
  });

  it("tell a missing file of an old kernel from one that the device's driver would make", async () => {
    const directory = "vfio 0000:5e:00.1: couldn't open directory /sys/bus/pci/devices/0000:5e:00.1/vfio-dev: No such file or directory";
    expect(await firstOf(directory)).toMatchObject({ cause: "outside-the-model", object: "0000:5e:00.1" });
    expect((await firstOf(`${directory}\nLinux version 6.5.13`)).text).toBe("Linux 6.5.13 has no character device for this device (vfio-dev), which came with Linux 6.6.");
    expect((await firstOf("error opening /dev/iommu: No such file or directory\nLinux version 6.12.4")).text).toContain("without CONFIG_IOMMUFD");
  });

  it("say what libvirt wanted to lock", async () => {
    const first = await firstOf("libvirt:  error : cannot limit locked memory of process 84 to 9126805504: Operation not permitted");
    expect(first).toMatchObject({ cause: "memlock-limit", text: expect.stringContaining("8.50 GiB") });
  });

  it("do not claim to know what KVM refused where no address is told", async () => {
    const first = await firstOf("Error booting VM: VmBoot(DeviceManager(VfioMapRegion(CreateUserMemoryRegion(CreateUserMemory(Invalid argument (os error 22))))))");
    expect(first).toMatchObject({ cause: "vcpu-address-width", confidence: "guessed" });
  });

  it("take the kernel's own word on a width before the errno", async () => {
    const found = await findingsOf("ioctl(VFIO_IOMMU_MAP_DMA) iova 0x9000000000 size 0x200000: Bad address\n[1.0] intel_iommu_map: iommu width (39) is not sufficient for the mapped address (9000001000)");
    expect([...new Set(found.map(({ cause }) => cause))]).toEqual(["iova-above-aperture"]);
  });

  it("ask for no host where the host plays no part", async () => {
    const first = await firstOf("qemu-system-x86_64: -device vfio-pci,host=0000:65:00.0: vfio 0000:65:00.0: failed to open /dev/vfio/34: Device or resource busy");
    expect(first).toMatchObject({ cause: "group-already-open", confidence: "given", needs: [{ command: "sudo fuser -v /dev/vfio/34" }] });
  });
});

describe("lines that say it together", () => {
  it("have the errno in a traceback below the call", async () => {
    expect((await firstOf('  File "play.py", line 61, in <module>\n    fcntl.ioctl(container, VFIO_IOMMU_MAP_DMA, dma_map)\nOSError: [Errno 12] Cannot allocate memory')).cause).toBe("memlock-limit");
  });

  it("have the reason below the failure", async () => {
    expect((await firstOf("Error: failed to map guest memory with VFIO_IOMMU_MAP_DMA\n\nCaused by:\n    No space left on device (os error 28)")).cause).toBe("dma-entry-limit");
  });

  it("have the place in the line before or after", async () => {
    const expected = { cause: "map-crosses-reserved-region", range: { first: 0, last: 0xfff_ffff } };
    const list = "/sys/kernel/iommu_groups/4/reserved_regions:0x0000000008000000 0x00000000080fffff msi";
    expect(await firstOf(`dma map: iova=0x0 size=0x10000000\nVFIO_IOMMU_MAP_DMA failed: Invalid argument\n${list}`)).toMatchObject(expected);
    expect(await firstOf(`VFIO_IOMMU_MAP_DMA failed: Invalid argument\n dma map: iova=0x0 size=0x10000000\n${list}`)).toMatchObject(expected);
  });

  it("are not joined where each has a beginning of its own", async () => {
    const found = await firstOf("2021/06/18 14:01:29:125 EAL: Calling pci_unmap_resource for 0000:91:02.0 at 0x6309380000\n2021/06/18 14:01:29:125 EAL: Cannot open /dev/vfio/151: Device or resource busy");
    expect(found).toMatchObject({ cause: "group-already-open", object: "group 151", where: { line: 2 } });
  });

  it("have the pointers taken out", async () => {
    expect(await firstOf("QEMU: vfio_container_dma_map(0x..., 0x380000000000, 0x10000000, XXX) = -22 (Invalid argument)")).toMatchObject({ cause: "iova-above-aperture", range: { first: 0x3800_0000_0000 } });
  });

  it("are not joined over an empty line, nor with a record or a command after them", async () => {
    const found = await firstOf('{"execute":"device_add","arguments":{"driver":"vfio-pci"}}\n{"error":{"class":"GenericError","desc":"vfio 0000:00:1f.3: [iommufd=26] error attach 0000:00:1f.3 (44) pasid 0 to id=2: Address already in use"}}\n$ cat /sys/bus/pci/devices/0000:00:1f.3/iommu_group/reserved_regions\n0x000000003e2e0000 0x000000003e2fffff reserved');
    expect(found).toMatchObject({ cause: "attach-reserved-over-mapping", where: { line: 2 } });
    expect(found.text).toContain("0x3e2e_0000–0x3e2f_ffff");
  });
});
