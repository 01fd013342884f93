/** A machine for the tests of this room, and a short way to make calls on it. */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { encodeOut, type Given } from "../call.ts";
import { CallTrace } from "../call-trace.ts";
import type { MachineConfig, Platform, VfioVariant } from "../config.ts";
import { Machine } from "../machine.ts";
import { wholeKernel } from "../whole.ts";
import { makePlatform } from "../platform/platform.ts";

export interface TestOptions {
  variant?: VfioVariant;
  api?: "v1" | "v2";
  dmaEntryLimit?: number;
  kernel?: string;
  platform?: Platform;
  buffers?: MachineConfig["buffers"];
  container?: MachineConfig["container"];
}

export interface Done {
  answer: Answer;
  trace: CallTrace;
  out: JsonObject;
}

export class TestMachine {
  readonly machine: Machine;

  constructor(options: TestOptions = {}) {
    this.machine = new Machine({
      platform: options.platform ?? makePlatform("intel-vtd"),
      variants: { iommufd: "merged", vfio: options.variant ?? "merged", ioasid: "mainline-6.1", mm: "E4-fixed" },
      kernel: options.kernel ?? "6.12", pageSize: 4096, maxIovaAlignment: 0x200000, firstFd: 4, buffers: options.buffers ?? null, processes: 1,
      container: options.container ?? "type1", vfio: { api: options.api ?? "v2", dmaEntryLimit: options.dmaEntryLimit ?? 65535 }, ioasid: { pools: [], ops: [], nbs: [] },
    }, wholeKernel);
  }

  /** Makes a call with its explanation. */
  do(call: string, fields: JsonObject = {}, given?: Given): Done {
    const trace = new CallTrace(true);
    const ready = this.machine.ready({ call, in: fields, given });
    const answer = this.machine.run(ready, trace);
    return { answer, trace, out: encodeOut(ready.def, answer.out ?? {}) };
  }

  /** Makes a call; its errno, or OK. */
  errno(call: string, fields: JsonObject = {}): string {
    return this.do(call, fields).answer.errno;
  }

  /** The rule that refused a call; null when it succeeded. */
  refusal(call: string, fields: JsonObject = {}): string | null {
    return this.do(call, fields).trace.refusedBy?.id ?? null;
  }

  attach(group: string, fields: JsonObject = {}): Done {
    return this.do("attach_group", { group, aperture: { start: "0x0", end: "0xffffffff" }, ...fields });
  }

  detach(group: string, fields: JsonObject = {}): Done {
    return this.do("detach_group", { group, ...fields });
  }

  map(iova: number, size: number, fields: JsonObject = {}): Done {
    return this.do("map_dma", { iova: hex(iova), size: hex(size), vaddr: "0x10000000", flags: ["read", "write"], ...fields });
  }

  unmap(iova: number, size: number, fields: JsonObject = {}): Done {
    return this.do("unmap_dma", { iova: hex(iova), size: hex(size), flags: [], ...fields });
  }

  /** The valid list of the container of described groups, as text. */
  list(): string {
    const { iova } = this.state() as { iova: [string, string][] };
    return iova.map(([first, last]) => `${first}-${last}`).join(" ");
  }

  state(): Json {
    return this.machine.vfio.state();
  }
}

export function hex(value: number | bigint): string {
  return `0x${value.toString(16)}`;
}

/** An aperture or region field, inclusive. */
export function span(start: number | bigint, end: number | bigint): JsonObject {
  return { start: hex(start), end: hex(end) };
}

export function resv(...regions: [number, number, string?][]): JsonObject {
  return { resv: regions.map(([start, end, type]) => ({ ...span(start, end), type: type ?? "reserved" })) };
}
