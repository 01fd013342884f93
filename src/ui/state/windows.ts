/** How far somebody has zoomed in: the window on each IOVA space. Kept here, so that links and the browser's history can hold it. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Range } from "../../kernel/answer.ts";
import { selectionFromText, selectionText } from "./selection.ts";

export type Windows = ReadonlyMap<string, Range>;

/** One for the page: diagrams that stand side by side have windows of their own. */
export const windows: StoreApi<{ of: Windows }> = createStore<{ of: Windows }>(() => ({ of: new Map() }));

export function setWindows(change: (now: Windows) => Windows): void {
  windows.setState(({ of }) => ({ of: change(of) }));
}

/** The window of a space as links carry it, "0x1000-0x1fff" (inclusive); null: all of the space is shown. */
export function windowText(space: string | null): string | null {
  const window = space === null ? undefined : windows.getState().of.get(space);
  return window ? selectionText({ range: window }) : null;
}

/** Reads what `windowText` wrote; null for anything else. */
export function windowFromText(text: string | undefined): Range | null {
  const found = text === undefined ? null : selectionFromText(text);
  return found && "range" in found ? found.range : null;
}
