/** Opening containers and groups, and bringing them together. */
import { defineCall, type CallDef } from "../call.ts";
import { flags, optional, orElse, text, u32 } from "../fields.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { attachToBackend, claimGroup, leaveContainer, openContainer, openGroup, releaseIfUnused, type GroupFile } from "./groups.ts";
import { containerRef, groupRef } from "./refs.ts";

const GROUP_VIABLE = 1;
const GROUP_IN_CONTAINER = 2;

/** Which group a call is about; absent: the one opened last. */
const group = optional(u32);
/** Which container a call is about. */
const container = orElse(u32, 1);

/** The group number in "/dev/vfio/7"; -1 when the path is no group's. */
function groupOfPath(path: string): number {
  const match = /\/(?:noiommu-)?(\d+)$/.exec(path);
  return match ? Number(match[1]) : -1;
}

export const groupCalls: readonly CallDef[] = [
  defineCall("VFIO_CONTAINER_OPEN", {
    subsystem: "vfio", summary: "Opens /dev/vfio/vfio: a new, empty container.", in: { container: optional(u32) },
  }, ({ vfio }, fields, trace) => {
    let number = fields.container ?? 1;
    while (vfio.containers.has(number)) number++;
    vfio.containers.set(number, { number, open: true, groups: [], iommu: null });
    trace.effect("create", () => ({ objects: [containerRef(number)], text: `${containerRef(number).label} is open, without groups` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_CONTAINER_CLOSE", {
    subsystem: "vfio", summary: "Closes a container; its groups keep it alive.", in: { container },
  }, (machine, fields, trace) => {
    const found = openContainer(machine, fields.container, trace);
    if (!found) return trace.refusal();
    found.open = false;
    if (found.groups.length === 0) machine.vfio.containers.delete(found.number);
    trace.effect(found.groups.length === 0 ? "destroy" : "release", () => ({
      objects: [containerRef(found.number)], text: found.groups.length === 0 ? "the container is gone" : "the container lives on until its groups leave",
    }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_OPEN", {
    subsystem: "vfio", summary: "Opens /dev/vfio/N, the file of an iommu group.", in: { path: orElse(text, ""), group },
    order: [R["group-exists"], R["group-busy"]],
  }, ({ vfio, host }, fields, trace) => {
    const number = fields.group ?? groupOfPath(fields.path);
    const devices = host.devicesOf(number);
    if (!trace.holds(R["group-exists"], devices.some((device) => !device.boundToHost), () => ({ objects: [groupRef(number)] }))) return trace.refusal();
    const owner = host.ownerOf(number);
    const isBusy = host.isGroupFileOpen(number) || owner?.by === "iommufd";
    if (!trace.holds(R["group-busy"], !isBusy, () => ({
      objects: [groupRef(number)], note: !isBusy ? "" : owner?.by === "iommufd" ? "a device of the group is bound to an iommufd" : "the group's file is open already",
    }))) return trace.refusal();
    const opened: GroupFile = { number, open: true, container: null, devices: [] };
    vfio.groups.set(number, opened);
    vfio.lastGroup = number;
    host.openGroupFile(number);
    trace.effect("create", () => ({ objects: [groupRef(number)], text: `${groupRef(number).label} is open` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_CLOSE", {
    subsystem: "vfio", summary: "Closes a group; it leaves its container once none of its devices is open.", in: { group },
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    found.open = false;
    releaseIfUnused(machine, found, trace);
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_GET_STATUS", {
    subsystem: "vfio", summary: "Is the group viable, is it in a container?", in: { group }, out: { flags },
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    const isViable = found.container !== null || machine.host.ownerOf(found.number) === null;
    return { errno: "OK", out: { flags: (isViable ? GROUP_VIABLE : 0) + (found.container ? GROUP_IN_CONTAINER : 0) } };
  }),

  defineCall("VFIO_GROUP_SET_CONTAINER", {
    subsystem: "vfio", summary: "Puts a group into a container; its DMA now belongs to the container.", in: { group, container },
    order: [R["group-without-container"], R["group-not-viable"], R["direct-region-refuses-device"]],
  }, (machine, fields, trace, given) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    const target = openContainer(machine, fields.container, trace);
    if (!target) return trace.refusal();
    if (!trace.holds(R["group-without-container"], found.container === null, () => ({ objects: [groupRef(found.number)] }))) return trace.refusal();
    if (!claimGroup(machine, found, target, trace, given)) return trace.refusal();
    if (target.iommu && !attachToBackend(machine, found, target.iommu, trace, given)) {
      machine.host.releaseGroup(found.number);
      return trace.refusal();
    }
    found.container = target;
    target.groups.unshift(found);
    trace.effect("attach", () => ({ objects: [groupRef(found.number), containerRef(target.number)], text: `${groupRef(found.number).label} is in ${containerRef(target.number).label}` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_UNSET_CONTAINER", {
    subsystem: "vfio", summary: "Takes a group out of its container; mappings go with the last one.", in: { group },
    order: [R["group-in-container"], R["group-has-open-devices"]],
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    if (!trace.holds(R["group-in-container"], found.container !== null, () => ({ objects: [groupRef(found.number)] }))) return trace.refusal();
    if (!trace.holds(R["group-has-open-devices"], found.devices.length === 0, () => {
      const open = found.devices.map((name) => ({ key: `device:${name}`, label: name }));
      return { objects: [...open, groupRef(found.number)], advice: { objects: open } };
    })) return trace.refusal();
    leaveContainer(machine, found, trace);
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_GET_DEVICE_FD", {
    subsystem: "vfio", summary: "Opens a device of the group.", in: { group, name: orElse(text, "") },
    order: [R["device-in-group"], R["device-needs-iommu"]],
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    const devices = machine.host.devicesOf(found.number).filter((device) => !device.boundToHost);
    const device = fields.name === "" ? devices[0] : devices.find((member) => member.name === fields.name);
    if (!trace.holds(R["device-in-group"], device !== undefined, () => ({ objects: [groupRef(found.number)] })) || !device) return trace.refusal();
    const hasIommu = found.container !== null && (found.container.iommu !== null || machine.config.container === "iommufd");
    if (!trace.holds(R["device-needs-iommu"], hasIommu, () => ({ objects: [groupRef(found.number)] }))) return trace.refusal();
    found.devices.push(device.name);
    trace.effect("users", () => ({ objects: [{ key: `device:${device.name}`, label: device.name }, groupRef(found.number)], text: `${device.name} is open` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_DEVICE_CLOSE", {
    subsystem: "vfio", summary: "Closes a device that was opened through its group.", in: { group, name: orElse(text, "") },
  }, (machine, fields, trace) => {
    const holds = (file: GroupFile) => file.devices.length > 0 && (fields.name === "" || file.devices.includes(fields.name));
    const wanted = fields.group === null ? undefined : machine.vfio.groups.get(fields.group);
    const found = wanted ?? [...machine.vfio.groups.values()].findLast(holds);
    if (!trace.holds(R["device-open"], found !== undefined && holds(found), () => ({ note: fields.name })) || !found) return trace.refusal();
    const index = fields.name === "" ? found.devices.length - 1 : found.devices.indexOf(fields.name);
    found.devices.splice(index, 1);
    releaseIfUnused(machine, found, trace);
    return { errno: "OK" };
  }),
];
