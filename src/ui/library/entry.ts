/** What the page knows of the library before it is needed: that there is one, and how to reach it. The rest is fetched. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { painted } from "../parts/painted.ts";
import { recall } from "../state/memory.ts";
import type { Keeper, KeeperParts } from "./keeper.ts";

/** Set in the browser's memory once something has been kept. */
export const KEPT = "kept";

export interface LibraryEntry {
  /** `naming`: the dialog begins with the name of the open scenario. */
  store: StoreApi<{ naming: boolean }>;
  /** Something has been kept in this browser. */
  hasAny(): boolean;
  /** Asks for a name under which to keep the open scenario. */
  askName(): void;
  keeper(): Promise<Keeper>;
  /** Keeps whatever is opened from now on. */
  start(): void;
}

export function createLibraryEntry(parts: KeeperParts): LibraryEntry {
  const store = createStore(() => ({ naming: false }));
  let coming: Promise<Keeper> | null = null;
  const keeper = () => (coming ??= import("./keeper.ts").then(({ createKeeper }) => createKeeper(parts)));
  return {
    store,
    keeper,
    hasAny: () => recall(KEPT) !== null,
    askName: () => {
      store.setState({ naming: true });
      parts.view.open("library");
    },
    start: () => {
      const stop = parts.session.store.subscribe(({ loaded }) => {
        if (!loaded) return;
        stop();
        // Nothing to tell: what could not be fetched keeps nothing, and the next page load tries again.
        void painted().then(keeper).catch(() => {});
      });
    },
  };
}
