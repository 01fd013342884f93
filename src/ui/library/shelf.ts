/**
 * The library in the browser's IndexedDB: records in one store, their scenarios in another, so that listing is light. Every
 * change is one transaction, and other tabs are told. What the browser refuses is a Trouble, with words for people.
 */
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import type { LinkView } from "../../engine/views.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { copyTitle, surplus, type KeptRecord } from "./record.ts";

interface Schema extends DBSchema {
  records: { key: string; value: KeptRecord };
  scenarios: { key: string; value: Scenario };
}

export interface Kept {
  record: KeptRecord;
  scenario: Scenario;
}

export type TroubleKind = "denied" | "full" | "blocked" | "damaged" | "outdated";

const WORDS: Record<TroubleKind, string> = {
  denied: "The browser does not let this page store anything (a private window, or a setting).",
  full: "The browser’s storage for this page is full.",
  blocked: "Another tab of this page holds the browser’s storage and does not let go of it; closing the other tabs helps.",
  damaged: "The browser’s storage for this page can’t be read; “Clear all data” in the settings makes it anew.",
  outdated: "A newer version of this page is open in another tab; reload this one.",
};

/** The browser does not store or does not give back. */
export class Trouble extends Error {
  override name = "Trouble";
  readonly kind: TroubleKind;

  constructor(kind: TroubleKind) {
    super(WORDS[kind]);
    this.kind = kind;
  }
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof Trouble) return error;
  const name = error instanceof Error || error instanceof DOMException ? error.name : "";
  if (name === "QuotaExceededError") return new Trouble("full");
  if (name === "VersionError") return new Trouble("outdated");
  if (name === "SecurityError" || name === "InvalidStateError" || name === "ReferenceError" || name === "TypeError") return new Trouble("denied");
  return new Trouble("damaged");
}

const DATABASE = "iovascope";
const VERSION = 1;
const OPENS_WITHIN_MS = 5000;

export interface Shelf {
  /** All records, the last saved first. */
  list(): Promise<KeptRecord[]>;
  get(id: string): Promise<Kept | null>;
  /** Puts records on the shelf as they are; the oldest unnamed ones beyond the limit go. */
  add(...kept: Kept[]): Promise<void>;
  /** Saves a changed scenario on top of the revision it was read at. Null: somebody else has changed or removed it. */
  save(kept: Kept, onTopOf: number): Promise<KeptRecord | null>;
  /** Notes where one is in it. */
  look(id: string, view: LinkView, saved: number): Promise<void>;
  rename(id: string, title: string): Promise<KeptRecord | null>;
  duplicate(id: string, saved: number): Promise<KeptRecord | null>;
  /** Resolves with what was removed, for undo. */
  remove(id: string): Promise<Kept | null>;
  clear(): Promise<void>;
  /** Calls back when any tab, this one included, has changed something. Returns how to stop. */
  onChange(changed: () => void): () => void;
}

