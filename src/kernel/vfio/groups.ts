/** Group files and containers as a process holds them (struct vfio_group, struct vfio_container). */
import { plural, rangeText } from "../../base/format.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { Errno } from "../errno.ts";
import { kernelAtLeast } from "../kernel-version.ts";
import type { Machine } from "../machine.ts";
import { directRegionOf } from "../platform/regions.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { NO_FAILURES } from "./attach.ts";
import { platformGroup } from "./platform-group.ts";
import { containerRef, groupRef, regionRef } from "./refs.ts";
import type { Type1 } from "./type1.ts";
import { variantOf } from "./variant.ts";

export interface GroupFile {
  number: number;
  /** False after close while open devices keep the group alive. */
  open: boolean;
  container: Container | null;
  /** Names of the open devices, one entry per open. */
  devices: string[];
}

export interface Container {
  number: number;
  /** False after close while groups keep it alive. */
  open: boolean;
  /** Newest first. */
  groups: GroupFile[];
  /** Null until VFIO_SET_IOMMU, and again once the last group has left. */
  iommu: Type1 | null;
}

/** The group file a call is about; null when refused. `number` null means the group opened last. */
export function openGroup(machine: Machine, number: number | null, trace: CallTrace): GroupFile | null {
  const wanted = number ?? machine.vfio.lastGroup;
  const group = wanted === null ? undefined : machine.vfio.groups.get(wanted);
  if (trace.holds(R["group-open"], group?.open === true, () => ({ objects: wanted === null ? [] : [groupRef(wanted)] }))) return group ?? null;
  return null;
}

/** The container a call is about; null when refused. */
export function openContainer(machine: Machine, number: number, trace: CallTrace): Container | null {
  const container = machine.vfio.containers.get(number);
  if (trace.holds(R["container-open"], container?.open === true, () => ({ objects: [containerRef(number)] }))) return container ?? null;
  return null;
}

/** Takes the group's DMA for a container (iommu_group_claim_dma_owner): EPERM when another has it, EINVAL for a direct region. */
export function claimGroup(machine: Machine, group: GroupFile, container: Container, trace: CallTrace, given: Given | null): boolean {
  const { host, config } = machine;
  const owner = host.ownerOf(group.number);
  if (!trace.holds(R["group-not-viable"], owner === null, () => {
    const inTheWay = host.hostDevicesOf(group.number).map((device) => ({ key: `device:${device.name}`, label: device.name }));
    const who = owner?.by === "iommufd" ? "an iommufd owns its DMA" : owner?.by === "container" ? `${containerRef(owner.container).label} owns its DMA` : "a host driver uses it";
    return { objects: [groupRef(group.number), ...inTheWay], note: owner === null ? "nobody owns its DMA" : who, advice: { objects: inTheWay } };
  })) return false;
  if (kernelAtLeast(config.kernel, 6, 6) && !directRegionAllows(machine, group, trace)) return false;
  // Once the IOMMU is set, an outside refusal is about the attach that follows.
  const refused = container.iommu === null ? given?.driver : undefined;
  if (refused !== undefined && !trace.holds(R["claim-driver"], false, () => ({ objects: [groupRef(group.number)], note: given?.source ?? "" }), refused)) return false;
  host.claimGroup(group.number, { by: "container", container: container.number });
  return true;
}

function directRegionAllows(machine: Machine, group: GroupFile, trace: CallTrace): boolean {
  const device = machine.host.devicesOf(group.number).find((member) => directRegionOf(member) !== null);
  const region = device ? directRegionOf(device) : null;
  return trace.holds(R["direct-region-refuses-device"], region === null, () =>
    device && region
      ? {
          objects: [regionRef(device.name, region), { key: `device:${device.name}`, label: device.name }, groupRef(group.number)],
          range: { first: region.first, last: region.last }, note: `${device.name}: direct region ${rangeText(region.first, region.last)}`,
        }
      : { objects: [groupRef(group.number)] });
}

/** Attaches a group to a container's backend. */
export function attachToBackend(machine: Machine, group: GroupFile, iommu: Type1, trace: CallTrace, given: Given | null): boolean {
  const attach: Errno[] = given?.driver ? [given.driver] : [];
  const events: JsonObject[] = [];
  return variantOf(machine.config).attachGroup({
    container: iommu, group: platformGroup(machine.config, machine.host, group.number), trace, events, attaches: 0,
    failures: { ...NO_FAILURES, attach, source: given?.driver ? given.source : "" },
  });
}

/** Takes a group out of its container; the last one takes the backend with it (vfio_group_detach_container). */
export function leaveContainer(machine: Machine, group: GroupFile, trace: CallTrace): void {
  const { container } = group;
  if (!container) return;
  if (container.iommu) variantOf(machine.config).detachGroup({ container: container.iommu, name: String(group.number), trace, events: [], listInsert: null });
  machine.host.releaseGroup(group.number);
  group.container = null;
  container.groups = container.groups.filter((other) => other !== group);
  trace.effect("release", () => ({ objects: [groupRef(group.number), containerRef(container.number)], text: `the host gets ${groupRef(group.number).label} back` }));
  if (container.groups.length > 0) return;
  if (container.iommu) {
    container.iommu = null;
    trace.effect("destroy", () => ({ objects: [containerRef(container.number)], text: "the last group has left: the container has no IOMMU any more" }));
  }
  if (!container.open) machine.vfio.containers.delete(container.number);
}

/** Lets a closed group go once none of its devices is open. */
export function releaseIfUnused(machine: Machine, group: GroupFile, trace: CallTrace): void {
  if (group.open) return;
  if (group.devices.length > 0) {
    trace.effect("warn", () => ({ objects: [groupRef(group.number)], text: `${plural(group.devices.length, "open device")} keep the group where it is` }));
    return;
  }
  leaveContainer(machine, group, trace);
  machine.vfio.groups.delete(group.number);
  machine.host.closeGroupFile(group.number);
}
