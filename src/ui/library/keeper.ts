/**
 * Keeps in the browser whatever is opened or changed, a moment after it happened, and where one was in it. A lesson that is
 * being followed is not kept: its progress is. When the browser refuses, that is said once, and work goes on.
 */
import type { LinkView } from "../../engine/views.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import type { LessonsEntry } from "../lessons/entry.ts";
import type { Settings } from "../settings/settings.ts";
import { remember } from "../state/memory.ts";
import { saveFile } from "../parts/save-file.ts";
import { messageOf, type Notices } from "../state/notices.ts";
import { selectionText } from "../state/selection.ts";
import type { Session, SessionState } from "../state/session.ts";
import type { View } from "../state/view.ts";
import { KEPT } from "./entry.ts";
import { copyTitle, MOST_BYTES, weigh, type KeptRecord } from "./record.ts";
import { newId, openShelf, Trouble, type Shelf } from "./shelf.ts";

export interface KeeperParts {
  session: Session;
  view: View;
  notices: Notices;
  lessons: LessonsEntry;
  settings: Settings;
}

export interface Keeper {
  shelf: Shelf;
  /** The record of what is open; null: it has none. */
  current(): string | null;
  /** Resolves when all that has happened is kept. */
  settled(): Promise<void>;
  /** Opens a kept scenario where one was in it. */
  open(id: string): Promise<void>;
  /** Keeps the open scenario under a name, even where autosave is off. */
  keepAs(title: string): Promise<KeptRecord | null>;
  /** A record has a new name: if it is open, the page says so. */
  renamed(record: KeptRecord): Promise<void>;
}

const SAVE_MS = 600;
const LOOK_MS = 900;

/** The record that a tab writes to, as far as it knows it. */
interface Own {
  id: string;
  revision: number;
  print: string;
}

/** One scenario brought by a person, through all its changes. */
interface Work {
  own: Own | null;
  /** A lesson that is being followed. */
  lesson: boolean;
}

/** What is to be kept. */
interface Snapshot {
  work: Work;
  scenario: Scenario;
  load: number;
  view: LinkView;
}

