/** The IOASID allocator of one machine, in the historic form that its configuration names. */
import type { Json, JsonObject } from "../../base/json.ts";
import { isJsonObject } from "../../base/json.ts";
import { unreachable } from "../../base/assert.ts";
import type { Answer } from "../answer.ts";
import { CallError } from "../call.ts";
import type { CallTrace } from "../call-trace.ts";
import type { IoasidVariant, MachineConfig } from "../config.ts";
import type { IovaSpace, ObjectGraph, PasidSpace, Subsystem } from "../inspect.ts";
import type { Machine } from "../machine.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import type { IoasidCore } from "./core.ts";
import { Counted } from "./counted.ts";
import { Doing, KernelStopped } from "./doing.ts";
import { GlobalIda } from "./global-ida.ts";
import { readHostSide } from "./host-pools.ts";
import { Lane, Lanes, type LaneNow } from "./lanes.ts";
import { Mainline } from "./mainline.ts";
import { Posted } from "./posted.ts";
import type { Region } from "./region.ts";
import { Retain } from "./retain.ts";
import { readNotifierBlocks } from "./series/set.ts";
import { SeriesV2 } from "./series/v2.ts";
import { SeriesV3 } from "./series/v3.ts";
import { SeriesV4 } from "./series/v4.ts";

function coreOf(variant: IoasidVariant, config: MachineConfig): IoasidCore {
  const host = readHostSide(config);
  switch (variant) {
    case "v3-as-posted": return new Posted(host);
    case "v3-retain": return new Retain(host);
    case "mainline-5.5":
    case "mainline-6.1": return new Mainline(host);
    case "mainline-5.11": return new Counted(host);
    case "series-2020-v2": return new SeriesV2(host, readNotifierBlocks(config));
    case "series-2020-v3": return new SeriesV3(host, readNotifierBlocks(config));
    case "series-2021-v4": return new SeriesV4(host, readNotifierBlocks(config));
    case "global-ida": return new GlobalIda(host);
    default: return unreachable(variant);
  }
}

/** Who else knows something of an id: the processes and devices that use it. */
export interface PasidUsers {
  /** Short lines: "mm of P1", "device A". */
  holdersOf(id: number): string[];
  /** Ids that are never handed out, and why. */
  reserved(): { id: number; why: string }[];
}

export class Ioasid implements Subsystem {
  readonly config: MachineConfig;
  readonly core: IoasidCore;
  users: PasidUsers | null = null;
  private readonly lanes = new Lanes();
  /** What ended everything. */
  private stopped: string | null = null;
  /** Has anything been asked of it? An untouched allocator shows nothing. */
  private touched = false;

  constructor(config: MachineConfig) {
    this.config = config;
    this.core = coreOf(config.variants.ioasid, config);
    this.touched = config.ioasid.pools.length > 0 || config.ioasid.ops.length > 0;
  }

  /** Makes a call from beginning to end. Recordings' races run another call at a named point inside it. */
  run(machine: Machine, call: string, fields: Record<string, unknown>, trace: CallTrace): Answer {
    return this.guarded(trace, (doing) => {
      const program = this.programOf(call, doing);
      if (!program) return doing.trace.refusal();
      if (this.lanes.size > 0 && !program.every((region) => this.lanes.lockIsFree(region.lock, null, doing))) return doing.trace.refusal();
      const race = isJsonObject(fields.race) ? fields.race : null;
      const memory = {};
      let raced: Json | undefined;
      for (const region of program) {
        const answer = region.run(this.core, fields, memory, doing);
        if (answer) return raced === undefined ? answer : { ...answer, race_ret: raced };
        if (race && region.point !== undefined && region.point === race.point) raced = this.raceCall(machine, race, doing);
      }
      throw new CallError(`${call} has no last region`);
    });
  }

  /** Another task makes a whole call in the middle of this one. */
  private raceCall(machine: Machine, race: JsonObject, doing: Doing): Json {
    const { call, fields } = this.readInner(machine, race.call, race.in);
    const program = this.programOf(call, doing) ?? [];
    doing.effect("list", () => ({ objects: [], text: `At this point another task makes ${call}.` }));
    const memory = {};
    for (const region of program) {
      const answer = region.run(this.core, fields, memory, doing);
      if (answer) return answer.ret === undefined ? answer.errno : answer.ret;
    }
    return null;
  }

