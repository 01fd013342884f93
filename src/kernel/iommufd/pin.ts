/** Pinning: is the memory behind mappings there, writable where it must be, and within the limit? */
import { add, lastOf, lengthOf, max, U64_MAX, type U64 } from "../../base/u64.ts";
import { groupedHex, plural } from "../../base/format.ts";
import type { Given } from "../call.ts";
import type { CallTrace, Evidence } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import { PAGE_SIZE, type Frame } from "../memory/buffers.ts";
import { holesOf } from "../ranges/range-list.ts";
import type { Area } from "../ranges/area-store.ts";
import type { Context } from "./context.ts";
import type { Iommufd } from "./iommufd.ts";
import type { HwptPaging, Ioas } from "./objects.ts";
import { READABLE, spanFrom, WRITABLE, type Pages, type PinnedSpan } from "./pages.ts";
import type { Slice } from "./map.ts";
import { refOf } from "./refs.ts";

/** Can the memory of new areas be pinned? Asked before the areas are there. */
export function slicesCanBePinned(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, slices: readonly Slice[], given: Given | null): boolean {
  if (given?.pin) return refusedByGiven(trace, given);
  for (const slice of slices) {
    const { pages, va, length, writable } = slice;
    const good = pages === null ? pinPlain(iommufd, 0, va, length, writable) : pinSpan(iommufd, pages, spanFrom(pages.uptr, { va, first: 0, last: lastOf(0, length) }));
    if (good && !trace.explain) continue;
    if (!trace.holds(R["bad-user-memory"], good, () => badMemory(iommufd, ioas, { process: pages?.process ?? 0, va, length, writable }))) return false;
  }
  return true;
}

/** Can all areas of an IOAS be pinned? Asked before its first page table is there. */
export function tableCanBePinned(iommufd: Iommufd, trace: CallTrace, ioas: Ioas, given: Given | null): boolean {
  const { table, context } = ioas;
  if (table.areas.count === 0) return true;
  if (given?.pin) return refusedByGiven(trace, given);
  let bad: Area | null = null;
  table.areas.each(0, U64_MAX, (area) => {
    const pages = context.pages.all.get(area.ref);
    const good = pages ? pinSpan(iommufd, pages, pages.spanOf(area)) : pinPlain(iommufd, 0, area.va, lengthOf(area.first, area.last), (area.flags & WRITABLE) !== 0);
    if (!good) bad = area;
    return good;
  });
  const culprit = bad as Area | null;
  return trace.holds(R["bad-user-memory"], culprit === null, () => {
    if (!culprit) return { objects: [refOf(ioas)], note: `${plural(table.areas.count, "mapping")} can be pinned` };
    const pages = context.pages.all.get(culprit.ref);
    const memory = { process: pages?.process ?? 0, va: culprit.va, length: lengthOf(culprit.first, culprit.last), writable: pages?.writable ?? (culprit.flags & WRITABLE) !== 0 };
    return { ...badMemory(iommufd, ioas, memory), range: { first: culprit.first, last: culprit.last } };
  });
}

/** Charges a set of pages whose pins have changed; false when the limit forbids it, and then nothing is charged. */
export function chargePages(iommufd: Iommufd, trace: CallTrace, pages: Pages): boolean {
  const within = pages.settle(iommufd.accounting);
  if (within && !trace.explain) return true;
  return trace.holds(R["memlock-limit"], within, () => limitEvidence(iommufd, pages));
}

/** Charges all pages that areas of an IOAS show, after a page table came or went. False: the limit forbids it. */
export function chargeTable(iommufd: Iommufd, trace: CallTrace, ioas: Ioas): boolean {
  for (const pages of ioas.context.pages.all.values()) {
    if (pages.areas.some((area) => area.table === ioas.table) && !chargePages(iommufd, trace, pages)) return false;
  }
  return true;
}

/** Brings the charges of an IOAS down again after pins have gone. */
export function settleTable(iommufd: Iommufd, ioas: Ioas): void {
  for (const pages of ioas.context.pages.all.values()) {
    if (pages.areas.some((area) => area.table === ioas.table)) pages.settle(iommufd.accounting);
  }
}

/**
 * Will the drivers write a mapping with these rights (READABLE, WRITABLE) into their page tables? Only VFIO_IOMMU_MAP_DMA makes
 * one that is neither: the mock and virtio drivers take it, the others answer EINVAL. VT-d also takes no read-only mapping in a
 * nesting parent (erratum 772415). 6.12: __domain_mapping, iommu_v1_map_pages, arm_lpae_map_pages.
 */
export function driversTake(trace: CallTrace, domains: readonly HwptPaging[], flags: number): boolean {
  if ((flags & WRITABLE) !== 0) return true;
  const refuses = domains.find((hwpt) => whyDriverRefuses(hwpt, flags) !== null);
  return refuses === undefined || trace.holds(R["driver-map"], false, () => ({
    objects: [refOf(refuses)], note: whyDriverRefuses(refuses, flags) ?? "",
    advice: { objects: [refOf(refuses)], text: (flags & READABLE) === 0 ? "Map it readable, writeable or both." : "Map it writeable too, or use a page table made without NEST_PARENT." },
  }), "EINVAL");
}

