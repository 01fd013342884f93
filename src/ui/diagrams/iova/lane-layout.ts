/** From spans to blocks on the screen: clipped, never thinner than 2 px, crowds merged into counted blocks. Pure. */
import { add } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";
import type { Lane, Span, SpanKind } from "../../../engine/views.ts";
import type { Axis } from "./axis.ts";

/** Something drawn in a lane; `left` and `right` reach a little past the edges of the window when it does. */
export interface Block extends Range {
  key: string;
  kind: SpanKind;
  left: Px;
  right: Px;
  label: string;
  detail: string;
  count: number;
  objects: readonly string[];
}

/** Thinner than this, neighbours of one kind may merge. */
const THIN: Px = 4;
/** Nothing is drawn thinner. */
const THINNEST: Px = 2;
/** How far past the window's edge a block is drawn. */
const BLEED = 24;

/** The blocks of a lane, ascending. Every span in the window is in exactly one of them; counts add up. */
export function blocksOf(spans: readonly Span[], axis: Axis): Block[] {
  const blocks: Block[] = [];
  for (const span of spans) {
    if (span.last < axis.window.first || span.first > axis.window.last) continue;
    const left = Math.max(axis.toPx(span.first), -BLEED);
    const right = Math.max(Math.min(axis.toPx(add(span.last, 1)), axis.width + BLEED), left + THINNEST);
    const before = blocks.at(-1);
    if (before && before.kind === span.kind && right - left < THIN && isThin(before) && left - before.right < 1) {
      merge(before, span, right);
      continue;
    }
    blocks.push({ key: span.key, kind: span.kind, first: span.first, last: span.last, left, right, label: span.label, detail: span.detail, count: span.count, objects: span.objects });
  }
  return blocks;
}

/** A crowd keeps growing as long as its members are thin; it never swallows a block with room of its own. */
function isThin(block: Block): boolean {
  return block.count > 1 || block.right - block.left < THIN;
}

function merge(block: Block, span: Span, right: Px): void {
  block.key = block.count === 1 ? `${block.key}+` : block.key;
  block.last = span.last > block.last ? span.last : block.last;
  block.right = Math.max(block.right, right);
  block.count += span.count;
  if (block.objects.length < 8) block.objects = [...new Set([...block.objects, ...span.objects])];
}

/** The part of a block that is inside [0, width]. */
export function visible(block: Block, width: Px): { left: Px; right: Px } {
  return { left: Math.max(block.left, 0), right: Math.min(block.right, width) };
}

/** The block under a px, the smallest one when several are; `slop` px beside it still count. */
export function blockAt(blocks: readonly Block[], px: Px, slop: Px): Block | null {
  let best: Block | null = null;
  for (const block of blocks) {
    if (px < block.left - slop || px > block.right + slop) continue;
    if (!best || block.right - block.left < best.right - best.left) best = block;
  }
  return best;
}

/** Contributors that carve exactly the same are one lane when there are more than `most`: "dev 1 +36". */
export function joinContributors(lanes: readonly Lane[], most: number): Lane[] {
  if (lanes.filter((lane) => lane.kind === "contributor").length <= most) return [...lanes];
  const joined: Lane[] = [];
  const bySignature = new Map<string, { lane: Lane; titles: string[] }>();
  for (const lane of lanes) {
    if (lane.kind !== "contributor") {
      joined.push(lane);
      continue;
    }
    const signature = lane.spans.map((span) => `${span.kind} ${span.first} ${span.last}`).join();
    const known = bySignature.get(signature);
    if (known) {
      known.titles.push(lane.title);
      known.lane.spans = known.lane.spans.map((span, index) => ({ ...span, objects: [...span.objects, ...lane.spans[index]!.objects] }));
    } else {
      const copy = { ...lane };
      bySignature.set(signature, { lane: copy, titles: [lane.title] });
      joined.push(copy);
    }
  }
  for (const { lane, titles } of bySignature.values()) {
    if (titles.length === 1) continue;
    lane.detail = `to ${titles.at(-1)}, all alike`;
    lane.title = `${titles[0]} +${titles.length - 1}`;
  }
  return joined;
}

/** The key of the lane that stands for all contributors beyond the first few. */
export const REST = "rest";

/**
 * At most `most` contributors by themselves: the first ones and those that `wanted` names; what the others carve is one lane,
 * "+96 more", in which the same place and kind is drawn once.
 */
export function foldContributors(lanes: readonly Lane[], most: number, wanted: (lane: Lane) => boolean): Lane[] {
  const contributors = lanes.filter((lane) => lane.kind === "contributor");
  if (contributors.length <= most + 1) return [...lanes];
  const named = contributors.filter(wanted).slice(0, most);
  const kept = new Set([...named, ...contributors.filter((lane) => !named.includes(lane)).slice(0, most - named.length)]);
  const rest = contributors.filter((lane) => !kept.has(lane));
  const spans = new Map<string, Span>();
  for (const lane of rest) {
    for (const span of lane.spans) {
      const place = `${span.kind} ${span.first} ${span.last}`;
      const known = spans.get(place);
      spans.set(place, known ? { ...known, objects: [...known.objects, ...span.objects] } : { ...span, key: `${REST}/${span.key}` });
    }
  }
  const all = [...spans.values()].toSorted((left, right) => (left.first < right.first ? -1 : left.first > right.first ? 1 : 0));
  const devices = rest.reduce((sum, lane) => sum + 1 + Number(/ \+(\d+)$/.exec(lane.title)?.[1] ?? 0), 0);
  const folded: Lane = { key: REST, kind: "contributor", title: `+${devices} more`, detail: "press to unfold", spans: all, total: rest.reduce((sum, lane) => sum + lane.total, 0) };
  const after = lanes.findLastIndex((lane) => kept.has(lane));
  return lanes.flatMap((lane, index) => (lane.kind === "contributor" && !kept.has(lane) ? [] : index === after ? [lane, folded] : [lane]));
}
