/** Which blocks came out of a split: a hole was carved out of a window, and what is right of the hole is a new block. */
import type { Block } from "./lane-layout.ts";

/**
 * For each block that was not there before and lies inside one that was: the px at which the piece to its left now ends, from
 * where it parts. Blocks of other origin are not in the answer.
 */
export function splitsOf(before: readonly Block[], now: readonly Block[]): ReadonlyMap<string, number> {
  const splits = new Map<string, number>();
  const known = new Set(before.map((block) => block.key));
  now.forEach((block, index) => {
    const parent = before.find((other) => other.kind === block.kind && other.first <= block.first && other.last >= block.last);
    const sibling = now[index - 1];
    if (known.has(block.key) || !parent || !sibling || sibling.first < parent.first || sibling.kind !== block.kind) return;
    splits.set(block.key, sibling.right);
  });
  return splits;
}
