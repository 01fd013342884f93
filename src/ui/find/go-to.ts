/** Goes to something found: to its step, and marks it in the diagrams. */
import type { FindHit } from "../../engine/views.ts";
import type { App } from "../app.ts";
import type { Selection } from "../state/selection.ts";
import type { Tab } from "../state/view.ts";

function selectionOf(hit: FindHit): Selection | null {
  if (hit.range) return { range: hit.range };
  return hit.key === undefined ? null : { key: hit.key };
}

/** The panel in which it is seen where there is room for one only. */
function tabOf(hit: FindHit): Tab {
  if (hit.range) return "iova";
  if (hit.key !== undefined) return /^(ioasid|set|allocator):/.test(hit.key) ? "pasids" : "objects";
  return "why";
}

export async function goTo(hit: FindHit, { session, view }: Pick<App, "session" | "view">): Promise<void> {
  session.play(false);
  if (hit.space !== undefined) session.ask({ space: hit.space });
  if (hit.step !== undefined) await session.goto(hit.step);
  view.tab(tabOf(hit));
  const selection = selectionOf(hit);
  if (selection) view.show(selection);
}
