/**
 * VFIO groups whose container is an iommufd (vfio/group.c and vfio/iommufd.c, 6.12). Joining makes the compatibility IOAS and
 * claims nothing; a device is bound and attached when it is opened, and only then do its reserved regions count.
 */
import { defineCall, type CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import type { HostDevice } from "../../config.ts";
import type { ObjectRef } from "../../answer.ts";
import { flags, optional, orElse, text, u32 } from "../../fields.ts";
import type { Machine } from "../../machine.ts";
import { vfioRules as R } from "../../rules/vfio.ts";
import type { Context } from "../context.ts";
import { bindDevice, changePt, unbindDevice } from "../device.ts";
import { leaveContext } from "../files.ts";
import type { CompatGroup, Iommufd } from "../iommufd.ts";
import { IoPagetable } from "../io-pagetable.ts";
import { AreaStore } from "../../ranges/area-store.ts";
import { Ioas, type Device } from "../objects.ts";
import { leaveDevice } from "../lifecycle.ts";
import { nameOf, refOf } from "../refs.ts";

const VIABLE = 1;
const IN_CONTAINER = 2;

/** Which group a call is about; absent: the one opened last. */
const group = optional(u32);

function groupRef(number: number): ObjectRef {
  return { key: `group:${number}`, label: `group ${number}` };
}

function deviceRef(host: HostDevice): ObjectRef {
  return { key: `device:${host.name}`, label: host.name };
}

/** The group number in "/dev/vfio/7"; -1 when the path is no group's. */
function groupOfPath(path: string): number {
  const match = /\/(?:noiommu-)?(\d+)$/.exec(path);
  return match ? Number(match[1]) : -1;
}

function openGroup(machine: Machine, number: number | null, trace: CallTrace): CompatGroup | null {
  const { compat } = machine.iommufd;
  const wanted = number ?? compat.lastGroup;
  const found = wanted === null ? undefined : compat.groups.get(wanted);
  return trace.holds(R["group-open"], found?.open === true, () => ({ objects: wanted === null ? [] : [groupRef(wanted)] })) ? (found ?? null) : null;
}

/** The iommufd behind /dev/vfio/vfio; null when refused. */
function containerContext(machine: Machine, trace: CallTrace): Context | null {
  const { iommufd } = machine;
  const context = iommufd.compat.containerOpen ? iommufd.process(machine.caller).current : null;
  return trace.holds(R["container-open"], context !== null) ? context : null;
}

/** iommufd_vfio_compat_ioas_create. */
function compatIoas(iommufd: Iommufd, context: Context, trace: CallTrace): Ioas {
  if (context.vfioIoas) return context.vfioIoas;
  const ioas = new Ioas(context, context.reserveId(), new IoPagetable(new AreaStore(iommufd.journal)));
  context.publish(ioas);
  context.vfioIoas = ioas;
  trace.effect("create", () => ({ objects: [refOf(ioas)], text: `${nameOf(ioas)} is made: the container's calls concern it` }));
  return ioas;
}

/** Binds a device and attaches it to the compatibility IOAS; null when a check refused, and then nothing stays. */
function openDevice(machine: Machine, context: Context, host: HostDevice, trace: CallTrace): Device | null {
  const { iommufd } = machine;
  const ioas = compatIoas(iommufd, context, trace);
  const device = bindDevice(iommufd, trace, context, host, null);
  if (!device) return null;
  if (changePt(iommufd, trace, device, ioas.id, "attach", null) === null) {
    unbindDevice(iommufd, trace, device);
    return null;
  }
  context.files++;
  return device;
}

function closeDevice(machine: Machine, found: CompatGroup, name: string, trace: CallTrace): void {
  const at = name === "" ? found.devices.length - 1 : found.devices.findLastIndex((one) => one.host.name === name);
  const [closed] = found.devices.splice(at, 1);
  if (!closed || found.devices.some((one) => one.device === closed.device)) return;
  trace.effect("host", () => ({ objects: [refOf(closed.device)], text: `${closed.host.name} is closed` }));
  leaveDevice(machine.iommufd, trace, closed.device);
  leaveContext(machine.iommufd, trace, closed.device.context);
}

/** A closed group goes once none of its devices is open. */
function forgetIfUnused(machine: Machine, found: CompatGroup): void {
  if (found.open || found.devices.length > 0) return;
  machine.iommufd.compat.groups.delete(found.number);
  machine.host.closeGroupFile(found.number);
}

export const compatGroupCalls: readonly CallDef[] = [
  defineCall("VFIO_CONTAINER_OPEN", { subsystem: "iommufd", summary: "Opens /dev/vfio/vfio, which an iommufd serves.", in: {} }, ({ iommufd }, _fields, trace) => {
    iommufd.compat.containerOpen = true;
    trace.effect("create", () => ({ objects: [], text: "/dev/vfio/vfio is open: an iommufd without objects" }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_CONTAINER_CLOSE", { subsystem: "iommufd", summary: "Closes the container; its groups keep it alive.", in: {} }, (machine, _fields, trace) => {
    if (!containerContext(machine, trace)) return trace.refusal();
    machine.iommufd.compat.containerOpen = false;
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_OPEN", {
    subsystem: "iommufd", summary: "Opens /dev/vfio/N, the file of an iommu group.", in: { path: orElse(text, ""), group }, order: [R["group-exists"], R["group-busy"]],
  }, ({ iommufd, host }, fields, trace) => {
    const number = fields.group ?? groupOfPath(fields.path);
    const exists = host.devicesOf(number).some((device) => !device.boundToHost);
    if (!trace.holds(R["group-exists"], exists, () => ({ objects: [groupRef(number)] }))) return trace.refusal();
    const isBusy = host.isGroupFileOpen(number) || host.ownerOf(number)?.by === "iommufd";
    if (!trace.holds(R["group-busy"], !isBusy, () => ({ objects: [groupRef(number)], note: isBusy ? "it is in use already" : "" }))) return trace.refusal();
    iommufd.compat.groups.set(number, { number, open: true, inContainer: false, devices: [] });
    iommufd.compat.lastGroup = number;
    host.openGroupFile(number);
    trace.effect("create", () => ({ objects: [groupRef(number)], text: `${groupRef(number).label} is open` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_CLOSE", { subsystem: "iommufd", summary: "Closes a group; open devices keep it where it is.", in: { group } }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    found.open = false;
    forgetIfUnused(machine, found);
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_GET_STATUS", { subsystem: "iommufd", summary: "Is the group viable, is it in a container?", in: { group }, out: { flags } }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    const isViable = found.inContainer || machine.host.ownerOf(found.number) === null;
    return { errno: "OK", out: { flags: (isViable ? VIABLE : 0) + (found.inContainer ? IN_CONTAINER : 0) } };
  }),

  defineCall("VFIO_GROUP_SET_CONTAINER", {
    subsystem: "iommufd", summary: "Puts a group into a container that is an iommufd; its devices join when they are opened.", in: { group }, order: [R["group-without-container"]],
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    const context = found && containerContext(machine, trace);
    if (!found || !context) return trace.refusal();
    if (!trace.holds(R["group-without-container"], !found.inContainer, () => ({ objects: [groupRef(found.number)] }))) return trace.refusal();
    const ioas = compatIoas(machine.iommufd, context, trace);
    found.inContainer = true;
    trace.effect("attach", () => ({ objects: [groupRef(found.number), refOf(ioas)], text: `${groupRef(found.number).label} belongs to this iommufd; nothing of it is attached before a device is opened` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_UNSET_CONTAINER", {
    subsystem: "iommufd", summary: "Takes a group out of its container; the mappings stay.", in: { group }, order: [R["group-in-container"], R["group-has-open-devices"]],
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    if (!trace.holds(R["group-in-container"], found.inContainer, () => ({ objects: [groupRef(found.number)] }))) return trace.refusal();
    if (!trace.holds(R["group-has-open-devices"], found.devices.length === 0, () => ({ objects: found.devices.map(({ host }) => deviceRef(host)) }))) return trace.refusal();
    found.inContainer = false;
    trace.effect("release", () => ({ objects: [groupRef(found.number)], text: `${groupRef(found.number).label} has no container any more` }));
    return { errno: "OK" };
  }),

  defineCall("VFIO_GROUP_GET_DEVICE_FD", {
    subsystem: "iommufd", summary: "Opens a device of the group: it is bound to the iommufd and attached to its IOAS.", in: { group, name: orElse(text, "") }, order: [R["device-in-group"], R["device-needs-iommu"]],
  }, (machine, fields, trace) => {
    const found = openGroup(machine, fields.group, trace);
    if (!found) return trace.refusal();
    const devices = machine.host.devicesOf(found.number).filter((device) => !device.boundToHost);
    const host = fields.name === "" ? devices[0] : devices.find((member) => member.name === fields.name);
    if (!trace.holds(R["device-in-group"], host !== undefined, () => ({ objects: [groupRef(found.number)] })) || !host) return trace.refusal();
    const context = found.inContainer ? machine.iommufd.process(machine.caller).current : null;
    if (!trace.holds(R["device-needs-iommu"], context !== null, () => ({ objects: [groupRef(found.number)] })) || !context) return trace.refusal();
    const device = found.devices.find((one) => one.host === host)?.device ?? openDevice(machine, context, host, trace);
    if (!device) return trace.refusal();
    found.devices.push({ host, device });
    return { errno: "OK" };
  }),

  defineCall("VFIO_DEVICE_CLOSE", { subsystem: "iommufd", summary: "Closes a device that was opened through its group.", in: { group, name: orElse(text, "") } }, (machine, fields, trace) => {
    const holds = (one: CompatGroup) => one.devices.some(({ host }) => fields.name === "" || host.name === fields.name);
    const { groups } = machine.iommufd.compat;
    const found = fields.group === null ? [...groups.values()].findLast(holds) : groups.get(fields.group);
    if (!trace.holds(R["device-open"], found !== undefined && holds(found), () => ({ note: fields.name })) || !found) return trace.refusal();
    closeDevice(machine, found, fields.name, trace);
    forgetIfUnused(machine, found);
    return { errno: "OK" };
  }),
];
