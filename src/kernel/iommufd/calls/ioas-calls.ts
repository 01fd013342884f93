/** The ioctls of an IOAS's ranges: allocation, what is usable, what is allowed. */
import { humanSize, plural, rangeText } from "../../../base/format.ts";
import type { Range } from "../../answer.ts";
import type { CallDef } from "../../call.ts";
import type { CallTrace } from "../../call-trace.ts";
import { flags as flagBits, idOf, orElse, ranges, u32, u64 } from "../../fields.ts";
import { iommufdRules as R } from "../../rules/iommufd.ts";
import { firstOverlap } from "../../ranges/range-list.ts";
import type { Iommufd } from "../iommufd.ts";
import { IoPagetable } from "../io-pagetable.ts";
import { AreaStore } from "../../ranges/area-store.ts";
import { Ioas } from "../objects.ts";
import { nameOf, refOf, reservationAt, reservationRefs } from "../refs.ts";
import { listRanges } from "../trace-help.ts";
import { defineIoctl, flagsAreKnown, reservedIsZero } from "./ioctl.ts";
import { rangeArray, type RangeArray } from "./kinds.ts";
import { findIoas } from "./lookup.ts";

/** IOMMU_IOAS_ALLOC: an address space with nothing in it and nothing kept out of it. */
const ioasAlloc = defineIoctl(
  "IOMMU_IOAS_ALLOC",
  { nr: 0x81, min: 12, full: 12, summary: "Makes an IOAS, an empty I/O address space.", in: { flags: orElse(flagBits, 0) }, out: { out_ioas_id: u32 }, order: [R["unknown-flag"]] },
  (iommufd, context, { flags }, trace) => {
    if (!flagsAreKnown(trace, flags, 0, "iommufd_ioas_alloc_ioctl")) return trace.refusal();
    const ioas = new Ioas(context, context.reserveId(), new IoPagetable(new AreaStore(iommufd.journal)));
    context.publish(ioas);
    trace.effect("create", () => ({ objects: [refOf(ioas)], text: `${nameOf(ioas)} is made: users 1, the whole 64-bit space is free` }));
    return { errno: "OK", out: { out_ioas_id: ioas.id } };
  },
);

/** Can this process use the array? The array is the recorder's own unless a pointer was given. */
function arrayIsGood(iommufd: Iommufd, caller: number, array: RangeArray): boolean {
  return Array.isArray(array) || (array.at !== 0 && iommufd.memory.isUsable(caller, array.at, 16, false));
}

/** IOMMU_IOAS_IOVA_RANGES: the holes of the reserved ranges. Mappings and the allowed list play no part. */
const iovaRanges = defineIoctl(
  "IOMMU_IOAS_IOVA_RANGES",
  {
    nr: 0x84, min: 32, full: 32, summary: "Tells which IOVAs of an IOAS nobody has reserved, and how maps must be aligned.",
    in: { ioas_id: idOf("an IOAS"), num_iovas: orElse(u32, 64), allowed_iovas: orElse(rangeArray, []) },
    out: { num_iovas: u32, allowed_iovas: ranges, out_iova_alignment: u64 },
    order: [R["unknown-flag"], R["id-not-found"], R["argument-readable"], R["ranges-buffer-too-small"]],
  },
  (iommufd, context, { ioas_id, num_iovas, allowed_iovas, __reserved }, trace, _given, caller) => {
    if (!reservedIsZero(trace, __reserved)) return trace.refusal();
    const ioas = findIoas(trace, context, ioas_id);
    if (!ioas) return trace.refusal();
    const holes = ioas.table.usable();
    const copied = Math.min(num_iovas, holes.length);
    if (!trace.holds(R["argument-readable"], copied === 0 || arrayIsGood(iommufd, caller, allowed_iovas), () => ({ note: "allowed_iovas" }))) return trace.refusal();
    const out = {
      num_iovas: holes.length,
      allowed_iovas: holes.slice(0, copied).map((hole) => ({ start: hole.first, last: hole.last })),
      out_iova_alignment: ioas.table.alignment,
    };
    const fits = holes.length <= num_iovas;
    const good = trace.holds(R["ranges-buffer-too-small"], fits, () => ({
      objects: [refOf(ioas)],
      note: `${plural(holes.length, "range")}, room for ${num_iovas}; alignment ${humanSize(ioas.table.alignment)}`,
      advice: { fits: holes, text: `Call again with num_iovas ${holes.length}.` },
    }));
    return good ? { errno: "OK", out } : trace.refusal(out);
  },
);

