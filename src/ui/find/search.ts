/** A search through the whole scenario, slice by slice, until there is enough or somebody types something else. */
import type { Engine, FindHit } from "../../engine/views.ts";

/** As many as anybody reads. */
export const MOST_HITS = 80;

export interface SearchState {
  hits: readonly FindHit[];
  /** Steps looked at; null: all. */
  looked: number | null;
}

/** Tells each slice's outcome to `tell`; returns a function that ends the search. */
export function search(engine: Engine, text: string, step: number, tell: (state: SearchState) => void, fail: (error: unknown) => void): () => void {
  let wanted = true;
  const run = async (): Promise<void> => {
    let hits: FindHit[] = [];
    let next: number | null = 0;
    while (next !== null && hits.length < MOST_HITS) {
      const found = await engine.find({ text, step, from: next, most: MOST_HITS - hits.length });
      if (!wanted) return;
      hits = [...hits, ...found.hits];
      next = found.next;
      tell({ hits, looked: next });
    }
    tell({ hits, looked: null });
  };
  run().catch((error: unknown) => {
    if (wanted) fail(error);
  });
  return () => {
    wanted = false;
  };
}
