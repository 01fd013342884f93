import { describe, expect, it } from "vitest";
import { makePlatform } from "../../../kernel/platform/platform.ts";
import { platformPresets, presetPlatform } from "../../../kernel/platform/presets.ts";
import type { Scenario } from "../../../scenario/scenario.ts";
import { checkDraft } from "./check.ts";
import { draftOf } from "./draft.ts";
import { hostWith } from "./hosts.ts";
import { lost, usedBy, usedDevices } from "./used.ts";

const scenario = (calls: Scenario["calls"]): Scenario => ({ title: "calls", platform: { kind: "intel-vtd" }, trace: "iommufd", calls });
const recorded = makePlatform("intel-vtd").devices;

describe("what calls use", () => {
  it("is found by group, by number and by name", () => {
    const used = usedBy(scenario([
      { call: "VFIO_GROUP_OPEN", in: { path: "/dev/vfio/7" } },
      { call: "VFIO_GROUP_SET_CONTAINER", in: { group: 7 } },
      { call: "VFIO_GROUP_GET_DEVICE_FD", in: { name: "0000:02:01.0" } },
      { call: "VFIO_CDEV_OPEN", in: { dev: 0, path: "/dev/vfio/devices/vfio1" } },
      { call: "VFIO_CDEV_OPEN", in: { dev: 0 } },
      { call: "IOMMU_IOAS_ALLOC", in: {} },
    ]));
    expect([...used.groups]).toEqual([[7, 1]]);
    expect([...used.vfios]).toEqual([[1, 4], [0, 5]]);
    expect([...used.names]).toEqual([["0000:02:01.0", 3]]);
    expect(usedDevices(used, recorded)).toHaveLength(4);
  });

  it("comes with the other members of its group", () => {
    const used = usedBy(scenario([{ call: "VFIO_CDEV_OPEN", in: { dev: 2 } }]));
    expect(usedDevices(used, recorded).map((device) => device.name)).toEqual(["0000:02:01.0", "0000:02:02.0"]);
  });

  it("is nothing for calls that describe their groups", () => {
    const used = usedBy(scenario([{ call: "attach_group", in: { group: "3" } }]));
    expect(usedDevices(used, recorded)).toEqual([]);
  });
});

describe("what would be lost", () => {
  const used = usedBy(scenario([{ call: "VFIO_GROUP_OPEN", in: { group: 3 } }, { call: "VFIO_GROUP_OPEN", in: { group: 99 } }, { call: "VFIO_CDEV_OPEN", in: { dev: 3 } }]));

  it("is told with the step, and only what was there", () => {
    expect(lost(used, recorded, [{ name: "0000:00:04.0", group: 4, vfio: 0 }])).toEqual([
      "Step 1 uses group 3, which this host does not have: it will be refused.",
      "Step 3 uses /dev/vfio/devices/vfio3, which this host does not have: it will be refused.",
    ]);
    expect(lost(used, recorded, recorded.map(({ name, group, vfio }) => ({ name, group, vfio })))).toEqual([]);
  });

  it("is nothing when a host takes over the devices of the calls", () => {
    for (const preset of platformPresets) {
      const kept = usedDevices(used, recorded);
      const { spec, problems } = checkDraft(draftOf(hostWith(presetPlatform(preset), kept)));
      expect([...problems]).toEqual([]);
      expect(lost(used, recorded, spec.devices)).toEqual([]);
    }
  });

  it("keeps those together who share a group on the host", () => {
    const shared = platformPresets.find((preset) => preset.id === "shared-group") ?? platformPresets[0]!;
    const host = hostWith(presetPlatform(shared), recorded.slice(0, 1));
    expect(host.devices.map(({ name, group, boundToHost }) => [name, group, boundToHost ?? false])).toEqual([["0000:00:04.0", 3, false], ["0000:02:02.0", 3, true], ["0000:00:05.0", 4, false]]);
  });

  it("leaves the regions of the host on the devices of the calls", () => {
    const amd = presetPlatform(platformPresets.find((preset) => preset.id === "amd-ivmd") ?? platformPresets[0]!);
    const host = hostWith(amd, usedDevices(used, recorded));
    expect(host.devices.map((device) => [device.group, device.model, device.regions.length])).toEqual([[3, "sata", 3], [7, "nvme", 2], [7, "pci-testdev", 2]]);
  });
});
