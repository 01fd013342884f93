/**
 * CPUs in the middle of a call. A lane holds a call that has run some of its regions; other calls and lanes run in between. All
 * of it is plain data, so that a machine can be copied at any such moment.
 */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import { ioasidRules as R } from "../rules/ioasid.ts";
import type { IoasidCore } from "./core.ts";
import type { Doing } from "./doing.ts";
import { returned, type Locals, type Programs, type Region } from "./region.ts";

export class Lane {
  readonly cpu: number;
  readonly call: string;
  readonly fields: Record<string, unknown>;
  /** Index of the region that runs next. */
  at = 0;
  readonly memory: Locals = {};
  readonly held: string[] = [];
  waitsFor: string | null = null;

  constructor(cpu: number, call: string, fields: Record<string, unknown>) {
    this.cpu = cpu;
    this.call = call;
    this.fields = fields;
  }
}

/** What a CPU is in the middle of. */
export interface LaneNow {
  cpu: number;
  call: string;
  /** The regions of its call, in order; `at` is the one that runs next. */
  regions: readonly { title: string; lock: string | null }[];
  at: number;
}

export class Lanes {
  private readonly byCpu = new Map<number, Lane>();

  get size(): number {
    return this.byCpu.size;
  }

  start(lane: Lane, program: readonly Region[], doing: Doing): Answer {
    const busy = this.byCpu.get(lane.cpu);
    if (!doing.trace.holds(R["cpu-is-idle"], busy === undefined, () => ({ note: busy ? `CPU ${lane.cpu} is in ${busy.call}.` : `CPU ${lane.cpu} is idle.` }))) return doing.trace.refusal();
    this.byCpu.set(lane.cpu, lane);
    doing.effect("list", () => ({ objects: [], text: `CPU ${lane.cpu} is about to make ${lane.call}: ${program.map((region) => region.title).join("; ")}.` }));
    return returned({ cpu: lane.cpu, done: false, next: program[0]?.title ?? null });
  }

  /** The lane of a CPU, or the refusal when it has none. */
  of(cpu: number, doing: Doing): Lane | null {
    const lane = this.byCpu.get(cpu) ?? null;
    return doing.trace.holds(R["cpu-has-call"], lane !== null, () => ({ note: lane ? `CPU ${cpu} is in ${lane.call}.` : `CPU ${cpu} is idle.` })) ? lane : null;
  }

  /** Runs the next region. The call's own answer comes with the last one. */
  step(core: IoasidCore, lane: Lane, program: readonly Region[], doing: Doing): Answer {
    const region = program[lane.at] as Region;
    if (!this.lockIsFree(region.lock, lane, doing)) return doing.trace.refusal();
    doing.effect("list", () => ({ objects: [], text: `CPU ${lane.cpu}, ${lane.call}: ${region.title}${region.lock ? ` (under ${region.lock})` : ""}.` }));
    const answer = region.run(core, lane.fields, lane.memory, doing);
    if (answer) {
      this.byCpu.delete(lane.cpu);
      return answer;
    }
    if (region.keeps && region.lock) lane.held.push(region.lock);
    lane.at++;
    return returned({ cpu: lane.cpu, done: false, ran: region.title, next: program[lane.at]?.title ?? null });
  }

  /** May a call outside the lanes take this lock? */
  lockIsFree(lock: string | null, wanting: Lane | null, doing: Doing): boolean {
    if (lock === null || lock === "rcu") return true;
    const owner = [...this.byCpu.values()].find((lane) => lane !== wanting && lane.held.includes(lock));
    if (wanting) wanting.waitsFor = owner ? lock : null;
    if (owner && wanting && owner.waitsFor !== null && wanting.held.includes(owner.waitsFor)) {
      doing.stop("deadlock", R["locks-in-order"], () => ({ objects: [], text: `CPU ${wanting.cpu} waits for ${lock}, which CPU ${owner.cpu} holds, which waits for ${owner.waitsFor}: neither goes on (Q8, raised in review).` }));
    }
    return doing.trace.holds(R["lock-is-free"], owner === undefined, () => ({ note: owner ? `CPU ${owner.cpu} holds ${lock}.` : `${lock} is free.` }));
  }

  /** The CPUs that are in the middle of a call, in the order in which they began. */
  now(programs: Programs): LaneNow[] {
    return [...this.byCpu.values()].map(({ cpu, call, at }) => ({ cpu, call, at, regions: (programs[call] ?? []).map(({ title, lock }) => ({ title, lock })) }));
  }

  state(): Json[] {
    return [...this.byCpu.values()].map((lane) => ({ cpu: lane.cpu, call: lane.call, region: lane.at, holds: [...lane.held], waits_for: lane.waitsFor }));
  }
}
