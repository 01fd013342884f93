/** Lines of the call list, fetched page by page as they come into sight and kept while their scenario is open. */
import type { StoreApi } from "zustand/vanilla";
import type { Engine, StepRow } from "../../engine/views.ts";
import type { SessionState } from "./session.ts";

const PAGE = 32;
/** Lines before and after a far step that are seen with it. */
const BEFORE = 10;
const AFTER = 14;

export type Pages = ReadonlyMap<number, StepRow[]>;
const NONE: Pages = new Map();

export interface RowPages {
  need: (from: number, count: number) => void;
  /** Fetches a page that is not valid any more. */
  again: (page: number) => void;
  /** The pages around a step that are not there yet, for who wants to show them together with something else. */
  around: (step: number, load: number) => Promise<Pages>;
}

export function createRowPages(engine: Engine, store: StoreApi<SessionState>, fail: (error: unknown) => void): RowPages {
  /** Pages on their way, as "load/page". */
  const coming = new Set<string>();

  const fetchPage = async (page: number, load: number): Promise<StepRow[] | null> => {
    const ticket = `${load}/${page}`;
    if (coming.has(ticket)) return null;
    coming.add(ticket);
    try {
      return await engine.rows(page * PAGE + 1, PAGE);
    } catch (error) {
      if (store.getState().load === load) fail(error);
      return null;
    } finally {
      coming.delete(ticket);
    }
  };
  const show = async (page: number, load: number) => {
    const lines = await fetchPage(page, load);
    if (lines) store.setState((state) => (state.load === load && state.loaded ? { rows: new Map(state.rows).set(page, lines) } : state));
  };
  /** The pages of these lines that are not there. */
  const missing = (from: number, to: number): number[] => {
    const { loaded, rows } = store.getState();
    if (!loaded || loaded.steps === 0) return [];
    const first = Math.floor((Math.max(1, from) - 1) / PAGE);
    const last = Math.floor((Math.min(loaded.steps, to) - 1) / PAGE);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index).filter((page) => !rows.has(page));
  };

  return {
    again: (page) => void show(page, store.getState().load),
    need: (from, count) => {
      const { load } = store.getState();
      for (const page of missing(from, from + count - 1)) void show(page, load);
    },
    around: async (step, load) => {
      if (load !== store.getState().load) return NONE;
      const pages = missing(step - BEFORE, step + AFTER);
      if (pages.length === 0) return NONE;
      const found = await Promise.all(pages.map(async (page) => [page, await fetchPage(page, load)] as const));
      return new Map(found.filter((entry): entry is [number, StepRow[]] => entry[1] !== null));
    },
  };
}

/** The line of a step, from 1; undefined while it is on its way. */
export function rowAt(rows: ReadonlyMap<number, StepRow[]>, step: number): StepRow | undefined {
  return rows.get(Math.floor((step - 1) / PAGE))?.[(step - 1) % PAGE];
}
