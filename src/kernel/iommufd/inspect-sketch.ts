/** The objects of all contexts by key and kind only, and what joins them: for looking at tens of thousands at once. */
import { unreachable } from "../../base/assert.ts";
import type { ObjectEdge, ObjectSketch, SketchedNode } from "../inspect.ts";
import type { Context } from "./context.ts";
import { Holders } from "./holders.ts";
import { groupNode, NODE_KIND, nodeOf } from "./inspect-graph.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Device, IommufdObject } from "./objects.ts";
import { groupRef, refOf } from "./refs.ts";

/** The same objects and edges as contextsGraph, in another order. */
export function contextsSketch(iommufd: Iommufd): ObjectSketch {
  const nodes: SketchedNode[] = [];
  const edges: ObjectEdge[] = [];
  for (const context of iommufd.contexts) sketchContext(iommufd, context, nodes, edges);
  return { nodes, edges };
}

function sketchContext(iommufd: Iommufd, context: Context, nodes: SketchedNode[], edges: ObjectEdge[]): void {
  let holders: Holders | null = null;
  const held = () => (holders ??= new Holders(context));
  const keys = new Map<object, string>();
  const objects = context.all();
  for (const object of objects) {
    const { key } = refOf(object);
    keys.set(object, key);
    nodes.push({ key, kind: NODE_KIND[object.type], build: () => nodeOf(iommufd, object, held().of(object)) });
  }
  for (const group of context.groups.values()) {
    const { key } = groupRef(context, group);
    keys.set(group, key);
    nodes.push({ key, kind: "group", build: () => groupNode(iommufd, context, group) });
  }
  const join = (from: object, to: object, label: string, counts: boolean) => edges.push({ from: keys.get(from) as string, to: keys.get(to) as string, label, counts });
  const attached = new Set<Device>();
  for (const group of context.groups.values()) {
    if (!group.hwpt) continue;
    for (const device of group.attached) attached.add(device);
    join(group, group.hwpt, "translated by", false);
  }
  const bound = new Set<Device>();
  for (const object of objects) joinObject(object, join, attached, bound);
}

function joinObject(object: IommufdObject, join: (from: object, to: object, label: string, counts: boolean) => void, attached: ReadonlySet<Device>, bound: Set<Device>): void {
  switch (object.type) {
    case "HWPT_PAGING":
      join(object, object.ioas, "mappings", true);
      join(object.ioas, object, "fills", false);
      return;
    case "HWPT_NESTED":
      join(object, object.parent, "parent", true);
      if (object.fault) join(object, object.fault, "faults", true);
      return;
    case "DEVICE":
      if (object.group.hwpt && attached.has(object)) join(object, object.group.hwpt, "attached", true);
      join(object, object.group, "member", false);
      return;
    case "ACCESS":
      if (object.ioas) join(object, object.ioas, "access", true);
      return;
    case "SELFTEST":
      // Of several test objects of a device the first holds it.
      if (!object.device || bound.has(object.device)) return;
      bound.add(object.device);
      join(object, object.device, "bound", true);
      return;
    case "IOAS":
    case "FAULT":
      return;
    default:
      unreachable(object);
  }
}
