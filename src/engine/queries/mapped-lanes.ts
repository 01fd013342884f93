/** What is mapped in one or several spaces: each mapping by itself, crowds joined, or columns where there are too many. */
import { plural } from "../../base/format.ts";
import { hex, U64_MAX } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace, Mapping } from "../../kernel/inspect.ts";
import type { IovaQuery, Lane, Span } from "../views.ts";
import { clustersIn } from "./clusters.ts";
import { Columns } from "./dense.ts";
import type { MappedExtents } from "./mapped-extents.ts";
import { sizeOf, span } from "./lanes.ts";

/** Mappings on all lanes together that can still be told apart and labelled. */
const LABELLED = 1500;
/** However many lanes share the screen, each may have this many spans. */
const FEWEST = 32;

export interface MappedQuery {
  /** The one the view is about, then those shown below it. */
  spaces: readonly IovaSpace[];
  extents: (space: IovaSpace) => MappedExtents;
  window: Range;
  /** Spans on all lanes together. */
  most: number;
  stretches: IovaQuery["stretches"];
}

function mappingSpan(mapping: Mapping, space: string): Span {
  const rights = mapping.readable ? (mapping.writable ? "rw" : "r") : mapping.writable ? "w" : "no access";
  const facts = [rights, ...(mapping.shared ? ["shared"] : []), ...(mapping.pinned ? ["pinned"] : []), ...mapping.heldBy];
  return span(mapping.key, "mapping", mapping, sizeOf(mapping), facts.join(" · "), [mapping.key, space]);
}

function mappingSpans(space: IovaSpace, window: Range): Span[] {
  const spans: Span[] = [];
  space.eachMapping(window.first, window.last, (mapping) => {
    spans.push(mappingSpan(mapping, space.key));
    return true;
  });
  return spans;
}

function joinedSpans(space: IovaSpace, extents: MappedExtents, window: Range, most: number): Span[] {
  return clustersIn(extents, window, most).flatMap((cluster) =>
    cluster.count === 1
      ? mappingSpans(space, cluster)
      : [{ ...span(`mapping*@${hex(cluster.first)}`, "mapping", cluster, plural(cluster.count, "mapping"), "", [space.key]), count: cluster.count }],
  );
}

const WHOLE = new WeakMap<MappedExtents, { most: number; spans: Span[] }>();

/** The whole space is asked for again with every window of it. */
function joinedWhole(space: IovaSpace, extents: MappedExtents, window: Range, most: number): Span[] {
  let known = WHOLE.get(extents);
  if (known?.most !== most) WHOLE.set(extents, (known = { most, spans: joinedSpans(space, extents, window, most) }));
  return known.spans;
}

/** A lane of mappings for each space. */
export function mappedLanes({ spaces, extents, window, most, stretches }: MappedQuery): Lane[] {
  const share = Math.max(FEWEST, Math.floor((stretches ? LABELLED : most) / spaces.length));
  const columns = stretches ? new Columns(window, stretches) : null;
  return spaces.map((space, index): Lane => {
    const lane: Omit<Lane, "spans"> =
      index === 0
        ? { key: "mapped", title: "mapped", detail: "what the space maps", kind: "mapped", total: space.mappingCount() }
        : { key: `mapped/${space.key}`, title: space.label, detail: "what it maps", kind: "mapped", total: space.mappingCount(), space: space.key };
    if (lane.total <= share) return { ...lane, spans: mappingSpans(space, window) };
    const all = extents(space);
    if (all.touching(window) <= share) return { ...lane, spans: mappingSpans(space, window) };
    if (columns) return { ...lane, spans: [], dense: columns.of(all) };
    return { ...lane, spans: window.first === 0 && window.last === U64_MAX ? joinedWhole(space, all, window, share) : joinedSpans(space, all, window, share) };
  });
}
