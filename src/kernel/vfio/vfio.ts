import type { Json, JsonObject } from "../../base/json.ts";
import type { MachineConfig } from "../config.ts";
import type { IovaSpace, ObjectGraph, PasidSpace, Subsystem } from "../inspect.ts";
import type { AreaJournal } from "../ranges/area-recorder.ts";
import type { Container, GroupFile } from "./groups.ts";
import { ContainerSpace, containerGraph, describedGraph, groupGraph } from "./inspect.ts";
import { Type1 } from "./type1.ts";

export class Vfio implements Subsystem {
  readonly config: MachineConfig;
  readonly containers = new Map<number, Container>();
  /** Open groups, and closed ones that an open device keeps alive, by group number. */
  readonly groups = new Map<number, GroupFile>();
  /** The group that calls without a group number are about. */
  lastGroup: number | null = null;
  /** The one container of the calls that describe their groups themselves; null until one of them is made. */
  private describedContainer: Type1 | null = null;

  private readonly journal: AreaJournal;

  constructor(config: MachineConfig, journal: AreaJournal) {
    this.config = config;
    this.journal = journal;
  }

  described(): Type1 {
    const { vfio, pageSize } = this.config;
    this.describedContainer ??= new Type1(0, { v2: vfio.api === "v2", nesting: false, cpuPage: pageSize, entryLimit: vfio.dmaEntryLimit, accounting: null, journal: this.journal });
    return this.describedContainer;
  }

  /** With described groups the state has the recordings' shape; otherwise it is by group and container. */
  state(): Json {
    if (this.describedContainer) return this.describedContainer.state();
    if (this.containers.size === 0 && this.groups.size === 0) return null;
    const containers: JsonObject = {};
    for (const container of this.containers.values()) {
      containers[container.number] = {
        open: container.open, groups: container.groups.map((group) => group.number),
        iommu: container.iommu && { api: container.iommu.v2 ? "v2" : "v1", dirty_tracking: container.iommu.dirtyTracking, ...container.iommu.state() },
      };
    }
    const groups: JsonObject = {};
    for (const group of this.groups.values()) {
      groups[group.number] = { open: group.open, container: group.container?.number ?? null, devices: [...group.devices] };
    }
    return { containers, groups };
  }

  graph(): ObjectGraph {
    const graph: ObjectGraph = { nodes: [], edges: [] };
    if (this.describedContainer) describedGraph(this.describedContainer, graph.nodes, graph.edges);
    for (const group of this.groups.values()) {
      const devices = this.config.platform.devices.filter((device) => device.group === group.number);
      groupGraph(group, devices, graph.nodes, graph.edges);
    }
    for (const container of this.containers.values()) containerGraph(container, graph.nodes, graph.edges);
    return graph;
  }

  spaces(): IovaSpace[] {
    const backends = [...this.containers.values()].flatMap((container) => container.iommu ?? []);
    if (this.describedContainer) backends.unshift(this.describedContainer);
    const relaxes = this.config.variants.vfio === "merged";
    return backends.map((container) => new ContainerSpace(container, relaxes));
  }

  pasids(): PasidSpace | null {
    return null;
  }
}
