/** The alignment of an IOAS, recomputed when something that asks for one comes or goes (iopt_calculate_iova_alignment). */
import { humanSize } from "../../base/format.ts";
import type { CallTrace, Evidence } from "../call-trace.ts";
import { iommufdRules as R } from "../rules/iommufd.ts";
import type { Area } from "../ranges/area-store.ts";
import type { Ioas, IommufdObject } from "./objects.ts";
import { areaRange, mappingRef, nameOf, refOf } from "./refs.ts";

/** Recomputes; false when an existing mapping does not fit a larger alignment, and then nothing changes. */
export function changeAlignment(trace: CallTrace, ioas: Ioas, because: IommufdObject): boolean {
  const { table } = ioas;
  const wanted = table.wantedAlignment();
  if (wanted === table.alignment) return true;
  const culprit = table.misaligned(wanted);
  if (!trace.holds(R["existing-maps-misaligned"], culprit === null, () => alignmentEvidence(ioas, wanted, culprit, because))) return false;
  setAlignment(trace, ioas, wanted, because);
  return true;
}

export function setAlignment(trace: CallTrace, ioas: Ioas, wanted: number, because: IommufdObject): void {
  const { table } = ioas;
  const before = table.alignment;
  table.alignment = wanted;
  if (before === wanted) return;
  trace.effect("align", () => ({
    objects: [refOf(ioas), refOf(because)],
    text: `${nameOf(ioas)}: alignment ${humanSize(before)} → ${humanSize(wanted)}, because of ${nameOf(because)}`,
  }));
}

export function alignmentEvidence(ioas: Ioas, wanted: number, culprit: Area | null, because: IommufdObject): Evidence {
  if (!culprit) return { objects: [refOf(ioas)], note: `every mapping is a multiple of ${humanSize(wanted)}` };
  return {
    objects: [mappingRef(refOf(ioas), culprit), refOf(because), refOf(ioas)],
    range: areaRange(culprit),
    note: `${nameOf(because)} needs ${humanSize(wanted)}; the mapping's address, length or memory offset is finer`,
    advice: { objects: [mappingRef(refOf(ioas), culprit)], text: "Unmap it, attach first, then map aligned." },
  };
}
