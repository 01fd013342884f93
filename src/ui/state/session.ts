/** The open scenario and where in it the page is. Everything comes from the engine; only the engine changes the scenario. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { SupersededError, USUAL_PX, type Compared, type Engine, type Frame, type InputFile, type IovaQuery, type LaneTurn, type LinkView, type Loaded, type News, type Opened, type OtherForm, type Progress, type Reading, type ScrubKind, type StepRow } from "../../engine/views.ts";
import type { PlatformSpec, Scenario } from "../../scenario/scenario.ts";
import { createFrameQueue } from "./frames.ts";
import { afterPaint } from "../parts/painted.ts";
import { messageOf, type Notices } from "./notices.ts";
import { createPlayer, type Hop, type Speed } from "./player.ts";
import { createRowPages, type Pages } from "./row-pages.ts";
import { selectionFromText } from "./selection.ts";
import { keepSources } from "./sources.ts";
import type { View } from "./view.ts";
import { setWindows, windowFromText } from "./windows.ts";

export interface SessionState {
  /** Null: nothing is open, the start page shows. */
  loaded: Loaded | null;
  scenario: Scenario | null;
  /** Counts loads; whatever belongs to an older one is void. */
  load: number;
  /** Counts scenarios that were brought; one that is only changed keeps its number. */
  work: number;
  /** The step asked for; `frame.step` is the one on screen. */
  step: number;
  /** The step that lists stand at: the one on screen, or the one asked for when its frame takes long. */
  listed: number;
  frame: Frame | null;
  query: IovaQuery;
  /** Lines of the call list by page; see row-pages.ts. */
  rows: ReadonlyMap<number, StepRow[]>;
  playing: boolean;
  speed: Speed;
  /** What is being done that takes time. */
  busy: string | null;
  /** How much of it is done, 0 … 1; null: nobody knows. It can be ended with `cancel`. */
  progress: number | null;
  /** What the open scenario was read from; null for links and scenarios from programs. */
  reading: Reading | null;
  /** Which of the reading's sequences is open, from 0. */
  sequence: number;
  /** Several sequences in one input, waiting for a choice. */
  offered: Reading | null;
  /** The form of the kernel shown beside the scenario's own; null: just the one. */
  compared: Compared | null;
}

/** How an opened scenario enters the browser's history. */
export type Arrival = "push" | "in-address";

export interface OpenOptions {
  step?: number;
  selection?: string;
  space?: string;
  /** The window on the space that is shown, as links carry it. */
  window?: string;
  arrival?: Arrival;
  reading?: Reading | null;
  sequence?: number;
  /** It is the open scenario, changed. */
  edited?: boolean;
  /** It takes the place of the open one: what is marked, how far one has zoomed in and which dialogs are open stays. */
  inPlace?: boolean;
  /** The form to show beside the scenario's own. */
  compare?: OtherForm;
  /** See `Session.reveal`. */
  reveal?: number;
}

export interface Session {
  store: StoreApi<SessionState>;
  engine: Engine;
  /** Reads inputs and opens what they hold, or offers the choice where they hold several. False: a notice says why not. */
  bring(files: InputFile[]): Promise<boolean>;
  /** The same for programs: of several sequences it opens the first; rejects when that can't be done. */
  openFirst(files: InputFile[]): Promise<Reading>;
  /** Opens one scenario; rejects when the engine can't. */
  open(scenario: Scenario, options?: OpenOptions): Promise<void>;
  /** Opens one of the offered sequences. */
  choose(index: number): Promise<boolean>;
  /** Opens a link's fragment ("#…") and says what it shows, null when something newer came first; rejects when it can't be read. */
  openLink(fragment: string): Promise<LinkView | null>;
  /** Back to the start page. */
  close(): void;
  /** Shows the state after `step` calls; clamps; resolves when it is on screen. */
  goto(step: number): Promise<void>;
  /** Shows the scenario as if it ended after `steps` calls, so that nothing gives away what comes; null: all of it. */
  reveal(steps: number | null): void;
  /** Shows the same calls under another form of the kernel beside this one, at the step where the two part; null: no more. */
  compare(target: OtherForm | null): Promise<boolean>;
  /** The same with the open scenario changed in some field: as many calls, side by side. */
  compareWith(scenario: Scenario, name: string): Promise<boolean>;
  /** Lets the CPUs of the scenario take turns in another order and shows the step after turn `shown`, from 0. */
  takeTurns(turns: LaneTurn[], shown: number): Promise<boolean>;
  ask(query: Partial<IovaQuery>): void;
  needRows(from: number, count: number): void;
  play(playing: boolean): void;
  speed(speed: Speed): void;
  /** How Play goes on from a step; null: by as many steps as its speed says. */
  playBy(hop: Hop | null): void;
  /** The engine tells how far it is with what takes time, and what there is to see of it already. */
  progress(progress: Progress): void;
  /** Ends what takes time. Of inputs being read, what has been shown stays. */
  cancel(): void;
  /** Asks again for all that is on screen: its texts would be others now. */
  refresh(): void;
  /** Takes these kinds of things out of the scenario; what it answers stays. */
  scrub(kinds: ScrubKind[]): Promise<boolean>;
  /** Runs the same calls on another platform. */
  changePlatform(platform: PlatformSpec): Promise<boolean>;
}

