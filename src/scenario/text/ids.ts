/** Which fields of calls hold ids that an earlier call gave, and which outputs give them. */
import { isJsonObject, type Json } from "../../base/json.ts";
import type { Answer } from "../../kernel/answer.ts";
import type { CallDef } from "../../kernel/call.ts";
import { kindOf } from "./vocabulary.ts";

/** Ids of one kind share one numbering. "object": of an iommufd context. */
export type IdKind = "object" | "fd" | "pages" | "ioasid" | "process";

export interface IdOutput {
  /** Name of the output; of a field of `ret` where the call has no `out`. */
  out: string;
  kind: IdKind;
  /** What a name made up for it starts with. */
  stem: string;
}

const MOCK_DOMAIN: readonly IdOutput[] = [
  { out: "out_stdev_id", kind: "object", stem: "stdev" }, { out: "out_hwpt_id", kind: "object", stem: "hwpt" }, { out: "out_idev_id", kind: "object", stem: "dev" },
];

/** Outputs that are ids, in the order in which a text names them. Append only: texts that people keep rely on the order. */
const OUTPUTS: Readonly<Record<string, readonly IdOutput[]>> = {
  IOMMUFD_OPEN: [{ out: "fd", kind: "fd", stem: "iommufd" }],
  IOMMU_IOAS_ALLOC: [{ out: "out_ioas_id", kind: "object", stem: "ioas" }],
  IOMMU_HWPT_ALLOC: [{ out: "out_hwpt_id", kind: "object", stem: "hwpt" }],
  IOMMU_FAULT_QUEUE_ALLOC: [{ out: "out_fault_id", kind: "object", stem: "fault" }, { out: "out_fault_fd", kind: "fd", stem: "faultfd" }],
  VFIO_DEVICE_BIND_IOMMUFD: [{ out: "out_devid", kind: "object", stem: "dev" }],
  IOMMU_VFIO_IOAS: [{ out: "ioas_id", kind: "object", stem: "ioas" }],
  IOMMU_TEST_OP_CREATE_ACCESS: [{ out: "out_access_fd", kind: "fd", stem: "access" }],
  IOMMU_TEST_OP_ACCESS_PAGES: [{ out: "out_access_pages_id", kind: "pages", stem: "pages" }],
  IOMMU_TEST_OP_MOCK_DOMAIN: MOCK_DOMAIN,
  IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: MOCK_DOMAIN,
  FORK: [{ out: "process", kind: "process", stem: "child" }],
  ioasid_alloc: [{ out: "ioasid", kind: "ioasid", stem: "pasid" }],
  iommu_alloc_global_pasid: [{ out: "ioasid", kind: "ioasid", stem: "pasid" }],
  sva_bind: [{ out: "pasid", kind: "ioasid", stem: "pasid" }],
};

/** Fields called `id` that hold the fd of an access. */
const BY_ACCESS_FD = /^IOMMU_TEST_OP_(ACCESS_\w+|DESTROY_ACCESS_PAGES)$/;

export function outputsOf(call: string): readonly IdOutput[] {
  return OUTPUTS[call] ?? [];
}

/** Which ids a field takes; null when it takes none. */
export function idKindOf(def: CallDef | null, call: string, field: string): IdKind | null {
  if (field === "id" && BY_ACCESS_FD.test(call)) return "fd";
  if (field === "access_pages_id") return "pages";
  if (field === "fd" || field === "iommufd") return "fd";
  const kind = kindOf(def, field)?.name ?? "";
  if (kind.startsWith("id of ") || (call === "IOMMU_TEST_OP_RAW" && field === "id")) return "object";
  if (field === "ioasid" || field === "pasid") return "ioasid";
  if (field === "process" && (kindOf(def, field) === null || kind === "number")) return "process";
  return null;
}

/** The field that a bare word stands for: the call's first that takes an id, but for which file it is asked through. */
export function mainIdField(def: CallDef): string | null {
  const takes = Object.keys(def.fields).filter((field) => field !== "fd" && idKindOf(def, def.name, field) !== null);
  return takes[0] ?? (idKindOf(def, def.name, "fd") !== null && def.fields.fd?.absent === undefined ? "fd" : null);
}

/** The id that an answer gave; null when it gave none. */
export function idIn(answer: Answer, output: string): number | null {
  if (answer.errno !== "OK" || answer.fault !== undefined) return null;
  const ret: Json | undefined = answer.ret;
  const value: unknown = answer.out ? answer.out[output] : isJsonObject(ret) ? ret[output] : undefined;
  return typeof value === "number" ? value : null;
}
