import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../base/json.ts";
import { parseU64 } from "../../base/u64.ts";
import type { Platform } from "../config.ts";
import { makePlatform } from "../platform/platform.ts";
import { platformPresets, presetPlatform } from "../platform/presets.ts";
import { firstAttach } from "./first-attach.ts";
import { TestMachine } from "./testing.ts";

/** The same question asked by calls. */
function byCalls(platform: Platform, group: number, kernel: string): { windows: [unknown, unknown][]; errno: string } {
  const test = new TestMachine({ platform, kernel });
  const steps: [string, JsonObject][] = [["VFIO_CONTAINER_OPEN", {}], ["VFIO_GROUP_OPEN", { group }], ["VFIO_GROUP_SET_CONTAINER", { group }], ["VFIO_SET_IOMMU", { arg: 3 }]];
  for (const [call, fields] of steps) {
    const errno = test.errno(call, fields);
    if (errno !== "OK") return { windows: [], errno };
  }
  const caps = test.do("VFIO_IOMMU_GET_INFO", { argsz: 4096 }).answer.out?.caps as { id: number; iova_ranges?: { start: string; end: string }[] }[];
  const ranges = caps.find((cap) => cap.id === 1)?.iova_ranges ?? [];
  return { windows: ranges.map(({ start, end }) => [parseU64(start), parseU64(end)]), errno: "OK" };
}

const covering: Platform = {
  ...makePlatform("intel-vtd"), devices: [{ name: "greedy", group: 1, vfio: 0, regions: [{ first: 0, last: 0x7f_ffff_ffff, type: "reserved" }] }],
};
const allHost: Platform = { ...makePlatform("amd-vi"), devices: [{ name: "boot disk", group: 1, vfio: 0, regions: [], boundToHost: true }] };

describe("firstAttach", () => {
  const hosts = [...platformPresets.map((preset) => ({ id: preset.id, platform: presetPlatform(preset) })), { id: "covering", platform: covering }, { id: "all host", platform: allHost }];
  for (const kernel of ["6.12", "6.1"]) {
    for (const { id, platform } of hosts) {
      it(`says what the calls say: ${id}, ${kernel}`, () => {
        for (const group of new Set(platform.devices.map((device) => device.group))) {
          const { windows, refused } = firstAttach(platform, group, kernel);
          expect({ windows: windows.map(({ first, last }) => [first, last]), errno: refused?.errno ?? "OK" }).toEqual(byCalls(platform, group, kernel));
        }
      });
    }
  }
});
