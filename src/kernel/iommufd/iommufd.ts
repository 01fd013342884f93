import type { Json } from "../../base/json.ts";
import { CallError } from "../call.ts";
import type { HostDevice, MachineConfig } from "../config.ts";
import type { Host } from "../host.ts";
import type { IovaSpace, ObjectGraph, ObjectSketch, PasidSpace, Subsystem } from "../inspect.ts";
import type { Accounting } from "../memory/accounting.ts";
import type { Memory } from "../memory/memory.ts";
import type { AreaJournal } from "../ranges/area-recorder.ts";
import { Context } from "./context.ts";
import { installFile, Process, type Cdev } from "./files.ts";
import { contextsState } from "./inspect-state.ts";
import { contextsGraph } from "./inspect-graph.ts";
import { contextsSketch } from "./inspect-sketch.ts";
import { ioasSpaces } from "./inspect-space.ts";
import type { Device } from "./objects.ts";

/** A VFIO group whose container is an iommufd. */
export interface CompatGroup {
  number: number;
  /** False after close while open devices keep it. */
  open: boolean;
  inContainer: boolean;
  /** One entry per open. */
  devices: { host: HostDevice; device: Device }[];
}

/** The iommufd subsystem: every open /dev/iommu, the processes that hold them, and the VFIO device files they bind. */
export class Iommufd implements Subsystem {
  readonly config: MachineConfig;
  readonly host: Host;
  readonly memory: Memory;
  readonly accounting: Accounting;
  readonly journal: AreaJournal;
  readonly contexts: Context[] = [];
  readonly processes: Process[] = [new Process(0)];
  /** VFIO device files by the caller's slot number. */
  readonly cdevs = new Map<number, { cdev: Cdev; fd: number; process: Process }>();
  /** /dev/vfio/vfio and the group files, where an iommufd stands in for VFIO's own container. */
  readonly compat = { containerOpen: false, groups: new Map<number, CompatGroup>(), lastGroup: null as number | null };
  private opened = 0;
  private mockGroups = 0;

  constructor(config: MachineConfig, host: Host, memory: Memory, accounting: Accounting, journal: AreaJournal) {
    this.config = config;
    this.host = host;
    this.memory = memory;
    this.accounting = accounting;
    this.journal = journal;
    this.open(this.process(0));
  }

  /** Throws CallError for a process that was never forked. */
  process(number: number): Process {
    const process = this.processes[number];
    if (!process) throw new CallError(`there is no process ${number}`);
    return process;
  }

  /** Opens /dev/iommu: a new, empty context. Returns its descriptor. */
  open(process: Process): number {
    const context = new Context(++this.opened);
    const fd = installFile(process, this.config.firstFd, { kind: "iommufd", context });
    const rivals = this.contexts.filter((other) => other.fd === fd).length;
    context.named(fd, rivals === 0 ? `${fd}` : `${fd}-${context.serial}`);
    context.files = 1;
    this.contexts.push(context);
    return fd;
  }

  /** A group number for a new mock device: each is alone in its own. */
  mockGroup(): number {
    return 1000 + this.mockGroups++;
  }

  state(): Json {
    return contextsState(this);
  }

  graph(): ObjectGraph {
    return contextsGraph(this);
  }

  sketch(): ObjectSketch {
    return contextsSketch(this);
  }

  spaces(): IovaSpace[] {
    return ioasSpaces(this);
  }

  pasids(): PasidSpace | null {
    return null;
  }
}
