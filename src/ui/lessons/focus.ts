/** Moves the view to what a step is about, and marks it. */
import { ensure } from "../../base/assert.ts";
import { parseU64 } from "../../base/u64.ts";
import type { Focus } from "../../lessons/lesson.ts";
import type { Session } from "../state/session.ts";
import type { Selection } from "../state/selection.ts";
import type { Tab, View } from "../state/view.ts";

const PANEL_TABS: Record<string, Tab> = { calls: "calls", objects: "objects", iova: "iova", pasids: "pasids", why: "why" };

/** The panel, of those shown one at a time, in which an object is drawn. */
function tabOfKey(key: string): Tab {
  if (/^(mapping|region):/.test(key)) return "iova";
  return /^(ioasid|set|allocator):/.test(key) ? "pasids" : "objects";
}

function selectionOf(focus: Focus): Selection | null {
  if (focus.kind === "object") return { key: focus.key };
  if (focus.kind === "panel") return null;
  return { range: { first: ensure(parseU64(focus.first), "first byte"), last: ensure(parseU64(focus.last), "last byte") } };
}

export function lookAt(focus: Focus | null, session: Session, view: View): void {
  const { dataset } = document.documentElement;
  delete dataset.lessonPanel;
  if (!focus) return;
  const selection = selectionOf(focus);
  if (focus.kind === "panel") {
    dataset.lessonPanel = focus.panel;
    const tab = PANEL_TABS[focus.panel];
    if (tab) view.tab(tab);
  } else {
    if (focus.kind === "range" && focus.space !== null) session.ask({ space: focus.space });
    view.tab(focus.kind === "object" ? tabOfKey(focus.key) : "iova");
  }
  view.show(selection);
}

/** Takes back what marks the page as following a lesson. */
export function stopLooking(): void {
  const { dataset } = document.documentElement;
  delete dataset.lessonPanel;
  delete dataset.lesson;
}
