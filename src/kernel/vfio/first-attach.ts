/** What a host gives one group in a container of its own: a look ahead without making a call. */
import type { Range } from "../answer.ts";
import type { Platform, ReservedRegion } from "../config.ts";
import { kernelAtLeast } from "../kernel-version.ts";
import { directRegionOf, mergeRegions, restrictingRegions } from "../platform/regions.ts";
import type { Errno } from "../errno.ts";
import type { Rule } from "../rules/rule.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { exclude, resizeToAperture } from "./valid-list.ts";

export interface FirstAttach {
  /** The valid windows, ascending, inclusive; empty when the group is refused. */
  windows: Range[];
  /** The regions that keep users out, as the kernel merges them. */
  regions: ReservedRegion[];
  /** Null: the group is accepted. */
  refused: { rule: Rule; errno: Errno } | null;
}

/**
 * The answer to putting a group into an empty type1 container (as merged), with the checks in the kernel's order:
 * VFIO_GROUP_OPEN, VFIO_GROUP_SET_CONTAINER, VFIO_SET_IOMMU. `kernel` is a version such as "6.12".
 */
export function firstAttach(platform: Platform, group: number, kernel: string): FirstAttach {
  const devices = platform.devices.filter((device) => device.group === group);
  const regions = restrictingRegions(mergeRegions(devices.flatMap((device) => device.regions)));
  const refusal = (id: keyof typeof R, errno?: Errno): FirstAttach => ({ windows: [], regions, refused: { rule: R[id], errno: errno ?? R[id].errno } });
  if (devices.every((device) => device.boundToHost)) return refusal("group-exists");
  if (devices.some((device) => device.boundToHost)) return refusal("group-not-viable");
  const isLocked = devices.some((device) => directRegionOf(device) !== null);
  if (isLocked && kernelAtLeast(kernel, 6, 6)) return refusal("direct-region-refuses-device");
  // Until then only the VT-d driver refused such a device, and with another errno.
  if (isLocked && platform.kind.startsWith("intel-vtd")) return refusal("direct-region-refuses-device", "EPERM");
  const { list: windows } = exclude(resizeToAperture([], platform.aperture), regions);
  if (windows.length === 0) return refusal("attach-empty-list");
  if (!platform.interruptRemapping) return refusal("no-interrupt-remapping");
  return { windows, regions, refused: null };
}
