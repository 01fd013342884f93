/** Making and taking apart page table objects (iommufd/hw_pagetable.c, 6.12). */
import type { Json } from "../../base/json.ts";
import type { Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { addDomain, driverOf, iotlbValue, makeDomain, removeDomain } from "./domain.ts";
import { hwptForm, reportPath, type Ending } from "./hwpt-form.ts";
import type { Iommufd } from "./iommufd.ts";
import { HwptNested, HwptPaging, type Device, type Fault, type Hwpt, type Ioas } from "./objects.ts";
import { idRef, nameOf, refOf } from "./refs.ts";
import { hold, unhold } from "./trace-help.ts";

export const NEST_PARENT = 1;
export const DIRTY_TRACKING = 2;
export const FAULT_ID_VALID = 4;

export interface HwptRequest {
  readonly flags: number;
  readonly dataType: number;
  readonly dataLen: number;
  readonly data: Json;
  /** The data can be read from the caller's memory. */
  readonly dataReadable: boolean;
}

/** No flags, no data: what an attach to an IOAS asks for. */
export const PLAIN_REQUEST: HwptRequest = { flags: 0, dataType: 0, dataLen: 0, data: null, dataReadable: true };

/** How the automatic path attaches its device to the new HWPT, and takes it off again. */
export interface ImmediateAttach {
  /** False: a check refused. */
  readonly attach: (hwpt: HwptPaging) => boolean;
  readonly detach: () => void;
}

/**
 * iommufd_hwpt_paging_alloc (6.12): a page table on an IOAS, filled with all its mappings. `attach` is the immediate attach
 * of the automatic path, which comes before the filling. Null: a check refused; the id and all counts are given back.
 */
export function allocPaging(
  iommufd: Iommufd, trace: CallTrace, ioas: Ioas, device: Device, request: HwptRequest, given: Given | null, attach: ImmediateAttach | null,
): HwptPaging | null {
  const { context } = ioas;
  const driver = driverOf(device, iommufd.config.platform);
  const { flags, dataLen } = request;
  const asked = flags !== 0 || dataLen !== 0;
  const known = (flags & ~(NEST_PARENT | DIRTY_TRACKING)) === 0;
  if (asked || trace.explain) {
    const rule = (flags & ~(NEST_PARENT | DIRTY_TRACKING | FAULT_ID_VALID)) === 0 ? R["flag-not-for-this-path"] : R["unknown-flag"];
    if (
      !trace.holds(rule, known, () => ({
        objects: [refOf(ioas)], fn: "iommufd_hwpt_paging_alloc",
        note: `flags ${flags}; on an IOAS only NEST_PARENT (1) and DIRTY_TRACKING (2)`,
      }))
    ) return null;
    const dirty = (flags & DIRTY_TRACKING) === 0 || driver.dirtyTracking;
    if (
      !trace.holds(R["dirty-not-supported"], dirty, () => ({
        objects: [refOf(device)],
        note: dirty ? "" : `${nameOf(device)}: the IOMMU can't track dirty pages`,
      }))
    ) return null;
  }
  const hwpt = new HwptPaging(context, context.reserveId(), ioas, (flags & NEST_PARENT) !== 0);
  hold(trace, ioas, nameOf(hwpt));
  const offered = ((flags & NEST_PARENT) === 0 || driver.nesting) && dataLen === 0;
  if (
    !trace.holds(R["driver-refuses-hwpt"], offered, () => ({
      objects: [refOf(device)],
      note: offered ? driver.label : dataLen > 0 ? `${driver.label} takes no data for a table on an IOAS` : `${driver.label} has no nesting`,
    }))
  ) return abortHwpt(iommufd, trace, hwpt);
  hwpt.domain = makeDomain(driver, (flags & DIRTY_TRACKING) !== 0);
  if (!hwptForm(iommufd.config.variants.iommufd).checkDomain(trace, hwpt, given)) return abortHwpt(iommufd, trace, hwpt);
  if (device.enforceCoherency) {
    if (
      !trace.holds(R["hwpt-driver-bug"], given?.bug !== "coherency", () => ({
        objects: [refOf(hwpt), refOf(device)],
        note: `${nameOf(device)} promises that coherency can be enforced`,
      }))
    ) return abortHwpt(iommufd, trace, hwpt);
    hwpt.enforceCoherency = true;
  }
  if (attach && !attach.attach(hwpt)) return abortHwpt(iommufd, trace, hwpt);
  if (!addDomain(iommufd, trace, hwpt, given)) {
    if (attach) attach.detach();
    return abortHwpt(iommufd, trace, hwpt);
  }
  ioas.hwpts.push(hwpt);
  hwpt.linked = true;
  return hwpt;
}

/**
 * iommufd_hwpt_nested_alloc (6.12): a guest's table on top of a nesting parent. Null: a check refused, everything given back.
 */
export function allocNested(iommufd: Iommufd, trace: CallTrace, parent: HwptPaging, device: Device, request: HwptRequest): HwptNested | null {
  const { context } = parent;
  const driver = driverOf(device, iommufd.config.platform);
  const { flags, dataType, dataLen, data } = request;
  const known = (flags & ~FAULT_ID_VALID) === 0;
  const rule = (flags & ~(NEST_PARENT | DIRTY_TRACKING | FAULT_ID_VALID)) === 0 ? R["flag-not-for-this-path"] : R["unknown-flag"];
  if (
    !trace.holds(rule, known, () => ({
      objects: [refOf(parent)], fn: "iommufd_hwpt_nested_alloc",
      note: `flags ${flags}; on a HWPT only FAULT_ID_VALID (4)`,
    }))
  ) return null;
  if (!trace.holds(R["nested-needs-data"], dataLen > 0, () => ({ objects: [refOf(parent)], note: `data_len ${dataLen}` }))) return null;
  const nestable = !parent.auto && parent.nestParent && parent.domain?.driver === driver.name;
  if (
    !trace.holds(R["parent-not-nestable"], nestable, () => ({
      objects: [refOf(parent)],
      note: whyNotParent(parent, nestable),
    }))
  ) return null;
  const hwpt = new HwptNested(context, context.reserveId(), parent);
  hold(trace, parent, nameOf(hwpt));
  const wanted = driver.nestedData;
  if (
    !trace.holds(R["driver-refuses-hwpt"], wanted !== null && dataType === wanted.type, () => ({
      objects: [refOf(device)],
      note: `data_type ${dataType}; ${driver.label} takes ${wanted ? wanted.type : "none"}`,
    }))
  ) return abortHwpt(iommufd, trace, hwpt);
  if (
    !trace.holds(R["driver-data-invalid"], dataLen === wanted?.length, () => ({
      objects: [refOf(device)],
      note: `data_len ${dataLen}; the driver's structure has ${wanted?.length} bytes`,
    }))
  ) return abortHwpt(iommufd, trace, hwpt);
  if (!trace.holds(R["argument-readable"], request.dataReadable, () => ({ fn: "iommu_copy_struct_from_user" }))) return abortHwpt(iommufd, trace, hwpt);
  const start = iotlbValue(data);
  hwpt.domain = { driver: driver.name, dataType, data, iotlb: driver.name === "mock" ? [start, start, start, start] : [] };
  return hwpt;
}

function whyNotParent(parent: HwptPaging, nestable: boolean): string {
  if (nestable) return `${nameOf(parent)} is a nesting parent`;
  if (parent.auto) return `${nameOf(parent)} was made by an attach`;
  return parent.nestParent ? "another IOMMU driver made it" : `${nameOf(parent)} was made without NEST_PARENT`;
}

/** Ties a nested HWPT to a fault queue; false when there is no such queue (the caller then aborts the HWPT). */
export function useFault(trace: CallTrace, hwpt: HwptNested, faultId: number): boolean {
  const fault: Fault | null = hwpt.context.find("FAULT", faultId);
  if (
    !trace.holds(R["id-not-found"], fault !== null, () => ({
      objects: [fault ? refOf(fault) : idRef(hwpt.context, "fault", faultId)], fn: "iommufd_get_fault",
      note: `fault_id ${faultId}`,
    }))
  ) return false;
  hwpt.fault = fault;
  hold(trace, fault as Fault, nameOf(hwpt));
  return true;
}

/** Makes a HWPT visible. */
export function publishHwpt(trace: CallTrace, hwpt: Hwpt): void {
  hwpt.context.publish(hwpt);
  trace.effect("create", () => ({
    objects: [refOf(hwpt), refOf(hwpt.type === "HWPT_PAGING" ? hwpt.ioas : hwpt.parent)],
    text: `${nameOf(hwpt)} is visible, on ${nameOf(hwpt.type === "HWPT_PAGING" ? hwpt.ioas : hwpt.parent)}`,
  }));
}

/** Gives up a HWPT that nobody has seen; its id is free at once. Returns null for the caller to pass on. */
export function abortHwpt(iommufd: Iommufd, trace: CallTrace, hwpt: Hwpt): null {
  endHwpt(iommufd, trace, hwpt, "abort");
  return null;
}

/** Destroys a published HWPT that nobody refers to, or aborts one that was never published. */
export function endHwpt(iommufd: Iommufd, trace: CallTrace, hwpt: Hwpt, ending: Ending): void {
  const path = hwptForm(iommufd.config.variants.iommufd).path(hwpt, ending);
  if (hwpt.type === "HWPT_PAGING") {
    const { ioas } = hwpt;
    const locked = ending === "abort" ? "the IOAS is locked already" : "locks the IOAS";
    reportPath(trace, hwpt, ending, path.unlink, hwpt.linked ? `${locked}, takes it off the list of ${nameOf(ioas)}` : "it is on no list yet, nothing to unlink");
    if (hwpt.linked) {
      ioas.hwpts.splice(ioas.hwpts.indexOf(hwpt), 1);
      hwpt.linked = false;
      removeDomain(iommufd, trace, hwpt);
    }
    reportPath(trace, hwpt, ending, path.free, hwpt.domain ? "frees the domain" : "there is no domain yet");
    hwpt.domain = null;
    unhold(trace, ioas, nameOf(hwpt));
  } else {
    reportPath(trace, hwpt, ending, [...path.unlink, ...path.free], hwpt.domain ? "frees the domain" : "there is no domain yet");
    hwpt.domain = null;
    if (hwpt.fault) unhold(trace, hwpt.fault, nameOf(hwpt));
    hwpt.fault = null;
    unhold(trace, hwpt.parent, nameOf(hwpt));
  }
  hwpt.context.forget(hwpt.id);
  trace.effect("id", () => ({ objects: [refOf(hwpt)], text: `id ${hwpt.id} is free` }));
}
