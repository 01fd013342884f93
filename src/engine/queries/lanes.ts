/** The lanes of one IOVA space at one step that say what may be mapped: who contributes what, holes, what is valid. */
import { humanSize } from "../../base/format.ts";
import { add, hex, lengthOf, max, min, sub, U64_MAX, type U64 } from "../../base/u64.ts";
import type { ObjectRef, Range } from "../../kernel/answer.ts";
import type { Hole, HoleKind, IovaSpace } from "../../kernel/inspect.ts";
import type { Lane, Span, SpanKind } from "../views.ts";
import { joinNearest } from "./aggregate.ts";

const KIND_NAMES: Record<HoleKind, string> = {
  direct: "direct map", "direct-relaxable": "direct, relaxable", reserved: "reserved", msi: "MSI", "sw-msi": "software MSI", aperture: "outside the aperture", test: "reserved by the test",
};

export function meets(one: Range, other: Range): boolean {
  return one.first <= other.last && one.last >= other.first;
}

export function sizeOf(range: Range): string {
  return humanSize(lengthOf(range.first, range.last));
}

export function span(key: string, kind: SpanKind, range: Range, label: string, detail: string, objects: string[]): Span {
  return { key, kind, first: range.first, last: range.last, label, detail, count: 1, objects };
}

/** The key by which checks name a region: by the device, "0000:00:04.0" of "device 1 (0000:00:04.0)", or the group. */
function regionKey({ owner, first }: Hole): string {
  return `region:${/\(([^)]+)\)$/.exec(owner.label)?.[1] ?? owner.label}@${hex(first)}`;
}

/** What the platform calls it, else what its kind is called. */
function labelOf(hole: Hole): string {
  return hole.label === "" || hole.label === hole.kind ? KIND_NAMES[hole.kind] : hole.label;
}

function holeSpan(lane: string, hole: Hole, note: string): Span {
  const objects = [hole.owner.key, regionKey(hole)];
  return span(`${lane}/${hole.kind}@${hex(hole.first)}`, hole.kind, hole, labelOf(hole), sizeOf(hole) + note, objects);
}

/** A lane with what of it touches the window, in at most `most` spans. */
function laneOf(lane: Omit<Lane, "total">, window: Range, most: number, what: string): Lane {
  const inside = lane.spans.filter((each) => meets(each, window)).sort((one, other) => (one.first < other.first ? -1 : one.first > other.first ? 1 : 0));
  return { ...lane, spans: joinNearest(inside, most, what), total: lane.spans.length };
}

/** What lies outside the apertures of these owners, where their subsystem does not list it as holes itself. */
function outsideApertures(contributors: { owner: ObjectRef; aperture: Range | null; holes: Hole[] }[]): Hole[] {
  if (contributors.some(({ holes }) => holes.some((hole) => hole.kind === "aperture"))) return [];
  let first: U64 = 0;
  let last: U64 = U64_MAX;
  for (const { aperture } of contributors) {
    if (!aperture) continue;
    first = max(first, aperture.first);
    last = min(last, aperture.last);
  }
  const owners = (holds: (aperture: Range) => boolean) => contributors.filter(({ aperture }) => aperture && holds(aperture));
  const below = first === 0 ? [] : owners((aperture) => aperture.first === first).map(({ owner }): Hole => ({ owner, kind: "aperture", label: "", first: 0, last: sub(first, 1) }));
  const above = last === U64_MAX ? [] : owners((aperture) => aperture.last === last).map(({ owner }): Hole => ({ owner, kind: "aperture", label: "", first: add(last, 1), last: U64_MAX }));
  return [...below, ...above];
}

/** One hole for each place and kind, with everybody who carves it. */
function mergedHoles(holes: Hole[]): Span[] {
  const spans = new Map<string, { span: Span; owners: Set<string> }>();
  for (const hole of holes) {
    const key = `holes/${hole.kind}@${hex(hole.first)}-${hex(hole.last)}`;
    const known = spans.get(key);
    const { objects } = holeSpan("holes", hole, "");
    if (known) {
      known.owners.add(hole.owner.label);
      known.span.objects = [...new Set([...known.span.objects, ...objects])];
    } else {
      spans.set(key, { span: span(key, hole.kind, hole, labelOf(hole), "", objects), owners: new Set([hole.owner.label]) });
    }
  }
  return [...spans.values()].map(({ span: merged, owners }) => ({ ...merged, detail: `${sizeOf(merged)} · ${namesOf([...owners])}` }));
}

function namesOf(names: string[]): string {
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}

/** Who contributes what to a space, its holes and what is valid in it, top to bottom. `most`: spans a lane may have. */
export function ruledLanes(space: IovaSpace, window: Range | null, most: number): Lane[] {
  const view = window ?? { first: 0, last: U64_MAX };
  const contributors = space.contributors();
  const lanes: Lane[] = contributors.map(({ owner, detail, aperture, holes, ignored }) => {
    const key = `by:${owner.key}`;
    const field = aperture ? [span(`${key}/field`, "aperture-field", aperture, "aperture", sizeOf(aperture), [owner.key])] : [];
    const spans = [...field, ...holes.map((hole) => holeSpan(key, hole, "")), ...ignored.map((hole) => holeSpan(key, hole, " · listed, but not kept free"))];
    const lane = laneOf({ key, title: owner.label, detail, kind: "contributor", spans: spans.slice(field.length) }, view, most, "region");
    return { ...lane, spans: [...field.filter((each) => meets(each, view)), ...lane.spans] };
  });
  const holes = mergedHoles([...contributors.flatMap((contributor) => contributor.holes), ...outsideApertures(contributors)]);
  if (contributors.length > 0) lanes.push(laneOf({ key: "holes", title: "holes", detail: "carved by devices", kind: "holes", spans: holes }, view, most, "hole"));
  const valid = space.valid().map((range) => span(`valid@${hex(range.first)}`, "valid", range, "valid", sizeOf(range), [space.key]));
  lanes.push(laneOf({ key: "valid", title: "valid", detail: "what a user may map", kind: "valid", spans: valid }, view, most, "window"));
  const allowed = space.allowed().map((range) => span(`allowed@${hex(range.first)}`, "allowed", range, "allowed", sizeOf(range), [space.key]));
  if (allowed.length > 0) lanes.push(laneOf({ key: "allowed", title: "allowed", detail: "where automatic addresses may come from", kind: "valid", spans: allowed }, view, most, "range"));
  return lanes;
}
