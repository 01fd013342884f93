import type { Json } from "../../base/json.ts";
import type { MachineConfig } from "../config.ts";
import type { IovaSpace, ObjectGraph, PasidSpace, Subsystem } from "../inspect.ts";

export class Ioasid implements Subsystem {
  readonly config: MachineConfig;

  constructor(config: MachineConfig) {
    this.config = config;
  }

  state(): Json {
    return null;
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
