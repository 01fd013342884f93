/** What to outline over the lanes for a hover or a selection: blocks, and the band of addresses they cover. Pure. */
import { add } from "../../../base/u64.ts";
import type { Px } from "../../../base/flavor.ts";
import type { Range } from "../../../kernel/answer.ts";
import { lightsSpan, type Light } from "../common/light.ts";
import type { Axis } from "./axis.ts";
import { blockBox } from "./LaneRows.tsx";
import type { Scene } from "./scene.ts";

export interface Outline {
  key: string;
  left: Px;
  top: Px;
  width: Px;
  height: Px;
}

export interface Marks {
  outlines: Outline[];
  /** Down through all lanes; null when the mark concerns no single range. */
  band: { left: Px; right: Px } | null;
}

export function marksOf(scene: Scene, axis: Axis, light: Light): Marks {
  const outlines: Outline[] = [];
  let range: Range | null = light.range;
  if (light.key === null && !light.range) return { outlines, band: null };
  for (const row of scene.rows) {
    for (const block of [...row.fields, ...row.blocks]) {
      if (!lightsSpan(light, block)) continue;
      if (block.key === light.key) range = block;
      const { top, height } = blockBox(block, row);
      outlines.push({ key: `${row.lane.key}|${block.key}`, left: block.left, top, width: block.right - block.left, height });
    }
  }
  return { outlines: outlines.slice(0, 200), band: range ? bandOf(range, axis) : null };
}

function bandOf(range: Range, axis: Axis): Marks["band"] {
  const left = axis.toPx(range.first);
  const right = Math.max(axis.toPx(add(range.last, 1)), left + 2);
  return right < 0 || left > axis.width ? null : { left: Math.max(left, 0), right: Math.min(right, axis.width) };
}

/** On which side of the window a range lies wholly, if it does. */
export function beyondEdge(range: Range, window: Range): "before" | "after" | null {
  return range.last < window.first ? "before" : range.first > window.last ? "after" : null;
}
