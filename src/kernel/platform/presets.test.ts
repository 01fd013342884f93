import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../base/u64.ts";
import { makePlatform, profileOf } from "./platform.ts";
import { platformPresets, presetPlatform } from "./presets.ts";
import { directRegionOf } from "./regions.ts";

describe("profiles", () => {
  it("know the usual widths", () => {
    expect(profileOf("intel-vtd").aperture.last).toBe(0x7f_ffff_ffff);
    expect(profileOf("intel-vtd", 48).aperture.last).toBe(0xffff_ffff_ffff);
    expect(profileOf("intel-vtd-scalable", 47).aperture.last).toBe(0x7fff_ffff_ffff);
    expect(profileOf("amd-vi").aperture.last).toBe(U64_MAX);
    expect(profileOf("arm-smmuv3").aperture.last).toBe(0xffff_ffff_ffff);
  });

  it("know AMD's page sizes as a real machine lists them", () => {
    expect(profileOf("amd-vi").pageSizes).toBe(0xfff7ffffff000);
    expect(profileOf("amd-vi", 47).pageSizes).toBe(0x40201000);
  });

  it("give the recorded machine by default", () => {
    expect(makePlatform("intel-vtd").devices.map((device) => device.group)).toEqual([3, 4, 7, 7]);
  });
});

describe("presets", () => {
  it("have ids of their own, and devices with distinct names and cdev numbers", () => {
    expect(new Set(platformPresets.map((preset) => preset.id)).size).toBe(platformPresets.length);
    for (const { devices } of platformPresets) {
      expect(devices.length).toBeGreaterThan(0);
      expect(new Set(devices.map((device) => device.name)).size).toBe(devices.length);
      expect(new Set(devices.map((device) => device.vfio)).size).toBe(devices.length);
    }
  });

  it("hold regions that are ranges", () => {
    const regions = platformPresets.flatMap((preset) => preset.devices).flatMap((device) => device.regions);
    expect(regions.every((region) => region.first <= region.last)).toBe(true);
  });

  it("become platforms of their name", () => {
    const unsafe = platformPresets.find((preset) => preset.id === "arm-unsafe");
    expect(unsafe && presetPlatform(unsafe)).toMatchObject({ name: unsafe?.name, kind: "arm-smmuv3", interruptRemapping: false });
  });

  it("keep exactly the hosts with locked devices locked", () => {
    const locked = platformPresets.filter((preset) => preset.devices.some((device) => directRegionOf(device)));
    expect(locked.map((preset) => preset.id)).toEqual(["intel-rmrr", "amd-ivmd", "arm-rmr"]);
  });
});
