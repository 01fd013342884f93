import { describe, expect, it } from "vitest";
import { Host } from "./host.ts";
import type { MachineConfig } from "./config.ts";
import { platformPresets, presetPlatform } from "./platform/presets.ts";

function host(preset: string): Host {
  const found = platformPresets.find((entry) => entry.id === preset);
  return new Host({ platform: found && presetPlatform(found) } as MachineConfig);
}

describe("owners of groups", () => {
  it("are one at a time, who may claim again", () => {
    const hosts = host("recorded");
    const iommufd = { by: "iommufd", context: 3 } as const;
    expect(hosts.claimGroup(7, iommufd)).toBe(true);
    expect(hosts.claimGroup(7, { by: "iommufd", context: 3 })).toBe(true);
    expect(hosts.claimGroup(7, { by: "iommufd", context: 4 })).toBe(false);
    expect(hosts.claimGroup(7, { by: "container", container: 1 })).toBe(false);
    expect(hosts.claimGroup(3, { by: "container", container: 1 })).toBe(true);
    expect(hosts.canClaimGroup(3, { by: "container", container: 2 })).toBe(false);
    hosts.releaseGroup(7);
    expect(hosts.ownerOf(7)).toEqual(iommufd);
    hosts.releaseGroup(7);
    expect(hosts.ownerOf(7)).toBeNull();
    hosts.releaseGroup(7);
    expect(hosts.state()).toEqual({ owners: { "group 3": { by: "container", container: 1, claims: 1 } }, open_group_files: [] });
  });

  it("are the host while a member is bound to its driver", () => {
    const hosts = host("shared-group");
    expect(hosts.ownerOf(7)).toEqual({ by: "host" });
    expect(hosts.hostDevicesOf(7).map((device) => device.name)).toEqual(["0000:02:02.0"]);
    expect(hosts.claimGroup(7, { by: "container", container: 1 })).toBe(false);
    expect(hosts.ownerOf(4)).toBeNull();
  });
});

describe("group files", () => {
  it("are open or not", () => {
    const hosts = host("recorded");
    hosts.openGroupFile(3);
    expect([hosts.isGroupFileOpen(3), hosts.isGroupFileOpen(4)]).toEqual([true, false]);
    hosts.closeGroupFile(3);
    expect(hosts.isGroupFileOpen(3)).toBe(false);
  });
});
