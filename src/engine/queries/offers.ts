/** Which calls make sense at a step, with what in their fields; and why the others do not. */
import type { CallDef } from "../../kernel/call.ts";
import type { FieldKind } from "../../kernel/fields.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { namesOf } from "../../scenario/text/flag-names.ts";
import { idKindOf, outputsOf } from "../../scenario/text/ids.ts";
import { writeValue } from "../../scenario/text/values.ts";
import { containerOf } from "../../scenario/text/vocabulary.ts";
import type { History } from "../history.ts";
import type { CallOffer, FieldForm, FieldOffer, Offers } from "./edit-views.ts";
import { namedOf } from "./naming.ts";
import { Suggestions } from "./suggest.ts";
import { onWholeKernel } from "./try-call.ts";

const SELDOM = /^(fd|size|argsz|trailing_nonzero|__reserved2?|entry_trailing_nonzero|data_uptr|uptr|num_iovas|bitmap_pgsize|bitmap_size|container|process|race|data_len|allowed_iovas_count|cap\w*)$/;

const FORMS: Readonly<Record<string, FieldForm>> = { flags: "flags", address: "address", length: "length", "64-bit value": "address", "yes or no": "yes-no", number: "number", IOASID: "number", pointer: "address" };

export function offersAt(history: History, step: number): Offers {
  const { scenario, names } = namedOf(history);
  const machine = onWholeKernel(history).at(step);
  const suggestions = new Suggestions(machine, scenario, step, names);
  const container = containerOf(scenario);
  const seen = new Set(scenario.calls.slice(0, step).map((call) => call.call));
  const situation: Situation = { scenario, suggestions, seen, all: new Set(scenario.calls.map((call) => call.call)), mock: machine.config.platform.kind === "mock" };
  const calls = wholeKernel.allCalls().map((known): CallOffer => {
    const def = wholeKernel.defOf(known.name, container) ?? known;
    const fields = Object.entries(def.fields).map(([name, kind]) => fieldOffer(def, name, kind as FieldKind<unknown>, suggestions));
    return {
      call: def.name, summary: def.summary, group: groupOf(def), reason: reasonAgainst(def, situation), fields, gives: outputsOf(def.name).map(({ stem }) => stem), range: rangeOf(def),
    };
  });
  const live = names.filter((given) => given.step <= step);
  return { step, calls, names: [...new Map(live.map((given) => [given.name, given])).values()].map(({ name, id, kind }) => ({ name, id, label: kind === "object" ? `object ${id}` : `${kind} ${id}` })) };
}

function groupOf(def: CallDef): string {
  if (def.name.startsWith("IOMMU_TEST_OP_")) return "iommufd selftest";
  if (def.name.startsWith("VFIO_")) return "VFIO";
  return { iommufd: "iommufd", vfio: "VFIO type1, inside", ioasid: "IOASID", mm: "Processes and PASIDs", host: "The process" }[def.subsystem];
}

function rangeOf(def: CallDef): CallOffer["range"] {
  const first = ["iova", "dst_iova", "start"].find((field) => Object.hasOwn(def.fields, field));
  const length = ["length", "size"].find((field) => Object.hasOwn(def.fields, field) && (field !== "size" || def.subsystem === "vfio"));
  return first !== undefined && length !== undefined ? { first, length } : null;
}

function fieldOffer(def: CallDef, name: string, kind: FieldKind<unknown>, suggestions: Suggestions): FieldOffer {
  const named = namesOf(def.name, name);
  const form: FieldForm = named ? (named.joined ? "flags" : "choice") : idKindOf(def, def.name, name) !== null ? "id" : (FORMS[kind.name] ?? "text");
  const required = kind.absent === undefined;
  const values = suggestions.picks(def, name);
  const seldom = !required && (SELDOM.test(name) || (name === "flags" && !named));
  const wanted = required || (!seldom && (name === "iova" || name === "dst_iova" || name === "set" || name === "private" || name === "path" || (name === "group" && def.subsystem === "vfio") || name === "name"));
  return { name, form: form === "flags" && !named ? "number" : form, takes: kind.name, required, suggested: wanted ? suggestions.value(def, name) : "", absent: absentText(def, name, kind), values, seldom };
}

function absentText(def: CallDef, field: string, kind: FieldKind<unknown>): string {
  const { absent } = kind;
  if (absent === undefined || absent === null || absent === "") return "";
  const json = kind.encode(absent);
  return Array.isArray(json) && json.length === 0 ? "" : (writeValue(json, { call: def.name, field, kind }) ?? "");
}

interface Situation {
  scenario: Scenario;
  suggestions: Suggestions;
  /** Calls made up to here, and anywhere. */
  seen: ReadonlySet<string>;
  all: ReadonlySet<string>;
  mock: boolean;
}

