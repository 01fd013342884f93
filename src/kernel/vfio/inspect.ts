/** What containers show of themselves to diagrams. */
import { hex, lastOf, U64_MAX, type Iova } from "../../base/u64.ts";
import { humanSize, plural, rangeText } from "../../base/format.ts";
import type { ObjectRef } from "../answer.ts";
import type { HostDevice } from "../config.ts";
import type { Hole, IovaSpace, Mapping, ObjectEdge, ObjectNode } from "../inspect.ts";
import type { Dma } from "./dma.ts";
import type { Container, GroupFile } from "./groups.ts";
import { containerRef, domainRef, groupRef } from "./refs.ts";
import { holds, type Domain, type Group, type Type1 } from "./type1.ts";

function holeOf({ region, owner }: Group["holes"][number]): Hole {
  const label = region.label ?? region.type;
  return { first: region.first, last: region.last, kind: region.type, owner, label };
}

/** The IOVA space of a type1 container. */
export class ContainerSpace implements IovaSpace {
  readonly key: string;
  readonly label: string;
  readonly alignment;
  readonly store;
  private readonly container: Type1;
  /** Are direct-relaxable regions open to users (5.3 and later)? */
  private readonly relaxes: boolean;

  constructor(container: Type1, relaxes: boolean) {
    const ref = containerRef(container.number);
    this.key = ref.key;
    this.label = ref.label;
    this.alignment = container.page;
    this.store = container.mappings.store;
    this.container = container;
    this.relaxes = relaxes;
  }

  contributors(): ReturnType<IovaSpace["contributors"]> {
    return this.container.domains.flatMap((domain) =>
      domain.groups.map((group) => {
        const ignored = (hole: Hole) => this.relaxes && hole.kind === "direct-relaxable";
        const holes = group.holes.map(holeOf);
        const detail = `${domainRef(this.container, domain).label}, aperture ${rangeText(group.aperture.first, group.aperture.last)}`;
        return { owner: groupRef(group.name), detail, aperture: group.aperture, holes: holes.filter((hole) => !ignored(hole)), ignored: holes.filter(ignored) };
      }));
  }

  valid(): { first: Iova; last: Iova }[] {
    const { list } = this.container;
    return list.length === 0 ? [{ first: 0, last: U64_MAX }] : list.map((valid) => ({ ...valid }));
  }

  allowed(): never[] {
    return [];
  }

  mappingCount(): number {
    return this.container.mappings.count;
  }

  eachExtent(first: Iova, last: Iova, visit: (first: Iova, last: Iova) => boolean): void {
    this.container.mappings.eachExtent(first, last, visit);
  }

  eachMapping(first: Iova, last: Iova, visit: (mapping: Mapping) => boolean): void {
    const { mappings } = this.container;
    for (let dma = mappings.firstFrom(first); dma && dma.iova <= last; dma = mappings.next(dma)) if (!visit(this.mappingOf(dma))) return;
  }

  private mappingOf(dma: Dma): Mapping {
    const { domains } = this.container;
    return {
      key: `mapping:${this.key}@${hex(dma.iova)}`, first: dma.iova, last: lastOf(dma.iova, dma.size), readable: dma.readable, writable: dma.writable, userVa: dma.vaddr,
      heldBy: domains.filter((domain) => holds(domain, dma)).map((domain) => domainRef(this.container, domain).label),
      shared: false, pinned: dma.mapped,
    };
  }
}

function node(ref: ObjectRef, rest: Omit<ObjectNode, "key" | "label" | "title">): ObjectNode {
  return { ...ref, title: ref.label, ...rest };
}

/** The backend of a container: its domains and the groups in them. */
function backendGraph(container: Type1, nodes: ObjectNode[], edges: ObjectEdge[]): void {
  const owner = containerRef(container.number);
  for (const domain of container.domains) {
    const ref = domainRef(container, domain);
    nodes.push(node(ref, { kind: "domain", type: "vfio_domain", lines: domainLines(domain), users: domain.groups.length, holders: domain.groups.map((group) => `${groupRef(group.name).label} is attached`), auto: true }));
    edges.push({ from: owner.key, to: ref.key, label: "maps through", counts: false });
    for (const group of domain.groups) edges.push({ from: groupRef(group.name).key, to: ref.key, label: "attached", counts: true });
  }
  for (const group of container.emulated) edges.push({ from: groupRef(group.name).key, to: owner.key, label: "emulated, in", counts: true });
}

function domainLines(domain: Domain): string[] {
  return [domain.driver, rangeText(domain.aperture.first, domain.aperture.last), ...(domain.coherent ? ["enforces coherency"] : [])];
}

function backendLines(container: Type1): string[] {
  return [
    `type1 ${container.v2 ? "v2" : "v1"}${container.nesting ? ", nesting" : ""}`,
    `${plural(container.mappings.count, "mapping")}, ${container.dmaAvail} left`,
    `smallest page ${humanSize(container.page)}`,
  ];
}

/** The container of the calls that describe their groups. */
export function describedGraph(container: Type1, nodes: ObjectNode[], edges: ObjectEdge[]): void {
  const groups = [...container.groups(), ...container.emulated];
  const ref = containerRef(container.number);
  nodes.push(node(ref, { kind: "container", type: "vfio_iommu", lines: backendLines(container), users: null, holders: groups.map((group) => `${groupRef(group.name).label} is in it`) }));
  for (const group of groups) {
    nodes.push(node(groupRef(group.name), { kind: "group", type: "iommu_group", lines: [group.emulated ? "emulated" : group.driver, plural(group.holes.length, "region")], users: null, holders: [] }));
  }
  backendGraph(container, nodes, edges);
}

/** A container that a process opened. */
export function containerGraph(container: Container, nodes: ObjectNode[], edges: ObjectEdge[]): void {
  const ref = containerRef(container.number);
  const holders = [...(container.open ? ["its file is open"] : []), ...container.groups.map((group) => `${groupRef(group.number).label} is in it`)];
  const lines = container.iommu ? backendLines(container.iommu) : ["no IOMMU set"];
  nodes.push(node(ref, { kind: "container", type: "vfio_container", lines, users: holders.length, holders }));
  for (const group of container.groups) edges.push({ from: groupRef(group.number).key, to: ref.key, label: "in", counts: true });
  if (container.iommu) backendGraph(container.iommu, nodes, edges);
}

/** A group that a process opened, and the devices in it. */
export function groupGraph(group: GroupFile, devices: readonly HostDevice[], nodes: ObjectNode[], edges: ObjectEdge[]): void {
  const ref = groupRef(group.number);
  const inside = group.container ? [`it is in ${containerRef(group.container.number).label}`] : [];
  const holders = [...inside, ...group.devices.map((name) => `${name} is open`)];
  nodes.push(node(ref, { kind: "group", type: "vfio_group", lines: [plural(devices.length, "device")], users: holders.length, holders }));
  for (const device of devices) {
    const key = `device:${device.name}`;
    const opens = group.devices.filter((name) => name === device.name).length;
    const state = device.boundToHost ? "bound to a host driver" : opens > 0 ? "open" : "closed";
    nodes.push(node({ key, label: device.name }, { kind: "device", type: "vfio_device", lines: [device.model ?? "device", state], users: opens, holders: [] }));
    edges.push({ from: key, to: ref.key, label: "member of", counts: opens > 0 });
  }
}
