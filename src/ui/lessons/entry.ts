/**
 * What the page knows of lessons before one is opened: how to open one, and whether one is being followed. Lessons themselves,
 * with their reader and their card, are fetched when first wanted.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Session } from "../state/session.ts";
import type { View } from "../state/view.ts";
import type { LessonPlayer } from "./player.ts";

export interface LessonsEntry {
  store: StoreApi<{ player: LessonPlayer | null }>;
  /** Opens a lesson at a step, from 1; rejects when there is none of this id. */
  open: (id: string, step: number, arrival: "push" | "in-address") => Promise<void>;
  /** Opens a link to a lesson. False: the fragment is none. */
  openFragment: (fragment: string) => Promise<boolean>;
  /** The link to the step being followed; null when the person explores on their own, or follows none. */
  fragment: () => string | null;
  close: () => void;
  /** Calls back whenever what `fragment` says may have changed. */
  onChange: (changed: (how: "push" | "replace") => void) => void;
}

const LINK = /^#lesson(?:=([^/]*)(?:\/(\d{1,4}))?)?$/;

export function createLessons(session: () => Session, view: View): LessonsEntry {
  const store = createStore<{ player: LessonPlayer | null }>(() => ({ player: null }));
  const listeners: ((how: "push" | "replace") => void)[] = [];
  const changed = (how: "push" | "replace" = "replace") => listeners.forEach((listener) => listener(how));

  const close = () => {
    store.getState().player?.dispose();
    store.setState({ player: null });
    changed();
  };

  const open: LessonsEntry["open"] = async (id, step, arrival) => {
    const { createPlayer } = await import("./player.ts");
    const current = store.getState().player;
    if (current?.lesson.id === id) {
      await current.goto(step - 1);
      return;
    }
    const player = createPlayer({ id, session: session(), view, changed, close });
    current?.dispose();
    store.setState({ player });
    await player.start(step - 1, arrival);
  };

  return {
    store,
    open,
    close,
    openFragment: async (fragment) => {
      const match = LINK.exec(fragment);
      if (!match) return false;
      await open(match[1] ?? "tour", Math.max(1, Number(match[2] ?? "1")), "in-address");
      return true;
    },
    fragment: () => store.getState().player?.fragment() ?? null,
    onChange: (listener) => void listeners.push(listener),
  };
}