export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function openShelf(): Shelf {
  let database: Promise<IDBPDatabase<Schema>> | null = null;
  let outdated = false;
  const listeners = new Set<() => void>();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("iovascope.library");
  const hear = () => listeners.forEach((listener) => listener());
  channel?.addEventListener("message", hear);
  const changed = () => {
    hear();
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
    channel?.postMessage("changed");
  };

  const connect = async (): Promise<IDBPDatabase<Schema>> => {
    if (typeof indexedDB === "undefined" || indexedDB === null) throw new Trouble("denied");
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Trouble("blocked")), OPENS_WITHIN_MS);
    });
    const opened = openDB<Schema>(DATABASE, VERSION, {
      upgrade: (fresh) => {
        fresh.createObjectStore("records", { keyPath: "id" });
        fresh.createObjectStore("scenarios");
      },
      // A newer page wants to change the layout, or somebody clears the data: stand aside.
      blocking: (_now, next, event) => {
        if (next !== null) outdated = true;
        (event.target as IDBDatabase).close();
        database = null;
      },
      terminated: () => {
        database = null;
      },
    });
    try {
      return await Promise.race([opened, late]);
    } finally {
      clearTimeout(timer);
    }
  };

  const attempt = async <Value>(work: (store: IDBPDatabase<Schema>) => Promise<Value>): Promise<Value> => {
    if (outdated) throw new Trouble("outdated");
    try {
      database ??= connect();
      return await work(await database);
    } catch (error) {
      const trouble = troubleOf(error);
      // What is full stays open; all else is tried afresh.
      if (trouble.kind !== "full") database = null;
      throw trouble;
    }
  };

  /** One transaction over both stores. What `work` throws, or the browser refuses, leaves everything as it was. */
  const transact = <Value>(work: (stores: Stores) => Promise<Value>): Promise<Value> =>
    attempt(async (store) => {
      const transaction = store.transaction(["records", "scenarios"], "readwrite");
      const done = transaction.done;
      // Awaited below; an abort before that must not count as unhandled.
      done.catch(() => {});
      let value: Value;
      try {
        value = await work({
          all: () => transaction.objectStore("records").getAll(),
          record: (id) => transaction.objectStore("records").get(id),
          scenario: (id) => transaction.objectStore("scenarios").get(id),
          put: async (record, scenario) => {
            await transaction.objectStore("records").put(record);
            if (scenario) await transaction.objectStore("scenarios").put(scenario, record.id);
          },
          drop: async (id) => {
            await transaction.objectStore("records").delete(id);
            await transaction.objectStore("scenarios").delete(id);
          },
        });
        await done;
      } catch (error) {
        // Of a failed request the transaction knows the cause: no room, say.
        throw transaction.error ?? error;
      }
      changed();
      return value;
    });

  /** Room is made once by dropping half of the unnamed records. */
  const withRoom = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Trouble) || error.kind !== "full") throw error;
      const dropped = await transact(async ({ all, drop }) => {
        const records = await all();
        const old = surplus(records, Math.floor(records.filter((record) => !record.named).length / 2));
        for (const record of old) await drop(record.id);
        return old.length;
      });
      if (dropped === 0) throw error;
      await work();
    }
  };

  return {
    list: () => attempt(async (store) => (await store.getAll("records")).sort((left, right) => right.saved - left.saved)),
    get: (id) =>
      attempt(async (store) => {
        const transaction = store.transaction(["records", "scenarios"]);
        const [record, scenario] = await Promise.all([transaction.objectStore("records").get(id), transaction.objectStore("scenarios").get(id)]);
        return record && scenario ? { record, scenario } : null;
      }),
    add: (...kept) =>
      withRoom(() =>
        transact(async ({ all, put, drop }) => {
          for (const { record, scenario } of kept) await put(record, scenario);
          for (const old of surplus(await all())) await drop(old.id);
        }),
      ),
    save: async ({ record, scenario }, onTopOf) => {
      let saved: KeptRecord | null = null;
      await withRoom(() =>
        transact(async (stores) => {
          const stored = await stores.record(record.id);
          if (stored?.revision !== onTopOf) return;
          // The name may have been changed meanwhile: that is no conflict.
          saved = { ...record, title: stored.named ? stored.title : record.title, named: stored.named, created: stored.created, revision: onTopOf + 1 };
          await stores.put(saved, scenario);
        }),
      );
      return saved;
    },
    look: (id, view, saved) =>
      transact(async ({ record, put }) => {
        const stored = await record(id);
        if (stored) await put({ ...stored, view, saved });
      }),
    rename: (id, title) =>
      transact(async ({ record, scenario, put }) => {
        const stored = await record(id);
        const own = await scenario(id);
        if (!stored || !own) return null;
        const renamed = { ...stored, title, named: true };
        await put(renamed, { ...own, title });
        return renamed;
      }),
    duplicate: (id, saved) =>
      transact(async ({ all, record, scenario, put }) => {
        const stored = await record(id);
        const own = await scenario(id);
        if (!stored || !own) return null;
        const title = copyTitle(stored.title, (await all()).map((other) => other.title));
        const copy = { ...stored, id: newId(), title, named: true, created: saved, saved, revision: 1 };
        await put(copy, { ...own, title });
        return copy;
      }),
    remove: (id) =>
      transact(async ({ record, scenario, drop }) => {
        const stored = await record(id);
        const own = await scenario(id);
        await drop(id);
        return stored && own ? { record: stored, scenario: own } : null;
      }),
    clear: async () => {
      const open = await database?.catch(() => null);
      open?.close();
      database = null;
      await new Promise<void>((resolve, reject) => {
        const request = indexedDB.deleteDatabase(DATABASE);
        request.addEventListener("success", () => resolve());
        request.addEventListener("error", () => reject(new Trouble("damaged")));
        // Other tabs close theirs when asked; the deletion then goes on by itself.
      });
      changed();
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

interface Stores {
  all: () => Promise<KeptRecord[]>;
  record: (id: string) => Promise<KeptRecord | undefined>;
  scenario: (id: string) => Promise<Scenario | undefined>;
  put: (record: KeptRecord, scenario?: Scenario) => Promise<void>;
  drop: (id: string) => Promise<void>;
}