export function createKeeper({ session, view, notices, lessons, settings }: KeeperParts): Keeper {
  const shelf = openShelf();
  const told = new Set<string>();
  let here: Work = { own: null, lesson: false };
  /** The record that is just being opened: what arrives next is it. */
  let opening: Own | null = null;
  let workNumber = -1;
  let queue: Promise<unknown> = Promise.resolve();
  let saveTimer: ReturnType<typeof setTimeout> | undefined;
  let lookTimer: ReturnType<typeof setTimeout> | undefined;
  let due: "save" | "look" | null = null;

  const saveOpen = () =>
    void session.engine.file().then(
      ({ name, content }) => saveFile(name, content.type, content),
      (error: unknown) => notices.problem(messageOf(error)),
    );

  const tell = (error: unknown) => {
    const { kind, message } = error instanceof Trouble ? error : new Trouble("damaged");
    if (told.has(kind)) return;
    told.add(kind);
    notices.problem(`${message} Your work goes on, but is not kept here.`, { title: "Save a file", run: saveOpen });
  };

  const tellLarge = (number: number) => {
    if (told.has(`large ${number}`)) return;
    told.add(`large ${number}`);
    notices.info("This scenario is too large to be kept in the browser; Export saves it as a file.");
  };

  const viewOf = ({ step, query, compared }: SessionState): LinkView => {
    const { selection } = view.store.getState();
    return { step, ...(selection && { selection: selectionText(selection) }), ...(query.space !== null && { space: query.space }), ...(compared && { compare: compared.target }) };
  };

  const snapshotOf = (state: SessionState): Snapshot | null => state.scenario && { work: here, scenario: state.scenario, load: state.load, view: viewOf(state) };

  const recordOf = ({ scenario, view: at }: Snapshot, id: string, weight: { bytes: number; print: string }): KeptRecord => {
    const now = Date.now();
    return { id, title: scenario.title, named: false, created: now, saved: now, revision: 1, trace: scenario.trace, calls: scenario.calls.length, ...weight, view: at };
  };

  /** Brings the shelf up to date. `asked`: a person wants it kept, whatever the settings say. */
  const save = async (snapshot: Snapshot, asked: boolean): Promise<void> => {
    const { work, scenario, view: at } = snapshot;
    if (!asked && (work.lesson || !settings.store.getState().autosave)) return;
    const weight = weigh(scenario);
    if (weight.bytes > MOST_BYTES && !asked) {
      tellLarge(snapshot.load);
      return;
    }
    const hold = ({ id, revision, print }: KeptRecord) => {
      work.own = { id, revision, print };
      remember(KEPT, "1");
    };
    const { own } = work;
    if (own?.print === weight.print) {
      await shelf.look(own.id, at, Date.now());
      return;
    }
    if (own) {
      const saved = await shelf.save({ record: recordOf(snapshot, own.id, weight), scenario }, own.revision);
      hold(saved ?? (await copyOf(snapshot, own, weight)));
      return;
    }
    const same = (await shelf.list()).find((record) => record.print === weight.print && !record.named);
    const record = same ?? recordOf(snapshot, newId(), weight);
    if (same) await shelf.look(same.id, at, Date.now());
    else await shelf.add({ record, scenario });
    hold(record);
  };

  /** Somebody else has changed the record, or removed it: what is here goes on as one of its own. */
  const copyOf = async (snapshot: Snapshot, own: Own, weight: { bytes: number; print: string }): Promise<KeptRecord> => {
    const records = await shelf.list();
    const taken = records.find((record) => record.id === own.id);
    const record = recordOf(snapshot, newId(), weight);
    if (taken) Object.assign(record, { title: copyTitle(taken.title, records.map((other) => other.title)), named: taken.named });
    await shelf.add({ record, scenario: snapshot.scenario });
    if (taken) notices.problem(`“${taken.title}” was changed in another tab too. What you do here goes on in a copy, “${record.title}”; nothing is lost.`);
    return record;
  };

  /** One after the other: a save must know what the one before did. */
  const inTurn = <Value>(action: () => Promise<Value>): Promise<Value> => {
    const next = queue.then(action);
    queue = next.catch(() => {});
    return next;
  };

  const flush = (state = session.store.getState()): Promise<void> => {
    clearTimeout(saveTimer);
    clearTimeout(lookTimer);
    // Null for what is too large to be handed about: that it is not kept is said with its link.
    const snapshot = due === null ? null : snapshotOf(state);
    due = null;
    return snapshot ? inTurn(() => save(snapshot, false)).catch(tell) : Promise.resolve();
  };

  const saveSoon = () => {
    due = "save";
    clearTimeout(saveTimer);
    saveTimer = setTimeout(() => void flush(), SAVE_MS);
  };
  const lookSoon = () => {
    if (due === "save") return;
    due = "look";
    clearTimeout(lookTimer);
    lookTimer = setTimeout(() => void flush(), LOOK_MS);
  };

  const arrived = (before: SessionState) => {
    const state = session.store.getState();
    if (!state.loaded || state.work !== workNumber || opening) {
      // What was open until now may have a change that is not kept yet.
      void flush(before);
      here = { own: opening, lesson: lessons.fragment() !== null };
      opening = null;
      workNumber = state.work;
    }
    if (state.loaded) saveSoon();
  };

  session.store.subscribe((state, before) => {
    if (state.load !== before.load) arrived(before);
    else if (state.loaded && (state.step !== before.step || state.query.space !== before.query.space || state.compared !== before.compared)) lookSoon();
  });
  view.store.subscribe((state, before) => {
    if (state.selection !== before.selection && session.store.getState().loaded) lookSoon();
  });
  lessons.onChange(() => {
    // Whoever goes on alone from a lesson has work of their own.
    here.lesson = lessons.fragment() !== null;
    if (here.own === null && session.store.getState().loaded && !here.lesson) saveSoon();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") void flush();
  });
  window.addEventListener("pagehide", () => void flush());
  if (session.store.getState().loaded) arrived(session.store.getState());

  return {
    shelf,
    current: () => here.own?.id ?? null,
    settled: async () => {
      await flush();
      await queue;
    },
    open: async (id) => {
      await flush();
      await queue;
      const kept = await shelf.get(id);
      if (!kept) throw new Error("This scenario is not there any more: another tab has deleted it.");
      const { step, selection, space, compare } = kept.record.view;
      // It may have been renamed where another tab had it open.
      const scenario = { ...kept.scenario, title: kept.record.title };
      opening = { id, revision: kept.record.revision, print: weigh(scenario).print };
      try {
        await session.open(scenario, { step, selection, space, compare });
      } finally {
        opening = null;
      }
    },
    keepAs: (title) =>
      inTurn(async () => {
        const snapshot = snapshotOf(session.store.getState());
        if (!snapshot) return null;
        await save(snapshot, true);
        const { own } = snapshot.work;
        return own && shelf.rename(own.id, title);
      }),
    renamed: async (record) => {
      const work = here;
      if (work.own?.id !== record.id) return;
      const { scenario, step, reading, compared } = session.store.getState();
      if (!scenario || scenario.title === record.title) return;
      const renamed = { ...scenario, title: record.title };
      work.own = { ...work.own, print: weigh(renamed).print };
      await session.open(renamed, { step, reading, edited: true, arrival: "in-address", ...(compared && { compare: compared.target }) });
    },
  };
}
