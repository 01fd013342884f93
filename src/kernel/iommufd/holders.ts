/** Who holds an object: one entry per reference beyond the table's own, so that users = 1 + holders. */
import { unreachable } from "../../base/assert.ts";
import type { ObjectRef } from "../answer.ts";
import type { Device, Hwpt, IommufdObject } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";

export interface Holder {
  /** "HWPT 4 is filled from it". */
  readonly text: string;
  /** The object that holds; null for a file or a driver. */
  readonly object: IommufdObject | null;
  /** The holding relation in a word or two, for an edge. */
  readonly label: string;
}

/** Every counted reference to an object. */
export function holdersOf(object: IommufdObject): Holder[] {
  switch (object.type) {
    case "IOAS": {
      const hwpts = object.context.of("HWPT_PAGING").filter((hwpt) => hwpt.ioas === object);
      const accesses = object.context.of("ACCESS").filter((access) => access.ioas === object);
      return [
        ...hwpts.map((hwpt) => ({ text: `${nameOf(hwpt)} is filled from it`, object: hwpt, label: "mappings" })),
        ...accesses.map((access) => ({ text: `${nameOf(access)} uses it`, object: access, label: "access" })),
      ];
    }
    case "HWPT_PAGING":
      return [
        ...attachedTo(object),
        ...object.context.of("HWPT_NESTED").filter((hwpt) => hwpt.parent === object).map((hwpt) => ({ text: `${nameOf(hwpt)} nests on it`, object: hwpt, label: "parent" })),
      ];
    case "HWPT_NESTED":
      return attachedTo(object);
    case "DEVICE":
      return deviceHolders(object);
    case "ACCESS":
      return [{ text: "the driver's file of the access is open", object: null, label: "file" }];
    case "FAULT":
      return [
        ...(object.open ? [{ text: "its file is open", object: null, label: "file" }] : []),
        ...object.context.of("HWPT_NESTED").filter((hwpt) => hwpt.fault === object).map((hwpt) => ({ text: `${nameOf(hwpt)} reports faults to it`, object: hwpt, label: "faults" })),
      ];
    case "SELFTEST":
      return [];
    default:
      return unreachable(object);
  }
}

/** The objects among the holders. */
export function holderRefs(object: IommufdObject): ObjectRef[] {
  return holdersOf(object).flatMap((holder) => (holder.object ? [refOf(holder.object)] : []));
}

function attachedTo(hwpt: Hwpt): Holder[] {
  return hwpt.context
    .of("DEVICE")
    .filter((device) => device.group.hwpt === hwpt && device.group.attached.includes(device))
    .map((device) => ({ text: `${nameOf(device)} is attached`, object: device, label: "attached" }));
}

function deviceHolders(device: Device): Holder[] {
  const selftest = device.context.of("SELFTEST").find((object) => object.device === device) ?? null;
  const attached = device.group.attached.includes(device);
  return [
    { text: selftest ? `${nameOf(selftest)} has bound it` : "the VFIO driver has bound it", object: selftest, label: "bound" },
    ...(attached ? [{ text: "it is attached to a page table", object: null, label: "attachment" }] : []),
  ];
}
