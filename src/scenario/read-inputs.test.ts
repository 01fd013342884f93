import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseU64 } from "../base/u64.ts";
import { InputError, type InputFile, type ReadResult } from "./inputs.ts";
import { readInputs } from "./read-inputs.ts";
import { parseScenario, scenarioJson } from "./schema.ts";
import type { Scenario } from "./scenario.ts";

/** A file of conformance/captures, still compressed. */
function capture(name: string): InputFile {
  return { name, content: new Uint8Array(readFileSync(new URL(`../../conformance/captures/${name}.gz`, import.meta.url))) };
}

function read(...names: string[]): Promise<ReadResult> {
  return readInputs(names.map(capture));
}

function paste(text: string): Promise<ReadResult> {
  return readInputs([{ name: "paste", content: text }]);
}

function only(result: ReadResult): Scenario {
  expect(result.scenarios).toHaveLength(1);
  return result.scenarios[0] as Scenario;
}

function count(scenario: Scenario, call: string): number {
  return scenario.calls.filter((step) => step.call === call).length;
}

describe("captures of real machines", () => {
  it.each([
    ["qemu-10.0-iommufd-4G.log"], ["qemu-10.0-legacy-4G.log"], ["qemu-10.0-iommufd-width39.log"], ["intel-reserved_regions-grep.txt"], ["intel-ioctls-iommufd.log"],
    ["intel-ioctls-legacy.log"], ["amd-ioctls.log"], ["amd-reserved_regions-tail.txt"], ["qemu-10.0-legacy-arm.log"], ["arm-reserved_regions-for.txt"],
    ["rmrr-reserved_regions-cat.txt"], ["qemu-11.1-iommufd-512M.log"], ["qemu-7.2-legacy-timestamps.log"], ["qemu-10.0-notviable.log"], ["qemu-10.0-notviable.stderr"],
    ["intel-trace_pipe.txt"], ["mtree-q35-1100G.txt"],
  ])("%s is understood to the last line, without a warning", async (name) => {
    const { reports, warnings } = await read(name);
    expect(warnings).toEqual([]);
    expect(reports[0]?.skipped).toEqual([]);
    expect(reports[0]?.understood).toBe(reports[0]?.lines);
  });

  it("makes every call of an iommufd trace a step, with what the trace says of it", async () => {
    const scenario = only(await read("qemu-10.0-iommufd-4G.log", "intel-reserved_regions-grep.txt"));
    expect(scenario.trace).toBe("iommufd");
    expect(scenario.calls.slice(0, 5).map((step) => [step.call, step.recorded?.out])).toEqual([
      ["VFIO_CDEV_OPEN", undefined], ["VFIO_DEVICE_BIND_IOMMUFD", { out_devid: 1 }], ["IOMMU_IOAS_ALLOC", { out_ioas_id: 2 }], ["IOMMU_HWPT_ALLOC", { out_hwpt_id: 3 }],
      ["VFIO_DEVICE_ATTACH_IOMMUFD_PT", undefined],
    ]);
    expect(count(scenario, "IOMMU_IOAS_MAP")).toBe(22);
    expect(count(scenario, "IOMMU_IOAS_UNMAP")).toBe(12);
    expect(scenario.calls).toHaveLength(39);
    expect(scenario.calls[6]?.in).toEqual({ flags: 5, ioas_id: 2, user_va: "0x7efdf5600000", length: "0x40000", iova: "0xfffc0000" });
    // The trace prints -1 only; that these are BARs follows from the guest's writes to the BAR registers.
    const failed = scenario.calls.filter((step) => step.recorded?.failed);
    expect(failed.map((step) => step.note)).toEqual(["BAR 0 of 0000:00:05.0", "BAR 1 of 0000:00:05.0", "BAR 3 of 0000:00:05.0"]);
    expect(failed.every((step) => step.given?.pin === "EFAULT" && step.given.source.startsWith("a guess"))).toBe(true);
  });

  it("takes the errno of a failed map from stderr", async () => {
    const scenario = only(await read("qemu-10.0-iommufd-4G.log", "qemu-10.0-iommufd-4G.stderr"));
    const failed = scenario.calls.filter((step) => step.given);
    expect(failed.map((step) => [step.recorded?.errno, step.given])).toEqual(Array.from({ length: 3 }, () => ["EFAULT", { pin: "EFAULT", source: "from the log" }]));
  });

  it("makes every call of a legacy trace a step and adds what the trace implies", async () => {
    const scenario = only(await read("qemu-10.0-legacy-4G.log", "intel-reserved_regions-grep.txt"));
    expect(scenario.calls.slice(0, 4).map((step) => [step.call, step.in, step.note])).toEqual([
      ["VFIO_CONTAINER_OPEN", {}, "implied by the log"], ["VFIO_GROUP_OPEN", { path: "/dev/vfio/3", group: 3 }, "implied by the log"],
      ["VFIO_GROUP_SET_CONTAINER", { group: 3 }, "implied by the log"], ["VFIO_SET_IOMMU", { arg: 3 }, "implied by the log"],
    ]);
    expect(count(scenario, "VFIO_IOMMU_MAP_DMA")).toBe(22);
    expect(count(scenario, "VFIO_IOMMU_UNMAP_DMA")).toBe(12);
    expect(scenario.platform.devices?.map((device) => device.group)).toEqual([3, 0, 1, 2, 4, 5, 6, 7]);
    expect(scenario.platform.devices?.find((device) => device.group === 6)?.regions?.map((region) => region.type)).toEqual(["direct-relaxable", "msi"]);
  });

  it("has the kernel's answers of an ioctl log, and the width they show", async () => {
    const scenario = only(await read("intel-ioctls-iommufd.log"));
    expect(scenario.platform).toMatchObject({ kind: "intel-vtd", address_bits: 39 });
    expect(scenario.platform.guessed).toBeUndefined();
    const ranges = scenario.calls.filter((step) => step.call === "IOMMU_IOAS_IOVA_RANGES");
    expect(ranges.map((step) => step.recorded)).toEqual([
      { errno: "EMSGSIZE", out: { num_iovas: 2, out_iova_alignment: "0x1000" }, partial: true },
      {
        errno: "OK", partial: true,
        out: { num_iovas: 2, allowed_iovas: [{ start: "0x0", last: "0xfedfffff" }, { start: "0xfef00000", last: "0x7fffffffff" }], out_iova_alignment: "0x1000" },
      },
    ]);
    expect(scenario.calls.filter((step) => step.given?.pin === "EFAULT").map((step) => step.recorded?.errno)).toEqual(["EFAULT", "EFAULT", "EFAULT"]);
    // 40 ioctls that the model knows, and the opening of the device.
    expect(scenario.calls).toHaveLength(42);
  });

  it("counts ioctls that it does not model by name", async () => {
    const { reports } = await read("intel-ioctls-legacy.log");
    expect(reports[0]?.ignored).toContainEqual({ why: "not modelled: VFIO_DEVICE_SET_IRQS", count: 7 });
  });

  it("keeps two processes of one log apart", async () => {
    const scenario = only(await read("amd-ioctls.log", "amd-reserved_regions-tail.txt"));
    expect(scenario).toMatchObject({ trace: "iommufd", container: "type1", platform: { kind: "amd-vi", address_bits: 64 } });
    expect(scenario.calls.map((step) => step.call)).toContain("VFIO_GROUP_CLOSE");
    expect(scenario.calls.findIndex((step) => step.call === "VFIO_GROUP_CLOSE")).toBeLessThan(scenario.calls.findIndex((step) => step.call === "VFIO_CDEV_OPEN"));
    expect(scenario.platform.devices?.filter((device) => device.name === "0000:00:05.0")).toHaveLength(1);
  });

  it("puts a refused map beside its message and leaves the reason to the model", async () => {
    const scenario = only(await read("qemu-10.0-iommufd-width39.log", "qemu-10.0-iommufd-width39.stderr"));
    const refused = scenario.calls.find((step) => step.in.iova === "0x8000000000" && step.call === "IOMMU_IOAS_MAP");
    expect(refused).toMatchObject({ recorded: { errno: "EINVAL", partial: true }, note: "m1" });
    expect(refused?.given).toBeUndefined();
    expect(scenario.calls.find((step) => step.call === "IOMMU_IOAS_UNMAP" && step.in.iova === "0x8000000000")?.recorded?.errno).toBe("ENOENT");
    expect(scenario.platform).toMatchObject({ address_bits: 39, guessed: true });
  });

  it("knows an Arm host by its software MSI window", async () => {
    const scenario = only(await read("qemu-10.0-legacy-arm.log", "arm-reserved_regions-for.txt"));
    expect(scenario.platform.kind).toBe("arm-smmuv3");
    expect(count(scenario, "VFIO_IOMMU_MAP_DMA")).toBe(1);
  });

  it("surveys a listing alone, and says which groups the kernel would refuse", async () => {
    const scenario = only(await read("rmrr-reserved_regions-cat.txt"));
    expect(count(scenario, "VFIO_GROUP_SET_CONTAINER")).toBe(7);
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_IOMMU_GET_INFO", in: { argsz: 4096 } });
    expect(scenario.calls.filter((step) => step.note?.includes("1:1")).map((step) => step.in.group)).toEqual([3]);
  });

  it("makes a group that is not viable so", async () => {
    const scenario = only(await read("qemu-10.0-notviable.log", "qemu-10.0-notviable.stderr"));
    expect(scenario.calls.map((step) => step.call)).toEqual(["VFIO_GROUP_OPEN", "VFIO_GROUP_GET_STATUS"]);
    expect(scenario.calls[1]?.recorded?.out).toEqual({ flags: 0 });
    expect(scenario.platform.devices?.filter((device) => device.bound_to_host).map((device) => device.group)).toEqual([7]);
  });

  it("joins page-table events to the mappings behind them and leaves type1's probe out", async () => {
    const scenario = only(await read("intel-trace_pipe.txt"));
    expect(scenario.calls.some((step) => step.in.size === "0x2000" && step.in.iova === "0x0")).toBe(false);
    expect(scenario.calls.filter((step) => step.call === "VFIO_IOMMU_MAP_DMA").length).toBeLessThan(10);
  });

  it("reads widths from the hardware's registers and groups from dmesg", async () => {
    const scenario = only(await read("rmrr-dmesg.txt"));
    expect(scenario).toMatchObject({ kernel: "6.12.117", platform: { kind: "intel-vtd", address_bits: 48 } });
    expect(scenario.platform.devices?.some((device) => device.name === "0000:00:05.0" && device.group === 3)).toBe(true);
  });

  it("checks a guest's memory map against the platform", async () => {
    const scenario = only(await read("mtree-q35-1100G.txt"));
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_IOMMU_MAP_DMA", in: { iova: "0x100000000", size: "0x11280000000" } });
  });

  it("gives scenarios that the file format holds exactly", async () => {
    for (const names of [["qemu-10.0-iommufd-4G.log", "intel-reserved_regions-grep.txt"], ["amd-ioctls.log"], ["rmrr-reserved_regions-cat.txt"]]) {
      const scenario = only(await read(...names));
      expect(parseScenario(JSON.parse(JSON.stringify(scenarioJson(scenario))))).toEqual(parseScenario(scenarioJson(scenario)));
      expect(parseScenario(scenarioJson(scenario))).toEqual(JSON.parse(JSON.stringify(scenario)));
    }
  });
});

