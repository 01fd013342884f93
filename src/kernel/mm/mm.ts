/** Processes and the PASID of an mm, in the historic form that the configuration names. Spec section 8. */
import type { Json } from "../../base/json.ts";
import type { Answer } from "../answer.ts";
import type { CallTrace } from "../call-trace.ts";
import type { MachineConfig, MmVariant } from "../config.ts";
import type { IovaSpace, ObjectGraph, PasidSpace, Subsystem } from "../inspect.ts";
import type { Ioasid, PasidUsers } from "../ioasid/ioasid.ts";
import { kernelAtLeast } from "../kernel-version.ts";
import type { Machine } from "../machine.ts";
import { E1 } from "./e1.ts";
import { E2 } from "./e2.ts";
import { E4 } from "./e4.ts";
import { E7 } from "./e7.ts";
import type { Era, Scene } from "./era.ts";
import { graphOf, stateOf } from "./inspect.ts";
import { World } from "./world.ts";

/** An era has no state of its own. */
const ERAS: Readonly<Record<MmVariant, Era>> = { E1: new E1(), E2: new E2(), E4: new E4(false), "E4-fixed": new E4(true), E7: new E7() };

export class Mm implements Subsystem, PasidUsers {
  readonly config: MachineConfig;
  readonly world = new World();

  /** Shows itself in the allocator's picture of the id space. */
  constructor(config: MachineConfig, ioasid: Ioasid) {
    this.config = config;
    ioasid.users = this;
  }

  get era(): Era {
    return ERAS[this.config.variants.mm];
  }

  /** Makes a call; ids come from the machine's own allocator. */
  run(machine: Machine, trace: CallTrace, work: (scene: Scene) => Answer): Answer {
    return machine.ioasid.guarded(trace, (doing) => work({
      world: this.world, era: this.era, core: machine.ioasid.core, doing, atLeast: (major, minor) => kernelAtLeast(this.config.kernel, major, minor),
    }));
  }

  state(): Json {
    return stateOf(this.world, this.era);
  }

  graph(): ObjectGraph {
    return graphOf(this.world);
  }

  spaces(): IovaSpace[] {
    return [];
  }

  /** The allocator shows the ids; who uses them is said below. */
  pasids(): PasidSpace | null {
    return null;
  }

  holdersOf(id: number): string[] {
    const lines = this.world.mms().filter((mm) => mm.pasid === id).map((mm) => `mm of ${mm.name}`);
    for (const device of this.world.devices.values()) {
      const entry = device.table.get(id);
      if (entry) lines.push(`${device.name}: context of ${entry.mm ? entry.mm.name : "the kernel"}`);
      const waiting = device.queue.filter((work) => work.pasid === id);
      if (waiting.length > 0) lines.push(`${device.name}: ${waiting.map((work) => `${work.name} of ${work.process}`).join(", ")} outstanding`);
    }
    return lines;
  }

  reserved(): { id: number; why: string }[] {
    return this.world.processes.size > 0 ? [{ id: 0, why: "requests without a PASID" }] : [];
  }
}
