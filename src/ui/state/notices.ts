/** Short messages over the page: confirmations go by themselves, problems stay until dismissed. */
import { createStore, type StoreApi } from "zustand/vanilla";

export interface Notice {
  id: number;
  kind: "info" | "problem";
  text: string;
}

export interface Notices {
  store: StoreApi<{ list: Notice[] }>;
  info(text: string): void;
  problem(text: string): void;
  dismiss(id: number): void;
  /** What went wrong is history: something else has worked since. */
  clearProblems(): void;
}

const INFO_MS = 4000;
const MOST = 4;

export function createNotices(): Notices {
  const store = createStore<{ list: Notice[] }>(() => ({ list: [] }));
  let next = 1;
  const dismiss = (id: number) => store.setState(({ list }) => ({ list: list.filter((notice) => notice.id !== id) }));
  const clearProblems = () => store.setState(({ list }) => ({ list: list.filter((notice) => notice.kind === "info") }));
  const show = (kind: Notice["kind"], text: string) => {
    const id = next++;
    // The same words again replace the old ones instead of piling up.
    store.setState(({ list }) => ({ list: [...list.filter((notice) => notice.text !== text), { id, kind, text }].slice(-MOST) }));
    if (kind === "info") setTimeout(() => dismiss(id), INFO_MS);
  };
  return { store, info: (text) => show("info", text), problem: (text) => show("problem", text), dismiss, clearProblems };
}

/** The message of whatever was thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
