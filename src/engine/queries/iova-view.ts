import { humanSize, rangeText } from "../../base/format.ts";
import { hex, max, min, U64_MAX } from "../../base/u64.ts";
import type { Range } from "../../kernel/answer.ts";
import type { IovaSpace } from "../../kernel/inspect.ts";
import type { Explained } from "../history.ts";
import { outcomeOf } from "../make-call.ts";
import type { IovaQuery, IovaView, Lane, Span } from "../views.ts";
import { askedList, askedRange, bytesPastEnd } from "./asked.ts";
import type { MappedExtents } from "./mapped-extents.ts";
import { meets, ruledLanes } from "./lanes.ts";
import { mappedLanes } from "./mapped-lanes.ts";

const FEWEST = 32;
const MOST = 1500;
const OVERVIEW = 200;
const WHOLE: Range = { first: 0, last: U64_MAX };

/** The ranges that decided a refusal: the failed check's. */
function decidedBy(explained: Explained): Range | null {
  const { trace } = explained;
  return trace.refusedBy ? (trace.checks.find((check) => !check.passed && check.rule === trace.refusedBy)?.range ?? null) : null;
}

function callSpans(explained: Explained, ranges: Range[], hit: Range | null): Span[] {
  const { call, trace } = explained;
  const objects = [...new Set(trace.checks.filter((check) => !check.passed).flatMap((check) => check.objects.map((object) => object.key)))];
  const past = bytesPastEnd(call.in);
  const label = call.note ?? (past === null ? call.call : `${humanSize(past)}, past 2⁶⁴`);
  const spans = ranges.map((range): Span => ({
    key: `call@${hex(range.first)}`, kind: "call", first: range.first, last: range.last, label, detail: rangeText(range.first, range.last), count: 1, objects,
  }));
  const asked = ranges.find((range) => hit && meets(range, hit));
  if (!hit || !asked) return spans;
  const part = { first: max(asked.first, hit.first), last: min(asked.last, hit.last) };
  return [...spans, { key: `call-hit@${hex(part.first)}`, kind: "call-hit", ...part, label: "refused here", detail: rangeText(part.first, part.last), count: 1, objects }];
}

/** The part of a call that lies in the window. The call is never joined with anything. */
function callLane(explained: Explained, ranges: Range[], hit: Range | null, window: Range | null): Lane {
  const spans = callSpans(explained, ranges, hit).slice(0, MOST);
  return { key: "call", title: "this call", detail: explained.call.call, kind: "call", spans: window ? spans.filter((span) => meets(span, window)) : spans, total: ranges.length };
}

/** Of a step that has nothing to do with the space. The lane stays, so that nothing moves when a call comes that has. */
const NO_CALL: Lane = { key: "call", title: "this call", detail: "not about this space", kind: "call", spans: [], total: 0 };

/** What a view is made from. */
export interface Seen {
  space: IovaSpace;
  /** Further spaces whose mappings are shown below it. */
  also: readonly IovaSpace[];
  /** The step's call when it is about this space, else null. */
  explained: Explained | null;
  extents: (space: IovaSpace) => MappedExtents;
}

/** One space as a query sees it, others stacked below it. */
export function iovaView({ space, also, explained, extents }: Seen, query: IovaQuery): IovaView {
  const { window, stretches } = query;
  const most = Math.max(FEWEST, Math.min(MOST, Math.floor(query.px)));
  const asked = explained && askedRange(explained);
  const ranges = asked ? [asked] : explained ? askedList(explained.call.in) : [];
  const hit = explained && decidedBy(explained);
  const lanesFor = (view: Range | null, limit: number, dense: IovaQuery["stretches"]): Lane[] => {
    const [mapped, ...others] = mappedLanes({ spaces: [space, ...also], extents, window: view ?? WHOLE, most: limit, stretches: dense });
    const call = explained ? callLane(explained, ranges, hit, view) : NO_CALL;
    return [...ruledLanes(space, view, limit), ...(mapped ? [mapped] : []), call, ...others];
  };
  const lanes = lanesFor(window, most, stretches);
  const folds = window !== null || lanes.some((lane) => lane.dense);
  return {
    space: space.key, label: space.label, alignment: space.alignment, lanes,
    asked: explained && asked ? { range: asked, errno: outcomeOf(explained, explained.trace).name, decidedBy: hit } : null,
    ...(folds ? { overview: lanesFor(null, Math.min(most, OVERVIEW), undefined) } : {}),
    ...(window ? { window } : {}),
  };
}
