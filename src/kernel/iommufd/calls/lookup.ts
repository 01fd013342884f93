/** Finding objects by id, with the check that goes with it (iommufd_get_object, 6.12): a wrong type is ENOENT. */
import type { CallTrace } from "../../call-trace.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import type { Context } from "../context.ts";
import type { Device, HwptNested, HwptPaging, IommufdObject, Ioas, Selftest } from "../objects.ts";
import { idRef, nameOf, refOf } from "../refs.ts";

function check(trace: CallTrace, context: Context, found: IommufdObject | null, id: number, kind: string, what: string): boolean {
  if (found !== null && !trace.explain) return true;
  return trace.holds(R["id-not-found"], found !== null, () => {
    if (found) return { objects: [refOf(found)], note: `${what} ${id}` };
    const other = context.get(id);
    return { objects: [other ? refOf(other) : idRef(context, kind, id)], note: other ? `id ${id} is ${nameOf(other)}, not ${what}` : `nothing has id ${id}` };
  });
}

export function findIoas(trace: CallTrace, context: Context, id: number): Ioas | null {
  const object = context.objects.get(id);
  const found = object && object.type === "IOAS" ? object : null;
  return check(trace, context, found, id, "ioas", "an IOAS") ? found : null;
}

export function findDevice(trace: CallTrace, context: Context, id: number): Device | null {
  const found = context.find("DEVICE", id);
  return check(trace, context, found, id, "device", "a device") ? found : null;
}

export function findPaging(trace: CallTrace, context: Context, id: number): HwptPaging | null {
  const found = context.find("HWPT_PAGING", id);
  return check(trace, context, found, id, "hwpt", "a paging HWPT") ? found : null;
}

export function findNested(trace: CallTrace, context: Context, id: number): HwptNested | null {
  const found = context.find("HWPT_NESTED", id);
  return check(trace, context, found, id, "hwpt", "a nested HWPT") ? found : null;
}

export function findSelftest(trace: CallTrace, context: Context, id: number): Selftest | null {
  const found = context.find("SELFTEST", id);
  return check(trace, context, found, id, "selftest", "a selftest object") ? found : null;
}
