/** Which of the kernel's functions took objects apart, on both sides: where two forms differ though answers and states agree. */
import type { Way } from "../../kernel/call-trace.ts";
import type { DifferenceView } from "../views.ts";

export type Ways = readonly Way[] | null;

/** Both runs took the same objects apart through the same functions. */
export function sameWays(left: Ways, right: Ways): boolean {
  if (left === null || right === null) return left === right;
  return left.length === right.length && left.every((way, index) => sameWay(way, right[index] as Way));
}

function sameWay(left: Way, right: Way): boolean {
  return left.object.key === right.object.key && left.halfMade === right.halfMade && left.functions.join() === right.functions.join();
}

/** One difference for each object whose end went another way. */
export function tellWays(left: Ways, right: Ways): DifferenceView[] {
  const others = new Map((right ?? []).map((way) => [way.object.key, way]));
  const told: DifferenceView[] = [];
  for (const way of left ?? []) {
    const other = others.get(way.object.key) ?? null;
    others.delete(way.object.key);
    if (!other || !sameWay(way, other)) told.push(tellWay(way, other));
  }
  for (const way of others.values()) told.push(tellWay(null, way));
  return told;
}

function tellWay(left: Way | null, right: Way | null): DifferenceView {
  const way = (left ?? right) as Way;
  const subject = `${way.halfMade ? "the half-made" : "destroying"} ${way.object.label}`;
  const text = left && right
    ? `${way.halfMade ? "The half-made" : "Destroying"} ${way.object.label} goes through ${pathOf(left, right)} on the left, ${pathOf(right, left)} on the right.`
    : `${way.object.label} goes through ${pathOf(way, null)} on the ${left ? "left" : "right"} only.`;
  return { subject, left: left ? pathOf(left, null) : "nothing to take apart", right: right ? pathOf(right, null) : "nothing to take apart", text, objects: [way.object] };
}

/** The functions in their order, without those at the start that both sides share. */
function pathOf(way: Way, other: Way | null): string {
  const parts = other ? way.functions.findIndex((name, index) => name !== other.functions[index]) : 0;
  return way.functions.slice(Math.max(0, parts)).join(" → ");
}
