/** Makes changes to the open scenario and takes them back. One after the other: a key that is held down asks faster than calls are run. */
import type { StoreApi } from "zustand/vanilla";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { Change, EditsState } from "../state/edits.ts";
import { messageOf, type Notices } from "../state/notices.ts";
import type { Session } from "../state/session.ts";
import { duplication, insertion, moving, removal, replacement } from "./changes.ts";

export interface Versions {
  change(change: Change): Promise<boolean>;
  insert(at: number, call: ScenarioCall): Promise<boolean>;
  replace(step: number, call: ScenarioCall): Promise<boolean>;
  remove(step: number): Promise<boolean>;
  duplicate(step: number): Promise<boolean>;
  move(step: number, by: 1 | -1): Promise<boolean>;
  undo(): Promise<boolean>;
  redo(): Promise<boolean>;
  /** Opens a scenario that is to be written. */
  write(scenario: Scenario): Promise<boolean>;
}

/** `ours` says while we ourselves are opening something. */
export function createVersions({ session, notices, store, ours }: { session: Session; notices: Notices; store: StoreApi<EditsState>; ours: (is: boolean) => void }): Versions {
  const { getState: state, setState: set } = store;
  const at = () => session.store.getState();
  let queue: Promise<unknown> = Promise.resolve();

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
    ours(true);
    try {
      await session.open(scenario, { step, reading, sequence, edited: true, inPlace: true, arrival: "in-address", ...(compared && { compare: compared.target }) });
    } finally {
      ours(false);
    }
  };

  const change: Versions["change"] = (make) =>
    inOrder(async () => {
      const { step } = at();
      const before = await session.engine.named();
      const made = make(before, step);
      if (!made) return false;
      await show(await session.engine.resolve(made.scenario), made.step);
      set((old) => ({ past: [...old.past, { scenario: before, step, done: made.done }], future: [] }));
      return true;
    });

  const travel = (from: "past" | "future", word: string) =>
    inOrder(async () => {
      const version = state()[from].at(-1);
      const { step } = at();
      if (!version) {
        notices.info(from === "past" ? "Nothing to undo." : "Nothing to redo.");
        return false;
      }
      const now = await session.engine.named();
      await show(version.scenario, version.step);
      const other = from === "past" ? "future" : "past";
      set((old) => ({ [from]: old[from].slice(0, -1), [other]: [...old[other], { scenario: now, step, done: version.done }] }));
      notices.info(`${word}: ${version.done}.`);
      return true;
    });

  return {
    change,
    insert: (after, call) => change(insertion(after, call)),
    replace: (step, call) => change(replacement(step, call)),
    remove: (step) => change(removal(step)),
    duplicate: (step) => change(duplication(step)),
    move: (step, by) => change(moving(step, by)),
    undo: () => travel("past", "Undone"),
    redo: () => travel("future", "Done again"),
    write: (scenario) =>
      inOrder(async () => {
        await session.open(scenario);
        set({ composing: { mode: "insert", at: scenario.calls.length } });
        return true;
      }),
  };
}
