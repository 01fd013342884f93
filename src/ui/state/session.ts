/** The open scenario and where in it the page is. Everything comes from the engine; only the engine changes the scenario. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { SupersededError, type Compared, type Engine, type Frame, type InputFile, type IovaQuery, type LaneTurn, type Loaded, type OtherForm, type ReadResult, type StepRow } from "../../engine/views.ts";
import type { PlatformSpec, Scenario } from "../../scenario/scenario.ts";
import { createFrameQueue } from "./frames.ts";
import { messageOf, type Notices } from "./notices.ts";
import { createPlayer, type Speed } from "./player.ts";
import { createRowPages } from "./row-pages.ts";
import { selectionFromText } from "./selection.ts";
import type { View } from "./view.ts";

export interface SessionState {
  /** Null: nothing is open, the start page shows. */
  loaded: Loaded | null;
  scenario: Scenario | null;
  /** Counts loads; whatever belongs to an older one is void. */
  load: number;
  /** The step asked for; `frame.step` is the one on screen. */
  step: number;
  frame: Frame | null;
  query: IovaQuery;
  /** Lines of the call list by page; see row-pages.ts. */
  rows: ReadonlyMap<number, StepRow[]>;
  playing: boolean;
  speed: Speed;
  /** What is being done that takes time. */
  busy: string | null;
  /** What the open scenario was read from; null for links and scenarios from programs. */
  reading: ReadResult | null;
  /** Several sequences in one input, waiting for a choice. */
  offered: ReadResult | null;
  /** The form of the kernel shown beside the scenario's own; null: just the one. */
  compared: Compared | null;
}

/** How an opened scenario enters the browser's history. */
export type Arrival = "push" | "in-address";

export interface OpenOptions {
  step?: number;
  selection?: string;
  space?: string;
  arrival?: Arrival;
  reading?: ReadResult | null;
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
  /** Opens one scenario; rejects when the engine can't. */
  open(scenario: Scenario, options?: OpenOptions): Promise<void>;
  /** Opens one of the offered sequences. */
  choose(index: number): Promise<boolean>;
  /** Opens a link's fragment ("#…"); rejects when it can't be read. */
  openLink(fragment: string): Promise<void>;
  /** Back to the start page. */
  close(): void;
  /** Shows the state after `step` calls; clamps; resolves when it is on screen. */
  goto(step: number): Promise<void>;
  /** Shows the scenario as if it ended after `steps` calls, so that nothing gives away what comes; null: all of it. */
  reveal(steps: number | null): void;
  /** Shows the same calls under another form of the kernel beside this one, at the step where the two part; null: no more. */
  compare(target: OtherForm | null): Promise<boolean>;
  /** Lets the CPUs of the scenario take turns in another order and shows the step after turn `shown`, from 0. */
  takeTurns(turns: LaneTurn[], shown: number): Promise<boolean>;
  ask(query: Partial<IovaQuery>): void;
  needRows(from: number, count: number): void;
  play(playing: boolean): void;
  speed(speed: Speed): void;
  /** The engine has run `done` of `total` calls of what is being opened. */
  progress(done: number, total: number): void;
  /** Runs the same calls on another platform. */
  changePlatform(platform: PlatformSpec): Promise<boolean>;
}

const NO_QUERY: IovaQuery = { space: null, window: null, px: 900 };

const CLOSED: Omit<SessionState, "load" | "speed" | "busy" | "query"> = {
  loaded: null, scenario: null, step: 0, frame: null, rows: new Map(), playing: false, reading: null, offered: null, compared: null,
};

