import { ensure } from "../base/assert.ts";
import type { Json } from "../base/json.ts";
import type { Answer } from "./answer.ts";
import { CallTrace } from "./call-trace.ts";
import { CallError, readyCall, type Call, type CallDef, type ReadyCall } from "./call.ts";
import { cloneState } from "./clone.ts";
import type { MachineConfig } from "./config.ts";
import { Host } from "./host.ts";
import type { Iommufd } from "./iommufd/iommufd.ts";
import type { Ioasid } from "./ioasid/ioasid.ts";
import type { Subsystem } from "./inspect.ts";
import type { Kernel, Subsystems } from "./kernel.ts";
import { Accounting } from "./memory/accounting.ts";
import { Memory } from "./memory/memory.ts";
import type { Mm } from "./mm/mm.ts";
import { AreaJournal } from "./ranges/area-recorder.ts";
import type { Vfio } from "./vfio/vfio.ts";

/** One simulated host: a platform, the processes on it and three kernel subsystems. */
export class Machine {
  readonly config: MachineConfig;
  readonly host: Host;
  /** Memory of the simulated processes. */
  readonly memory: Memory;
  /** Number of the process that makes the current call. */
  caller = 0;
  /** Locked memory per process and user, counted against their limits. */
  readonly accounting = new Accounting();
  /** Told of every area that is made and removed. */
  readonly journal = new AreaJournal();
  readonly kernel: Kernel;
  private readonly built: Subsystems = {};

  constructor(config: MachineConfig, kernel: Kernel) {
    this.config = deepFreeze(config);
    this.kernel = kernel;
    this.host = new Host(this.config);
    this.memory = new Memory(this.config);
    for (const part of kernel.parts) Object.assign(this.built, part.build(this));
  }

  get iommufd(): Iommufd {
    return ensure(this.built.iommufd, "iommufd in this kernel");
  }

  get vfio(): Vfio {
    return ensure(this.built.vfio, "VFIO in this kernel");
  }

  get ioasid(): Ioasid {
    return ensure(this.built.ioasid, "the IOASID allocator in this kernel");
  }

  get mm(): Mm {
    return ensure(this.built.mm, "PASIDs of processes in this kernel");
  }

  /** The definition that would answer a call of this name on this machine; null when there is none. */
  defOf(name: string): CallDef | null {
    return this.kernel.defOf(name, this.config.container);
  }

  /** Reads a call's fields. Throws CallError for a call or a field that can't be. */
  ready(call: Call): ReadyCall {
    const def = this.defOf(call.call);
    if (!def) throw new CallError(`unknown call "${call.call}"`);
    return readyCall(def, call);
  }

  /** Makes the call: changes this machine, answers as the kernel would, and tells `trace` why. */
  run(ready: ReadyCall, trace: CallTrace = new CallTrace(false)): Answer {
    this.caller = ready.process;
    return ready.def.run(this, ready.fields, trace, ready.given);
  }

  /** An independent copy; what happens to it does not touch this one. `tally` is told what it cost. */
  clone(tally?: { objects: number }): Machine {
    return cloneState(this, tally);
  }

  /** All state as plain JSON: 64-bit values are hex strings. */
  state(): Json {
    const parts = Object.entries<Subsystem>({ ...this.built }).map(([name, subsystem]) => [name, subsystem.state()]);
    return { host: this.host.state(), ...(Object.fromEntries(parts) as Record<string, Json>) };
  }

  /** The subsystems that this machine has. */
  subsystems(): Subsystem[] {
    return Object.values<Subsystem>({ ...this.built });
  }
}

function deepFreeze<Value extends object>(value: Value): Value {
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) if (typeof item === "object" && item !== null) deepFreeze(item as object);
  return value;
}
