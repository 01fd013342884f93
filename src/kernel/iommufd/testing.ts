/** A machine for the tests of this room, and short ways to make calls on it. */
import { hex, type U64 } from "../../base/u64.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { encodeOut, type Given } from "../call.ts";
import { CallTrace } from "../call-trace.ts";
import type { BufferConfig, HostDevice, IommufdVariant, Platform, PlatformKind } from "../config.ts";
import { Machine } from "../machine.ts";
import { makePlatform } from "../platform/platform.ts";
import { wholeKernel } from "../whole.ts";
import type { Context } from "./context.ts";
import type { IommufdObject } from "./objects.ts";

/** The memory of the recordings' processes. */
export const BUFFERS: BufferConfig[] = [
  { name: "b0", va: 0x1000_0000_0000, size: 0x40_0000, kind: "anon" },
  { name: "b1", va: 0x1001_0000_1000, size: 0x20_0000, kind: "anon" },
  { name: "b3", va: 0x1003_0000_0000, size: 0x1_0000, kind: "anon-readonly" },
  { name: "b4", va: 0x1004_0000_0000, size: 0x20_0000, kind: "hugetlb-2M" },
  { name: "shared", va: 0x1005_0000_0000, size: 0x1_0000, kind: "anon", shared: true, content: "zero" },
];

export interface TestOptions {
  platform?: Platform;
  kind?: PlatformKind;
  devices?: HostDevice[];
  buffers?: BufferConfig[] | null;
  variant?: IommufdVariant;
}

export interface Done {
  answer: Answer;
  trace: CallTrace;
  out: JsonObject;
  /** "OK", or errno and rule: "EINVAL iova-misaligned". */
  verdict: string;
}

export class TestMachine {
  machine: Machine;

  constructor(options: TestOptions = {}) {
    this.machine = new Machine(
      {
        platform: options.platform ?? makePlatform(options.kind ?? "mock", { devices: options.devices }),
        variants: { iommufd: options.variant ?? "merged", vfio: "merged", ioasid: "mainline-6.1", mm: "E4-fixed" },
        kernel: "6.12", pageSize: 4096, maxIovaAlignment: 0x20_0000, firstFd: 4, buffers: options.buffers === undefined ? BUFFERS : options.buffers, processes: 1,
        container: "iommufd", vfio: { api: "v2", dmaEntryLimit: 65535 }, ioasid: { pools: [], ops: [], nbs: [] },
      },
      wholeKernel,
    );
  }

  /** Makes a call with its explanation. */
  do(call: string, fields: JsonObject = {}, options: { given?: Given; process?: number; explain?: boolean } = {}): Done {
    const trace = new CallTrace(options.explain ?? true);
    const ready = this.machine.ready({ call, in: options.process === undefined ? fields : { ...fields, process: options.process }, given: options.given });
    const answer = this.machine.run(ready, trace);
    const verdict = answer.errno === "OK" ? "OK" : `${answer.errno} ${trace.refusedBy?.id ?? "no rule"}`;
    return { answer, trace, out: encodeOut(ready.def, answer.out ?? {}), verdict };
  }

  /** "OK", or errno and rule. */
  try(call: string, fields: JsonObject = {}): string {
    return this.do(call, fields).verdict;
  }

  /** A call that must succeed; its output. */
  ok(call: string, fields: JsonObject = {}): JsonObject {
    const { out, verdict } = this.do(call, fields);
    if (verdict !== "OK") throw new Error(`${call}: ${verdict}`);
    return out;
  }

  /** Id of a new IOAS. */
  ioas(): number {
    return this.ok("IOMMU_IOAS_ALLOC").out_ioas_id as number;
  }

  /** A new mock device on an IOAS or HWPT. */
  mock(ptId: number, flags = 0): { stdev: number; hwpt: number; device: number } {
    const out = this.ok("IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: ptId, dev_flags: flags });
    return { stdev: out.out_stdev_id as number, hwpt: out.out_hwpt_id as number, device: out.out_idev_id as number };
  }

  /** Opens and binds a VFIO device; its id. */
  bind(slot: number): number {
    this.ok("VFIO_CDEV_OPEN", { dev: slot, path: `/dev/vfio/devices/vfio${slot}` });
    return this.ok("VFIO_DEVICE_BIND_IOMMUFD", { dev: slot }).out_devid as number;
  }

  attach(slot: number, ptId: number): string {
    return this.try("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: slot, pt_id: ptId });
  }

  /** A fixed map of b0, readable and writeable. */
  map(ioas: number, iova: U64, length: U64, fields: JsonObject = {}): string {
    return this.try("IOMMU_IOAS_MAP", mapFields(ioas, iova, length, fields));
  }

  /** An automatic map; the IOVA, or the verdict. */
  auto(ioas: number, va: U64, length: U64): string {
    const { out, verdict } = this.do("IOMMU_IOAS_MAP", { flags: 6, ioas_id: ioas, user_va: hex(va), length: hex(length), iova: "0x0" });
    return verdict === "OK" ? (out.iova as string) : verdict;
  }

  unmap(ioas: number, iova: U64, length: U64): string {
    const { out, verdict } = this.do("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova: hex(iova), length: hex(length) });
    return verdict === "OK" ? (out.length as string) : verdict;
  }

  destroy(id: number): string {
    return this.try("IOMMU_DESTROY", { id });
  }

  /** The usable ranges, as text, and the alignment. */
  ranges(ioas: number): string {
    const { out } = this.do("IOMMU_IOAS_IOVA_RANGES", { ioas_id: ioas, num_iovas: 64 });
    const list = (out.allowed_iovas as { start: string; last: string }[]).map((range) => `${range.start}-${range.last}`);
    return `${list.join(" ")} / ${out.out_iova_alignment as string}`;
  }

  allow(ioas: number, ...ranges: [U64, U64][]): string {
    return this.try("IOMMU_IOAS_ALLOW_IOVAS", { ioas_id: ioas, num_iovas: ranges.length, allowed_iovas: ranges.map(([start, last]) => ({ start: hex(start), last: hex(last) })) });
  }

  hwpt(device: number, ptId: number, fields: JsonObject = {}): number {
    return this.ok("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ptId, ...fields }).out_hwpt_id as number;
  }

  get context(): Context {
    const context = this.machine.iommufd.process(0).current;
    if (!context) throw new Error("no iommufd is open");
    return context;
  }

  object(id: number): IommufdObject {
    const object = this.context.get(id);
    if (!object) throw new Error(`no object ${id}`);
    return object;
  }

  users(id: number): number {
    return this.object(id).users;
  }

  state(): Json {
    return this.machine.iommufd.state();
  }
}

export function mapFields(ioas: number, iova: U64, length: U64, fields: JsonObject = {}): JsonObject {
  return { flags: 7, ioas_id: ioas, user_va: { buffer: "b0", offset: "0x0" }, length: hex(length), iova: hex(iova), ...fields };
}

/** Data of a guest's table for the mock driver. */
export const NESTED: JsonObject = { data_type: 0xdead, data_len: 4, data: { iotlb: 1 } };
