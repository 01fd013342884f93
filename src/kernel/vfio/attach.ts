/** The steps of attaching a group to a container, shared by the variants, and leaving it again. */
import { add, hex, isAligned, lowestBit, maskLow, sub, type U64 } from "../../base/u64.ts";
import { groupedHex, humanSize, plural, rangeText } from "../../base/format.ts";
import type { JsonObject } from "../../base/json.ts";
import type { Range } from "../answer.ts";
import type { CallTrace } from "../call-trace.ts";
import type { ReservedRegion } from "../config.ts";
import type { Errno, ErrnoOrOk } from "../errno.ts";
import { softwareMsiBase } from "../platform/regions.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import { apertureConflict, listChange, regionConflict } from "./explain.ts";
import { containerRef, domainRef, groupRef, mappingRef, rangeOf, regionObjects } from "./refs.ts";
import type { Domain, Group, Type1 } from "./type1.ts";
import { sameList } from "./valid-list.ts";

/** Failures brought in from outside, for one attach. */
export interface AttachFailures {
  domainAlloc: boolean;
  regions: Errno | null;
  msiCookie: Errno | null;
  /** Which insertion (from 1) into the valid list runs out of memory. */
  listInsert: number | null;
  /** Answers of the 1st, 2nd, 3rd … hardware attach inside the call, then OK. */
  attach: readonly ErrnoOrOk[];
  /** Where they are known from, for people; empty for a scenario's own switches. */
  source: string;
}

export const NO_FAILURES: AttachFailures = { domainAlloc: false, regions: null, msiCookie: null, listInsert: null, attach: [], source: "" };

/** One attach on its way. */
export interface AttachRun {
  readonly container: Type1;
  readonly group: Group;
  readonly failures: AttachFailures;
  readonly trace: CallTrace;
  /** Side effects in order, as recordings have them. */
  readonly events: JsonObject[];
  /** Hardware attaches made so far. */
  attaches: number;
}

/** May this group be attached at all, now? */
export function mayAttach({ container, group, trace }: AttachRun): boolean {
  if (!trace.holds(R["attach-vaddr-pending"], container.pendingVaddrs === 0, () => ({
    objects: [containerRef(container.number)], note: `${plural(container.pendingVaddrs, "mapping")} waiting for a new address`,
  }))) return false;
  return trace.holds(R["attach-group-known"], !container.knows(group.name), () => ({ objects: [groupRef(group.name)] }));
}

/** An emulated group has no IOMMU: it is noted, and nothing else happens. */
export function recordEmulated({ container, group, trace }: AttachRun): boolean {
  container.emulated.unshift(group);
  trace.effect("attach", () => ({ objects: [groupRef(group.name), containerRef(container.number)], text: `${groupRef(group.name).label} is noted; it has no IOMMU, so valid addresses stay as they are` }));
  return true;
}

/** A domain for the group with the group in it, not yet part of the container; null when refused. */
export function newDomain(run: AttachRun): Domain | null {
  const { container, group, failures, trace } = run;
  const objects = () => [groupRef(group.name)];
  if (!trace.holds(R["attach-domain-alloc"], !failures.domainAlloc, () => ({ objects: objects() }))) return null;
  if (container.nesting && !trace.holds(R["attach-nesting"], group.nesting, () => ({ objects: objects() }))) return null;
  const locked = group.lockedBy;
  if (locked && !trace.holds(R["direct-region-refuses-device"], false, () => ({
    objects: regionObjects(group, locked), range: { first: locked.first, last: locked.last }, fn: "intel_iommu_attach_device",
    note: `direct region ${rangeText(locked.first, locked.last)}`,
  }), "EPERM")) return null;
  const errno = hardwareAttach(run);
  if (!trace.holds(R["attach-driver"], errno === "OK", () => ({ objects: objects(), note: failures.source }), errno === "OK" ? undefined : errno)) return null;
  return {
    number: container.nextDomain, aperture: group.aperture, pageSizes: group.pageSizes, driver: group.driver, coherent: group.enforceCoherency,
    groups: [group], leftovers: [],
  };
}

function hardwareAttach(run: AttachRun): ErrnoOrOk {
  return run.failures.attach[run.attaches++] ?? "OK";
}

