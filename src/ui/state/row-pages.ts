/** Lines of the call list, fetched page by page as they come into sight and kept while their scenario is open. */
import type { StoreApi } from "zustand/vanilla";
import type { Engine, StepRow } from "../../engine/views.ts";
import type { SessionState } from "./session.ts";

const PAGE = 128;

export interface RowPages {
  need: (from: number, count: number) => void;
  /** Fetches a page that is not valid any more. */
  again: (page: number) => void;
}

export function createRowPages(engine: Engine, store: StoreApi<SessionState>, fail: (error: unknown) => void): RowPages {
  /** Pages on their way, as "load/page". */
  const coming = new Set<string>();

  const fetchPage = async (page: number, load: number) => {
    const ticket = `${load}/${page}`;
    if (coming.has(ticket)) return;
    coming.add(ticket);
    try {
      const lines = await engine.rows(page * PAGE + 1, PAGE);
      store.setState((state) => (state.load === load && state.loaded ? { rows: new Map(state.rows).set(page, lines) } : state));
    } catch (error) {
      if (store.getState().load === load) fail(error);
    } finally {
      coming.delete(ticket);
    }
  };

  return {
    again: (page) => void fetchPage(page, store.getState().load),
    need: (from, count) => {
      const { loaded, load, rows } = store.getState();
      if (!loaded || loaded.steps === 0) return;
      const first = Math.max(1, from);
      const last = Math.min(loaded.steps, from + count - 1);
      for (let page = Math.floor((first - 1) / PAGE); page <= Math.floor((last - 1) / PAGE); page++) {
        if (!rows.has(page)) void fetchPage(page, load);
      }
    },
  };
}

/** The line of a step, from 1; undefined while it is on its way. */
export function rowAt(rows: ReadonlyMap<number, StepRow[]>, step: number): StepRow | undefined {
  return rows.get(Math.floor((step - 1) / PAGE))?.[(step - 1) % PAGE];
}
