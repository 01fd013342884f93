/** Curves between boxes and the words on them. Pure. */
import type { Px } from "../../../base/flavor.ts";
import type { ObjectEdge } from "../../../kernel/inspect.ts";
import type { Measure } from "../common/text.ts";
import type { Box } from "./layout.ts";

export interface Curve {
  key: string;
  from: string;
  to: string;
  counts: boolean;
  path: string;
  /** Tip and direction of the arrow head, degrees. */
  tip: { x: Px; y: Px; angle: number };
  /** Null where no room is left for it. */
  label: { text: string; x: Px; y: Px } | null;
}

const HEAD: Px = 6;
const LABEL_HEIGHT: Px = 13;
/** How far a count of users on the upper edge of a box reaches over it. */
const BADGE_ABOVE: Px = 9;

interface Rect {
  left: Px;
  top: Px;
  right: Px;
  bottom: Px;
}

export function edgeCurves(edges: readonly (ObjectEdge & { many: number })[], boxes: readonly Box[], pitch: Px, measure: Measure): Curve[] {
  const byKey = new Map(boxes.map((box) => [box.key, box]));
  const taken: Rect[] = boxes.map((box) => ({ left: box.left, top: box.badgeAbove ? box.top - BADGE_ABOVE : box.top, right: box.left + box.width, bottom: box.top + box.height }));
  const said = new Set<string>();
  const curves: Curve[] = [];
  for (const edge of edges) {
    const from = byKey.get(edge.from);
    const to = byKey.get(edge.to);
    if (!from || !to) continue;
    const shape = from.left === to.left ? within(from, to, boxes) : across(from, to, port(edges, edge, byKey), boxes, pitch);
    const text = edge.many > 1 ? `${edge.label} × ${edge.many}` : edge.label;
    // Forty devices attached to one table say "attached" once, and so do devices that fan out to forty tables.
    const once = [`${edge.label}>${edge.to}`, `${edge.from}>${edge.label}`];
    const label = edge.label !== "" && (!once.some((each) => said.has(each)) || edge.many > 1) ? labelAt(shape, text, taken, measure) : null;
    if (label) {
      once.forEach((each) => said.add(each));
      taken.push({ left: label.x - 2, top: label.y - LABEL_HEIGHT, right: label.x + measure(text, "text") + 2, bottom: label.y + 3 });
    }
    curves.push({ key: `${edge.from}>${edge.to}>${edge.label}`, from: edge.from, to: edge.to, counts: edge.counts, path: shape.path, tip: shape.tip, label });
  }
  return curves;
}

/** Where on the side of the target this edge ends: edges from above end higher. */
function port(edges: readonly ObjectEdge[], edge: ObjectEdge, byKey: ReadonlyMap<string, Box>): number {
  const to = byKey.get(edge.to)!;
  const side = Math.sign(byKey.get(edge.from)!.left - to.left);
  const sources = edges
    .filter((other) => other.to === edge.to && byKey.has(other.from) && Math.sign(byKey.get(other.from)!.left - to.left) === side)
    .toSorted((left, right) => byKey.get(left.from)!.top - byKey.get(right.from)!.top);
  return (sources.indexOf(edge) + 1) / (sources.length + 1);
}

interface Shape {
  path: string;
  tip: Curve["tip"];
  middle: { x: Px; y: Px }[];
  /** The label stands right of the line instead of on it. */
  beside?: boolean;
}

function across(from: Box, to: Box, share: number, boxes: readonly Box[], pitch: Px): Shape {
  const right = to.left > from.left;
  const startX = right ? from.left + from.width : from.left;
  const startY = from.top + from.height / 2;
  const endX = right ? to.left : to.left + to.width;
  const endY = to.top + 8 + (to.height - 16) * share;
  const stopX = right ? endX - HEAD : endX + HEAD;
  const tip = { x: endX, y: endY, angle: right ? 0 : 180 };
  const between = boxes.filter((box) => (right ? box.left > from.left && box.left < to.left : box.left < from.left && box.left > to.left));
  const straight = between.filter((box) => box.top - 4 < Math.max(startY, endY) && box.top + box.height + 4 > Math.min(startY, endY));
  if (straight.length === 0) {
    const bend = (stopX - startX) / 2;
    return {
      path: `M${startX} ${startY}C${startX + bend} ${startY} ${stopX - bend} ${endY} ${stopX} ${endY}`,
      tip,
      middle: [{ x: (startX + stopX) / 2, y: (startY + endY) / 2 }],
    };
  }
  // Boxes stand between: pass through the gap under the source's row.
  const channel = from.top + from.height + (pitch - from.height) / 2;
  const entry = right ? Math.min(...between.map((box) => box.left)) - 6 : Math.max(...between.map((box) => box.left + box.width)) + 6;
  const exit = right ? Math.max(...between.map((box) => box.left + box.width)) + 6 : Math.min(...between.map((box) => box.left)) - 6;
  const in1 = (entry - startX) / 2;
  const in2 = (stopX - exit) / 2;
  return {
    path: `M${startX} ${startY}C${startX + in1} ${startY} ${entry - in1} ${channel} ${entry} ${channel}H${exit}C${exit + in2} ${channel} ${stopX - in2} ${endY} ${stopX} ${endY}`,
    tip,
    middle: [{ x: (entry + exit) / 2, y: channel }],
  };
}

/** Between two boxes of one column: straight when they are neighbours, else a bow at the left. */
function within(from: Box, to: Box, boxes: readonly Box[]): Shape {
  const up = to.top < from.top;
  const top = Math.min(from.top, to.top);
  const bottom = Math.max(from.top, to.top);
  const neighbours = !boxes.some((box) => box.left === from.left && box.top > top && box.top < bottom);
  if (neighbours) {
    const x = from.left + from.width / 2;
    const startY = up ? from.top : from.top + from.height;
    const endY = up ? to.top + to.height : to.top;
    return { path: `M${x} ${startY}V${up ? endY + HEAD : endY - HEAD}`, tip: { x, y: endY, angle: up ? -90 : 90 }, middle: [{ x: x + 6, y: (startY + endY) / 2 + 4 }], beside: true };
  }
  const x = from.left;
  const startY = from.top + from.height * 0.35;
  const endY = to.top + to.height * 0.7;
  return {
    path: `M${x} ${startY}C${x - 26} ${startY} ${x - 26} ${endY} ${x - HEAD} ${endY}`,
    tip: { x, y: endY, angle: 0 },
    middle: [{ x: x - 22, y: (startY + endY) / 2 }],
  };
}

/** A free place for a label at or near the middle of its curve; x is the left edge, y the baseline. */
function labelAt(shape: Shape, text: string, taken: readonly Rect[], measure: Measure): Curve["label"] {
  const width = measure(text, "text");
  const around = [[-(width / 2), -5], [0, 0], [-(width / 2), 13], [-(width / 2), -14], [4, -5], [-(width / 2), 22]] as const;
  for (const middle of shape.middle) {
    for (const [shiftX, shiftY] of shape.beside ? ([[0, 0], [0, -3]] as const) : around) {
      const x = middle.x + shiftX;
      const y = middle.y + shiftY;
      const hit = taken.some((rect) => x < rect.right + 2 && x + width > rect.left - 2 && y - LABEL_HEIGHT + 2 < rect.bottom && y + 2 > rect.top);
      if (!hit) return { text, x, y };
    }
  }
  return null;
}