/** Between steps this far apart nothing is seen to move: what is drawn has little to do with what was. */
export const FAR = 1000;

/** Lists wait so long for the frame of the step asked for, so that the page is laid out once. */
const TOGETHER_MS = 70;

/** Pages of the call list that are fetched again at once; the others when they come into sight. */
const MOST_AGAIN = 20;

const NO_QUERY: IovaQuery = { space: null, window: null, px: USUAL_PX };

const CLOSED: Omit<SessionState, "load" | "work" | "speed" | "busy" | "progress" | "query"> = {
  loaded: null, scenario: null, step: 0, listed: 0, frame: null, rows: new Map(), playing: false, reading: null, sequence: 0, offered: null, compared: null,
};

export function createSession(engine: Engine & { stop(): void }, view: View, notices: Notices, arrived: (how: Arrival) => void): Session {
  const store = createStore<SessionState>(() => ({ ...CLOSED, load: 0, work: 0, query: NO_QUERY, speed: 1, busy: null, progress: null }));
  const { getState: state, setState: set } = store;
  let opening = 0;
  // How far something is means nothing once it is done.
  store.subscribe(({ busy, progress }) => {
    if (busy === null && progress !== null) set({ progress: null });
  });
  /** Inputs that are being read, of which a part is on screen already; `shown` is where that began. */
  let growing: { turn: number; shown: number; marks: Uint8Array } | null = null;
  /** The turn of the inputs that are being read. */
  let readTurn = -1;
  /** What is open, to its real end. */
  let whole: Loaded | null = null;

  const fail = (error: unknown) => {
    // What a newer request overtook is nothing to tell.
    if (!(error instanceof SupersededError)) notices.problem(messageOf(error));
  };

  const rows = createRowPages(engine, store, fail);
  const soon = afterPaint();
  const frames = createFrameQueue(
    (wish): Promise<[Frame, Pages]> => Promise.all([engine.frame(wish.step, wish.query), rows.around(wish.step, wish.load)]),
    ([frame, pages], wish) => {
      if (wish.load !== state().load || !state().loaded) return;
      const list = () => set((old) => ({ listed: frame.step, ...(pages.size > 0 && { rows: new Map([...old.rows, ...pages]) }) }));
      const far = Math.abs(frame.step - state().listed) > FAR;
      set({ frame });
      soon(far ? () => state().frame === frame && list() : null);
      if (!far) list();
    },
    (error) => fail(error),
  );
  const wantFrame = () => {
    const { step, query, load } = state();
    return frames.want({ step, query, load });
  };

  let waiting: ReturnType<typeof setTimeout> | undefined;
  const goto = (step: number): Promise<void> => {
    const { loaded } = state();
    if (!loaded || Number.isNaN(step)) return Promise.resolve();
    const { query, load } = state();
    const wanted = Math.max(0, Math.min(loaded.steps, Math.round(step)));
    // The worker begins before the page is told, which costs the page some milliseconds.
    const done = frames.want({ step: wanted, query, load });
    set({ step: wanted });
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      if (state().listed !== state().step) set({ listed: state().step });
    }, TOGETHER_MS);
    return done;
  };
  let hop: Hop | null = null;
  const player = createPlayer(store, goto, () => hop);

  /** Does something that puts another scenario in the place of the open one, until a newer turn takes over. */
  const inTurn = async (busy: string, work: (turn: number) => Promise<void>): Promise<void> => {
    const turn = ++opening;
    player.stop();
    set({ busy, progress: null });
    try {
      await work(turn);
    } finally {
      if (turn === opening) set({ busy: null, progress: null });
      if (growing?.turn === turn) growing = null;
    }
  };

  /** Puts a run on screen. */
  const show = async (opened: Loaded, scenario: Scenario | null, options: OpenOptions, compared: Compared | null = null, picture: Frame | null = null): Promise<void> => {
    whole = opened;
    const loaded = upTo(opened, options.reveal ?? null);
    const step = Math.max(0, Math.min(loaded.steps, options.step ?? compared?.first?.step ?? loaded.interesting));
    const turn = opening;
    const query: IovaQuery = { ...NO_QUERY, px: state().query.px, space: options.space ?? null };
    // Its first picture comes with it, so that the page is laid out once. Inputs still being read go on growing meanwhile.
    const frame = options.inPlace ? null : picture?.step === step ? picture : growing?.turn === turn ? null : await engine.frame(step, query).catch(() => null);
    if (turn !== opening) return;
    if (!options.inPlace) {
      view.select(options.selection === undefined ? null : selectionFromText(options.selection));
      view.hover(null);
      view.open(null);
      setWindows(() => new Map());
    }
    notices.clearProblems();
    set((old) => ({
      ...CLOSED, loaded, scenario, step, listed: step, compared, load: old.load + 1, work: old.work + (options.edited ? 0 : 1), reading: options.reading ?? null, sequence: options.sequence ?? 0,
      ...(options.inPlace ? { frame: old.frame } : { query, frame }),
    }));
    if (frame) rows.need(step - 16, 32);
    else await wantFrame();
    const window = windowFromText(options.window);
    const space = state().frame?.iova?.space;
    if (window && space !== undefined) setWindows((now) => new Map(now).set(space, window));
    arrived(options.arrival ?? "push");
  };

  const open: Session["open"] = (scenario, options = {}) =>
    inTurn("Running the calls…", async (turn) => {
      const opened = await engine.load(scenario);
      const compared = options.compare && Object.keys(options.compare).length > 0 && turn === opening ? await engine.compare(options.compare) : null;
      if (turn === opening) await show(opened, scenario, options, compared);
    });

  const showOpened = async ({ loaded, scenario, reading: from, index, stopped }: Opened, turn: number): Promise<void> => {
    if (loaded === null) return;
    if (growing?.turn !== turn) await show(loaded, scenario, { reading: from, sequence: index });
    else {
      // It is on screen already. Who has not moved on is taken to what is most worth seeing in all of it.
      const moved = state().step !== growing.shown;
      whole = loaded;
      set({ loaded, scenario, reading: from, ...(!moved && { step: loaded.interesting, listed: loaded.interesting }) });
      await wantFrame();
    }
    if (stopped) notices.info(from.warnings.at(-1) ?? "Reading was ended early.");
  };

  const read = async (files: InputFile[], several: (found: Reading) => Promise<void> | void): Promise<Reading> => {
    let found: Reading | null = null;
    await inTurn("Reading…", async (turn) => {
      readTurn = turn;
      const opened = await engine.open(files);
      found = opened.reading;
      keepSources(opened.reading, files);
      if (turn !== opening) return;
      if (opened.reading.sequences.length === 0) throw new Error(nothingFound(opened.reading));
      await showOpened(opened, turn);
    });
    const { sequences } = found as unknown as Reading;
    if (sequences.length > 1) await several(found as unknown as Reading);
    return found as unknown as Reading;
  };

  /** What has been read of inputs that are still being read. */
  const take = ({ opened, picture, marks }: News): void => {
    if (readTurn !== opening) return;
    if (opened?.loaded) {
      growing = { turn: readTurn, shown: opened.loaded.interesting, marks: opened.loaded.marks };
      void show(opened.loaded, null, { reading: opened.reading }, null, picture).catch(fail);
    }
    const { loaded } = state();
    if (!marks || !growing || !loaded) return;
    const before = loaded.steps;
    const steps = before + marks.length;
    if (growing.marks.length < steps) {
      const larger = new Uint8Array(2 * steps);
      larger.set(growing.marks.subarray(0, before));
      growing.marks = larger;
    }
    growing.marks.set(marks, before);
    whole = { ...loaded, steps, marks: growing.marks.subarray(0, steps) };
    set({ loaded: whole });
  };

  const chooseOf = (from: Reading, index: number, offered: boolean): Promise<void> =>
    inTurn("Running the calls…", async (turn) => {
      const opened = await engine.choose(index, offered);
      if (turn === opening && opened.loaded) await show(opened.loaded, opened.scenario, { reading: from, sequence: index });
    });

  /** Runs an action of a person: what goes wrong becomes a notice, and what was open stays open. */
  const attempt = async (action: () => Promise<void>): Promise<boolean> => {
    try {
      await action();
      return true;
    } catch (error) {
      fail(error);
      return false;
    }
  };

  /** Puts a second run beside the open one, or takes it away. */
  const beside = (busy: string | null, run: () => Promise<Compared | null>): Promise<boolean> =>
    attempt(async () => {
      const { load } = state();
      player.stop();
      set({ busy });
      try {
        const compared = await run();
        if (state().load !== load) return;
        view.open(null);
        set((old) => ({ compared, rows: new Map(), step: compared?.first?.step ?? old.step, listed: compared?.first?.step ?? old.step }));
        await wantFrame();
      } finally {
        if (state().load === load) set({ busy: null });
      }
    });

  return {
    store,
    engine,
    open,
    goto,
    bring: (files) =>
      attempt(async () => {
        await read(files, (found) => {
          set({ offered: found });
          view.open("sequences");
        });
      }),
    openFirst: (files) => read(files, (found) => chooseOf(found, 0, true)),
    choose: (index) =>
      attempt(async () => {
        const { offered, reading: from } = state();
        if (offered ?? from) await chooseOf((offered ?? from) as Reading, index, offered !== null);
      }),
    openLink: async (fragment) => {
      let wanted: LinkView | null = null;
      await inTurn("Opening the link…", async (turn) => {
        const { loaded, scenario, view: linked, frame } = await engine.follow(fragment, state().query.px);
        wanted = linked;
        const compared = linked.compare && turn === opening ? await engine.compare(linked.compare) : null;
        if (turn === opening) await show(loaded, scenario, { ...linked, arrival: "in-address" }, compared, frame);
      });
      return wanted;
    },
    reveal: (steps) => {
      if (!whole || !state().loaded) return;
      const loaded = upTo(whole, steps);
      if (loaded.steps !== state().loaded?.steps) set({ loaded, step: Math.min(state().step, loaded.steps), listed: Math.min(state().listed, loaded.steps) });
    },
    refresh: () => {
      if (!state().loaded) return;
      const pages = [...state().rows.keys()].slice(-MOST_AGAIN);
      set({ rows: new Map() });
      pages.forEach((page) => rows.again(page));
      void wantFrame();
    },
    close: () => {
      opening++;
      engine.stop();
      player.stop();
      view.select(null);
      view.open(null);
      set((old) => ({ ...CLOSED, load: old.load + 1, busy: null, progress: null }));
    },
    ask: (query) => {
      const next = { ...state().query, ...query };
      if (sameQuery(next, state().query)) return;
      set({ query: next });
      if (state().loaded) void wantFrame();
    },
    needRows: rows.need,
    play: (playing) => (playing ? player.start() : player.stop()),
    speed: (speed) => set({ speed }),
    playBy: (next) => {
      hop = next;
    },
    progress: ({ done, total, news }) => {
      if (news) take(news);
      // In hundredths: what is drawn changes no more often.
      const progress = total > 0 ? Math.floor((100 * done) / total) / 100 : null;
      if (state().busy !== null && progress !== state().progress) set({ progress });
    },
    cancel: () => engine.stop(),
    compare: (target) => beside(target ? "Running the calls in the other form…" : null, () => engine.compare(target)),
    compareWith: (scenario, name) => beside("Running the changed calls…", () => engine.compareWith(scenario, name)),
    takeTurns: (turns, shown) =>
      attempt(async () => {
        const { compared, reading } = state();
        const { scenario, steps } = await engine.interleave(turns);
        await open(scenario, { step: steps[shown] ?? scenario.calls.length, reading, edited: true, ...(compared && { compare: compared.target }) });
      }),
    scrub: (kinds) =>
      attempt(async () => {
        const { step, reading, sequence } = state();
        await inTurn("Replacing…", async (turn) => {
          const { loaded, scenario } = await engine.scrub(kinds);
          if (turn === opening) await show(loaded, scenario, { step, reading, sequence, edited: true });
        });
      }),
    changePlatform: (platform) =>
      attempt(async () => {
        const { step, reading, compared } = state();
        if (state().scenario === null) {
          // Too large to be handed about.
          await inTurn("Running the calls…", async (turn) => {
            const opened = await engine.rerun(platform);
            if (turn === opening) await show(opened, null, { step, reading, edited: true });
          });
          return;
        }
        const scenario = await engine.scenario();
        await open({ ...scenario, platform }, { step, reading, edited: true, ...(compared && { compare: compared.target }) });
      }),
  };
}

/** A run as if it ended after `steps` calls. */
function upTo(whole: Loaded, steps: number | null): Loaded {
  if (steps === null || steps >= whole.steps) return whole;
  const turns = whole.lanes?.steps.filter((step) => step <= steps).length ?? 0;
  const lanes = whole.lanes && turns > 0 ? { ...whole.lanes, turns: whole.lanes.turns.slice(0, turns), steps: whole.lanes.steps.slice(0, turns) } : null;
  return { ...whole, steps, marks: whole.marks.slice(0, steps), interesting: Math.min(whole.interesting, steps), lanes };
}

function nothingFound(result: Reading): string {
  const skipped = result.reports.flatMap((report) => report.skipped.map((line) => `${report.name}, line ${line.line}: ${line.why}`));
  return ["Nothing in it makes a scenario.", ...result.warnings, ...skipped].slice(0, 3).join(" ");
}

function sameQuery(left: IovaQuery, right: IovaQuery): boolean {
  return left.space === right.space && left.px === right.px && left.window?.first === right.window?.first && left.window?.last === right.window?.last && left.stretches === right.stretches && (left.also ?? []).join() === (right.also ?? []).join();
}
