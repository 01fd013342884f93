/** Where in the open scenario the page is, as an entry of the browser's history keeps it. */
import type { Session } from "./session.ts";
import { selectionFromText, selectionText } from "./selection.ts";
import type { View } from "./view.ts";
import { setWindows, windowFromText, windows } from "./windows.ts";

export interface Place {
  /** The visit to the page that made the entry; another one knows nothing of its scenarios. */
  visit: number;
  /** The load that it is a place of. */
  load: number;
  step: number;
  selection: string | null;
  space: string | null;
  /** Windows of spaces, as links carry them. */
  windows: [space: string, window: string][];
}

export const VISIT = Math.round(performance.timeOrigin);

export function placeNow(session: Session, view: View): Place {
  const { load, step, query } = session.store.getState();
  const { selection } = view.store.getState();
  return {
    visit: VISIT, load, step, selection: selection && selectionText(selection), space: query.space,
    windows: [...windows.getState().of].map(([space, window]) => [space, selectionText({ range: window })]),
  };
}

/** The place in an entry of this visit; null: the entry has none. */
export function placeIn(entry: unknown): Place | null {
  const place = entry as Partial<Place> | null;
  return place !== null && typeof place === "object" && place.visit === VISIT && typeof place.load === "number" && typeof place.step === "number" && Array.isArray(place.windows) ? (place as Place) : null;
}

/** Goes back to a place of the scenario that is open. */
export function goTo(place: Place, session: Session, view: View): void {
  session.play(false);
  view.select(place.selection === null ? null : selectionFromText(place.selection));
  setWindows(() => new Map(place.windows.flatMap(([space, text]) => {
    const window = windowFromText(text);
    return window ? [[space, window] as const] : [];
  })));
  session.ask({ space: place.space });
  void session.goto(place.step);
}