/** The same of everything that is mapped already, for a page table that is about to get it. */
export function driverTakesTable(trace: CallTrace, hwpt: HwptPaging): boolean {
  if (hwpt.domain?.driver === "mock") return true;
  let refused: number | null = null;
  hwpt.ioas.table.areas.each(0, U64_MAX, (area) => {
    if ((area.flags & WRITABLE) === 0 && whyDriverRefuses(hwpt, area.flags) !== null) refused = area.flags;
    return refused === null;
  });
  return refused === null || driversTake(trace, [hwpt], refused);
}

function whyDriverRefuses(hwpt: HwptPaging, flags: number): string | null {
  const driver = hwpt.domain?.driver;
  if ((flags & (READABLE | WRITABLE)) === 0 && driver !== "mock" && driver !== "virtio-iommu") return "the driver takes no mapping that is neither readable nor writable";
  const isVtd = driver === "intel-vtd" || driver === "intel-vtd-scalable";
  if (isVtd && hwpt.nestParent && (flags & WRITABLE) === 0) return "VT-d takes no read-only mapping in the page table of a nesting parent";
  return null;
}

/** A driver's refusal that the scenario brings along. */
export function driverAccepts(trace: CallTrace, given: Given | null): boolean {
  if (!given?.driver) return true;
  return trace.holds(R["driver-map"], false, () => ({ note: `${given.source}: the driver answered ${given.driver}` }), given.driver);
}

/** Pins a span of a set of pages; pages that are pinned already are good as they are. */
export function pinSpan(iommufd: Iommufd, pages: Pages, span: PinnedSpan): boolean {
  return holesOf(pages.pinned(), span.first, span.last).every((hole) => {
    const first = hole.first as number;
    const count = (hole.last as number) - first + 1;
    return pinPlain(iommufd, pages.process, add(pages.uptr, first * PAGE_SIZE), count * PAGE_SIZE, pages.writable);
  });
}

/** The frame behind a page of a set: the one that was pinned, else what is at its address now. Null: nothing. */
export function frameOf(iommufd: Iommufd, pages: Pages, index: number): Frame | null {
  return pages.frozen.get(index) ?? iommufd.memory.frameAt(pages.process, add(pages.uptr, index * PAGE_SIZE));
}

/** The frame behind a byte of an area, given by its user address. */
export function frameBehind(iommufd: Iommufd, context: Context, area: Area, va: U64): Frame | null {
  const pages = context.pages.all.get(area.ref);
  return pages ? frameOf(iommufd, pages, pages.indexOf(va)) : iommufd.memory.frameAt(0, va);
}

/** Memory nobody has pinned before. A private page still shared with a child becomes the process's own. */
function pinPlain(iommufd: Iommufd, process: number, va: U64, length: U64, write: boolean): boolean {
  if (!iommufd.memory.isUsable(process, va, length, write)) return false;
  if (iommufd.memory.processes > 1) iommufd.memory.unshare(process, va, length);
  return true;
}

function refusedByGiven(trace: CallTrace, given: Given): boolean {
  return trace.holds(R["bad-user-memory"], false, () => ({ note: `${given.source}: pinning answered ${given.pin}` }), given.pin);
}

function badMemory(iommufd: Iommufd, ioas: Ioas, memory: { process: number; va: U64; length: U64; writable: boolean }): Evidence {
  const { process, va, length, writable } = memory;
  if (iommufd.memory.isUsable(process, va, length, writable)) return { objects: [refOf(ioas)], note: `memory at ${groupedHex(va)} can be pinned` };
  if (!iommufd.memory.isAlive(process)) return { objects: [refOf(ioas), { key: `process:${process}`, label: `process ${process}` }], note: `process ${process}, which mapped it, is gone` };
  const buffer = iommufd.memory.bufferOf(va);
  const readOnly = writable && buffer !== null && !buffer.writable;
  const edge = buffer ? max(buffer.last + 1, 0) : va;
  const why = readOnly ? `${buffer.config.name} is read-only, the mapping WRITEABLE` : `nothing is mapped at ${groupedHex(buffer ? edge : va)}`;
  return { objects: [refOf(ioas)], note: why };
}

function limitEvidence(iommufd: Iommufd, pages: Pages): Evidence {
  const charged = iommufd.accounting.charged(pages.account, pages.process);
  const { limit } = iommufd.accounting.of(pages.process);
  const wanted = pages.pinned().reduce((sum, span) => sum + span.last - span.first + 1, 0) - pages.charged;
  if (pages.account === "none") return { note: "the process has CAP_IPC_LOCK: nothing is counted" };
  const whose = pages.account === "user" ? "the user's" : "the process's";
  return {
    fn: pages.account === "user" ? "incr_user_locked_vm" : "update_mm_locked_vm",
    objects: [{ key: `process:${pages.process}`, label: `process ${pages.process}` }],
    note: wanted > 0 ? `${plural(charged, "page")} of ${whose} are locked, ${wanted} more wanted, limit ${limit ?? "none"}` : `${plural(charged, "page")} of ${whose} are locked, limit ${limit ?? "none"}`,
  };
}