export function createSession(engine: Engine, view: View, notices: Notices, arrived: (how: Arrival) => void): Session {
  const store = createStore<SessionState>(() => ({ ...CLOSED, load: 0, query: NO_QUERY, speed: 1, busy: null }));
  const { getState: state, setState: set } = store;
  let opening = 0;
  /** What is open, to its real end. */
  let whole: Loaded | null = null;

  const fail = (error: unknown) => {
    // What a newer request overtook is nothing to tell.
    if (!(error instanceof SupersededError)) notices.problem(messageOf(error));
  };

  const frames = createFrameQueue(
    (wish) => engine.frame(wish.step, wish.query),
    (frame, wish) => {
      if (wish.load === state().load && state().loaded) set({ frame });
    },
    (error) => fail(error),
  );
  const wantFrame = () => {
    const { step, query, load } = state();
    return frames.want({ step, query, load });
  };

  const goto = (step: number): Promise<void> => {
    const { loaded } = state();
    if (!loaded || Number.isNaN(step)) return Promise.resolve();
    set({ step: Math.max(0, Math.min(loaded.steps, Math.round(step))) });
    return wantFrame();
  };
  const player = createPlayer(store, goto);

  const open: Session["open"] = async (scenario, options = {}) => {
    const turn = ++opening;
    player.stop();
    set({ busy: "Running the calls…" });
    try {
      const opened = await engine.load(scenario);
      const compared = options.compare && turn === opening ? await engine.compare(options.compare) : null;
      if (turn !== opening) return;
      whole = opened;
      const loaded = upTo(opened, options.reveal ?? null);
      const step = Math.max(0, Math.min(loaded.steps, options.step ?? compared?.first?.step ?? loaded.interesting));
      view.select(options.selection === undefined ? null : selectionFromText(options.selection));
      view.hover(null);
      view.open(null);
      notices.clearProblems();
      set((old) => ({
        ...CLOSED, loaded, scenario, step, compared, load: old.load + 1, reading: options.reading ?? null,
        query: { ...NO_QUERY, px: old.query.px, space: options.space ?? null },
      }));
      await wantFrame();
      arrived(options.arrival ?? "push");
    } finally {
      if (turn === opening) set({ busy: null });
    }
  };

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

  const rows = createRowPages(engine, store, fail);

  return {
    store,
    engine,
    open,
    goto,
    bring: (files) =>
      attempt(async () => {
        set({ busy: "Reading…" });
        let result: ReadResult;
        try {
          result = await engine.read(files);
        } finally {
          set({ busy: null });
        }
        const [only, ...others] = result.scenarios;
        if (!only) throw new Error(nothingFound(result));
        if (others.length === 0) {
          await open(only, { reading: result });
          return;
        }
        set({ offered: result });
        view.open("sequences");
      }),
    choose: (index) =>
      attempt(async () => {
        const from = state().offered ?? state().reading;
        const scenario = from?.scenarios[index];
        if (from && scenario) await open(scenario, { reading: from });
      }),
    openLink: async (fragment) => {
      const { scenario, view: wanted } = await engine.unlink(fragment);
      await open(scenario, { ...wanted, arrival: "in-address" });
    },
    reveal: (steps) => {
      if (!whole || !state().loaded) return;
      const loaded = upTo(whole, steps);
      if (loaded.steps !== state().loaded?.steps) set({ loaded, step: Math.min(state().step, loaded.steps) });
    },
    close: () => {
      opening++;
      player.stop();
      view.select(null);
      view.open(null);
      set((old) => ({ ...CLOSED, load: old.load + 1, busy: null }));
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
    progress: (done, total) => {
      if (state().busy !== null && total > 0) set({ busy: `Running the calls… ${Math.floor((100 * done) / total)} %` });
    },
    compare: (target) =>
      attempt(async () => {
        const { load } = state();
        player.stop();
        set({ busy: target ? "Running the calls in the other form…" : null });
        try {
          const compared = await engine.compare(target);
          if (state().load !== load) return;
          view.open(null);
          set((old) => ({ compared, rows: new Map(), step: compared?.first?.step ?? old.step }));
          await wantFrame();
        } finally {
          if (state().load === load) set({ busy: null });
        }
      }),
    takeTurns: (turns, shown) =>
      attempt(async () => {
        const { compared, reading } = state();
        const { scenario, steps } = await engine.interleave(turns);
        await open(scenario, { step: steps[shown] ?? scenario.calls.length, reading, ...(compared && { compare: compared.target }) });
      }),
    changePlatform: (platform) =>
      attempt(async () => {
        const { step, reading, compared } = state();
        const scenario = await engine.scenario();
        await open({ ...scenario, platform }, { step, reading, ...(compared && { compare: compared.target }) });
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

function nothingFound(result: ReadResult): string {
  const skipped = result.reports.flatMap((report) => report.skipped.map((line) => `${report.name}, line ${line.line}: ${line.why}`));
  return ["Nothing in it makes a scenario.", ...result.warnings, ...skipped].slice(0, 3).join(" ");
}

function sameQuery(left: IovaQuery, right: IovaQuery): boolean {
  return left.space === right.space && left.px === right.px && left.window?.first === right.window?.first && left.window?.last === right.window?.last;
}
