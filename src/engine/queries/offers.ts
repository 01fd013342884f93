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
import { onWholeKernel, tryCall } from "./try-call.ts";

const SELDOM = /^(fd|size|argsz|trailing_nonzero|__reserved2?|entry_trailing_nonzero|data_uptr|uptr|num_iovas|bitmap_pgsize|bitmap_size|container|process|race|data_len|allowed_iovas_count|cap\w*)$/;

const FORMS: Readonly<Record<string, FieldForm>> = { flags: "flags", address: "address", length: "length", "64-bit value": "address", "yes or no": "yes-no", number: "number", IOASID: "number", pointer: "address" };

export function offersAt(history: History, step: number): Offers {
  const { scenario, names } = namedOf(history);
  const machine = onWholeKernel(history).at(step);
  const suggestions = new Suggestions(machine, scenario, step, names);
  const container = containerOf(scenario);
  const seen = new Set(scenario.calls.slice(0, step).map((call) => call.call));
  const situation: Situation = { scenario, suggestions, seen, all: new Set(scenario.calls.map((call) => call.call)), mock: machine.config.platform.kind === "mock" };
  const families = FAMILIES[scenario.trace];
  const place = ({ name }: CallDef) => (USUAL_ORDER.includes(name) ? USUAL_ORDER.indexOf(name) : USUAL_ORDER.length);
  const known = wholeKernel.allCalls().toSorted((one, other) => families.indexOf(groupOf(one)) - families.indexOf(groupOf(other)) || place(one) - place(other));
  const calls = known.map((one): CallOffer => {
    const def = wholeKernel.defOf(one.name, container) ?? one;
    const fields = Object.entries(def.fields).map(([name, kind]) => fieldOffer(def, name, kind as FieldKind<unknown>, suggestions));
    const reason = reasonAgainst(def, situation);
    return {
      call: def.name, summary: def.summary.replace(/\.$/, ""), group: groupOf(def), reason, likely: reason === null && isLikely(history, step, def, fields, seen), fields, gives: outputsOf(def.name).map(({ stem }) => stem), range: rangeOf(def),
    };
  });
  const live = names.filter((given) => given.step <= step);
  return { step, calls, names: [...new Map(live.map((given) => [given.name, given])).values()].map(({ name, id, kind }) => ({ name, id, label: kind === "object" ? `object ${id}` : `${kind} ${id}` })) };
}

/** Headings in the order in which they matter to a family of scenarios. */
const FAMILIES: Readonly<Record<Scenario["trace"], readonly string[]>> = {
  iommufd: ["iommufd", "VFIO", "iommufd selftest", "The process", "VFIO type1, inside", "IOASID", "Processes and PASIDs"],
  "vfio-type1": ["VFIO", "VFIO type1, inside", "The process", "iommufd", "iommufd selftest", "IOASID", "Processes and PASIDs"],
  ioasid: ["IOASID", "Processes and PASIDs", "iommufd", "VFIO", "iommufd selftest", "The process", "VFIO type1, inside"],
};

/** Calls in the order in which programs usually make them; the others follow. */
const USUAL_ORDER: readonly string[] = [
  "VFIO_CDEV_OPEN", "VFIO_DEVICE_BIND_IOMMUFD", "IOMMU_IOAS_ALLOC", "IOMMU_TEST_OP_MOCK_DOMAIN", "IOMMU_HWPT_ALLOC", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "IOMMU_IOAS_IOVA_RANGES", "IOMMU_IOAS_MAP",
  "IOMMU_IOAS_COPY", "IOMMU_IOAS_UNMAP", "IOMMU_IOAS_ALLOW_IOVAS", "IOMMU_DESTROY", "VFIO_DEVICE_DETACH_IOMMUFD_PT", "VFIO_CDEV_CLOSE",
  "VFIO_CONTAINER_OPEN", "VFIO_GROUP_OPEN", "VFIO_GROUP_SET_CONTAINER", "VFIO_SET_IOMMU", "VFIO_GROUP_GET_DEVICE_FD", "VFIO_IOMMU_MAP_DMA", "VFIO_IOMMU_UNMAP_DMA", "VFIO_IOMMU_GET_INFO",
  "attach_group", "map_dma", "unmap_dma", "detach_group",
  "ioasid_register_allocator", "ioasid_alloc", "ioasid_find", "ioasid_get", "ioasid_put", "ioasid_free", "ioasid_unregister_allocator",
  "process_create", "device_create", "sva_bind", "enqcmd_submit", "device_run", "sva_unbind", "process_exit",
];
/** Of these, the ones that a scenario goes on with; the others take things down, or only look. */
const GOES_ON: ReadonlySet<string> = new Set([
  "VFIO_CDEV_OPEN", "VFIO_DEVICE_BIND_IOMMUFD", "IOMMU_IOAS_ALLOC", "IOMMU_TEST_OP_MOCK_DOMAIN", "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "IOMMU_IOAS_MAP", "IOMMU_IOAS_UNMAP", "VFIO_CONTAINER_OPEN", "VFIO_GROUP_OPEN",
  "VFIO_GROUP_SET_CONTAINER", "VFIO_SET_IOMMU", "VFIO_IOMMU_MAP_DMA", "VFIO_IOMMU_UNMAP_DMA", "attach_group", "map_dma", "ioasid_register_allocator", "ioasid_alloc", "ioasid_free", "process_create", "sva_bind", "enqcmd_submit", "device_run",
]);
/** Calls that are made again and again. */
const AGAIN = /MAP|map_dma|ioasid_alloc|enqcmd|device_run/;

function isLikely(history: History, step: number, def: CallDef, fields: readonly FieldOffer[], seen: ReadonlySet<string>): boolean {
  if (!GOES_ON.has(def.name) || (seen.has(def.name) && !AGAIN.test(def.name))) return false;
  // Who talks to iommufd itself has no use for containers.
  if (/^VFIO_(CONTAINER|GROUP|SET_IOMMU|IOMMU)/.test(def.name) && containerOf(history.scenario) === "iommufd" && !seen.has("VFIO_CONTAINER_OPEN") && !seen.has("VFIO_GROUP_OPEN")) return false;
  const line = [def.name, ...fields.filter(({ suggested }) => suggested !== "").map(({ name, suggested }) => `${name}=${suggested}`)].join(" ");
  return tryCall(history, step, line).detail?.errno === "OK";
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
