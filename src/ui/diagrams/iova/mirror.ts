/** The drawing as lists of text, and where arrow keys lead in it. Pure. */
import { humanSize, plural, rangeText } from "../../../base/format.ts";
import type { Px } from "../../../base/flavor.ts";
import type { IovaView } from "../../../engine/views.ts";
import type { Direction, MirrorGroup } from "../common/Mirror.tsx";
import { blockText } from "./describe.ts";
import { visible, type Block } from "./lane-layout.ts";
import type { LaneRow, Scene } from "./scene.ts";

/** Longer lists help nobody; zooming in makes them short. */
const MOST_ITEMS = 120;

export function itemKey(row: LaneRow, block: Block): string {
  return `${row.lane.key}|${block.key}`;
}

export function parseItem(scene: Scene, key: string): { row: LaneRow; block: Block } | null {
  for (const row of scene.rows) {
    for (const block of blocksIn(row)) if (itemKey(row, block) === key) return { row, block };
  }
  return null;
}

function blocksIn(row: LaneRow): Block[] {
  return row.dense && row.runs ? row.runs() : [...row.fields, ...row.blocks].slice(0, MOST_ITEMS);
}

/** One group per lane: holes, windows and mappings in view with their exact addresses. */
export function mirrorGroups(scene: Scene, view: IovaView): MirrorGroup[] {
  return scene.rows.map((row) => {
    const all = row.fields.length + row.blocks.length;
    const tie = row.lane.kind === "call" && view.asked ? callText(view) : "";
    return {
      title: `${row.lane.title}${row.lane.detail === "" ? "" : `, ${row.lane.detail}`}: ${plural(row.lane.total, "entry", "entries")}${tie}`,
      items: blocksIn(row).map((block) => ({ key: itemKey(row, block), text: blockText(block) })),
      more: all > MOST_ITEMS ? `and ${all - MOST_ITEMS} more: zoom in` : "",
    };
  });
}

function callText(view: IovaView): string {
  const { asked } = view;
  if (!asked) return "";
  const where = rangeText(asked.range.first, asked.range.last);
  return `. It asked for ${where}: ${asked.errno}${asked.decidedBy ? `, because of ${rangeText(asked.decidedBy.first, asked.decidedBy.last)}` : ""}. Alignment ${humanSize(view.alignment)}`;
}

/** Left and right within the lane, up and down to the nearest block of the next lane that has any. */
export function neighbourOf(scene: Scene, key: string, direction: Direction, width: Px): string | null {
  const from = parseItem(scene, key);
  if (!from) return null;
  const rows = scene.rows.filter((row) => blocksIn(row).length > 0);
  const rowIndex = rows.findIndex((row) => row.lane.key === from.row.lane.key);
  if (direction === "left" || direction === "right") {
    const blocks = blocksIn(from.row);
    const next = blocks[blocks.indexOf(from.block) + (direction === "left" ? -1 : 1)];
    return next ? itemKey(from.row, next) : null;
  }
  const row = rows[rowIndex + (direction === "up" ? -1 : 1)];
  if (!row) return null;
  const center = middle(from.block, width);
  const nearest = blocksIn(row).toSorted((left, right) => Math.abs(middle(left, width) - center) - Math.abs(middle(right, width) - center))[0];
  return nearest ? itemKey(row, nearest) : null;
}

function middle(block: Block, width: Px): Px {
  const { left, right } = visible(block, width);
  return (left + right) / 2;
}
