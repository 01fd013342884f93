/** Scenarios that every look at the whole page is taken of. */
import type { Scenario } from "../src/scenario/scenario.ts";
import { capture, recording } from "./app.ts";

const hex = (value: number): string => `0x${value.toString(16)}`;

/** One device on an IOAS with a mapping. */
function oneDevice(): Scenario {
  return {
    title: "One device",
    trace: "iommufd",
    platform: { kind: "intel-vtd", address_bits: 48, devices: [{ name: "0000:41:00.0", group: 27, vfio: 0 }] },
    calls: [
      { call: "VFIO_CDEV_OPEN", in: { dev: 0, path: "/dev/vfio/devices/vfio0" } },
      { call: "VFIO_DEVICE_BIND_IOMMUFD", in: { dev: 0, argsz: 16, flags: 0 } },
      { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } },
      { call: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", in: { dev: 0, argsz: 12, flags: 0, pt_id: 2 } },
      { call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 2, user_va: "0x7f0000000000", length: "0x40000000", iova: "0x0" } },
    ],
  };
}

/** A hundred devices of the kernel's test driver on ten spaces, with their page tables: three hundred objects and more. */
function crowd(): Scenario {
  const calls: Scenario["calls"] = [];
  let next = 1;
  const spaces = Array.from({ length: 10 }, () => {
    calls.push({ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } });
    return next++;
  });
  for (let device = 0; device < 100; device++) {
    calls.push({ call: "IOMMU_TEST_OP_MOCK_DOMAIN", in: { id: spaces[device % 10] as number } });
    next += 3;
  }
  spaces.forEach((ioas, index) => {
    for (let area = 0; area < 12; area++) calls.push({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: ioas, user_va: hex(0x10000000 + area * 0x1000000), length: hex(0x1000 << (index % 5)), iova: hex(0x1000000 * (area + 1)) } });
  });
  return { title: "A hundred devices of the kernel's own test driver, ten address spaces and a page table for each", trace: "iommufd", platform: { kind: "mock" }, calls };
}

/** A scene for the whole page, and at which step. */
export interface Scene {
  name: string;
  inputs: () => unknown;
  step?: number;
  /** Is opened by its button on the start page instead. */
  story?: string;
}

export const SCENES: readonly Scene[] = [
  { name: "start", inputs: () => null },
  { name: "one-device", inputs: oneDevice },
  { name: "capture", inputs: () => [capture("qemu-10.0-iommufd-width39.log"), capture("qemu-10.0-iommufd-width39.stderr"), capture("intel-reserved_regions-grep.txt")], step: 8 },
  { name: "crowd", inputs: crowd },
];

/** Further families of calls, and two forms side by side. */
export const MORE_SCENES: readonly Scene[] = [
  { name: "ids", inputs: () => recording("ioasid/ioasid-series-2020-v3-directed.jsonl"), step: 8 },
  { name: "container", inputs: () => [capture("qemu-10.0-legacy-4G.log")] },
  { name: "comparison", inputs: () => null, story: "Who is next when the active allocator leaves" },
];
