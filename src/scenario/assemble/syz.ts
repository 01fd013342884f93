/** A syzkaller program as calls. Its resources are ids that only a run gives, so the model runs along. */
import type { Json, JsonObject } from "../../base/json.ts";
import { encodeOut } from "../../kernel/call.ts";
import { iommufdPart } from "../../kernel/iommufd/part.ts";
import { Kernel } from "../../kernel/kernel.ts";
import { Machine } from "../../kernel/machine.ts";
import { machineConfig } from "../machine-config.ts";
import type { SyzCall, SyzValue } from "../readers/syz.ts";
import type { PlatformSpec, Scenario } from "../scenario.ts";
import { rememberOrigins, Steps } from "./steps.ts";

/** Fields of each struct in order; 64-bit ones are in WIDE, pointers in POINTERS. */
const STRUCTS: Readonly<Record<string, string>> = {
  IOMMU_DESTROY: "size id",
  IOMMU_IOAS_ALLOC: "size flags out_ioas_id",
  IOMMU_IOAS_IOVA_RANGES: "size ioas_id num_iovas __reserved - -",
  IOMMU_IOAS_ALLOW_IOVAS: "size ioas_id num_iovas __reserved allowed_iovas",
  IOMMU_IOAS_MAP: "size flags ioas_id __reserved user_va length iova",
  IOMMU_IOAS_COPY: "size flags dst_ioas_id src_ioas_id length dst_iova src_iova",
  IOMMU_IOAS_UNMAP: "size ioas_id iova length",
  IOMMU_OPTION: "size option_id op __reserved object_id val64",
  IOMMU_VFIO_IOAS: "size ioas_id op __reserved",
  IOMMU_HWPT_ALLOC: "size flags dev_id pt_id out_hwpt_id __reserved data_type data_len data fault_id __reserved2",
  IOMMU_GET_HW_INFO: "size flags dev_id data_len - - - -",
  IOMMU_HWPT_SET_DIRTY_TRACKING: "size flags hwpt_id __reserved",
  IOMMU_HWPT_GET_DIRTY_BITMAP: "size hwpt_id flags __reserved iova length page_size -",
  IOMMU_TEST_OP_ADD_RESERVED: "size - id - start length",
  IOMMU_TEST_OP_MOCK_DOMAIN: "size - id - out_stdev_id out_hwpt_id out_idev_id",
  IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS: "size - id - out_stdev_id out_hwpt_id out_idev_id dev_flags",
  IOMMU_TEST_OP_MD_CHECK_MAP: "size - id - iova length uptr",
  IOMMU_TEST_OP_MD_CHECK_REFS: "size - - - length uptr refs",
  IOMMU_TEST_OP_CREATE_ACCESS: "size - id - out_access_fd flags",
  IOMMU_TEST_OP_DESTROY_ACCESS_PAGES: "size - id - access_pages_id",
  IOMMU_TEST_OP_ACCESS_PAGES: "size - id - flags out_access_pages_id iova length uptr",
  IOMMU_TEST_OP_ACCESS_RW: "size - id - iova length uptr flags",
  IOMMU_TEST_OP_SET_TEMP_MEMORY_LIMIT: "size - - - limit",
  VFIO_IOMMU_GET_INFO: "argsz - - - - -",
  VFIO_IOMMU_MAP_DMA: "argsz flags vaddr iova size",
  VFIO_IOMMU_UNMAP_DMA: "argsz flags iova size -",
};
const WIDE: ReadonlySet<string> = new Set(["length", "iova", "dst_iova", "src_iova", "start", "val64", "page_size", "user_va", "uptr", "vaddr"]);
/** Struct sizes as the kernel of the recordings has them: a call that passes another says so. */
const SIZES: Readonly<Record<string, number>> = {
  IOMMU_DESTROY: 8, IOMMU_IOAS_ALLOC: 12, IOMMU_IOAS_IOVA_RANGES: 32, IOMMU_IOAS_ALLOW_IOVAS: 24, IOMMU_IOAS_MAP: 40, IOMMU_IOAS_COPY: 40, IOMMU_IOAS_UNMAP: 24,
  IOMMU_OPTION: 24, IOMMU_VFIO_IOAS: 12, IOMMU_HWPT_ALLOC: 48, IOMMU_GET_HW_INFO: 40, IOMMU_HWPT_SET_DIRTY_TRACKING: 16, IOMMU_HWPT_GET_DIRTY_BITMAP: 48,
};
const IOMMUFD_FD = 3n;
/** Where data without an address of its own is put, a page each. */
const DATA = 0x2000_0000n;
const PAGE = 0x1000n;

