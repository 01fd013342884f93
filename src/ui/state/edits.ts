/**
 * Changes to the open scenario, and how they are taken back. The list of calls is the only truth: a change makes a new list,
 * the engine runs it, and the old one stays here for undo. What makes changes is fetched with the first.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Range } from "../../kernel/answer.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { Versions } from "../edit/versions.ts";
import { messageOf, type Notices } from "./notices.ts";
import type { Session } from "./session.ts";

/** What the composer is at: a call that is to come after step `at`, or the call of step `at`. */
export interface Composing {
  mode: "insert" | "edit";
  at: number;
}

interface Version {
  scenario: Scenario;
  step: number;
  /** What was done next: "IOMMU_IOAS_MAP was added as step 3". */
  done: string;
}

export interface EditsState {
  past: readonly Version[];
  future: readonly Version[];
  composing: Composing | null;
  /** The text editor is open. */
  text: boolean;
  /** What stands in the text editor that has not been read (yet). */
  draft: string | null;
  /** A field waits for a range to be drawn on the diagram. */
  picking: ((range: Range) => void) | null;
}

/** A change: the new list and the step to look at. Null: there is nothing to change. */
export type Change = (scenario: Scenario, step: number) => { scenario: Scenario; step: number; done: string } | null;

export interface Edits {
  store: StoreApi<EditsState>;
  /** Makes a change; false when there was nothing to change, or a notice says why not. The scenario that it gets has names for its ids. */
  does<Name extends keyof Versions>(name: Name, ...args: Parameters<Versions[Name]>): Promise<boolean>;
  compose(composing: Composing | null): void;
  text(open: boolean): void;
  pick(picking: EditsState["picking"]): void;
}

const NOTHING: EditsState = { past: [], future: [], composing: null, text: false, draft: null, picking: null };

export function createEdits(session: Session, notices: Notices): Edits {
  const store = createStore<EditsState>(() => NOTHING);
  const { setState: set } = store;
  let ours = false;
  let coming: Promise<Versions> | undefined;
  const versions = () => (coming ??= import("../edit/versions.ts").then((module) => module.createVersions({ session, notices, store, ours: (is) => void (ours = is) })));

  session.store.subscribe((now, before) => {
    if (now.load === before.load) return;
    // Another scenario, or none: what could be undone belongs to the one before.
    if (!now.loaded || now.work !== before.work) set(NOTHING);
    // The platform, or the order of CPUs, was changed elsewhere in the page.
    else if (!ours && before.scenario && now.scenario) {
      const { scenario, step } = before;
      const what = scenario.title !== now.scenario.title ? "title" : scenario.platform !== now.scenario.platform ? "platform" : "scenario";
      set((old) => ({ past: [...old.past, { scenario, step, done: `the ${what} was changed` }], future: [] }));
    }
  });

  return {
    store,
    does: async (name, ...args) => {
      try {
        return await ((await versions())[name] as (...all: typeof args) => Promise<boolean>)(...args);
      } catch (error) {
        coming = undefined;
        notices.problem(messageOf(error));
        return false;
      }
    },
    compose: (composing) => set({ composing, picking: null }),
    text: (text) => set({ text }),
    pick: (picking) => set({ picking }),
  };
}