/** The part of the container in which a mapping would lie outside a new aperture; null when nothing conflicts. */
function outsideAperture(container: Type1, aperture: Range): Range | "disjoint" | null {
  const [lowest] = container.list;
  const highest = container.list.at(-1);
  if (!lowest || !highest) return null;
  if (aperture.first > highest.last || aperture.last < lowest.first) return "disjoint";
  if (aperture.first > lowest.first) {
    const below = { first: lowest.first, last: sub(aperture.first, 1) };
    if (container.overlapping(below)) return below;
  }
  if (aperture.last < highest.last) {
    const above = { first: add(aperture.last, 1), last: highest.last };
    if (container.overlapping(above)) return above;
  }
  return null;
}

/** Does the group's aperture go with the list and the mappings (vfio_iommu_aper_conflict)? */
export function apertureFits({ container, group, trace }: AttachRun): boolean {
  const conflict = outsideAperture(container, group.aperture);
  return trace.holds(R["attach-aperture-conflict"], conflict === null, () =>
    conflict === null
      ? { objects: [groupRef(group.name)], range: group.aperture, note: `aperture ${rangeText(group.aperture.first, group.aperture.last)}` }
      : apertureConflict(container, group, conflict === "disjoint" ? null : conflict));
}

/** Do these regions leave every mapping alone (vfio_iommu_resv_conflict)? */
export function regionsFree({ container, group, trace }: AttachRun, regions: readonly ReservedRegion[]): boolean {
  const culprit = regions.find((region) => container.overlapping(region) !== null);
  return trace.holds(R["attach-reserved-conflict"], culprit === undefined, () =>
    culprit === undefined
      ? { objects: [groupRef(group.name)], note: `${plural(regions.length, "region")} and ${plural(container.mappings.count, "mapping")} don't meet` }
      : regionConflict(container, group, culprit));
}

export function interruptsRemapped({ group, trace }: AttachRun): boolean {
  return trace.holds(R["no-interrupt-remapping"], group.interruptRemapping, () => ({ objects: [groupRef(group.name)] }));
}

/**
 * Tries to move the group into an existing domain of the same driver and coherency, newest first. The domain it joined in
 * hardware, null when it keeps its own, "lost" when it could not even go back to its own.
 */
export function joinDomain(run: AttachRun, own: Domain): Domain | null | "lost" {
  const { container, group, trace } = run;
  for (const domain of container.domains) {
    if (domain.driver !== own.driver || domain.coherent !== own.coherent) continue;
    const objects = () => [domainRef(container, domain), groupRef(group.name)];
    const joined = hardwareAttach(run);
    if (trace.holds(R["attach-join-domain"], joined === "OK", () => ({ objects: objects() }), joined === "OK" ? undefined : joined)) return domain;
    trace.swallow();
    const back = hardwareAttach(run);
    if (!trace.holds(R["attach-return-to-domain"], back === "OK", () => ({ objects: objects() }), back === "OK" ? undefined : back)) return "lost";
  }
  return null;
}

/** Puts all existing mappings into a new domain (vfio_iommu_replay). */
export function replayMappings({ container, trace, events, group }: AttachRun, domain: Domain): boolean {
  const smallest = lowestBit(domain.pageSizes);
  for (const dma of container.mappings.all()) {
    // The loop over the mapping's pages compares with an end of 0 here and never runs.
    if (dma.end === 0) {
      container.mappings.skip(dma, domain.number);
      continue;
    }
    const evidence = () => ({ objects: [mappingRef(container, dma), groupRef(group.name)], range: rangeOf(dma) });
    if (dma.mapped && container.domains.length === 0) {
      events.push({ warn: true });
      return trace.holds(R["attach-mapped-without-domain"], false, evidence);
    }
    // Memory is taken as physically contiguous, at addresses as aligned as the process's.
    const memory = dma.mapped ? dma.pinnedVaddr : dma.vaddr;
    if (![dma.iova, dma.size, memory].every((value) => isAligned(value, smallest))) {
      return trace.holds(R["attach-replay"], false, () => ({ ...evidence(), note: `the new domain's smallest page is ${humanSize(smallest)}` }));
    }
  }
  if (container.mappings.count > 0) {
    trace.holds(R["attach-replay"], true, () => ({ objects: [groupRef(group.name)], note: `${plural(container.mappings.count, "mapping")} copied into the new domain` }));
  }
  container.mappings.mapAll();
  return true;
}

