/** Short messages over the page: confirmations go by themselves, problems stay until dismissed. */
import { createStore, type StoreApi } from "zustand/vanilla";

export interface Notice {
  id: number;
  kind: "info" | "problem";
  text: string;
  /** Something to do about it, as a button. */
  action?: NoticeAction;
}

export interface NoticeAction {
  title: string;
  run(): void;
}

export interface Notices {
  store: StoreApi<{ list: Notice[] }>;
  /** With an action it stays until dismissed. */
  info(text: string, action?: NoticeAction): void;
  problem(text: string, action?: NoticeAction): void;
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
  const show = (kind: Notice["kind"], text: string, action?: NoticeAction) => {
    const id = next++;
    // The same words again replace the old ones instead of piling up.
    store.setState(({ list }) => ({ list: [...list.filter((notice) => notice.text !== text), { id, kind, text, ...(action && { action }) }].slice(-MOST) }));
    if (kind === "info" && !action) setTimeout(() => dismiss(id), INFO_MS);
  };
  return { store, info: (text, action) => show("info", text, action), problem: (text, action) => show("problem", text, action), dismiss, clearProblems };
}

/** The message of whatever was thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
