/** Names of the things a type1 container holds, the same in checks, effects and diagrams. */
import { hex, lastOf } from "../../base/u64.ts";
import { rangeText } from "../../base/format.ts";
import type { ObjectRef, Range } from "../answer.ts";
import type { ReservedRegion } from "../config.ts";
import type { Dma } from "./dma.ts";
import type { Domain, Group, Type1 } from "./type1.ts";

export function containerRef(number: number): ObjectRef {
  return { key: `container:${number}`, label: number === 0 ? "the container" : `container ${number}` };
}

export function groupRef(name: string | number): ObjectRef {
  return { key: `group:${name}`, label: `group ${name}` };
}

export function domainRef(container: Type1, domain: Domain): ObjectRef {
  return { key: `domain:${container.number}/${domain.number}`, label: `domain ${domain.number}` };
}

export function mappingRef(container: Type1, dma: Dma): ObjectRef {
  return { key: `mapping:container:${container.number}@${hex(dma.iova)}`, label: `mapping ${rangeText(dma.iova, lastOf(dma.iova, dma.size))}` };
}

/** The region of a device or, where no device is known, of a group. */
export function regionRef(owner: string, region: ReservedRegion): ObjectRef {
  return { key: `region:${owner}@${hex(region.first)}`, label: `${region.label ?? region.type} of ${owner}` };
}

/** The objects behind a region of a group, the region itself first. */
export function regionObjects(group: Group, region: ReservedRegion): ObjectRef[] {
  const owner = group.holes.find((hole) => hole.region.type === region.type && hole.region.first <= region.last && hole.region.last >= region.first);
  return [regionRef(owner?.owner.label ?? groupRef(group.name).label, region), groupRef(group.name)];
}

export function rangeOf(dma: Dma): Range {
  return { first: dma.iova, last: lastOf(dma.iova, dma.size) };
}
