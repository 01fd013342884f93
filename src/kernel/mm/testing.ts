/** A machine for the tests of this room, and short ways to make calls on it. */
import type { Json, JsonObject } from "../../base/json.ts";
import { CallTrace } from "../call-trace.ts";
import type { IoasidVariant, MmVariant } from "../config.ts";
import { Machine } from "../machine.ts";
import { wholeKernel } from "../whole.ts";
import { makePlatform } from "../platform/platform.ts";

export interface Did {
  /** The value, or the errno of a refusal. */
  got: Json;
  rule: string | null;
  effects: string[];
  damage: string[];
}

/** The allocator of each era. */
const IOASID: Record<MmVariant, IoasidVariant> = { E1: "mainline-5.5", E2: "mainline-5.5", E4: "mainline-6.1", "E4-fixed": "mainline-6.1", E7: "global-ida" };

export class MmMachine {
  readonly machine: Machine;

  constructor(mm: MmVariant, options: { kernel?: string; ioasid?: IoasidVariant } = {}) {
    this.machine = new Machine({
      platform: makePlatform("none"), variants: { iommufd: "merged", vfio: "merged", ioasid: options.ioasid ?? IOASID[mm], mm }, kernel: options.kernel ?? "6.12", pageSize: 4096, maxIovaAlignment: 0x200000,
      firstFd: 4, buffers: null, processes: 1, container: "iommufd", vfio: { api: "v2", dmaEntryLimit: 65535 }, ioasid: { pools: [], ops: [], nbs: [] },
    }, wholeKernel);
  }

  do(call: string, fields: JsonObject = {}): Did {
    const trace = new CallTrace(true);
    const answer = this.machine.run(this.machine.ready({ call, in: fields }), trace);
    return {
      got: answer.fault ?? (answer.errno === "OK" ? (answer.ret ?? null) : answer.errno), rule: trace.refusedBy?.id ?? null,
      effects: trace.effects.map((effect) => effect.text), damage: trace.effects.filter((effect) => effect.kind === "damage").map((effect) => effect.text),
    };
  }

  /** Processes by name. */
  processes(...names: string[]): this {
    for (const name of names) this.do("process_create", { name });
    return this;
  }

  bind(process: string | null, device = "dev", fields: JsonObject = {}): Json {
    const { got } = this.do("sva_bind", { process, device, ...fields });
    return got !== null && typeof got === "object" && "pasid" in got ? (got.pasid ?? null) : got;
  }

  unbind(process: string | null, device = "dev", fields: JsonObject = {}): Did {
    return this.do("sva_unbind", { process, device, ...fields });
  }

  submit(process: string, work: string, fields: JsonObject = {}): Did {
    return this.do("enqcmd_submit", { process, device: "dev", work, ...fields });
  }

  run(device = "dev"): Did {
    return this.do("device_run", { device });
  }

  /** Ids that the allocator has out. */
  ids(): number[] {
    return (this.machine.ioasid.pasids()?.ids ?? []).filter((entry) => entry.state !== "reserved").map((entry) => entry.id);
  }

  state(): JsonObject {
    return this.machine.mm.state() as JsonObject;
  }

  /** The PASID of each mm that is there, as its era writes it down. */
  pasids(): Json[] {
    return (this.state().mms as { pasid: Json }[]).map((mm) => mm.pasid);
  }

  /** IA32_PASID of all threads. */
  msrs(): string[] {
    return (this.state().processes as { threads: { msr: string }[] }[]).flatMap((process) => process.threads.map((thread) => thread.msr));
  }
}
