/**
 * What the page knows of moving through a run beyond the next step: the step that others are held against, what Play stops at,
 * and how to look for something. The work is done by modules that are fetched when first wanted.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Goal } from "../../engine/views.ts";
import type { Session } from "../state/session.ts";
import { messageOf, type Notices } from "../state/notices.ts";
import type { Selection } from "../state/selection.ts";
import type { View } from "../state/view.ts";

/** Something that Play stops at, and what it is called. */
export interface Stop {
  goal: Goal;
  text: string;
}

export interface HistoryState {
  /** The step that the one on screen is compared with; null: none. Another scenario begins without any of this. */
  pinned: number | null;
  stops: readonly Stop[];
  /** Play goes from one run of equal calls to the next. */
  skips: boolean;
}

export interface HistoryEntry {
  store: StoreApi<HistoryState>;
  /** Compares the step on screen with this one; null: no more. */
  pin(step: number | null): void;
  /** Goes to the nearest step in a direction that meets the goal; `what` says in a notice what was not found. */
  hunt(goal: Goal, what: string, direction: 1 | -1): void;
  /** Goes to the nearest step that touches what is marked. */
  huntMarked(direction: 1 | -1): void;
  setStops(stops: readonly Stop[], skips: boolean): void;
}

/** What a selection is to be looked for by. */
export function goalOf(selection: Selection): Goal {
  return "key" in selection ? { kind: "object", key: selection.key } : { kind: "range", first: selection.range.first, last: selection.range.last };
}

export function createHistory({ session, view, notices }: { session: Session; view: View; notices: Notices }): HistoryEntry {
  const store = createStore<HistoryState>(() => ({ pinned: null, stops: [], skips: false }));
  session.store.subscribe((state, before) => {
    if (state.load !== before.load && (store.getState().pinned !== null || store.getState().stops.length > 0 || store.getState().skips)) {
      store.setState({ pinned: null, stops: [], skips: false });
      session.playBy(null);
    }
  });
  const hunting = () => import("./hunting.ts");
  const hunt: HistoryEntry["hunt"] = (goal, what, direction) => {
    void hunting()
      .then((module) => module.hunt(session, notices, goal, what, direction))
      .catch((error: unknown) => notices.problem(messageOf(error)));
  };
  return {
    store,
    hunt,
    pin: (pinned) => store.setState({ pinned }),
    huntMarked: (direction) => {
      const { selection } = view.store.getState();
      if (selection) hunt(goalOf(selection), "nothing that changes what is marked", direction);
    },
    setStops: (stops, skips) => {
      store.setState({ stops, skips });
      if (stops.length === 0 && !skips) session.playBy(null);
      else void hunting().then((module) => session.playBy(module.hopper(session, notices, store)), (error: unknown) => notices.problem(messageOf(error)));
    },
  };
}
