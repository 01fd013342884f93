/** Who holds an object: one entry per reference beyond the table's own, so that users = 1 + holders. */
import { unreachable } from "../../base/assert.ts";
import type { ObjectRef } from "../answer.ts";
import type { Context } from "./context.ts";
import type { Access, Device, Fault, Hwpt, HwptNested, HwptPaging, Ioas, IommufdObject } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";

export interface Holder {
  /** "HWPT 4 is filled from it". */
  readonly text: string;
  /** The object that holds; null for a file or a driver. */
  readonly object: IommufdObject | null;
  /** The holding relation in a word or two, for an edge. */
  readonly label: string;
}

/**
 * The references of one context, looked up by what they hold. Made once for many questions about the same state: a context may
 * have tens of thousands of objects.
 */
export class Holders {
  private readonly byIoas = new Map<Ioas, { hwpts: HwptPaging[]; accesses: Access[] }>();
  private readonly nested = new Map<Hwpt | Fault, HwptNested[]>();
  private readonly devices = new Map<Hwpt, Device[]>();
  private readonly selftests = new Map<Device, IommufdObject>();

  constructor(context: Context) {
    for (const object of context.all()) {
      if (object.type === "HWPT_PAGING") this.ofIoas(object.ioas).hwpts.push(object);
      else if (object.type === "ACCESS" && object.ioas) this.ofIoas(object.ioas).accesses.push(object);
      else if (object.type === "DEVICE" && object.group.hwpt && object.group.attached.includes(object)) added(this.devices, object.group.hwpt, object);
      else if (object.type === "SELFTEST" && object.device && !this.selftests.has(object.device)) this.selftests.set(object.device, object);
      else if (object.type === "HWPT_NESTED") {
        added(this.nested, object.parent, object);
        if (object.fault) added(this.nested, object.fault, object);
      }
    }
  }

  /** Every counted reference to an object. */
  of(object: IommufdObject): Holder[] {
    switch (object.type) {
      case "IOAS": {
        const { hwpts, accesses } = this.ofIoas(object);
        return [
          ...hwpts.map((hwpt) => ({ text: `${nameOf(hwpt)} is filled from it`, object: hwpt, label: "mappings" })),
          ...accesses.map((access) => ({ text: `${nameOf(access)} uses it`, object: access, label: "access" })),
        ];
      }
      case "HWPT_PAGING":
        return [...this.attachedTo(object), ...(this.nested.get(object) ?? []).map((hwpt) => ({ text: `${nameOf(hwpt)} nests on it`, object: hwpt, label: "parent" }))];
      case "HWPT_NESTED":
        return this.attachedTo(object);
      case "DEVICE":
        return this.deviceHolders(object);
      case "ACCESS":
        return [{ text: "the driver's file of the access is open", object: null, label: "file" }];
      case "FAULT":
        return [
          ...(object.open ? [{ text: "its file is open", object: null, label: "file" }] : []),
          ...(this.nested.get(object) ?? []).map((hwpt) => ({ text: `${nameOf(hwpt)} reports faults to it`, object: hwpt, label: "faults" })),
        ];
      case "SELFTEST":
        return [];
      default:
        return unreachable(object);
    }
  }

  private ofIoas(ioas: Ioas): { hwpts: HwptPaging[]; accesses: Access[] } {
    let held = this.byIoas.get(ioas);
    if (!held) {
      held = { hwpts: [], accesses: [] };
      this.byIoas.set(ioas, held);
    }
    return held;
  }

  private attachedTo(hwpt: Hwpt): Holder[] {
    return (this.devices.get(hwpt) ?? []).map((device) => ({ text: `${nameOf(device)} is attached`, object: device, label: "attached" }));
  }

  private deviceHolders(device: Device): Holder[] {
    const selftest = this.selftests.get(device) ?? null;
    const attached = device.group.attached.includes(device);
    return [
      { text: selftest ? `${nameOf(selftest)} has bound it` : "the VFIO driver has bound it", object: selftest, label: "bound" },
      ...(attached ? [{ text: "it is attached to a page table", object: null, label: "attachment" }] : []),
    ];
  }
}

/** Every counted reference to an object. */
export function holdersOf(object: IommufdObject): Holder[] {
  return new Holders(object.context).of(object);
}

/** The objects among the holders. */
export function holderRefs(object: IommufdObject): ObjectRef[] {
  return holdersOf(object).flatMap((holder) => (holder.object ? [refOf(holder.object)] : []));
}

function added<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
