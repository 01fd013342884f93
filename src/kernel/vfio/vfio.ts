import type { Json } from "../../base/json.ts";
import type { MachineConfig } from "../config.ts";
import type { IovaSpace, ObjectGraph, PasidSpace, Subsystem } from "../inspect.ts";
import { Type1 } from "./type1.ts";

export class Vfio implements Subsystem {
  readonly config: MachineConfig;
  /** The one container of the calls that describe their groups themselves; null until one of them is made. */
  private describedContainer: Type1 | null = null;

  constructor(config: MachineConfig) {
    this.config = config;
  }

  described(): Type1 {
    const { vfio, pageSize } = this.config;
    this.describedContainer ??= new Type1(0, { v2: vfio.api === "v2", nesting: false, cpuPage: pageSize, entryLimit: vfio.dmaEntryLimit });
    return this.describedContainer;
  }

  state(): Json {
    return this.describedContainer?.state() ?? null;
  }

  graph(): ObjectGraph {
    return { nodes: [], edges: [] };
  }

  spaces(): IovaSpace[] {
    return [];
  }

  pasids(): PasidSpace | null {
    return null;
  }
}
