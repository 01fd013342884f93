/** The objects of all contexts as a graph: who holds whom, and which holds block a destroy. */
import { unreachable } from "../../base/assert.ts";
import { groupedHex, plural } from "../../base/format.ts";
import type { HostDevice } from "../config.ts";
import type { NodeKind, ObjectEdge, ObjectGraph, ObjectNode } from "../inspect.ts";
import type { Context } from "./context.ts";
import { domainLines, driverOf } from "./domain.ts";
import { Holders, type Holder } from "./holders.ts";
import { hwptForm } from "./hwpt-form.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Device, Hwpt, IGroup, IommufdObject } from "./objects.ts";
import { groupRef, refOf } from "./refs.ts";

export const NODE_KIND: Record<IommufdObject["type"], NodeKind> = {
  IOAS: "ioas", HWPT_PAGING: "hwpt-paging", HWPT_NESTED: "hwpt-nested", DEVICE: "device", ACCESS: "access", FAULT: "fault", SELFTEST: "selftest",
};
const TITLE: Record<IommufdObject["type"], string> = {
  IOAS: "ioas", HWPT_PAGING: "hwpt", HWPT_NESTED: "hwpt", DEVICE: "dev", ACCESS: "access", FAULT: "fault", SELFTEST: "stdev",
};

export function contextsGraph(iommufd: Iommufd): ObjectGraph {
  const nodes: ObjectNode[] = [];
  const edges: ObjectEdge[] = [];
  for (const context of iommufd.contexts) {
    const held = new Holders(context);
    for (const object of context.all()) {
      const holders = held.of(object);
      nodes.push(nodeOf(iommufd, object, holders));
      edges.push(...edgesOf(object, holders));
    }
    addGroups(iommufd, context, nodes, edges);
  }
  return { nodes, edges };
}

export function nodeOf(iommufd: Iommufd, object: IommufdObject, holders: readonly Holder[]): ObjectNode {
  const isHwpt = object.type === "HWPT_PAGING" || object.type === "HWPT_NESTED";
  return {
    ...refOf(object),
    kind: NODE_KIND[object.type],
    title: `${TITLE[object.type]} ${object.id}`,
    type: isHwpt ? hwptForm(iommufd.config.variants.iommufd).typeName(object) : object.type,
    lines: linesOf(iommufd, object),
    users: object.users,
    holders: holders.map((holder) => holder.text),
    ...(object.type === "HWPT_PAGING" && object.auto ? { auto: true } : {}),
  };
}

/** Lines of a HWPT that depend on its form: function pointers in the one as posted. */
function pointerLines(iommufd: Iommufd, hwpt: Hwpt): string[] {
  if (iommufd.config.variants.iommufd !== "hwpt-2023-v4") return [];
  const managed = hwpt.type === "HWPT_PAGING" ? "kernel" : "user";
  return [`${managed}-managed`, `abort = iommufd_${managed}_managed_hwpt_abort`, `destroy = iommufd_${managed}_managed_hwpt_destroy`];
}

/** A device's model, if it is known, its group and its address. */
function whereOf({ host, name, group }: Device): string[] {
  const inGroup = `group ${group.number}`;
  if (!host) return [`mock · ${inGroup}`];
  return host.model ? [`${host.model} · ${inGroup}`, name] : [name, inGroup];
}

function linesOf(iommufd: Iommufd, object: IommufdObject): string[] {
  switch (object.type) {
    case "IOAS":
      return [plural(object.table.areas.count, "mapping"), `alignment ${groupedHex(object.table.alignment)}`, ...(object.table.largePagesOff ? ["large pages off"] : []), ...(object.context.vfioIoas === object ? ["VFIO compatibility IOAS"] : [])];
    case "HWPT_PAGING":
      return [
        ...pointerLines(iommufd, object),
        ...(object.auto ? ["automatic"] : []), ...(object.nestParent ? ["NEST_PARENT"] : []), ...(object.enforceCoherency ? ["enforces coherency"] : []),
        ...(object.domain ? domainLines(object.domain) : []),
      ];
    case "HWPT_NESTED":
      return [...pointerLines(iommufd, object), `guest's table, data type ${object.domain?.dataType ?? 0}`];
    case "DEVICE":
      return [...whereOf(object), driverOf(object, iommufd.config.platform).label];
    case "ACCESS":
      return [object.pins ? "pins pages" : "reads and writes only", ...(object.items.size > 0 ? [plural(object.items.size, "pinned item")] : [])];
    case "FAULT":
      return [`${object.deliver.length} waiting, ${object.response.size} unanswered`, object.open ? "file open" : "file closed"];
    case "SELFTEST":
      return ["test object: destroying it unbinds its device"];
    default:
      return unreachable(object);
  }
}

/** The counted holds on an object, from the holder to it, and the pointers that do not count. */
function edgesOf(object: IommufdObject, holders: readonly Holder[]): ObjectEdge[] {
  const to = refOf(object).key;
  const edges = holders.flatMap((holder) => (holder.object ? [{ from: refOf(holder.object).key, to, label: holder.label, counts: true }] : []));
  if (object.type === "HWPT_PAGING") edges.push({ from: refOf(object.ioas).key, to, label: "fills", counts: false });
  if (object.type === "DEVICE") edges.push({ from: to, to: groupRef(object.context, object.group).key, label: "member", counts: false });
  return edges;
}

function addGroups(iommufd: Iommufd, context: Context, nodes: ObjectNode[], edges: ObjectEdge[]): void {
  const bound = boundIn(context);
  for (const group of context.groups.values()) {
    nodes.push(groupNode(iommufd, context, group, bound));
    if (group.hwpt) edges.push({ from: groupRef(context, group).key, to: refOf(group.hwpt).key, label: "translated by", counts: false });
  }
}

/** `bound`: the host's devices that the context has. */
export function groupNode(iommufd: Iommufd, context: Context, group: IGroup, bound: ReadonlySet<HostDevice | null> = boundIn(context)): ObjectNode {
  const others = iommufd.host.devicesOf(group.number).filter((host) => !bound.has(host));
  return {
    ...groupRef(context, group), kind: "group", title: `group ${group.number}`, type: "iommu group", users: null, holders: [],
    lines: [group.hwpt ? `on hwpt ${group.hwpt.id}` : "DMA blocked", ...(others.length > 0 ? [`also in it: ${others.map((host) => host.name).join(", ")}`] : [])],
  };
}

function boundIn(context: Context): ReadonlySet<HostDevice | null> {
  return new Set(context.of("DEVICE").map((device) => device.host));
}
