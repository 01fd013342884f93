/**
 * Type1 as posted in RFC v2 (January 2018): the valid list is edited in place, before all checks have been made. Its bugs are
 * kept; each shows as an effect of kind "damage".
 */
import type { Range } from "../answer.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import {
  addDomain, addToDomain, apertureFits, interruptsRemapped, joinDomain, leaveDomain, mayAttach, newDomain, recordEmulated, regionsFree, replayMappings,
  setList, setMsiCookie, type AttachRun,
} from "./attach.ts";
import { listChange, nothingLeft } from "./explain.ts";
import { containerRef, domainRef, groupRef } from "./refs.ts";
import type { DetachRun, Type1Variant } from "./variant.ts";
import { commonAperture, exclude, outline, resizeToAperture, sameList, withEdges } from "./valid-list.ts";

/** The posted attach. Whatever refuses after the aperture step leaves the list as far as it had been cut. */
function attachGroup(run: AttachRun): boolean {
  const before = run.container.list;
  const attached = attachInPlace(run);
  if (!attached && !sameList(before, run.container.list)) noteDamage(run, before);
  return attached;
}

function attachInPlace(run: AttachRun): boolean {
  const { container, group, failures, trace } = run;
  if (!mayAttach(run)) return false;
  if (group.emulated) return recordEmulated(run);
  const domain = newDomain(run);
  if (!domain || !apertureFits(run)) {
    trace.effect("damage", () => ({ objects: [groupRef(group.name)], text: "the error path frees a list of regions that nobody has initialised yet" }));
    return false;
  }
  setList(container, resizeToAperture(container.list, group.aperture), trace);
  // Nobody looked at the result of asking for the regions; and there was no relaxable type yet.
  const regions = failures.regions === null ? group.regions : [];
  if (!regionsFree(run, regions)) return false;
  if (!interruptsRemapped(run)) return false;
  const shared = joinDomain(run, domain);
  if (shared === "lost") return false;
  if (shared) {
    const cut = exclude(container.list, regions, failures.listInsert);
    setList(container, cut.list, trace);
    // The test is inverted: success leaves through the error path, which forgets the group and still returns 0.
    if (!cut.failed && cut.list.length > 0) {
      trace.effect("damage", () => ({
        objects: [groupRef(group.name), domainRef(container, shared)],
        text: `${groupRef(group.name).label} is attached to ${domainRef(container, shared).label} in hardware, but the container has forgotten it`,
      }));
      return true;
    }
    addToDomain(run, shared);
    trace.effect("damage", () => ({
      objects: [containerRef(container.number), groupRef(group.name)],
      text: cut.failed ? "the cut stopped half-way and was taken for a success" : "nothing valid is left, and an empty list then accepts every address",
    }));
    return true;
  }
  if (!replayMappings(run, domain)) return false;
  if (!setMsiCookie(run, regions)) return false;
  const cut = exclude(container.list, regions, failures.listInsert);
  setList(container, cut.list, trace);
  if (cut.failed && !trace.holds(R["attach-list-memory"], false, () => ({ objects: [groupRef(group.name)] }))) return false;
  if (!trace.holds(R["attach-empty-list"], cut.list.length > 0, () => nothingLeft(container, group))) return false;
  addDomain(run, domain);
  return true;
}

function noteDamage({ container, group, trace }: AttachRun, before: readonly Range[]): void {
  trace.effect("damage", () => ({
    objects: [containerRef(container.number), groupRef(group.name)],
    text: `${groupRef(group.name).label} was refused, but its cuts stay: ${listChange(before, container.list)}`,
  }));
}

/** The posted detach; the name of a fault when the real code could not go on. */
function detachGroup({ container, name, trace, events, listInsert }: DetachRun): string | null {
  const left = leaveDomain(container, name, trace);
  if (left === "emulated") return null;
  if (left === "domain-gone") {
    setList(container, withEdges(container.list, commonAperture(container.domains.map((domain) => domain.aperture))), trace);
  }
  const regions = container.groups().flatMap((group) => group.regions);
  if (regions.length === 0) {
    if (container.list.length > 1) {
      trace.effect("damage", () => ({ objects: [containerRef(container.number)], text: "no remaining group has regions, so the holes of those that left stay" }));
    }
    return null;
  }
  const whole = outline(container.list);
  if (!whole) return "list-head-used-as-entry";
  const { list: fresh, failed } = exclude([whole], regions, listInsert);
  setList(container, fresh, trace);
  if (failed || fresh.length === 0) {
    events.push({ refresh_failed: true });
    const text = failed ? "the refresh ran out of memory half-way: the list is damaged" : "the refresh left an empty list, which accepts every address";
    trace.effect("damage", () => ({ objects: [containerRef(container.number)], text }));
  }
  return null;
}

export const rfcV2: Type1Variant = { attachGroup, detachGroup, laterFlags: false };
