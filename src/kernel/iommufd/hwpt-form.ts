/**
 * The two forms in which HWPTs are taken apart: as merged in 6.7 (two object types, a constant table of functions) and as the
 * 2023 series first had it in v4 (one struct whose objects carry two function pointers). The steps are the same, the way
 * there is not: abort is for an object that nobody has seen and whose IOAS is locked already, destroy for a published one.
 */
import type { Given } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { IommufdVariant } from "../config.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import type { Hwpt } from "./objects.ts";
import { nameOf, refOf } from "./refs.ts";

export type Ending = "abort" | "destroy";

export interface HwptForm {
  /** The kernel's type name. */
  readonly typeName: (hwpt: Hwpt) => string;
  /** Kernel functions on the way to unlinking it from its IOAS, and from there to freeing it. */
  readonly path: (hwpt: Hwpt, ending: Ending) => { unlink: string[]; free: string[] };
  /** Checks on the domain a driver gave for a paging HWPT. */
  readonly checkDomain: (trace: CallTrace, hwpt: Hwpt, given: Given | null) => boolean;
}

const ENTRY: Record<Ending, string> = { abort: "iommufd_object_abort_and_destroy", destroy: "iommufd_object_remove" };

const MERGED: HwptForm = {
  typeName: (hwpt) => hwpt.type,
  path: (hwpt, ending) => {
    const kind = hwpt.type === "HWPT_PAGING" ? "paging" : "nested";
    const entry = [ENTRY[ending], "iommufd_object_ops[type]"];
    if (ending === "abort") return { unlink: [...entry, `iommufd_hwpt_${kind}_abort`], free: [`iommufd_hwpt_${kind}_destroy`, "__iommufd_hwpt_destroy"] };
    return { unlink: [...entry, `iommufd_hwpt_${kind}_destroy`], free: ["__iommufd_hwpt_destroy"] };
  },
  checkDomain: () => true,
};

const POSTED_2023_V4: HwptForm = {
  typeName: () => "HW_PAGETABLE",
  path: (hwpt, ending) => {
    const managed = hwpt.type === "HWPT_PAGING" ? "kernel" : "user";
    const destroy = ["iommufd_hw_pagetable_destroy", "hwpt->destroy", `iommufd_${managed}_managed_hwpt_destroy`];
    const entry = [ENTRY[ending], "iommufd_object_ops[type]"];
    if (ending === "abort") return { unlink: [...entry, "iommufd_hw_pagetable_abort", "hwpt->abort", `iommufd_${managed}_managed_hwpt_abort`], free: destroy };
    return { unlink: [...entry, ...destroy], free: [] };
  },
  checkDomain: (trace, hwpt, given) => {
    const bug = given?.bug;
    const note = bug ? `${given?.source}: the driver is buggy` : "";
    if (!trace.holds(R["domain-type-unmanaged"], bug !== "domain-type", () => ({ objects: [refOf(hwpt)], note }))) return false;
    return trace.holds(R["kernel-managed-without-user-op"], bug !== "user-op", () => ({ objects: [refOf(hwpt)], note }));
  },
};

export function hwptForm(variant: IommufdVariant): HwptForm {
  return variant === "hwpt-2023-v4" ? POSTED_2023_V4 : MERGED;
}

/** Says which functions run; `does` is what the last of them does. */
export function reportPath(trace: CallTrace, hwpt: Hwpt, ending: Ending, path: string[], does: string): void {
  trace.goes(refOf(hwpt), ending === "abort", path);
  trace.effect(ending, () => ({ objects: [refOf(hwpt)], text: `${nameOf(hwpt)}: ${path.length > 0 ? path.join(" → ") + ": " : ""}${does}` }));
}
