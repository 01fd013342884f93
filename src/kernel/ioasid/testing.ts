/** A machine for the tests of this room, and short ways to make calls on it. */
import type { Json, JsonObject } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { CallTrace } from "../call-trace.ts";
import type { IoasidVariant, MachineConfig } from "../config.ts";
import { Machine } from "../machine.ts";
import { wholeKernel } from "../whole.ts";
import { makePlatform } from "../platform/platform.ts";

export interface Done {
  answer: Answer;
  trace: CallTrace;
  /** What the caller gets: an id, a value, an errno, or the fault. */
  got: Json;
  /** The effects that show a defect, each as its sentence. */
  damage: string[];
}

/** A1, A2 share functions and one host pool; B has its own; D gives 5 again and again; N never gives one. */
const HOST: MachineConfig["ioasid"] = {
  pools: [{ pool: "H1", lo: 1, hi: 20, mode: "lowest" }, { pool: "H2", lo: 100, hi: 120, mode: "lowest" }, { pool: "HD", lo: 5, hi: 5, mode: "dup" }, { pool: "HN", lo: 1, hi: 1, mode: "none" }],
  ops: [
    { ops: "A1", alloc: "F1", free: "F1", pool: "H1" }, { ops: "A2", alloc: "F1", free: "F1", pool: "H1" }, { ops: "A9", alloc: "F1", free: "F1", pool: "H1" },
    { ops: "B", alloc: "F2", free: "F2", pool: "H2" }, { ops: "C", alloc: "F4", free: "F4", pool: "H1" }, { ops: "D", alloc: "F3", free: "F3", pool: "HD" }, { ops: "N", alloc: "F5", free: "F5", pool: "HN" },
  ],
  nbs: [{ nb: "kvm", priority: 3, returns: 1 }, { nb: "iommu", priority: 2, returns: 1 }, { nb: "device", priority: 1, returns: 1 }, { nb: "stopper", priority: 3, returns: 0x8001 }],
};

export class IoasidMachine {
  machine: Machine;

  constructor(variant: IoasidVariant, ioasid: MachineConfig["ioasid"] = HOST) {
    this.machine = new Machine({
      platform: makePlatform("none"), variants: { iommufd: "merged", vfio: "merged", ioasid: variant, mm: "E4-fixed" }, kernel: "6.12", pageSize: 4096, maxIovaAlignment: 0x200000,
      firstFd: 4, buffers: null, processes: 1, container: "iommufd", vfio: { api: "v2", dmaEntryLimit: 65535 }, ioasid,
    }, wholeKernel);
  }

  do(call: string, fields: JsonObject = {}): Done {
    const trace = new CallTrace(true);
    const answer = this.machine.run(this.machine.ready({ call, in: fields }), trace);
    const { ret } = answer;
    const value = ret !== null && typeof ret === "object" && "ioasid" in ret ? ret.ioasid : ret;
    return { answer, trace, got: answer.fault ?? (ret === undefined ? answer.errno : (value ?? null)), damage: trace.effects.filter((effect) => effect.kind === "damage").map((effect) => effect.text) };
  }

  got(call: string, fields: JsonObject = {}): Json {
    return this.do(`ioasid_${call}`, fields).got;
  }

  alloc(fields: JsonObject = {}): Json {
    return this.got("alloc", { set: null, min: 1, max: 100, private: "p", ...fields });
  }

  register(ops: string, fields: JsonObject = {}): Json {
    return this.got("register_allocator", { ops, ...fields });
  }

  unregister(ops: string): Done {
    return this.do("ioasid_unregister_allocator", { ops });
  }

  state(): JsonObject {
    return this.machine.ioasid.state() as JsonObject;
  }

  active(): Json {
    return this.state().active as Json;
  }

  /** Starts a call on a CPU. */
  start(cpu: number, call: string, fields: JsonObject): void {
    this.do("lane_start", { cpu, call, in: fields });
  }

  step(cpu: number): Done {
    return this.do("lane_step", { cpu });
  }

  finish(cpu: number): Done {
    return this.do("lane_finish", { cpu });
  }
}
