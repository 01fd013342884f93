/** Many things as few: neighbours over the smallest gaps are joined, and each says how many it stands for. */
import { plural } from "../../base/format.ts";
import { hex, sub, type U64 } from "../../base/u64.ts";
import type { Span } from "../views.ts";

/** How far apart two neighbours are: exact up to 2^53 bytes, near enough for comparing above. */
export function gapBetween(last: U64, nextFirst: U64): number {
  return nextFirst <= last ? 0 : Number(sub(nextFirst, last));
}

const FEW = 4096;
const BUCKETS = 65_536;
const SIZES = new Uint32Array(BUCKETS);

/** The `count`-th widest gap, counted from the widest. Among very many, only those that share its leading bits are sorted. */
function nthWidest(gaps: Float64Array, count: number): number {
  if (gaps.length <= FEW) return gaps.toSorted()[gaps.length - count] as number;
  // Floats that are not negative sort like their bits; the upper word has the exponent and the leading bits of the rest.
  const words = new Uint32Array(gaps.buffer, gaps.byteOffset, gaps.length * 2);
  const bucketOf = (index: number) => (words[index * 2 + 1] as number) >>> 15;
  const sizes = SIZES.fill(0);
  for (let index = 0; index < gaps.length; index++) sizes[bucketOf(index)]!++;
  let bucket = BUCKETS - 1;
  let rest = count;
  while (rest > (sizes[bucket] as number)) rest -= sizes[bucket--] as number;
  const inside = new Float64Array(sizes[bucket] as number);
  let found = 0;
  for (let index = 0; index < gaps.length; index++) if (bucketOf(index) === bucket) inside[found++] = gaps[index] as number;
  inside.sort();
  return inside[inside.length - rest] as number;
}

/**
 * Indexes of the `count` widest gaps, ascending. Where more are equal than there is room for, they are taken in an even
 * spread over all of them, not the first ones.
 */
export function widestGaps(gaps: Float64Array, count: number): number[] {
  if (count <= 0) return [];
  if (count >= gaps.length) return Array.from(gaps, (_, index) => index);
  const limit = nthWidest(gaps, count);
  let above = 0;
  let equal = 0;
  for (const gap of gaps) {
    if (gap > limit) above++;
    else if (gap === limit) equal++;
  }
  const share = (count - above) / equal;
  const widest: number[] = [];
  let due = 0.5;
  for (let index = 0; index < gaps.length; index++) {
    const gap = gaps[index] as number;
    if (gap === limit) due += share;
    if (gap < limit || (gap === limit && due < 1)) continue;
    if (gap === limit) due -= 1;
    widest.push(index);
  }
  return widest;
}

function joined(spans: Span[], what: string): Span {
  const [first] = spans as [Span, ...Span[]];
  if (spans.length === 1) return first;
  const count = spans.reduce((sum, span) => sum + span.count, 0);
  const last = spans.reduce((end, span) => (span.last > end ? span.last : end), first.last);
  const everywhere = first.objects.filter((key) => spans.every((span) => span.objects.includes(key)));
  return { key: `${first.kind}*@${hex(first.first)}`, kind: first.kind, first: first.first, last, label: plural(count, what), detail: "", count, objects: everywhere };
}

/** At most `most` spans that cover at least what `spans` (ascending) cover; joined ones carry the sum of the counts. */
export function joinNearest(spans: Span[], most: number, what: string): Span[] {
  if (spans.length <= most) return spans;
  const gaps = new Float64Array(spans.length - 1);
  let end = (spans[0] as Span).last;
  for (let index = 0; index < gaps.length; index++) {
    const next = spans[index + 1] as Span;
    gaps[index] = gapBetween(end, next.first);
    if (next.last > end) end = next.last;
  }
  let from = 0;
  const few: Span[] = [];
  for (const gap of [...widestGaps(gaps, most - 1), gaps.length]) {
    few.push(joined(spans.slice(from, gap + 1), what));
    from = gap + 1;
  }
  return few;
}
