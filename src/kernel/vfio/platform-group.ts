import type { MachineConfig } from "../config.ts";
import type { Host } from "../host.ts";
import { kernelAtLeast } from "../kernel-version.ts";
import { directRegionOf, mergeRegions } from "../platform/regions.ts";
import type { Group } from "./type1.ts";

/** A group of the host's platform as type1 sees it. */
export function platformGroup(config: MachineConfig, host: Host, number: number): Group {
  const { platform } = config;
  const devices = host.devicesOf(number);
  const holes = devices.flatMap((device) =>
    device.regions.map((region) => ({ region, owner: { key: `device:${device.name}`, label: device.name } })));
  // Until 6.5 the VT-d driver itself refused devices with such a region; since then the core refuses to hand them out at all.
  const refusedByDriver = platform.kind.startsWith("intel-vtd") && !kernelAtLeast(config.kernel, 6, 6);
  const locked = devices.map(directRegionOf).find((region) => region !== null) ?? null;
  return {
    name: String(number), emulated: false, aperture: platform.aperture, pageSizes: platform.pageSizes, driver: platform.kind,
    enforceCoherency: platform.enforceCoherency, interruptRemapping: platform.interruptRemapping, nesting: platform.nesting,
    regions: mergeRegions(holes.map((hole) => hole.region)), holes, lockedBy: refusedByDriver ? locked : null,
  };
}
