/** Each IOAS as an IOVA space: who contributes what, what is valid, what is mapped. */
import { hex, type Iova } from "../../base/u64.ts";
import { humanSize } from "../../base/format.ts";
import type { Hole, IovaSpace, Mapping } from "../inspect.ts";
import { pagingOf } from "./device.ts";
import type { Iommufd } from "./iommufd.ts";
import type { Reservation } from "./io-pagetable.ts";
import type { Device, HwptPaging, Ioas } from "./objects.ts";
import { READABLE, WRITABLE } from "./pages.ts";
import { mappingKey, nameOf, refOf, reservationRefs } from "./refs.ts";
import { regionsOf } from "./reserve.ts";

export function ioasSpaces(iommufd: Iommufd): IovaSpace[] {
  return iommufd.contexts.flatMap((context) => {
    let devices: Device[] | null = null;
    // Asked for by few of the spaces, of which there may be thousands.
    const attached = () => (devices ??= context.of("DEVICE").filter((device) => device.group.hwpt !== null && device.group.attached.includes(device)));
    return context.of("IOAS").map((ioas) => spaceOf(ioas, attached));
  });
}

type Contributor = ReturnType<IovaSpace["contributors"]>[number];

function spaceOf(ioas: Ioas, attached: () => readonly Device[]): IovaSpace {
  const { table, context } = ioas;
  const ref = refOf(ioas);
  return {
    key: ref.key,
    label: ref.label,
    alignment: table.alignment,
    // Devices whose windows count here: those attached to a page table of this IOAS, or to one nested on it.
    contributors: () => [...attached().filter((device) => device.group.hwpt !== null && pagingOf(device.group.hwpt).ioas === ioas).map((device) => deviceContribution(ioas, device)), ...table.domains.map((hwpt) => domainContribution(ioas, hwpt)), ...testContribution(ioas)],
    valid: () => table.usable(),
    allowed: () => table.allowed.map(({ first, last }) => ({ first, last })),
    mappingCount: () => table.areas.count,
    store: table.areas.number,
    eachExtent: (first: Iova, last: Iova, visit: (first: Iova, last: Iova) => boolean) => table.areas.eachExtent(first, last, visit),
    eachMapping: (first: Iova, last: Iova, visit: (mapping: Mapping) => boolean) => {
      const heldBy = table.domains.map((hwpt) => `hwpt ${hwpt.id}`);
      table.areas.each(first, last, (area) => {
        const pages = context.pages.all.get(area.ref);
        return visit({
          key: mappingKey(ref.key, area.first), first: area.first, last: area.last, userVa: area.va, heldBy,
          readable: (area.flags & READABLE) !== 0, writable: (area.flags & WRITABLE) !== 0,
          shared: pages !== undefined && pages.areas.length > 1,
          pinned: heldBy.length > 0 || (pages !== undefined && pages.pins.length > 0),
        });
      });
    },
  };
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
