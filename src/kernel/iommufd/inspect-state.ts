/** All state of the iommufd subsystem as plain JSON; 64-bit values are hex strings. */
import { unreachable } from "../../base/assert.ts";
import { hex, U64_MAX, type U64 } from "../../base/u64.ts";
import type { Json, JsonObject } from "../../base/json.ts";
import type { Range } from "../answer.ts";
import type { Context } from "./context.ts";
import type { IoPagetable } from "./io-pagetable.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Domain, IommufdObject } from "./objects.ts";
import { READABLE, WRITABLE } from "./pages.ts";
import { reservationRefs } from "./refs.ts";

export function contextsState(iommufd: Iommufd): Json {
  return {
    contexts: iommufd.contexts.map((context) => contextState(context)),
    processes: iommufd.processes.map((process) => ({
      process: process.number,
      alive: iommufd.memory.isAlive(process.number),
      fds: Object.fromEntries([...process.files].map(([fd, file]) => [String(fd), file.what.kind])),
    })),
    cdevs: Object.fromEntries([...iommufd.cdevs].map(([slot, { cdev, fd }]) => [String(slot), { device: cdev.host.name, fd, bound: cdev.device?.id ?? null }])),
    locked_pages: iommufd.accounting.charged("user", 0),
  };
}

function contextState(context: Context): JsonObject {
  return {
    fd: context.fd,
    files: context.files,
    account_mode: context.accountMode,
    vfio_ioas: context.vfioIoas?.id ?? null,
    objects: Object.fromEntries(context.all().map((object) => [String(object.id), objectState(object)])),
    igroups: Object.fromEntries(
      [...context.groups.values()].map((group) => [String(group.number), { hwpt: group.hwpt?.id ?? null, attached: group.attached.map((device) => device.id) }]),
    ),
  };
}

function objectState(object: IommufdObject): JsonObject {
  const common = { type: object.type, users: object.users };
  switch (object.type) {
    case "IOAS":
      return { ...common, hwpts: object.hwpts.map((hwpt) => hwpt.id), accesses: object.table.accesses.map((access) => access.id), ...tableState(object.context, object.table) };
    case "HWPT_PAGING":
      return { ...common, ioas: object.ioas.id, auto: object.auto, nest_parent: object.nestParent, enforce_cache_coherency: object.enforceCoherency, domain: object.domain ? domainState(object.domain) : null };
    case "HWPT_NESTED":
      return { ...common, parent: object.parent.id, fault: object.fault?.id ?? null, data_type: object.domain?.dataType ?? 0, data: object.domain?.data ?? null, iotlb: object.domain?.iotlb ?? [] };
    case "DEVICE":
      return { ...common, name: object.name, group: object.group.number, hwpt: object.group.attached.includes(object) ? (object.group.hwpt?.id ?? null) : null };
    case "ACCESS":
      return {
        ...common, ioas: object.ioas?.id ?? null, pins: object.pins,
        items: Object.fromEntries([...object.items.values()].map((item) => [String(item.id), { iova: hex(item.iova), last: hex(item.last) }])),
      };
    case "FAULT":
      return {
        ...common, open: object.open, waiting: object.deliver.map((request) => request.dev_id),
        unanswered: Object.fromEntries([...object.response].map(([cookie, request]) => [String(cookie), request.dev_id])),
      };
    case "SELFTEST":
      return { ...common, device: object.device?.id ?? null };
    default:
      return unreachable(object);
  }
}

function tableState(context: Context, table: IoPagetable): JsonObject {
  const areas: Json[] = [];
  table.areas.each(0, U64_MAX, (area) => {
    const pages = context.pages.all.get(area.ref);
    areas.push({
      ...span(area), user_va: hex(area.va), readable: (area.flags & READABLE) !== 0, writable: (area.flags & WRITABLE) !== 0,
      ...(pages && pages.areas.length > 1 ? { shared_by: pages.areas.length } : {}),
      ...(pages && pages.process !== 0 ? { process: pages.process } : {}),
    });
    return true;
  });
  return {
    alignment: table.alignment,
    large_pages: !table.largePagesOff,
    areas,
    reserved: table.reservations.map((reservation) => ({ ...span(reservation), kind: reservation.kind, owner: (reservationRefs(reservation)[0] as { label: string }).label })),
    allowed: table.allowed.map(span),
  };
}

function domainState(domain: Domain): JsonObject {
  return {
    aperture: span(domain), page_sizes: hex(domain.pageSizes), driver: domain.driver, dirty_ops: domain.dirtyOps, dirty_tracking: domain.tracking,
    dirty: [...domain.dirty].sort((one, other) => one - other).map((page) => hex(page * 2048)),
  };
}

function span(range: Range | { first: U64; last: U64 }): JsonObject {
  return { first: hex(range.first), last: hex(range.last) };
}
