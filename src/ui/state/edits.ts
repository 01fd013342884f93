/**
 * Changes to the open scenario, and how they are taken back. The list of calls is the only truth: a change makes a new list,
 * the engine runs it, and the old one stays here for undo. What changes a list is fetched when the first change is made.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Range } from "../../kernel/answer.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
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
  /** What was done next: "IOMMU_IOAS_MAP added as step 3". */
  done: string;
}

export interface EditsState {
  past: readonly Version[];
  future: readonly Version[];
  composing: Composing | null;
  /** The text editor is open. */
  text: boolean;
  /** What stands in the text editor that can't be read (yet). */
  draft: string | null;
  /** A field waits for a range to be drawn on the diagram. */
  picking: ((range: Range) => void) | null;
}

/** A change: the new list and the step to look at. Null: there is nothing to change. */
export type Change = (scenario: Scenario, step: number) => { scenario: Scenario; step: number; done: string } | null;

export interface Edits {
  store: StoreApi<EditsState>;
  /** Makes a change to the open scenario, with names for its ids; false when a notice says why not. */
  change(change: Change): Promise<boolean>;
  insert(at: number, call: ScenarioCall): Promise<boolean>;
  replace(step: number, call: ScenarioCall): Promise<boolean>;
  remove(step: number): Promise<boolean>;
  duplicate(step: number): Promise<boolean>;
  move(step: number, by: 1 | -1): Promise<boolean>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  compose(composing: Composing | null): void;
  text(open: boolean): void;
  pick(picking: EditsState["picking"]): void;
  /** Opens an empty or given scenario, to be written. */
  write(scenario: Scenario): Promise<boolean>;
}

const NOTHING: EditsState = { past: [], future: [], composing: null, text: false, draft: null, picking: null };

export function createEdits(session: Session, notices: Notices): Edits {
  const store = createStore<EditsState>(() => NOTHING);
  const { getState: state, setState: set } = store;
  const at = () => session.store.getState();
  /** We ourselves are opening something. */
  let ours = false;
  let queue: Promise<unknown> = Promise.resolve();

  /** One after the other: a key that is held down asks faster than calls are run. */
  const inOrder = (work: () => Promise<boolean>): Promise<boolean> => {
    const next = queue.then(work).catch((error: unknown) => {
      notices.problem(messageOf(error));
      return false;
    });
    queue = next;
    return next;
  };

  const show = async (scenario: Scenario, step: number): Promise<void> => {
    const { reading, sequence, compared } = at();
    ours = true;
    try {
      await session.open(scenario, { step, reading, sequence, edited: true, inPlace: true, arrival: "in-address", ...(compared && { compare: compared.target }) });
    } finally {
      ours = false;
    }
  };

  const change: Edits["change"] = (make) =>
    inOrder(async () => {
      const { step } = at();
      const before = await session.engine.named();
      const made = make(before, step);
      if (!made) return false;
      await show(await session.engine.resolve(made.scenario), made.step);
      set((old) => ({ past: [...old.past, { scenario: before, step, done: made.done }], future: [] }));
      return true;
    });

  const later = (name: "insertion" | "replacement" | "removal" | "duplication" | "moving") => async (...args: readonly unknown[]): Promise<boolean> => {
    try {
      const changes = await import("../edit/changes.ts");
      return await change((changes[name] as (...all: readonly unknown[]) => Change)(...args));
    } catch (error) {
      notices.problem(messageOf(error));
      return false;
    }
  };

  const travel = (from: "past" | "future", word: string) =>
    inOrder(async () => {
      const version = state()[from].at(-1);
      const { step } = at();
      if (!version) {
        notices.info(from === "past" ? "Nothing to undo." : "Nothing to redo.");
        return false;
      }
      const now = await session.engine.scenario();
      await show(version.scenario, version.step);
      const other = from === "past" ? "future" : "past";
      set((old) => ({ [from]: old[from].slice(0, -1), [other]: [...old[other], { scenario: now, step, done: version.done }] }));
      notices.info(`${word}: ${version.done}.`);
      return true;
    });

  session.store.subscribe((now, before) => {
    if (now.load === before.load) return;
    // Another scenario, or none: what could be undone belongs to the one before.
    if (!now.loaded || now.work !== before.work) set(NOTHING);
    // The platform, or the order of CPUs, was changed elsewhere in the page.
    else if (!ours && before.scenario && now.scenario) {
      const { scenario, step } = before;
      const done = scenario.title !== now.scenario.title ? "the title was changed" : scenario.platform !== now.scenario.platform ? "the platform was changed" : "the scenario was changed";
      set((old) => ({ past: [...old.past, { scenario, step, done }], future: [] }));
    }
  });

  return {
    store,
    change,
    insert: later("insertion"),
    replace: later("replacement"),
    remove: later("removal"),
    duplicate: later("duplication"),
    move: later("moving"),
    undo: async () => void (await travel("past", "Undone")),
    redo: async () => void (await travel("future", "Done again")),
    compose: (composing) => set({ composing, picking: null }),
    text: (text) => set({ text }),
    pick: (picking) => set({ picking }),
    write: (scenario) =>
      inOrder(async () => {
        await session.open(scenario);
        set({ composing: { mode: "insert", at: scenario.calls.length } });
        return true;
      }),
  };
}