export function syzScenario(calls: SyzCall[], origin: { input: string; keep: boolean }): Scenario {
  const platform: PlatformSpec = { kind: "mock" };
  const scenario: Scenario = { title: "a syzkaller program", platform, trace: "iommufd", calls: [] };
  const program = new Program(new Machine(machineConfig(scenario), new Kernel([iommufdPart])), new Steps(origin.keep));
  for (const call of calls) {
    program.steps.from(origin.input, call.line);
    program.take(call);
  }
  const made = { ...scenario, calls: program.steps.calls };
  rememberOrigins(made, program.steps);
  return made;
}

class Program {
  readonly steps: Steps;
  private readonly machine: Machine;
  private readonly resources = new Map<string, bigint>();
  private opened = false;
  private data = DATA;

  constructor(machine: Machine, steps: Steps) {
    this.steps = steps;
    this.machine = machine;
  }

  take(call: SyzCall): void {
    if (call.kind === "iommufd") return this.open(call.result);
    if (call.call === "close") return this.make("CLOSE_FD", { fd: Number(this.number(call.args[0])) }, []);
    const name = call.kind.replace(/^IOMMU_(?=VFIO_(?!IOAS))/, "");
    const [, , argument] = call.args;
    if (call.variant === "syz") return;
    if (name === "VFIO_GET_API_VERSION") return this.make(name, { arg: 0 }, []);
    if (name === "VFIO_SET_IOMMU" || name === "VFIO_CHECK_EXTENSION") return this.make(name, { arg: Number(this.number(argument)) }, []);
    const names = STRUCTS[name]?.split(" ");
    const struct = argument?.kind === "pointer" && argument.to.kind === "list" ? argument.to.values : null;
    if (names && struct) this.struct(name, names, struct);
  }

  private open(result: string | null): void {
    // The first /dev/iommu is open from the start.
    if (this.opened) this.make("IOMMUFD_OPEN", {}, []);
    this.opened = true;
    if (result !== null) this.resources.set(result, IOMMUFD_FD);
  }

  private struct(name: string, names: string[], values: SyzValue[]): void {
    const fields: JsonObject = {};
    const binds: { field: string; name: string }[] = [];
    names.forEach((field, index) => {
      const value = values[index];
      if (value === undefined || field === "-") return;
      if (field.startsWith("out_")) {
        if (value.kind === "bind") binds.push({ field, name: value.name });
      } else if (field === "size" && !name.startsWith("VFIO_")) {
        if (value.kind === "number" && SIZES[name] !== undefined && value.value !== BigInt(SIZES[name])) fields.size = Number(value.value);
      } else if (field === "allowed_iovas") fields.allowed_iovas = this.ranges(value);
      else if (field === "data") this.nested(fields, value);
      else if (WIDE.has(field) || field === "size") fields[field] = hexOf(this.number(value));
      else {
        const number = Number(this.number(value));
        if (!field.startsWith("__") || number !== 0) fields[field] = number;
      }
    });
    this.make(name, fields, binds);
  }

  private ranges(value: SyzValue): Json {
    const list = value.kind === "pointer" && value.to.kind === "list" ? value.to.values : [];
    return list.flatMap((entry) => (entry.kind === "list" ? [{ start: hexOf(this.number(entry.values[0])), last: hexOf(this.number(entry.values[1])) }] : []));
  }

  /** Data of a nested page table: the mock's has one number. */
  private nested(fields: JsonObject, value: SyzValue): void {
    const list = value.kind === "pointer" && value.to.kind === "list" ? value.to.values : [];
    if (list.length > 0) fields.data = { iotlb: Number(this.number(list[0])) };
  }

  private number(value: SyzValue | undefined): bigint {
    switch (value?.kind) {
      case "number":
        return value.value;
      case "ref":
        return this.resources.get(value.name) ?? 0n;
      case "bind":
        return this.number(value.value);
      case "pointer":
        return value.address ?? this.place();
      case undefined:
      case "auto":
      case "nil":
      case "bytes":
      case "list":
        return 0n;
      default:
        return value;
    }
  }

  private place(): bigint {
    const at = this.data;
    this.data += PAGE;
    return at;
  }

  private make(name: string, fields: JsonObject, binds: { field: string; name: string }[]): void {
    const call = this.steps.add(name, fields);
    const out = this.run(call);
    for (const bind of binds) {
      const value = out[bind.field];
      this.resources.set(bind.name, typeof value === "number" ? BigInt(value) : 0n);
    }
  }

  /** The outputs of a call; none when it was refused or can't be made. */
  private run(call: { call: string; in: JsonObject }): JsonObject {
    try {
      const ready = this.machine.ready(call);
      const answer = this.machine.run(ready);
      return answer.out === undefined ? {} : encodeOut(ready.def, answer.out);
    } catch {
      // A call that the model can't make gives nothing; the engine will say so when it gets there.
      return {};
    }
  }
}

function hexOf(value: bigint): string {
  return `0x${value.toString(16)}`;
}
