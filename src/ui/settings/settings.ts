/** What a person has chosen for good; kept in the browser, if it lets us. The theme is in `view`, where the page needs it first. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { setNotation, type Notation } from "../../base/format.ts";
import { isJsonObject } from "../../base/json.ts";
import { recall, remember } from "../state/memory.ts";
import { SPEEDS, type Speed } from "../state/player.ts";
import type { Session } from "../state/session.ts";

export interface SettingsState extends Notation {
  motion: "system" | "still";
  density: "usual" | "compact";
  /** Scenarios are kept in the browser as they are opened and changed. */
  autosave: boolean;
  speed: Speed;
}

export interface Settings {
  store: StoreApi<SettingsState>;
  set: (change: Partial<SettingsState>) => void;
}

/** The first of each list is the usual one. */
export const CHOICES = { motion: ["system", "still"], density: ["usual", "compact"], digits: ["grouped", "plain"], sizes: ["usual", "gib"], autosave: [true, false], speed: [1, ...SPEEDS] } as const;

const NAME = "settings";

function remembered(): SettingsState {
  let stored: unknown;
  try {
    stored = JSON.parse(recall(NAME) ?? "{}");
  } catch {
    stored = {};
  }
  const known = isJsonObject(stored) ? stored : {};
  return Object.fromEntries(Object.entries(CHOICES).map(([name, [usual, ...others]]) => [name, others.find((choice) => choice === known[name]) ?? usual])) as unknown as SettingsState;
}

export function createSettings(): Settings {
  const store = createStore<SettingsState>(remembered);
  return {
    store,
    set: (change) => {
      store.setState(change);
      remember(NAME, JSON.stringify(store.getState()));
    },
  };
}

/** Should nothing move by itself? */
export function isStill(): boolean {
  return document.documentElement.dataset.motion === "still" || matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Keeps the page as the settings say. */
export function followSettings({ store, set }: Settings, session: Session): void {
  const apply = (now: SettingsState, before: SettingsState | null) => {
    const { dataset } = document.documentElement;
    dataset.motion = now.motion;
    dataset.density = now.density;
    if (before ? now.digits !== before.digits || now.sizes !== before.sizes : now.digits !== "grouped" || now.sizes !== "usual") {
      const notation: Notation = { digits: now.digits, sizes: now.sizes };
      setNotation(notation);
      void session.engine.notation(notation).then(() => session.refresh(), () => {});
    }
    if (session.store.getState().speed !== now.speed) session.speed(now.speed);
  };
  store.subscribe(apply);
  apply(store.getState(), null);
  session.store.subscribe(({ speed }) => {
    if (speed !== store.getState().speed) set({ speed });
  });
}