describe("what people paste", () => {
  it("reads a listing from a quoted mail, by device", async () => {
    const scenario = only(await paste("> > # cat /sys/bus/pci/devices/0000\\:5e\\:00.1/iommu_group/reserved_regions\r\n> > 0x00000000fee00000 0x00000000feefffff msi\r\n> > 0x000000fd00000000 0x000000ffffffffff reserved\r\n"));
    expect(scenario.platform.kind).toBe("amd-vi");
    expect(scenario.platform.devices?.[0]?.name).toBe("0000:5e:00.1");
  });

  it("splits a listing without names where addresses go down", async () => {
    const scenario = only(await paste("0x0000000008000000 0x00000000080fffff msi\n0x0000000008000000 0x00000000080fffff msi\n0x0000000001000000 0x00000000011fffff direct-relaxable\n0x0000000008000000 0x00000000080fffff msi\n"));
    expect(scenario.platform.devices).toHaveLength(3);
  });

  it("reads `more` banners and grep with relative names", async () => {
    const more = only(await paste("::::::::::::::\n/sys/kernel/iommu_groups/4/reserved_regions\n::::::::::::::\n0x00000000fee00000 0x00000000feefffff msi\n"));
    expect(more.platform.devices?.map((device) => device.group)).toEqual([4]);
    const relative = only(await paste("11/reserved_regions:0x00000000fee00000 0x00000000feefffff msi\n9/reserved_regions:0x00000000fee00000 0x00000000feefffff msi\n"));
    expect(relative.platform.devices?.map((device) => device.group)).toEqual([9, 11]);
  });

  it("answers a bare error line from a journal", async () => {
    const scenario = only(await paste("Mar 03 11:02:07 pve QEMU[4242]: kvm: vfio_container_dma_map(0x55c0de001000, 0x382000000000, 0x20000000, 0x7a0400000000) = -22 (Invalid argument)"));
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_IOMMU_MAP_DMA", in: { iova: "0x382000000000", size: "0x20000000" }, recorded: { errno: "EINVAL" } });
    expect(scenario.platform).toMatchObject({ kind: "intel-vtd", address_bits: 39, guessed: true });
  });

  it("rejoins a message that was wrapped, and guesses AMD where only its hole explains the refusal", async () => {
    const scenario = only(await paste("qemu-system-x86_64: -device vfio-pci,host=0000:61:00.0: vfio 0000:61:00.0:\n  failed to setup container for group 91: memory listener initialization failed:\n    Region pc.ram: vfio_dma_map(0x55aa00000000, 0x100000000, 0xfe80000000, 0x7e5000000000) = -22 (Invalid argument)\n"));
    expect(scenario.platform.kind).toBe("amd-vi");
    expect(scenario.calls.map((step) => step.in.group).filter((group) => group !== undefined)).toEqual([91, 91]);
    expect(scenario.platform.devices?.[0]).toMatchObject({ name: "0000:61:00.0", group: 91 });
  });

  it("gives the model what only the log can know: pinning failed", async () => {
    const scenario = only(await paste("error: internal error: qemu unexpectedly closed the monitor: 2025-05-01T10:00:00.000001Z qemu-system-x86_64: -device vfio-pci,host=0000:08:00.0: vfio 0000:08:00.0: failed to setup container for group 33: memory listener initialization failed: Region pc.ram: vfio_container_dma_map(0x5600aa, 0x0, 0x80000000, 0x7f00c0000000) = -12 (Cannot allocate memory)"));
    expect(scenario.calls.at(-1)?.given).toEqual({ pin: "ENOMEM", source: "from the log" });
  });

  it("unescapes messages of container runtimes", async () => {
    const scenario = only(await paste('May 02 09:00:00 node kata[77]: time="2026-05-02T09:00:00Z" level=warning msg="qemu-system-x86_64: IOMMU_IOAS_MAP failed: Bad address, PCI BAR?" name=shim\nMay 02 09:00:00 node kata[77]: time="2026-05-02T09:00:00Z" level=warning msg="qemu-system-x86_64: vfio_container_dma_map(0x5555, 0xfb000000, 0x8000, 0x77f000000000) = -14 (Bad address)" name=shim\n'));
    expect(scenario.calls.at(-1)).toMatchObject({ call: "IOMMU_IOAS_MAP", in: { iova: "0xfb000000" }, given: { pin: "EFAULT" } });
  });

  it("takes one paste apart that mixes a listing, a trace and messages", async () => {
    const result = await paste([
      "```", "/sys/kernel/iommu_groups/8/reserved_regions:0x00000000fee00000 0x00000000feefffff msi", "[  101.5] unrelated words of a kernel",
      "4711@1700000000.000001:vfio_attach_device  (0000:0b:00.0) group 8", "4711@1700000000.000002:vfio_listener_region_add_ram region_add [ram] 0x0 - 0x3fffffff [0x7f1200000000]",
      "qemu-system-x86_64: vfio_container_dma_map(0x1, 0x0, 0x40000000, 0x7f1200000000) = -17 (File exists)", "```",
    ].join("\n"));
    const scenario = only(result);
    expect(result.reports[0]?.format.split(" + ").sort()).toEqual(["QEMU VFIO trace", "QEMU messages", "reserved_regions"]);
    expect(result.reports[0]?.skipped).toEqual([{ line: 3, text: "[  101.5] unrelated words of a kernel", why: "no reader knows this line" }]);
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_IOMMU_MAP_DMA", recorded: { errno: "EEXIST", partial: true } });
    expect(scenario.platform.devices).toEqual([{ name: "0000:0b:00.0", group: 8 }]);
  });

  it("finds the limit of mappings that a full container had", async () => {
    const scenario = only(await paste("vfio_attach_device  (0000:0b:00.0) group 8\nvfio_listener_region_add_ram region_add [ram] 0x0 - 0xfff [0x7f1200000000]\nvfio_listener_region_add_ram region_add [ram] 0x2000 - 0x2fff [0x7f1200002000]\nqemu-kvm: vfio_container_dma_map(0x1, 0x2000, 0x1000, 0x7f1200002000) = -28 (No space left on device)\n"));
    expect(scenario.dma_entry_limit).toBe(1);
    expect(scenario.calls.at(-1)?.given).toBeUndefined();
  });

  it("looks for a refused device among the groups with firmware regions", async () => {
    const scenario = only(await paste([
      "/sys/kernel/iommu_groups/2/reserved_regions:0x00000000fee00000 0x00000000feefffff msi", "/sys/kernel/iommu_groups/6/reserved_regions:0x000000007b000000 0x000000007b0fffff direct",
      "/sys/kernel/iommu_groups/6/reserved_regions:0x00000000fee00000 0x00000000feefffff msi",
      "qemu-system-x86_64: -device vfio-pci,host=0000:00:14.0,iommufd=fd0: vfio 0000:00:14.0: error bind device fd=9 to iommufd=3: Invalid argument",
    ].join("\n")));
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_DEVICE_BIND_IOMMUFD", recorded: { errno: "EINVAL" } });
    expect(scenario.platform.devices?.[0]).toMatchObject({ name: "0000:00:14.0", group: 6 });
  });

  it("opens a busy group once before, and knows a group without a VFIO driver", async () => {
    const busy = only(await paste("qemu-kvm: -device vfio-pci,host=0000:09:00.0: vfio 0000:09:00.0: Could not open '/dev/vfio/21': Device or resource busy"));
    expect(busy.calls.map((step) => [step.call, step.recorded?.errno])).toEqual([["VFIO_GROUP_OPEN", undefined], ["VFIO_GROUP_OPEN", "EBUSY"]]);
    const missing = only(await paste("qemu-kvm: -device vfio-pci,host=0000:09:00.0: vfio 0000:09:00.0: Could not open '/dev/vfio/21': No such file or directory"));
    expect(missing.platform.devices).toEqual([{ name: "0000:09:00.0", group: 21, bound_to_host: true }]);
  });

  it("says that a file was mapped, or that the kernel could not", async () => {
    const start = "iommufd_cdev_getfd  /dev/vfio/devices/vfio2 (fd=12)\niommufd_cdev_connect_and_bind  [iommufd=11] Successfully bound device 0000:0c:00.0 (fd=12): output devid=1\niommufd_backend_alloc_ioas  iommufd=11 ioas=2\n";
    const mapped = only(await paste(`${start}iommufd_backend_map_file_dma  iommufd=11 ioas=2 iova=0x1000 size=0x4000 fd=10 start=8192 readonly=1 (0)`));
    expect(mapped.calls.at(-1)).toMatchObject({ call: "IOMMU_IOAS_MAP", in: { flags: 5, user_va: "0x7d0000002000" }, note: "IOMMU_IOAS_MAP_FILE of fd 10", recorded: { errno: "OK" } });
    expect(mapped.platform.devices?.[0]).toMatchObject({ name: "0000:0c:00.0", vfio: 2 });
    const old = only(await paste(`${start}iommufd_backend_map_file_dma  iommufd=11 ioas=2 iova=0x0 size=0x4000 fd=10 start=0 readonly=0 (-1)\nqemu: vfio 0000:0c:00.0: memory listener initialization failed: Region m: vfio_container_dma_map(0x1, 0x0, 0x4000, 0x7f00) = -25 (Inappropriate ioctl for device)`));
    expect(old.calls.at(-1)).toMatchObject({ call: "RAW_IOCTL", in: { cmd: "0x3b8f" }, recorded: { errno: "ENOTTY" } });
  });

  it("reads a wrapped trace event", async () => {
    const scenario = only(await paste("   qemu-kvm-77 [001] .....  4.8: map: IOMMU: iova=0x0000000000100000 -\n0x0000000000300000 paddr=0x0000000010ec8000 size=2097152\n"));
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_IOMMU_MAP_DMA", in: { iova: "0x100000", size: "0x200000" } });
  });

  it("learns from strace only order and errno", async () => {
    const scenario = only(await paste("[pid 12] ioctl(8, VFIO_GET_API_VERSION, 0) = 0\n[pid 12] ioctl(3, VFIO_GROUP_SET_CONTAINER, 0x7ffd) = 0\n[pid 12] ioctl(8, VFIO_SET_IOMMU, 0x3) = -1 EPERM (Operation not permitted)\n[pid 12] ioctl(8, VFIO_DEVICE_PCI_HOT_RESET or VFIO_IOMMU_MAP_DMA, 0x7ffd) = 0\n"));
    expect(scenario.calls.at(-1)).toMatchObject({ call: "VFIO_SET_IOMMU", in: { arg: 3 }, recorded: { errno: "EPERM" } });
  });

  it("reads a syzkaller program and gives its resources the ids of a run", async () => {
    const scenario = only(await paste([
      "r0 = openat$iommufd(0xffffffffffffff9c, &AUTO='/dev/iommu\\x00', 0x0, 0x0)",
      "ioctl$IOMMU_IOAS_ALLOC(r0, 0x3b81, &(0x7f0000000040)={0xc, 0x0, <r7=>0x0})",
      "ioctl$IOMMU_IOAS_ALLOW_IOVAS(r0, 0x3b82, &AUTO={0x18, r7, 0x1, 0x0, &AUTO=[{0x1000,0x8fff}]})",
      "ioctl$IOMMU_IOAS_MAP$PAGES(r0, 0x3b85, &AUTO={0x28, 0x7, r7, 0x0, &(0x7f0000fe0000/0x2000)=nil, 0x2000, 0x4000})",
      "ioctl$IOMMU_IOAS_UNMAP$ALL(r0, 0x3b86, &AUTO={0x20, r7, 0, 0xFFFFFFFFFFFFFFFF}) (fail_nth: 3)",
      "ioctl$IOMMU_VFIO_SET_IOMMU(r0, 0x3b66, 0x3)",
      "close(r0)",
    ].join("\n")));
    expect(scenario.platform.kind).toBe("mock");
    expect(scenario.calls.map((step) => step.call)).toEqual(["IOMMU_IOAS_ALLOC", "IOMMU_IOAS_ALLOW_IOVAS", "IOMMU_IOAS_MAP", "IOMMU_IOAS_UNMAP", "VFIO_SET_IOMMU", "CLOSE_FD"]);
    expect(scenario.calls[1]?.in).toMatchObject({ num_iovas: 1, allowed_iovas: [{ start: "0x1000", last: "0x8fff" }] });
    expect(scenario.calls[2]?.in).toMatchObject({ flags: 7, user_va: "0x7f0000fe0000", length: "0x2000", iova: "0x4000" });
    expect(scenario.calls[3]?.in).toMatchObject({ size: 32, iova: "0x0", length: "0xffffffffffffffff" });
    expect(scenario.calls[5]?.in).toEqual({ fd: 3 });
  });

  it("reads a scenario file and several recordings", async () => {
    const scenario = only(await paste('{"title":"t","platform":{"kind":"mock"},"calls":[{"call":"IOMMU_IOAS_ALLOC","in":{"flags":0}}]}'));
    expect(scenario.calls).toEqual([{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }]);
    const recorded = await paste('{"trace":"ioasid","variant":"mainline-5.5","title":"one"}\n{"call":"ioasid_free","in":{"ioasid":1},"ret":null}\n{"trace":"iommufd","platform":"mock","title":"two"}\n');
    expect(recorded.scenarios.map((one) => one.title)).toEqual(["one", "two"]);
  });
});

