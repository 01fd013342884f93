/** The end of objects: IOMMU_DESTROY, a driver letting go, the last file of a context closing (iommufd/main.c, 6.12). */
import { plural } from "../../base/format.ts";
import type { CallTrace } from "../call-trace.ts";
import { changeAccessIoas, releaseItem } from "./access.ts";
import type { Context } from "./context.ts";
import { detachDevice, unbindDevice } from "./device.ts";
import { endHwpt } from "./hwpt.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Access, Device, IommufdObject, Ioas, Selftest } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";
import { unmapAll } from "./unmap.ts";

/** Destroys a visible object that nobody refers to. Parents and children are left alone; a selftest object unbinds its device. */
export function destroyObject(iommufd: Iommufd, trace: CallTrace, object: IommufdObject): void {
  switch (object.type) {
    case "IOAS":
      destroyIoas(iommufd, trace, object);
      break;
    case "HWPT_PAGING":
    case "HWPT_NESTED":
      endHwpt(iommufd, trace, object, "destroy");
      return;
    case "SELFTEST":
      destroySelftest(iommufd, trace, object);
      break;
    case "FAULT":
    case "DEVICE":
    case "ACCESS":
      break;
  }
  object.context.forget(object.id);
  trace.effect("destroy", () => ({ objects: [refOf(object)], text: `${nameOf(object)} is destroyed; id ${object.id} is free` }));
}

function destroyIoas(iommufd: Iommufd, trace: CallTrace, ioas: Ioas): void {
  const { context } = ioas;
  if (context.vfioIoas === ioas) {
    context.vfioIoas = null;
    trace.effect("set", () => ({ objects: [refOf(ioas)], text: "no compatibility IOAS is set any more" }));
  }
  unmapAll(iommufd, trace, ioas);
}

function destroySelftest(iommufd: Iommufd, trace: CallTrace, selftest: Selftest): void {
  const { device } = selftest;
  selftest.device = null;
  if (device) leaveDevice(iommufd, trace, device);
}

/** The driver lets a device go: detach, then unbind. */
export function leaveDevice(iommufd: Iommufd, trace: CallTrace, device: Device): void {
  detachDevice(iommufd, trace, device);
  device.users--;
  unbindDevice(iommufd, trace, device);
}

/** iommufd_access_destroy: pins, IOAS and id go. */
export function destroyAccess(iommufd: Iommufd, trace: CallTrace, access: Access): void {
  for (const item of access.items.values()) releaseItem(iommufd, trace, access, item);
  changeAccessIoas(iommufd, trace, access, null);
  access.context.forget(access.id);
  trace.effect("destroy", () => ({ objects: [refOf(access)], text: `${nameOf(access)} is destroyed; id ${access.id} is free` }));
}

/**
 * iommufd_fops_release: scans the ids upwards, destroying what nobody refers to, until nothing is left. Something that can't
 * be destroyed would be a leak; it stays.
 */
export function releaseContext(iommufd: Iommufd, trace: CallTrace, context: Context): void {
  for (let scan = 1; context.objects.size > 0; scan++) {
    let destroyed = 0;
    for (const { id } of context.all()) {
      const object = context.get(id);
      if (!object || object.users !== 1) continue;
      destroyObject(iommufd, trace, object);
      destroyed++;
    }
    if (destroyed === 0) break;
    trace.effect("destroy", () => ({
      objects: [],
      text: `scan ${scan} of the closing iommufd: ${plural(destroyed, "object")} destroyed, ${plural(context.objects.size, "id")} left`,
    }));
  }
  iommufd.contexts.splice(iommufd.contexts.indexOf(context), 1);
}