/** IOMMU_IOAS_ALLOW_IOVAS: replaces the list that automatic placement keeps to, and that nobody may reserve. */
const allowIovas = defineIoctl(
  "IOMMU_IOAS_ALLOW_IOVAS",
  {
    nr: 0x82, min: 24, full: 24, summary: "Sets the ranges in which IOVAs are chosen automatically; nothing in them can become reserved later.",
    in: { ioas_id: idOf("an IOAS"), num_iovas: orElse(u32, -1), allowed_iovas: orElse(rangeArray, []) },
    order: [R["unknown-flag"], R["id-not-found"], R["argument-readable"], R["allowed-range-invalid"], R["allowed-hits-reserved"]],
  },
  (iommufd, context, { ioas_id, num_iovas, allowed_iovas, __reserved }, trace, _given, caller) => {
    if (!reservedIsZero(trace, __reserved)) return trace.refusal();
    const ioas = findIoas(trace, context, ioas_id);
    if (!ioas) return trace.refusal();
    if (
      !trace.holds(R["argument-readable"], num_iovas === 0 || arrayIsGood(iommufd, caller, allowed_iovas), () => ({
        note: "allowed_iovas",
      }))
    ) return trace.refusal();
    const given = Array.isArray(allowed_iovas) ? allowed_iovas : [];
    const list: Range[] = (num_iovas < 0 ? given : given.slice(0, num_iovas)).map(({ start, last }) => ({ first: start, last }));
    if (!listIsValid(trace, ioas, list) || !listIsFree(trace, ioas, list)) return trace.refusal();
    ioas.table.allow(list);
    trace.effect("allow", () => ({
      objects: [refOf(ioas)],
      range: list[0] ?? null,
      text: list.length === 0 ? `${nameOf(ioas)}: everything is allowed` : `${nameOf(ioas)}: automatic placement keeps to ${listRanges(list)}`,
    }));
    return { errno: "OK" };
  },
);

function listIsValid(trace: CallTrace, ioas: Ioas, list: Range[]): boolean {
  const backward = list.find((range) => range.first >= range.last) ?? null;
  const overlap = backward ? null : firstOverlap(list);
  return trace.holds(R["allowed-range-invalid"], backward === null && overlap === null, () => ({
    objects: [refOf(ioas)],
    range: backward ? { first: backward.first, last: backward.last } : overlap ? { first: overlap[1].first, last: overlap[1].last } : null,
    note: backward ? "start is not below last" : overlap ? `${rangeText(overlap[0].first, overlap[0].last)} and ${rangeText(overlap[1].first, overlap[1].last)} overlap` : plural(list.length, "range"),
  }));
}

function listIsFree(trace: CallTrace, ioas: Ioas, list: Range[]): boolean {
  let hit: Range | null = null;
  for (const range of list) hit ??= reservationAt(ioas.table, range.first, range.last) ? range : null;
  const culprit = hit;
  return trace.holds(R["allowed-hits-reserved"], culprit === null, () => {
    const reservation = culprit ? reservationAt(ioas.table, culprit.first, culprit.last) : null;
    if (!culprit || !reservation) return { objects: [refOf(ioas)], note: "no range is reserved" };
    return {
      objects: [...reservationRefs(reservation), refOf(ioas)],
      range: { first: reservation.first, last: reservation.last },
      note: `${rangeText(culprit.first, culprit.last)} meets the ${reservation.label} ${rangeText(reservation.first, reservation.last)}`,
      advice: { fits: ioas.table.usable(), text: `Stay inside ${listRanges(ioas.table.usable())}.` },
    };
  });
}

export const ioasCalls: readonly CallDef[] = [ioasAlloc, iovaRanges, allowIovas];
