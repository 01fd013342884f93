/** Type1 as merged (5.4 and later): the valid list is worked on as a copy, put in force only on success. */
import { plural } from "../../base/format.ts";
import { restrictingRegions } from "../platform/regions.ts";
import { vfioRules as R } from "../rules/vfio.ts";
import {
  addDomain, addToDomain, apertureFits, interruptsRemapped, joinDomain, leaveDomain, mayAttach, newDomain, recordEmulated, regionsFree, replayMappings,
  setList, setMsiCookie, type AttachRun,
} from "./attach.ts";
import { nothingLeft } from "./explain.ts";
import { groupRef } from "./refs.ts";
import type { DetachRun, Type1Variant } from "./variant.ts";
import { commonAperture, exclude, outline, resizeToAperture, withEdges } from "./valid-list.ts";

/** vfio_iommu_type1_attach_group. A refused attach leaves list, mappings and domains as they were. */
function attachGroup(run: AttachRun): boolean {
  const { container, group, failures, trace } = run;
  if (!mayAttach(run)) return false;
  if (group.emulated) return recordEmulated(run);
  const domain = newDomain(run);
  if (!domain) return false;
  if (!apertureFits(run)) return false;
  if (!trace.holds(R["attach-regions-readable"], failures.regions === null, () => ({
    objects: [groupRef(group.name)], note: plural(group.regions.length, "region"),
  }), failures.regions ?? undefined)) return false;
  const regions = restrictingRegions(group.regions);
  if (!regionsFree(run, regions)) return false;
  const { list: copy, failed } = exclude(resizeToAperture(container.list, group.aperture), regions, failures.listInsert);
  if (failed && !trace.holds(R["attach-list-memory"], false, () => ({ objects: [groupRef(group.name)] }))) return false;
  if (!trace.holds(R["attach-empty-list"], copy.length > 0, () => (copy.length > 0 ? { note: plural(copy.length, "valid window") } : nothingLeft(container, group)))) return false;
  if (!interruptsRemapped(run)) return false;
  const shared = joinDomain(run, domain);
  if (shared === "lost") return false;
  if (shared) {
    addToDomain(run, shared);
  } else {
    if (!replayMappings(run, domain)) return false;
    if (!setMsiCookie(run, group.regions)) return false;
    addDomain(run, domain);
  }
  setList(container, copy, trace);
  return true;
}

/** vfio_iommu_type1_detach_group. Never fails; a refresh that fails, or would leave nothing, keeps the old list. */
function detachGroup({ container, name, trace, listInsert }: DetachRun): null {
  const left = leaveDomain(container, name, trace);
  if (left === "emulated") return null;
  // Only when a domain goes are the edges taken from the apertures again: an edge eaten by a region stays eaten otherwise.
  const copy = left === "domain-gone" ? withEdges(container.list, commonAperture(container.domains.map((domain) => domain.aperture))) : container.list;
  const whole = outline(copy);
  if (!whole) return null;
  const { list: fresh, failed } = exclude([whole], restrictingRegions(container.groups().flatMap((group) => group.regions)), listInsert);
  if (fresh.length > 0 && !failed) setList(container, fresh, trace);
  return null;
}

export const merged: Type1Variant = { attachGroup, detachGroup, laterFlags: true };
