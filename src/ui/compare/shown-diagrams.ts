import type { Frame } from "../../engine/views.ts";

export type Diagram = "pasids" | "objects" | "iova";

/** The diagrams that have something to show on either side, the most telling first. */
export function diagramsOf(frame: Frame | null, forIds: boolean): Diagram[] {
  const sides = frame ? [frame, ...(frame.other ? [frame.other.frame] : [])] : [];
  const has: Record<Diagram, boolean> = {
    pasids: sides.some((side) => side.pasids !== null), objects: sides.some((side) => side.graph.nodes.length > 0), iova: sides.some((side) => side.iova !== null),
  };
  const order: Diagram[] = forIds ? ["pasids", "objects", "iova"] : ["iova", "objects", "pasids"];
  return order.filter((diagram) => has[diagram]);
}