describe("inputs that can't be used", () => {
  it.each([
    ["", "empty.txt: there is nothing in it"],
    ["hello\nworld", "empty.txt, line 1: none of its 2 lines is of a format that is known here. The first one is: hello"],
    ['{"title": 1}', "empty.txt: it is JSON, but not a scenario: title must be text"],
    ['{"title":"t","platform":{"kind":"mock"},"calls":[{"call":"x","in":{}},{"call":"y","in":7}]}', "empty.txt: it is JSON, but not a scenario: calls[1].in must be an object"],
    ['{"trace":"iommufd"}\nnot json', "empty.txt, line 2: not JSON"],
    ["Linux host 6.12.1 #1 SMP x86_64 GNU/Linux", "empty.txt: it was read as kernel messages, but nothing in it describes an address space or a call"],
  ])("says of %j what is wrong and where", async (content, message) => {
    await expect(readInputs([{ name: "empty.txt", content }])).rejects.toThrow(InputError);
    await expect(readInputs([{ name: "empty.txt", content }])).rejects.toThrow(message);
  });

  it("refuses binary files and damaged archives", async () => {
    await expect(readInputs([{ name: "trace.dat", content: new Uint8Array([1, 0, 2]) }])).rejects.toThrow("binary");
    await expect(readInputs([{ name: "log.gz", content: new Uint8Array([0x1f, 0x8b, 8, 0, 1, 2, 3]) }])).rejects.toThrow("damaged or cut off");
  });

  it("warns of a file that adds nothing to others", async () => {
    const { warnings } = await readInputs([capture("qemu-10.0-legacy-4G.log"), { name: "notes.txt", content: "dear diary" }]);
    expect(warnings).toEqual(["notes.txt: none of its 1 line was understood."]);
  });

  it("never fails in another way", async () => {
    const samples = ["vfio_attach_device  (a) group 1", "region_add [ram] 0x", "0x0 0xffffffffffffffff msi", "/sys/kernel/iommu_groups/1/reserved_regions:", "map: IOMMU: iova=0x0 - 0x0 paddr=0x0 size=1",
      "iommufd_backend_map_dma  iommufd=3 ioas=2 iova=0x0 size=0x0 addr=0x0 readonly=0 (-1)", "1 2 x fd=3 IOMMU_IOAS_MAP = -22", "1 2 x fd=8 VFIO_IOMMU_UNMAP_DMA size=0xzz = 0", "{\"trace\":", "vfio_dma_map(0x0, 0xffffffffffffffff, 0xffffffffffffffff, 0x0) = -22 (",
      "vfio_listener_region_add_ram region_add [ram] 0x5 - 0x1 [0x0]", "vfio_listener_region_del region_del 0xffffffffffffffff - 0x0", "vfio_listener_region_del region_del 0x0 - 0xffffffffffffffff", "FlatView #1", " AS \"memory\", root: system", "  0000000000000000-ffffffffffffffff (prio 0, ram): m"];
    const line = fc.oneof(fc.string(), fc.constantFrom(...samples), fc.tuple(fc.constantFrom(...samples), fc.string()).map(([known, more]) => known + more));
    await fc.assert(fc.asyncProperty(fc.array(line, { maxLength: 8 }), async (lines) => {
      const outcome: unknown = await readInputs([{ name: "random", content: lines.join("\n") }]).catch((error: unknown) => error);
      expect(outcome instanceof Error && !(outcome instanceof InputError) ? String(outcome) : "fine").toBe("fine");
      for (const scenario of outcome instanceof Error ? [] : (outcome as ReadResult).scenarios) {
        parseScenario(scenarioJson(scenario));
        const sizes = scenario.calls.flatMap((step) => ["iova", "size", "length", "vaddr", "user_va"].flatMap((name) => (step.in[name] === undefined ? [] : [step.in[name]])));
        expect(sizes.filter((value) => parseU64(value) === null)).toEqual([]);
      }
    }), { numRuns: 300 });
  }, 60_000);
});
