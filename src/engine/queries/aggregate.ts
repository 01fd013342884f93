/** Many spans as few: neighbours over the smallest gaps are joined, and each says how many it stands for. */
import { plural } from "../../base/format.ts";
import { hex, sub, type U64 } from "../../base/u64.ts";
import type { Span } from "../views.ts";

/** Exact up to 2^53, near enough for comparing above. */
function gapAfter(one: Span, next: Span): number {
  if (next.first <= one.last) return 0;
  const gap: U64 = sub(next.first, one.last);
  return typeof gap === "number" ? gap : Number(gap);
}

function join(one: Span, next: Span): Span {
  const count = one.count + next.count;
  const last = next.last > one.last ? next.last : one.last;
  return {
    key: one.count > 1 ? one.key : `${one.kind}*@${hex(one.first)}`, kind: one.kind, first: one.first, last, label: "", detail: "", count,
    objects: one.objects.filter((key) => next.objects.includes(key)),
  };
}

/** At most `most` spans that cover at least what `spans` (ascending) cover; joined ones carry the sum of the counts. */
export function joinNearest(spans: Span[], most: number, what: string): Span[] {
  const joined = joinDown(spans, most);
  for (const span of joined) if (span.count > 1 && span.label === "") span.label = plural(span.count, what);
  return joined;
}

function joinDown(spans: Span[], most: number): Span[] {
  if (spans.length <= most) return spans;
  const gaps = new Float64Array(spans.length - 1);
  for (let index = 0; index < gaps.length; index++) gaps[index] = gapAfter(spans[index] as Span, spans[index + 1] as Span);
  const excess = spans.length - most;
  const limit = gaps.toSorted()[excess - 1] as number;
  // As many gaps as needed: all below the limit, and of those equal to it every one in an even spread, not the first ones.
  let below = 0;
  let equal = 0;
  for (const gap of gaps) {
    if (gap < limit) below++;
    else if (gap === limit) equal++;
  }
  const share = (excess - below) / equal;
  const joined: Span[] = [spans[0] as Span];
  let due = 0.5;
  for (let index = 0; index < gaps.length; index++) {
    const gap = gaps[index] as number;
    const next = spans[index + 1] as Span;
    if (gap === limit) due += share;
    if (gap < limit || (gap === limit && due >= 1)) {
      if (gap === limit) due -= 1;
      joined[joined.length - 1] = join(joined.at(-1) as Span, next);
    } else {
      joined.push(next);
    }
  }
  return joined;
}

/** Takes any number of spans, ascending, in little memory. */
export class SpanGatherer {
  private spans: Span[] = [];
  private readonly most: number;
  private readonly what: string;
  total = 0;

  constructor(most: number, what: string) {
    this.most = most;
    this.what = what;
  }

  push(span: Span): void {
    this.spans.push(span);
    this.total += span.count;
    if (this.spans.length >= this.most * 4) this.spans = joinDown(this.spans, this.most * 2);
  }

  finish(): Span[] {
    return joinNearest(this.spans, this.most, this.what);
  }
}