  /** lane_start: puts a call on a CPU; nothing of it runs yet. */
  startLane(machine: Machine, cpu: number, call: string, input: Json, trace: CallTrace): Answer {
    return this.guarded(trace, (doing) => {
      const inner = this.readInner(machine, call, input);
      const program = this.programOf(inner.call, doing);
      return program ? this.lanes.start(new Lane(cpu, inner.call, inner.fields), program, doing) : doing.trace.refusal();
    });
  }

  /** lane_step: one region. lane_finish: all that are left. */
  stepLane(cpu: number, toTheEnd: boolean, trace: CallTrace): Answer {
    return this.guarded(trace, (doing) => {
      const lane = this.lanes.of(cpu, doing);
      if (!lane) return doing.trace.refusal();
      const program = this.core.programs[lane.call] as readonly Region[];
      for (;;) {
        const answer = this.lanes.step(this.core, lane, program, doing);
        const goesOn = toTheEnd && answer.errno === "OK" && isJsonObject(answer.ret) && answer.ret.done === false;
        if (!goesOn) return answer;
      }
    });
  }

  /** What each CPU is in the middle of. */
  lanesNow(): LaneNow[] {
    return this.lanes.size === 0 ? [] : this.lanes.now(this.core.programs);
  }

  private readInner(machine: Machine, call: Json | undefined, input: Json | undefined): { call: string; fields: Record<string, unknown> } {
    if (typeof call !== "string") throw new CallError("the other task's call needs a name");
    const ready = machine.ready({ call, in: isJsonObject(input) ? input : {} });
    if (ready.def.subsystem !== "ioasid" || call.startsWith("lane_")) throw new CallError(`${call} can't run on a lane`);
    return { call, fields: ready.fields };
  }

  private programOf(call: string, doing: Doing): readonly Region[] | null {
    const program = this.core.programs[call];
    const rule = this.config.variants.ioasid === "global-ida" ? R["ioasid-still-exists"] : R["call-in-this-form"];
    if (program) return program;
    doing.trace.holds(rule, false, () => ({ note: `${call} does not exist in ${this.config.variants.ioasid}, which has ${Object.keys(this.core.programs).join(", ")}.` }));
    return null;
  }

  /** Runs a piece of work that may stop the kernel. */
  guarded(trace: CallTrace, work: (doing: Doing) => Answer): Answer {
    this.touched = true;
    if (this.stopped !== null) {
      trace.holds(R["kernel-still-runs"], false, () => ({ note: `It stopped with ${this.stopped}.` }));
      return { errno: trace.errno, fault: this.stopped };
    }
    const doing = new Doing(trace);
    try {
      const answer = work(doing);
      return doing.events.length > 0 ? { ...answer, events: doing.events } : answer;
    } catch (error) {
      if (!(error instanceof KernelStopped)) throw error;
      this.stopped = error.fault;
      return { errno: "OK", fault: error.fault, events: doing.events };
    }
  }

  /** As recordings have it; null after an oops or a hang. Lanes that are under way add themselves. */
  state(): Json {
    if (this.stopped === "oops" || this.stopped === "hang") return null;
    const state = this.core.state();
    return this.lanes.size > 0 ? { ...(state as JsonObject), lanes: this.lanes.state() } : state;
  }

  graph(): ObjectGraph {
    return { nodes: [], edges: [] };
  }

  spaces(): IovaSpace[] {
    return [];
  }

  pasids(): PasidSpace | null {
    if (!this.touched) return null;
    const { core, users } = this;
    const ids = core.ids().map((entry) => ({ ...entry, holders: [...entry.holders, ...(users?.holdersOf(entry.id) ?? [])] }));
    for (const { id, why } of users?.reserved() ?? []) {
      if (!ids.some((entry) => entry.id === id)) ids.unshift({ id, key: `ioasid:${id}`, state: "reserved", set: null, refs: null, lines: [why], allocator: "", holders: [] });
    }
    return { bits: 20, variant: this.config.variants.ioasid, allocators: core.allocators(), sets: core.sets(), ids };
  }
}
