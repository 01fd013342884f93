/** Devices: bind, attach, replace, detach (iommufd/device.c, 6.12). A group shares one page table. */
import { groupedHex } from "../../base/format.ts";
import type { Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { HostDevice } from "../config.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { vfioRules } from "../rules/vfio.ts";
import type { Context } from "./context.ts";
import { driverOf } from "./domain.ts";
import { dropFaultsOf } from "./fault.ts";
import { abortHwpt, allocPaging, endHwpt, PLAIN_REQUEST, publishHwpt } from "./hwpt.ts";
import type { Iommufd } from "./iommufd.ts";
import { Device, type Hwpt, type HwptPaging, type IGroup, type Ioas } from "./objects.ts";
import { groupRef, idRef, nameOf, refOf } from "./refs.ts";
import { directDeviceOf, releaseRanges, reserveWindows } from "./reserve.ts";
import { hold, unhold } from "./trace-help.ts";

/** The paging HWPT whose IOAS an attach concerns: the HWPT itself, or the parent of a nested one. */
export function pagingOf(hwpt: Hwpt): HwptPaging {
  return hwpt.type === "HWPT_PAGING" ? hwpt : hwpt.parent;
}

/** iommufd_device_bind (6.12) for a real device. `given`: an outside word that the driver refused it. Null: a check refused. */
export function bindDevice(iommufd: Iommufd, trace: CallTrace, context: Context, host: HostDevice, given: Given | null): Device | null {
  const group = context.group(host.group);
  if (!mayBind(iommufd, trace, context, group, host, given)) {
    if (group.bound === 0) context.groups.delete(group.number);
    return null;
  }
  iommufd.host.claimGroup(host.group, { by: "iommufd", context: context.serial });
  trace.effect("host", () => ({
    objects: [groupRef(context, group)],
    text: `the DMA of iommu group ${host.group} belongs to this iommufd; it is blocked until a device is attached`,
  }));
  const device = new Device(context, context.reserveId(), host.name, group, host, null);
  device.enforceCoherency = iommufd.config.platform.enforceCoherency;
  publishDevice(trace, device);
  return device;
}

function mayBind(iommufd: Iommufd, trace: CallTrace, context: Context, group: IGroup, host: HostDevice, given: Given | null): boolean {
  const { platform } = iommufd.config;
  const who = { key: `region:${host.name}`, label: host.name };
  trace.holds(R["not-coherent"], true, () => ({ objects: [who], note: "the model's IOMMUs keep DMA coherent" }));
  if (
    !trace.holds(R["msi-not-isolated"], platform.interruptRemapping, () => ({
      objects: [who],
      note: platform.interruptRemapping ? "interrupts are remapped" : "no interrupt remapping on this host",
    }))
  ) return false;
  const owner = iommufd.host.ownerOf(host.group);
  const free = iommufd.host.canClaimGroup(host.group, { by: "iommufd", context: context.serial });
  if (
    !trace.holds(R["device-group-owned"], free, () => ({
      objects: [groupRef(context, group)],
      note: free ? `iommu group ${host.group} is free` : whoOwns(iommufd, host.group),
    }))
  ) return false;
  // The group is given a domain that blocks everything, once, by its first claim.
  if (owner !== null) return true;
  const direct = directDeviceOf(iommufd.host.devicesOf(host.group));
  if (!trace.holds(vfioRules["direct-region-refuses-device"], direct === null, () => ({
    objects: [groupRef(context, group)],
    range: direct ? { first: direct.region.first, last: direct.region.last } : null,
    note: direct ? `${direct.device.name} has ${direct.region.label ?? "a direct region"} at ${groupedHex(direct.region.first)}–${groupedHex(direct.region.last)}` : "no direct regions",
  }))) return false;
  // An outside refusal: the log knows of a region, or of a driver's trouble, that the inputs do not list.
  const refused = given?.driver;
  return refused === undefined || trace.holds(vfioRules["claim-driver"], false, () => ({ objects: [groupRef(context, group)], note: given?.source ?? "" }), refused);
}

function whoOwns(iommufd: Iommufd, group: number): string {
  const owner = iommufd.host.ownerOf(group);
  if (owner?.by === "host") return `host drivers use ${iommufd.host.hostDevicesOf(group).map((device) => device.name).join(", ")}`;
  return owner?.by === "container" ? "a VFIO container owns the group" : "another iommufd owns the group";
}

/** The part of bind that real and mock devices share: the driver holds the object from the start. */
export function publishDevice(trace: CallTrace, device: Device): void {
  device.group.bound++;
  device.users = 2;
  device.context.publish(device);
  trace.effect("create", () => ({
    objects: [refOf(device), groupRef(device.context, device.group)],
    text: `${nameOf(device)} is bound: id ${device.id}, users 2 (table and driver)`,
  }));
}

/** iommufd_device_unbind: the device is detached already. */
export function unbindDevice(iommufd: Iommufd, trace: CallTrace, device: Device): void {
  const { context, group } = device;
  context.forget(device.id);
  group.bound--;
  if (group.bound === 0) context.groups.delete(group.number);
  if (device.host) iommufd.host.releaseGroup(group.number);
  trace.effect("destroy", () => ({ objects: [refOf(device)], text: `${nameOf(device)} is unbound; id ${device.id} is free` }));
}

/** Is the device attached to a page table? */
export function isAttached(device: Device): boolean {
  return device.group.attached.includes(device);
}

/**
 * iommufd_device_attach and iommufd_device_replace (6.12): to exactly the HWPT of that id, or for an IOAS to an automatic one.
 * Returns the id of the HWPT in use, or null when a check refused.
 */
export function changePt(iommufd: Iommufd, trace: CallTrace, device: Device, ptId: number, mode: "attach" | "replace", given: Given | null): number | null {
  const { context } = device;
  const object = context.get(ptId);
  if (
    !trace.holds(R["id-not-found"], object !== null, () => ({
      objects: [object ? refOf(object) : idRef(context, "ioas", ptId)],
      note: `pt_id ${ptId}`,
    }))
  ) return null;
  const suits = object?.type === "IOAS" || object?.type === "HWPT_PAGING" || object?.type === "HWPT_NESTED";
  if (
    !trace.holds(R["attach-pt-type"], suits, () => ({
      objects: object ? [refOf(object)] : [],
      note: object ? `pt_id ${ptId} is ${nameOf(object)}` : "",
    }))
  ) return null;
  if (object?.type === "IOAS") return changeToIoas(iommufd, trace, device, object, mode, given);
  const hwpt = object as Hwpt;
  if (mode === "replace") {
    const old = replaceHwpt(iommufd, trace, device, hwpt, given);
    if (old === false) return null;
    if (old) putHwpt(iommufd, trace, old, nameOf(device));
    return hwpt.id;
  }
  if (!attachHwpt(iommufd, trace, device, hwpt, given)) return null;
  hold(trace, device, `its attachment to ${nameOf(hwpt)}`);
  return hwpt.id;
}

/** iommufd_device_auto_get_domain: the first automatic HWPT of the IOAS that takes the device, else a new one. */
function changeToIoas(iommufd: Iommufd, trace: CallTrace, device: Device, ioas: Ioas, mode: "attach" | "replace", given: Given | null): number | null {
  const attaching = mode === "attach";
  for (const hwpt of ioas.hwpts) {
    if (!hwpt.auto) continue;
    const old = attaching ? (attachHwpt(iommufd, trace, device, hwpt, given) ? null : false) : replaceHwpt(iommufd, trace, device, hwpt, given);
    if (old !== false) {
      if (attaching) hold(trace, device, `its attachment to ${nameOf(hwpt)}`);
      else if (old) putHwpt(iommufd, trace, old, nameOf(device));
      return hwpt.id;
    }
    // EINVAL means "not this one": the next automatic HWPT, or a new one, may do.
    if (trace.errno !== "EINVAL") return null;
    trace.swallow();
  }
  const immediate = attaching ? { attach: (made: HwptPaging) => attachHwpt(iommufd, trace, device, made, given), detach: () => void detachHwpt(trace, device) } : null;
  const hwpt = allocPaging(iommufd, trace, ioas, device, PLAIN_REQUEST, given, immediate);
  if (!hwpt) return null;
  let old: Hwpt | null = null;
  if (!attaching) {
    const replaced = replaceHwpt(iommufd, trace, device, hwpt, given);
    if (replaced === false) {
      abortHwpt(iommufd, trace, hwpt);
      return null;
    }
    old = replaced;
  }
  hwpt.auto = true;
  publishHwpt(trace, hwpt);
  if (attaching) hold(trace, device, `its attachment to ${nameOf(hwpt)}`);
  if (old) putHwpt(iommufd, trace, old, nameOf(device));
  return hwpt.id;
}

/** iommufd_hw_pagetable_attach (6.12). False: a check refused and nothing has changed. */
function attachHwpt(iommufd: Iommufd, trace: CallTrace, device: Device, hwpt: Hwpt, given: Given | null): boolean {
  const { group, context } = device;
  const other = group.hwpt !== null && group.hwpt !== hwpt ? group.hwpt : null;
  if (
    !trace.holds(R["group-on-other-hwpt"], other === null, () => ({
      objects: [...(other ? [refOf(other)] : []), groupRef(context, group), ...group.attached.map(refOf)],
      note: other ? `${group.attached.map(nameOf).join(", ")} of iommu group ${group.number} sits on ${nameOf(other)}` : `iommu group ${group.number}`,
      advice: other ? { objects: [refOf(other)], text: `Attach to ${nameOf(other)}, or detach or replace the other devices of the group first.` } : {},
    }))
  ) return false;
  const { ioas } = pagingOf(hwpt);
  if (!reserveWindows(trace, ioas, device, true)) return false;
  if (group.attached.length === 0) {
    setMsiCookie(trace, hwpt, device);
    if (!driverAttaches(iommufd, trace, device, hwpt, given)) {
      releaseRanges(trace, ioas, device);
      return false;
    }
    group.hwpt = hwpt;
  }
  hold(trace, hwpt, nameOf(device));
  group.attached.push(device);
  trace.effect("attach", () => ({
    objects: [refOf(device), refOf(hwpt), groupRef(context, group)],
    text: `${nameOf(device)} is attached to ${nameOf(hwpt)}${group.attached.length > 1 ? `, ${group.attached.length} devices of the group now` : ""}`,
  }));
  return true;
}

/** Up to 6.14: the first group with a software MSI window gives the page table its MSI base. */
function setMsiCookie(trace: CallTrace, hwpt: Hwpt, device: Device): void {
  const paging = pagingOf(hwpt);
  const { swMsiStart } = device.group;
  if (swMsiStart === null || paging.msiCookie !== null) return;
  paging.msiCookie = swMsiStart;
  trace.effect("set", () => ({ objects: [refOf(paging)], text: `${nameOf(paging)} maps MSI doorbells from ${groupedHex(swMsiStart)}` }));
}

/** Does the IOMMU driver accept the page table for the whole group? */
function driverAttaches(iommufd: Iommufd, trace: CallTrace, device: Device, hwpt: Hwpt, given: Given | null): boolean {
  const driver = driverOf(device, iommufd.config.platform);
  const sameDriver = hwpt.domain?.driver === driver.name;
  const canTrack = hwpt.type === "HWPT_NESTED" || !hwpt.domain?.dirtyOps || driver.dirtyTracking;
  const accepts = sameDriver && canTrack;
  if (
    !trace.holds(R["hwpt-incompatible-device"], accepts, () => ({
      objects: [refOf(device), refOf(hwpt)],
      note: accepts ? driver.label : sameDriver ? "the HWPT tracks dirty pages, the device's IOMMU can't" : "another IOMMU driver made the HWPT",
    }))
  ) return false;
  if (!given?.driver) return true;
  return trace.holds(R["hwpt-incompatible-device"], false, () => ({
    objects: [refOf(device), refOf(hwpt)],
    note: `${given.source}: the driver answered ${given.driver}`,
  }), given.driver);
}

/** iommufd_hw_pagetable_detach: returns the HWPT, whose count has gone down; the caller puts an automatic one. */
function detachHwpt(trace: CallTrace, device: Device): Hwpt {
  const { group, context } = device;
  const hwpt = group.hwpt as Hwpt;
  group.attached.splice(group.attached.indexOf(device), 1);
  const isLast = group.attached.length === 0;
  if (isLast) {
    if (hwpt.fault) dropFaultsOf(trace, hwpt.fault, group);
    group.hwpt = null;
  }
  trace.effect("detach", () => ({
    objects: [refOf(device), refOf(hwpt), groupRef(context, group)],
    text: `${nameOf(device)} is detached from ${nameOf(hwpt)}${isLast ? `; the DMA of iommu group ${group.number} is blocked` : ""}`,
  }));
  releaseRanges(trace, pagingOf(hwpt).ioas, device);
  unhold(trace, hwpt, nameOf(device));
  return hwpt;
}

/** iommufd_device_detach: nothing happens when the device is not attached. */
export function detachDevice(iommufd: Iommufd, trace: CallTrace, device: Device): void {
  if (!isAttached(device)) return;
  const hwpt = detachHwpt(trace, device);
  unhold(trace, device, `its attachment to ${nameOf(hwpt)}`);
  endIfAutomatic(iommufd, trace, hwpt);
}

/**
 * iommufd_device_do_replace (6.12): moves the whole group. Returns the old HWPT, whose last count the caller gives back; null
 * when it is on that HWPT already; false when a check refused: the old translation stays.
 */
function replaceHwpt(iommufd: Iommufd, trace: CallTrace, device: Device, hwpt: Hwpt, given: Given | null): Hwpt | null | false {
  const { group, context } = device;
  const attached = isAttached(device);
  if (
    !trace.holds(R["replace-not-attached"], attached, () => ({
      objects: [refOf(device)],
      note: attached && group.hwpt ? `on ${nameOf(group.hwpt)}` : "the device is attached nowhere",
    }))
  ) return false;
  const old = group.hwpt as Hwpt;
  if (old === hwpt) return null;
  const from = pagingOf(old).ioas;
  const to = pagingOf(hwpt).ioas;
  if (from !== to) {
    for (const member of group.attached) {
      if (reserveWindows(trace, to, member, false)) continue;
      for (const other of group.attached) releaseRanges(trace, to, other);
      return false;
    }
  }
  setMsiCookie(trace, hwpt, device);
  if (!driverAttaches(iommufd, trace, device, hwpt, given)) {
    // A quirk of the kernel: inside one IOAS this takes away windows that the old attachment still needs.
    for (const member of group.attached) releaseRanges(trace, to, member);
    if (from === to) trace.effect("warn", () => ({
      objects: [refOf(to)],
      text: `the group's reserved windows are missing in ${nameOf(to)} until the next attach: a quirk of the kernel`,
    }));
    return false;
  }
  if (from !== to) for (const member of group.attached) releaseRanges(trace, from, member);
  if (old.fault) dropFaultsOf(trace, old.fault, group);
  group.hwpt = hwpt;
  const count = group.attached.length;
  hold(trace, hwpt, count === 1 ? nameOf(device) : `${count} devices of iommu group ${group.number}`, count);
  if (count > 1) unhold(trace, old, `${count - 1} devices of iommu group ${group.number}`, count - 1);
  trace.effect("replace", () => ({
    objects: [...group.attached.map(refOf), refOf(hwpt), refOf(old), groupRef(context, group)],
    text: `${count === 1 ? nameOf(device) : `iommu group ${group.number} (${count} devices)`} moves from ${nameOf(old)} to ${nameOf(hwpt)}`,
  }));
  return old;
}

/** Gives back a device's count on a HWPT; an automatic one goes with its last. */
function putHwpt(iommufd: Iommufd, trace: CallTrace, hwpt: Hwpt, holder: string): void {
  unhold(trace, hwpt, holder);
  endIfAutomatic(iommufd, trace, hwpt);
}

function endIfAutomatic(iommufd: Iommufd, trace: CallTrace, hwpt: Hwpt): void {
  if (hwpt.type === "HWPT_PAGING" && hwpt.auto && hwpt.users === 1) endHwpt(iommufd, trace, hwpt, "destroy");
}
