/** What a host's IOMMU leaves of the address space for a set of devices. */
import type { U64 } from "../../base/u64.ts";
import type { HostDevice, Platform, RegionType } from "../../kernel/config.ts";

export interface HostHole {
  first: U64;
  last: U64;
  type: RegionType;
  /** "HyperTransport". */
  label: string;
  /** Names of the devices that bring it. */
  devices: string[];
}

export interface HostWindows {
  /** "Intel VT-d, 39-bit". */
  name: string;
  kind: Platform["kind"];
  /** Inclusive. */
  aperture: { first: U64; last: U64 };
  bits: number;
  /** Ascending; direct-relaxable regions are not holes. */
  holes: HostHole[];
  /** Devices that firmware's regions keep from being given away at all. */
  refused: { device: string; hole: HostHole }[];
}

const USUAL_LABEL: Record<RegionType, string> = {
  msi: "MSI window", "sw-msi": "software MSI window", reserved: "reserved region", direct: "firmware region (1:1)", "direct-relaxable": "relaxable firmware region",
};

/** The holes of all these devices together, as one container or IOAS gets them. */
export function hostWindows(platform: Platform, devices: readonly HostDevice[] = platform.devices): HostWindows {
  const holes = new Map<string, HostHole>();
  const refused: HostWindows["refused"] = [];
  for (const device of devices) {
    for (const region of device.regions) {
      if (region.type === "direct-relaxable") continue;
      const key = `${region.first}-${region.last}-${region.type}`;
      const hole = holes.get(key) ?? { first: region.first, last: region.last, type: region.type, label: region.label ?? USUAL_LABEL[region.type], devices: [] };
      hole.devices.push(device.name);
      holes.set(key, hole);
      if (region.type === "direct") refused.push({ device: device.name, hole });
    }
  }
  return {
    name: platform.name, kind: platform.kind, aperture: platform.aperture, bits: platform.addressBits,
    holes: [...holes.values()].sort((one, other) => (one.first < other.first ? -1 : 1)), refused,
  };
}