/** Calls of the recordings' own vocabulary. */
const INSIDE: ReadonlySet<string> = new Set(["attach_group", "detach_group", "map_dma", "unmap_dma", "get_info"]);
/** What must have been called before. */
const AFTER: Readonly<Record<string, readonly string[]>> = {
  VFIO_CDEV_CLOSE: ["VFIO_CDEV_OPEN"], VFIO_DEVICE_BIND_IOMMUFD: ["VFIO_CDEV_OPEN"], VFIO_DEVICE_ATTACH_IOMMUFD_PT: ["VFIO_DEVICE_BIND_IOMMUFD"],
  VFIO_DEVICE_DETACH_IOMMUFD_PT: ["VFIO_DEVICE_ATTACH_IOMMUFD_PT"], VFIO_DEVICE_GET_INFO: ["VFIO_DEVICE_BIND_IOMMUFD"], PCI_COMMAND: ["VFIO_DEVICE_BIND_IOMMUFD"], EDU_DMA: ["VFIO_DEVICE_ATTACH_IOMMUFD_PT"],
  VFIO_GROUP_SET_CONTAINER: ["VFIO_GROUP_OPEN"], VFIO_GROUP_UNSET_CONTAINER: ["VFIO_GROUP_SET_CONTAINER"], VFIO_GROUP_GET_STATUS: ["VFIO_GROUP_OPEN"], VFIO_GROUP_CLOSE: ["VFIO_GROUP_OPEN"],
  VFIO_GROUP_GET_DEVICE_FD: ["VFIO_GROUP_SET_CONTAINER"], VFIO_DEVICE_CLOSE: ["VFIO_GROUP_GET_DEVICE_FD"], VFIO_CONTAINER_CLOSE: ["VFIO_CONTAINER_OPEN"],
  detach_group: ["attach_group"], map_dma: ["attach_group"], unmap_dma: ["map_dma"], ioasid_unregister_allocator: ["ioasid_register_allocator"],
  thread_create: ["process_create"], process_fork: ["process_create"], process_exec: ["process_create"], process_exit: ["process_create"], exit_mm: ["process_create"], exit_files: ["process_create"],
  mmget: ["process_create"], mmput: ["process_create"], mmgrab: ["process_create"], mmdrop: ["process_create"], sva_bind: ["process_create"], sva_alloc_pasid: ["process_create"], sva_unbind: ["sva_bind"], enqcmd_submit: ["process_create"],
  FAULT_READ: ["IOMMU_FAULT_QUEUE_ALLOC"], FAULT_WRITE: ["IOMMU_FAULT_QUEUE_ALLOC"], FAULT_POLL: ["IOMMU_FAULT_QUEUE_ALLOC"], PROCESS_EXIT: ["FORK"], lane_step: ["lane_start"], lane_finish: ["lane_start"],
};

function reasonAgainst(def: CallDef, situation: Situation): string | null {
  const { scenario, suggestions, seen, all, mock } = situation;
  const { name } = def;
  // What the author already calls in this scenario belongs to it.
  if (!all.has(name)) {
    if (name.startsWith("IOMMU_TEST_OP_") && !mock) return "It is for the kernel's selftest: choose the mock platform.";
    if (INSIDE.has(name) && scenario.trace !== "vfio-type1") return "It is how recordings of type1's own functions are written; programs use the VFIO_ ioctls.";
    if (INSIDE.has(name) && [...all].some((call) => call.startsWith("VFIO_"))) return "This scenario goes through the VFIO_ ioctls.";
    if ((def.subsystem === "ioasid" || def.subsystem === "mm") && scenario.trace !== "ioasid") return "The IOASID allocator and the PASID of a process are a scenario family of their own.";
    if (def.subsystem !== "ioasid" && def.subsystem !== "mm" && scenario.trace === "ioasid") return "This scenario is about the IOASID allocator.";
    if (scenario.trace === "vfio-type1" && (/^IOMMU_|^VFIO_(CDEV|DEVICE_(BIND|ATTACH|DETACH))/.test(name)) && containerOf(scenario) === "type1") return "This scenario is about VFIO type1.";
  }
  for (const [field, kind] of def.fieldList) {
    const ids = idKindOf(def, name, field);
    if (kind.absent !== undefined || ids === null || suggestions.picks(def, field).length > 0) continue;
    return `It needs ${ids === "object" ? (kind.name.replace(/^id of /, "") || "an object") : ids === "ioasid" ? "an IOASID" : `an ${ids}`}, and there is none yet.`;
  }
  const before = AFTER[name];
  if (before && !before.some((call) => seen.has(call))) return `It comes after ${before[0]}.`;
  if (/^VFIO_(IOMMU_|SET_IOMMU)/.test(name) && !seen.has("VFIO_GROUP_SET_CONTAINER") && containerOf(scenario) === "type1" && !seen.has(name)) return "It comes after VFIO_GROUP_SET_CONTAINER.";
  return null;
}
