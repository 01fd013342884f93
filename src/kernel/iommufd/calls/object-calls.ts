/** IOMMU_DESTROY, IOMMU_OPTION, IOMMU_VFIO_IOAS: the object table and its modes. */
import { plural } from "../../../base/format.ts";
import type { Answer } from "../../answer.ts";
import type { CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { idOf, orElse, u32, u64 } from "../../fields.ts";
import type { U64 } from "../../../base/u64.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { changeAlignment } from "../alignment.ts";
import type { Context } from "../context.ts";
import { holderRefs, holdersOf } from "../holders.ts";
import type { Iommufd } from "../iommufd.ts";
import { destroyObject } from "../lifecycle.ts";
import type { Ioas } from "../objects.ts";
import { idRef, nameOf, refOf } from "../refs.ts";
import { defineIoctl, reservedIsZero } from "./ioctl.ts";
import { findIoas } from "./lookup.ts";

/** IOMMU_DESTROY: iommufd_object_remove. No cascade: what is referred to stays. */
const destroy = defineIoctl(
  "IOMMU_DESTROY",
  { nr: 0x80, min: 8, full: 8, summary: "Destroys an object that nobody refers to.", in: { id: idOf("an object") }, order: [R["id-not-found"], R["object-in-use"]] },
  (iommufd, context, { id }, trace) => {
    const object = context.get(id);
    if (
      !trace.holds(R["id-not-found"], object !== null, () => ({
        objects: [object ? refOf(object) : idRef(context, "ioas", id)], fn: "iommufd_object_remove",
        note: `id ${id}`,
      }))
    ) return trace.refusal();
    if (object === null) return trace.refusal();
    const idle = object.users === 1;
    if (
      !trace.holds(R["object-in-use"], idle, () => {
        const holders = holdersOf(object);
        const refs = holderRefs(object);
        return {
          objects: [refOf(object), ...refs],
          note: idle ? `${nameOf(object)}: users 1` : `${nameOf(object)}: users ${object.users}: ${holders.map((holder) => holder.text).join("; ")}`,
          advice: { objects: refs, text: advice(object.type, holders.map((holder) => holder.text)) },
        };
      })
    ) return trace.refusal();
    destroyObject(iommufd, trace, object);
    return { errno: "OK" };
  },
);

function advice(type: string, holders: string[]): string {
  if (type === "DEVICE" || type === "ACCESS") return "The driver holds it: close the device's file (or destroy the test object).";
  return `First undo ${holders.length === 1 ? "this hold" : `these ${holders.length} holds`}: ${holders.join("; ")}.`;
}

const RLIMIT_MODE = 0;
const HUGE_PAGES = 1;
const SET = 0;
const GET = 1;

/** IOMMU_OPTION: accounting mode of the context, large pages of an IOAS. */
const option = defineIoctl(
  "IOMMU_OPTION",
  {
    nr: 0x87, min: 24, full: 24, summary: "Reads or sets an option: how pinned memory is counted, or whether an IOAS may use large pages.",
    in: { option_id: u32, op: orElse(u32, SET), object_id: orElse(idOf("an IOAS"), 0), val64: orElse(u64, 0) },
    out: { val64: u64 },
    order: [R["unknown-flag"], R["id-not-found"], R["rlimit-mode-not-empty"], R["option-value-unknown"], R["huge-option-too-late"], R["existing-maps-misaligned"]],
  },
  (iommufd, context, { option_id, op, object_id, val64, __reserved }, trace, _given, caller) => {
    if (!reservedIsZero(trace, __reserved)) return trace.refusal();
    const known = option_id === RLIMIT_MODE || option_id === HUGE_PAGES;
    if (!trace.holds(R["unknown-flag"], known, () => ({ fn: "iommufd_option", note: `option ${option_id}` }))) return trace.refusal();
    if (option_id === RLIMIT_MODE) return rlimitMode(iommufd, context, { op, object_id, val64 }, trace, caller);
    const ioas = findIoas(trace, context, object_id);
    return ioas ? hugePages(ioas, op, val64, trace) : trace.refusal();
  },
);

function opIsKnown(trace: CallTrace, op: number): boolean {
  return trace.holds(R["unknown-flag"], op === SET || op === GET, () => ({ fn: "iommufd_option", note: `op ${op}` }));
}

function rlimitMode(iommufd: Iommufd, context: Context, fields: { op: number; object_id: number; val64: U64 }, trace: CallTrace, caller: number): Answer {
  const { op, object_id, val64 } = fields;
  if (
    !trace.holds(R["unknown-flag"], object_id === 0, () => ({
      fn: "iommufd_option_rlimit_mode",
      note: `object_id ${object_id} must be 0`,
    }))
  ) return trace.refusal();
  if (op === GET) return { errno: "OK", out: { val64: context.accountMode === "mm" ? 1 : 0 } };
  if (!opIsKnown(trace, op)) return trace.refusal();
  const privileged = iommufd.accounting.of(caller).sysResource;
  if (
    !trace.holds(R["rlimit-mode-not-empty"], privileged, () => ({
      note: privileged ? "the caller has CAP_SYS_RESOURCE" : "the caller lacks CAP_SYS_RESOURCE",
    }), "EPERM")
  ) return trace.refusal();
  const empty = context.objects.size === 0;
  if (
    !trace.holds(R["rlimit-mode-not-empty"], empty, () => ({
      objects: context.all().map(refOf),
      note: plural(context.objects.size, "object"),
    }))
  ) return trace.refusal();
  if (!trace.holds(R["option-value-unknown"], val64 === 0 || val64 === 1, () => ({ note: `val64 ${val64}` }))) return trace.refusal();
  context.accountMode = val64 === 1 ? "mm" : "user";
  trace.effect("set", () => ({ objects: [], text: `pinned memory of this iommufd counts per ${val64 === 1 ? "process" : "user"}` }));
  return { errno: "OK", out: { val64 } };
}

function hugePages(ioas: Ioas, op: number, val64: U64, trace: CallTrace): Answer {
  const { table } = ioas;
  if (op === GET) return { errno: "OK", out: { val64: table.largePagesOff ? 0 : 1 } };
  if (!opIsKnown(trace, op)) return trace.refusal();
  if (val64 === 0) return disableLargePages(trace, ioas) ? { errno: "OK", out: { val64 } } : trace.refusal();
  if (!trace.holds(R["option-value-unknown"], val64 === 1, () => ({ fn: "iommufd_ioas_option", note: `val64 ${val64}` }))) return trace.refusal();
  table.largePagesOff = false;
  changeAlignment(trace, ioas, ioas);
  trace.effect("set", () => ({ objects: [refOf(ioas)], text: `${nameOf(ioas)} may use large pages` }));
  return { errno: "OK", out: { val64 } };
}

/** iopt_disable_large_pages. */
export function disableLargePages(trace: CallTrace, ioas: Ioas): boolean {
  const { table } = ioas;
  if (table.largePagesOff) return true;
  const early = table.domains.length === 0 || table.areas.count === 0;
  if (
    !trace.holds(R["huge-option-too-late"], early, () => ({
      objects: [refOf(ioas), ...table.domains.map(refOf)],
      note: `${plural(table.domains.length, "page table")}, ${plural(table.areas.count, "mapping")}`,
    }))
  ) return false;
  table.largePagesOff = true;
  if (!changeAlignment(trace, ioas, ioas)) {
    table.largePagesOff = false;
    return false;
  }
  trace.effect("set", () => ({ objects: [refOf(ioas)], text: `${nameOf(ioas)} uses no large pages` }));
  return true;
}

/** IOMMU_VFIO_IOAS: which IOAS the VFIO ioctls on this fd mean. */
const vfioIoas = defineIoctl(
  "IOMMU_VFIO_IOAS",
  {
    nr: 0x88, min: 12, full: 12, summary: "Reads, sets or clears the IOAS that VFIO ioctls on this iommufd use.",
    in: { ioas_id: orElse(idOf("an IOAS"), 0), op: u32 }, out: { ioas_id: u32 },
    order: [R["unknown-flag"], R["no-compat-ioas"], R["id-not-found"]],
  },
  (_iommufd, context, { ioas_id, op, __reserved }, trace) => {
    if (!reservedIsZero(trace, __reserved)) return trace.refusal();
    if (op === 0) {
      const set = context.vfioIoas;
      if (!trace.holds(R["no-compat-ioas"], set !== null, () => ({ fn: "iommufd_vfio_ioas", objects: set ? [refOf(set)] : [] }))) return trace.refusal();
      return { errno: "OK", out: { ioas_id: set?.id ?? 0 } };
    }
    if (op === 1) {
      const ioas = findIoas(trace, context, ioas_id);
      if (!ioas) return trace.refusal();
      context.vfioIoas = ioas;
      trace.effect("set", () => ({ objects: [refOf(ioas)], text: `${nameOf(ioas)} is the compatibility IOAS` }));
      return { errno: "OK", out: { ioas_id } };
    }
    if (!trace.holds(R["unknown-flag"], op === 2, () => ({ fn: "iommufd_vfio_ioas", note: `op ${op}` }))) return trace.refusal();
    context.vfioIoas = null;
    trace.effect("set", () => ({ objects: [], text: "no compatibility IOAS is set" }));
    return { errno: "OK", out: { ioas_id } };
  },
);

export const objectCalls: readonly CallDef[] = [destroy, option, vfioIoas];
