import type { Json } from "../base/json.ts";
import type { MachineConfig } from "./config.ts";

/** Who owns the DMA of an iommu group; a group has one owner at a time. */
export type GroupOwner = { by: "iommufd"; context: number } | { by: "container"; container: number } | { by: "host" };

/** What the subsystems share of the host: who owns the DMA of each group. */
export class Host {
  readonly config: MachineConfig;
  readonly groupOwners = new Map<number, GroupOwner>();

  constructor(config: MachineConfig) {
    this.config = config;
  }

  state(): Json {
    return Object.fromEntries([...this.groupOwners].map(([group, owner]) => [`group ${group}`, { ...owner }]));
  }
}
