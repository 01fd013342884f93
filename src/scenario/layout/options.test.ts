import { describe, expect, it } from "vitest";
import { GIB, MIB } from "./guest.ts";
import { looksLikeDomain, parseDomain } from "./libvirt.ts";
import { machineOf, parseQemuCommand, sizeOf, splitWords } from "./options.ts";
import { completeGuest } from "./complete.ts";

describe("parseQemuCommand", () => {
  it("reads sizes, machine, CPU and devices", () => {
    const options = parseQemuCommand(
      `qemu-system-x86_64 -enable-kvm -m size=4G,slots=2,maxmem=64G -M pc-q35-9.0,max-ram-below-4g=2G -cpu host,host-phys-bits-limit=39 \\
       -device vfio-pci,host=01:00.0,iommufd=iommufd0 -object iommufd,id=iommufd0 -device intel-iommu,aw-bits=48,caching-mode=on`,
    );
    expect(options).toMatchObject({
      guest: { ram: 4 * GIB, maxmem: 64 * GIB, slots: 2, machine: "q35", version: [9, 0], maxRamBelow4g: 2 * GIB, firmware: "seabios" },
      hostVendor: true, hostPhysBits: { limit: 39 }, assigned: [{ host: "0000:01:00.0", iommufd: true }], viommu: { kind: "intel-iommu", bits: 48 },
    });
  });

  it("reads libvirt's log: a pair a line, JSON objects, quotes", () => {
    const options = parseQemuCommand(`LC_ALL=C \\
/usr/bin/qemu-system-x86_64 \\
-name guest=win10,debug-threads=on \\
-blockdev '{"driver":"file","filename":"/usr/share/OVMF/OVMF_CODE.fd","node-name":"libvirt-pflash0-storage"}' \\
-machine pc-q35-6.2,usb=off,pflash0=libvirt-pflash0-format \\
-accel kvm \\
-cpu EPYC,vendor=AuthenticAMD,phys-bits=43 \\
-m size=1059061760k \\
-device '{"driver":"vfio-pci","host":"0000:41:10.1","id":"hostdev0"}'`);
    expect(options).toMatchObject({
      guest: { machine: "q35", version: [6, 2], vendor: "amd", physBits: 43, ram: 1010 * GIB, firmware: "ovmf" }, assigned: [{ host: "0000:41:10.1", iommufd: false }],
    });
  });

  it("knows sizes and machine types", () => {
    expect([sizeOf("4096"), sizeOf("4G"), sizeOf("512M"), sizeOf("1T"), sizeOf("x"), sizeOf("1.5G")]).toEqual([4096 * MIB, 4 * GIB, 512 * MIB, 1024 * GIB, null, 1.5 * GIB]);
    expect([machineOf("pc"), machineOf("pc-i440fx-7.0"), machineOf("virt-8.2"), machineOf("q35"), machineOf("pseries")]).toEqual([
      { machine: "pc", version: null }, { machine: "pc", version: [7, 0] }, { machine: "virt", version: [8, 2] }, { machine: "q35", version: null }, null,
    ]);
    expect(splitWords(`a "b c" 'd e' f\\ g \\\n h`)).toEqual(["a", "b c", "d e", "f g", "h"]);
  });

  it("survives anything", () => {
    for (const text of ["", "-m", "-m ,,,=", "-device {bad", "--memory size=", "-cpu ,phys-bits=x"]) expect(() => parseQemuCommand(text)).not.toThrow();
  });
});

describe("parseDomain", () => {
  it("reads what matters of a domain", () => {
    const xml = `<domain type='kvm'><name>vm</name><memory unit='GiB'>1011</memory><maxMemory slots='16' unit='KiB'>2147483648</maxMemory>
      <memtune><hard_limit unit='GiB'>1020</hard_limit></memtune>
      <os><type arch='x86_64' machine='pc-q35-9.0'>hvm</type><loader readonly='yes' type='pflash'>/x</loader></os>
      <cpu mode='host-passthrough'><maxphysaddr mode='passthrough' limit='39'/></cpu>
      <devices><hostdev mode='subsystem' type='pci'><driver name='vfio' iommufd='yes'/><source><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source></hostdev>
      <iommu model='intel'><driver aw_bits='48'/></iommu></devices></domain>`;
    expect(looksLikeDomain(xml)).toBe(true);
    expect(parseDomain(xml)).toMatchObject({
      guest: { ram: 1011 * GIB, maxmem: 2048 * GIB, slots: 16, machine: "q35", version: [9, 0], firmware: "ovmf" },
      hostPhysBits: { limit: 39 }, hostVendor: true, assigned: [{ host: "0000:01:00.0", iommufd: true }], viommu: { kind: "intel-iommu", bits: 48 }, lockLimit: 1020 * GIB,
    });
  });
});

it("completes a guest with what is usual on the host", () => {
  const { guest, assumed } = completeGuest(parseQemuCommand("-m 8G -cpu host"), "amd-vi");
  expect(guest).toMatchObject({ vendor: "amd", physBits: 48, machine: "q35" });
  expect(assumed).toEqual(["machine type q35", "48 physical address bits of the host's CPU"]);
});
