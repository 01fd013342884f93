/** Each IOAS as an IOVA space: who contributes what, what is valid, what is mapped. */
import { hex, type Iova, type U64 } from "../../base/u64.ts";
import { humanSize } from "../../base/format.ts";
import type { Range } from "../answer.ts";
import type { Hole, IovaSpace, Mapping } from "../inspect.ts";
import type { Context } from "./context.ts";
import { pagingOf } from "./device.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Reservation } from "./io-pagetable.ts";
import type { Device, HwptPaging, Ioas } from "./objects.ts";
import { READABLE, WRITABLE } from "./pages.ts";
import { mappingKey, nameOf, refOf, reservationRefs } from "./refs.ts";
import { regionsOf } from "./reserve.ts";

export function ioasSpaces(iommufd: Iommufd): IovaSpace[] {
  return iommufd.contexts.flatMap((context) => {
    const devices = new AttachedDevices(context);
    return context.of("IOAS").map((ioas) => new IoasSpace(ioas, devices));
  });
}

/** Asked for by few of the spaces, of which there may be tens of thousands. */
class AttachedDevices {
  private readonly context: Context;
  private found: ReadonlyMap<Ioas, readonly Device[]> | null = null;

  constructor(context: Context) {
    this.context = context;
  }

  /** Those attached to a page table of this IOAS, or to one nested on it. */
  of(ioas: Ioas): readonly Device[] {
    this.found ??= this.find();
    return this.found.get(ioas) ?? [];
  }

  private find(): ReadonlyMap<Ioas, readonly Device[]> {
    const found = new Map<Ioas, Device[]>();
    const attached = new Set([...this.context.groups.values()].flatMap((group) => (group.hwpt === null ? [] : group.attached)));
    for (const device of this.context.of("DEVICE")) {
      if (!attached.has(device) || device.group.hwpt === null) continue;
      const { ioas } = pagingOf(device.group.hwpt);
      const list = found.get(ioas);
      if (list) list.push(device);
      else found.set(ioas, [device]);
    }
    return found;
  }
}

type Contributor = ReturnType<IovaSpace["contributors"]>[number];

class IoasSpace implements IovaSpace {
  private readonly ioas: Ioas;
  private readonly devices: AttachedDevices;

  constructor(ioas: Ioas, devices: AttachedDevices) {
    this.ioas = ioas;
    this.devices = devices;
  }

  get key(): string {
    return refOf(this.ioas).key;
  }

  get label(): string {
    return refOf(this.ioas).label;
  }

  get alignment(): U64 {
    return this.ioas.table.alignment;
  }

  get store(): number {
    return this.ioas.table.areas.number;
  }

  get holders(): number {
    return this.ioas.table.domains.length;
  }

  /** Devices whose windows count here are those attached to a page table of this IOAS, or to one nested on it. */
  contributors(): Contributor[] {
    const { ioas } = this;
    return [...this.devices.of(ioas).map((device) => deviceContribution(ioas, device)), ...ioas.table.domains.map((hwpt) => domainContribution(ioas, hwpt)), ...testContribution(ioas)];
  }

  valid(): Range[] {
    return this.ioas.table.usable();
  }

  allowed(): Range[] {
    return this.ioas.table.allowed.map(({ first, last }) => ({ first, last }));
  }

  mappingCount(): number {
    return this.ioas.table.areas.count;
  }

  eachExtent(first: Iova, last: Iova, visit: (first: Iova, last: Iova) => boolean): void {
    this.ioas.table.areas.eachExtent(first, last, visit);
  }

  eachMapping(first: Iova, last: Iova, visit: (mapping: Mapping) => boolean): void {
    const { table, context } = this.ioas;
    const { key } = this;
    const heldBy = table.domains.map((hwpt) => `hwpt ${hwpt.id}`);
    table.areas.each(first, last, (area) => {
      const pages = context.pages.all.get(area.ref);
      return visit({
        key: mappingKey(key, area.first), first: area.first, last: area.last, userVa: area.va, heldBy,
        readable: (area.flags & READABLE) !== 0, writable: (area.flags & WRITABLE) !== 0,
        shared: pages !== undefined && pages.areas.length > 1,
        pinned: heldBy.length > 0 || (pages !== undefined && pages.pins.length > 0),
      });
    });
  }
}

function holeOf(reservation: Reservation): Hole {
  const { first, last, kind, label } = reservation;
  const owner = reservation.owner ? refOf(reservation.owner) : (reservationRefs(reservation)[0] as { key: string; label: string });
  return { first, last, kind, label, owner };
}

function deviceContribution(ioas: Ioas, device: Device): Contributor {
  const owner = refOf(device);
  const holes = ioas.table.reservations.filter((reservation) => reservation.owner === device).map(holeOf);
  const ignored = regionsOf(device.host)
    .filter((region) => region.type === "direct-relaxable")
    .map(({ first, last, type, label }): Hole => ({ first, last, kind: type, owner, label: label ?? "relaxable firmware region" }));
  return { owner, detail: `${device.host ? (device.host.model ?? device.name) : "mock device"} · group ${device.group.number} · on hwpt ${device.group.hwpt?.id}`, aperture: null, holes, ignored };
}

function domainContribution(ioas: Ioas, hwpt: HwptPaging): Contributor {
  const { domain } = hwpt;
  const holes = ioas.table.reservations.filter((reservation) => reservation.owner === hwpt).map(holeOf);
  return {
    owner: refOf(hwpt),
    detail: domain ? `${nameOf(hwpt)}, pages from ${humanSize(ioas.table.alignment)}, sizes ${hex(domain.pageSizes)}` : nameOf(hwpt),
    aperture: domain ? { first: domain.first, last: domain.last } : null,
    holes,
    ignored: [],
  };
}

function testContribution(ioas: Ioas): Contributor[] {
  const holes = ioas.table.reservations.filter((reservation) => reservation.owner === null).map(holeOf);
  return holes.length === 0 ? [] : [{ owner: { key: `test:${refOf(ioas).key}`, label: "test" }, detail: "ranges reserved by a test", aperture: null, holes, ignored: [] }];
}
