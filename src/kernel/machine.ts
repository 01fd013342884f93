import type { Json } from "../base/json.ts";
import type { Answer } from "./answer.ts";
import { CallTrace } from "./call-trace.ts";
import { CallError, readyCall, type Call, type CallDef, type ReadyCall } from "./call.ts";
import { cloneState } from "./clone.ts";
import type { MachineConfig } from "./config.ts";
import { Ioasid } from "./ioasid/ioasid.ts";
import { ioasidCalls } from "./ioasid/calls.ts";
import { Iommufd } from "./iommufd/iommufd.ts";
import { iommufdCalls, iommufdContainerCalls } from "./iommufd/calls.ts";
import { Mm } from "./mm/mm.ts";
import { mmCalls } from "./mm/calls.ts";
import { Vfio } from "./vfio/vfio.ts";
import { vfioCalls, vfioContainerCalls } from "./vfio/calls.ts";
import { Host } from "./host.ts";
import { Memory } from "./memory/memory.ts";

/** Calls by name. The VFIO container ioctls are answered by type1 or by iommufd's compatibility layer. */
const COMMON = table([...iommufdCalls, ...ioasidCalls, ...mmCalls, ...vfioCalls]);
const ON_TYPE1 = table(vfioContainerCalls);
const ON_IOMMUFD = table(iommufdContainerCalls);

function table(defs: readonly CallDef[]): ReadonlyMap<string, CallDef> {
  return new Map(defs.map((def) => [def.name, def]));
}

/** Every call that some machine answers, each name once. */
export function allCalls(): CallDef[] {
  return [...new Map([...ON_IOMMUFD, ...ON_TYPE1, ...COMMON]).values()];
}

/** One simulated host: a platform, the processes on it and three kernel subsystems. */
export class Machine {
  readonly config: MachineConfig;
  readonly host: Host;
  /** Memory of the simulated processes. */
  readonly memory: Memory;
  /** Number of the process that makes the current call. */
  caller = 0;
  readonly iommufd: Iommufd;
  readonly vfio: Vfio;
  readonly ioasid: Ioasid;
  readonly mm: Mm;

  constructor(config: MachineConfig) {
    this.config = deepFreeze(config);
    this.host = new Host(this.config);
    this.memory = new Memory(this.config);
    this.iommufd = new Iommufd(this.config, this.host, this.memory);
    this.vfio = new Vfio(this.config);
    this.ioasid = new Ioasid(this.config);
    this.mm = new Mm(this.config, this.ioasid);
  }

  /** The definition that would answer a call of this name on this machine; null when there is none. */
  defOf(name: string): CallDef | null {
    const container = this.config.container === "type1" ? ON_TYPE1 : ON_IOMMUFD;
    return COMMON.get(name) ?? container.get(name) ?? null;
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
    return {
      host: this.host.state(),
      iommufd: this.iommufd.state(),
      vfio: this.vfio.state(),
      ioasid: this.ioasid.state(),
      mm: this.mm.state(),
    };
  }

  subsystems(): [Iommufd, Vfio, Ioasid, Mm] {
    return [this.iommufd, this.vfio, this.ioasid, this.mm];
  }
}

function deepFreeze<Value extends object>(value: Value): Value {
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const item of Object.values(value)) if (typeof item === "object" && item !== null) deepFreeze(item as object);
  return value;
}