/** Sets up the window for software MSI, where the group needs one. */
export function setMsiCookie({ failures, trace, events, group }: AttachRun, regions: readonly ReservedRegion[]): boolean {
  const base = softwareMsiBase(regions);
  if (base === null) return true;
  events.push({ msi_cookie: hex(base) });
  const failed = failures.msiCookie === "ENODEV" ? null : failures.msiCookie;
  if (!trace.holds(R["attach-msi-cookie"], failed === null, () => ({ objects: [groupRef(group.name)], note: `from ${groupedHex(base)}` }), failed ?? undefined)) return false;
  trace.effect("reserve", () => ({ objects: [groupRef(group.name)], text: `interrupt doorbells will be mapped from ${groupedHex(base)}` }));
  return true;
}

/** Makes a new domain part of the container. */
export function addDomain({ container, group, trace }: AttachRun, domain: Domain): void {
  container.nextDomain++;
  container.domains.unshift(domain);
  container.refreshPageSizes();
  trace.effect("create", () => ({ objects: [domainRef(container, domain), containerRef(container.number)], text: `${domainRef(container, domain).label} is made` }));
  trace.effect("attach", () => ({ objects: [groupRef(group.name), domainRef(container, domain)], text: `${groupRef(group.name).label} is attached to ${domainRef(container, domain).label}` }));
}

export function addToDomain({ container, group, trace }: AttachRun, domain: Domain): void {
  domain.groups.unshift(group);
  trace.effect("attach", () => ({ objects: [groupRef(group.name), domainRef(container, domain)], text: `${groupRef(group.name).label} joins ${domainRef(container, domain).label}` }));
}

/** Puts a new valid list in force. */
export function setList(container: Type1, list: readonly Range[], trace: CallTrace): void {
  const before = container.list;
  container.list = list;
  if (!sameList(before, list)) trace.effect("list", () => ({ objects: [containerRef(container.number)], text: listChange(before, list) }));
}

/**
 * Takes a group out of its container: the mappings go with the last domain, unless an emulated group still needs them.
 * "emulated" when it had no domain, "domain-gone" when its domain went with it, "left" when others stay in the domain,
 * "unknown" when no domain holds it.
 */
export function leaveDomain(container: Type1, name: string, trace: CallTrace): "emulated" | "domain-gone" | "left" | "unknown" {
  const emulated = container.emulated.findIndex((group) => group.name === name);
  if (emulated >= 0) {
    container.emulated.splice(emulated, 1);
    trace.effect("detach", () => ({ objects: [groupRef(name), containerRef(container.number)], text: `${groupRef(name).label} leaves` }));
    if (container.emulated.length === 0 && container.domains.length === 0) dropMappings(container, trace);
    return "emulated";
  }
  const domain = container.domainOf(name);
  if (!domain) return "unknown";
  domain.groups = domain.groups.filter((group) => group.name !== name);
  trace.effect("detach", () => ({ objects: [groupRef(name), domainRef(container, domain)], text: `${groupRef(name).label} leaves ${domainRef(container, domain).label}` }));
  if (domain.groups.length > 0) return "left";
  if (container.domains.length === 1) {
    if (container.emulated.length === 0) dropMappings(container, trace);
    else container.mappings.unmapAll();
  }
  container.domains = container.domains.filter((other) => other !== domain);
  container.refreshPageSizes();
  trace.effect("destroy", () => ({ objects: [domainRef(container, domain)], text: `${domainRef(container, domain).label} is gone with its last group` }));
  return "domain-gone";
}

function dropMappings(container: Type1, trace: CallTrace): void {
  const count = container.mappings.count;
  container.removeAllMappings();
  if (count > 0) trace.effect("unmap", () => ({ objects: [containerRef(container.number)], text: `all ${plural(count, "mapping")} go with the last group` }));
}

/** Is a size a multiple of the smallest page? */
export function isWholePages(value: U64, page: U64): boolean {
  return maskLow(value, page) === 0;
}
