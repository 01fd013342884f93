/** Names of iommufd's things, the same in checks, effects and diagrams. */
import { unreachable } from "../../base/assert.ts";
import { hex, type U64 } from "../../base/u64.ts";
import { rangeText } from "../../base/format.ts";
import type { ObjectRef, Range } from "../answer.ts";
import type { Area } from "../ranges/area-store.ts";
import type { Context } from "./context.ts";
import type { IoPagetable, Reservation } from "./io-pagetable.ts";
import type { IGroup, IommufdObject } from "./objects.ts";

const KEY_KIND = { IOAS: "ioas", HWPT_PAGING: "hwpt", HWPT_NESTED: "hwpt", DEVICE: "device", ACCESS: "access", FAULT: "fault", SELFTEST: "selftest" } as const;

/** "IOAS 2", "HWPT 4", "device 3 (0000:41:00.0)". */
export function nameOf(object: IommufdObject): string {
  switch (object.type) {
    case "IOAS": return `IOAS ${object.id}`;
    case "HWPT_PAGING": return object.auto ? `automatic HWPT ${object.id}` : `HWPT ${object.id}`;
    case "HWPT_NESTED": return `nested HWPT ${object.id}`;
    case "DEVICE": return object.host ? `device ${object.id} (${object.name})` : `mock device ${object.id}`;
    case "ACCESS": return `access ${object.id}`;
    case "FAULT": return `fault queue ${object.id}`;
    case "SELFTEST": return `selftest object ${object.id}`;
    default: return unreachable(object);
  }
}

export function refOf(object: IommufdObject): ObjectRef {
  return { key: `${KEY_KIND[object.type]}:${object.context.key}/${object.id}`, label: nameOf(object) };
}

/** An id that names nothing (yet): for checks that failed to find it. */
export function idRef(context: Context, kind: string, id: number): ObjectRef {
  return { key: `${kind}:${context.key}/${id}`, label: `id ${id}` };
}

export function groupRef(context: Context, group: IGroup): ObjectRef {
  return { key: `igroup:${context.key}/${group.number}`, label: `iommu group ${group.number}` };
}

/** The IOAS that a table belongs to, by way of the key its owner has. */
export function mappingKey(space: string, first: U64): string {
  return `mapping:${space}@${hex(first)}`;
}

export function mappingRef(space: ObjectRef, area: Area): ObjectRef {
  return { key: mappingKey(space.key, area.first), label: `mapping ${rangeText(area.first, area.last)}` };
}

export function areaRange(area: Area): Range {
  return { first: area.first, last: area.last };
}

/** The region itself and who keeps it. */
export function reservationRefs(reservation: Reservation): ObjectRef[] {
  const { owner } = reservation;
  if (owner === null) return [{ key: `region:test@${hex(reservation.first)}`, label: "range reserved by a test" }];
  const name = owner.type === "DEVICE" ? owner.name : refOf(owner).key;
  return [{ key: `region:${name}@${hex(reservation.first)}`, label: `${reservation.label} of ${nameOf(owner)}` }, refOf(owner)];
}

/** Who reserves something in [first, last], the first reservation that does. */
export function reservationAt(table: IoPagetable, first: U64, last: U64): Reservation | null {
  return table.reservations.find((reservation) => reservation.first <= last && reservation.last >= first) ?? null;
}
