import { afterEach, describe, expect, it, vi } from "vitest";
import type { Loaded, Opened } from "../../engine/views.ts";
import { createFakeEngine, scenarioOf } from "../testing/fake-engine.ts";
import { createNotices } from "./notices.ts";
import { rowAt } from "./row-pages.ts";
import { createSession } from "./session.ts";
import { createView } from "./view.ts";

function setUp() {
  const engine = createFakeEngine();
  const notices = createNotices();
  const view = createView();
  const arrived = vi.fn<(how: string) => void>();
  const session = createSession(engine, view, notices, arrived);
  return { engine, notices, view, session, arrived, state: session.store.getState, problems: () => notices.store.getState().list.map((notice) => notice.text) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("opening", () => {
  it("shows the interesting step and tells the address", async () => {
    const { session, state, arrived } = setUp();
    expect(await session.bring([{ name: "one", content: "first" }])).toBe(true);
    expect(state()).toMatchObject({ step: 3, frame: { step: 3 }, loaded: { title: "first" }, busy: null });
    expect(arrived).toHaveBeenCalledWith("push");
  });

  it("offers a choice when one input holds several sequences", async () => {
    const { session, state, view } = setUp();
    await session.bring([{ name: "two", content: "first\nsecond" }]);
    expect(state().loaded).toBeNull();
    expect(view.store.getState().dialog).toBe("sequences");
    await session.choose(1);
    expect(state().loaded?.title).toBe("second");
    expect(state().reading?.sequences).toHaveLength(2);
    expect(view.store.getState().dialog).toBeNull();
  });

  it("keeps what is open when the next input can't be read", async () => {
    const { session, state, engine, problems } = setUp();
    await session.bring([{ name: "one", content: "first" }]);
    engine.failNext("rubbish, line 2: not JSON");
    expect(await session.bring([{ name: "rubbish", content: "x" }])).toBe(false);
    expect(problems()).toEqual(["rubbish, line 2: not JSON"]);
    expect(state().loaded?.title).toBe("first");
    expect(await session.bring([{ name: "nothing", content: "" }])).toBe(false);
    expect(state().loaded?.title).toBe("first");
  });

  it("lets the last of two openings win", async () => {
    const { session, state } = setUp();
    await Promise.all([session.open(scenarioOf("slow")), session.open(scenarioOf("fast"))]);
    expect(state().loaded?.title).toBe("fast");
  });

  it("takes step, selection and space from a link", async () => {
    const { session, state, view, arrived } = setUp();
    await session.openLink("#abc");
    expect(state()).toMatchObject({ step: 2, query: { space: "ioas:3/1" } });
    expect(view.store.getState().selection).toEqual({ key: "ioas:3/1" });
    expect(arrived).toHaveBeenCalledWith("in-address");
  });

  it("runs the same calls on another platform, at the same step", async () => {
    const { session, state } = setUp();
    await session.open(scenarioOf("one"));
    await session.goto(7);
    await session.changePlatform({ kind: "amd-vi", guessed: false });
    expect(state()).toMatchObject({ step: 7, loaded: { platform: { kind: "amd-vi", guessed: false } } });
  });
});

describe("stepping", () => {
  it("clamps to the scenario", async () => {
    const { session, state } = setUp();
    await session.open(scenarioOf("ten"));
    await session.goto(99);
    expect(state().step).toBe(10);
    await session.goto(-5);
    expect(state()).toMatchObject({ step: 0, frame: { step: 0 } });
  });

  it("asks for the newest step only while scrubbing", async () => {
    const { session, state, engine } = setUp();
    await session.open(scenarioOf("many", 1000));
    engine.asked.length = 0;
    engine.hold();
    const settled = Array.from({ length: 500 }, (_, step) => session.goto(step)).at(-1);
    engine.release();
    await settled;
    expect(engine.asked.map((wish) => wish.step)).toEqual([0, 499]);
    expect(state().frame?.step).toBe(499);
  });

  it("asks again when the window moves, and not when it does not", async () => {
    const { session, engine } = setUp();
    await session.open(scenarioOf("one"));
    const before = engine.asked.length;
    session.ask({ window: { first: 0, last: 4095 }, px: 640 });
    session.ask({ window: { first: 0, last: 4095 }, px: 640 });
    expect(engine.asked.length).toBe(before + 1);
    expect(engine.asked.at(-1)?.query).toMatchObject({ window: { first: 0, last: 4095 }, px: 640 });
  });

  it("plays to the end and stops there", async () => {
    vi.useFakeTimers();
    const { session, state } = setUp();
    await session.open(scenarioOf("short", 3));
    session.play(true);
    expect(state().playing).toBe(true);
    await vi.runAllTimersAsync();
    expect(state()).toMatchObject({ step: 3, playing: false });
  });

  it("fetches rows by page, once", async () => {
    const { session, state } = setUp();
    await session.open(scenarioOf("many", 300));
    session.needRows(120, 20);
    session.needRows(120, 20);
    await vi.waitFor(() => expect(rowAt(state().rows, 139)?.step).toBe(139));
    expect(rowAt(state().rows, 120)?.step).toBe(120);
    expect(rowAt(state().rows, 240)).toBeUndefined();
  });
});

describe("revealing", () => {
  it("shows a run as if it ended, and gives the rest back", async () => {
    const { session, state } = setUp();
    await session.open(scenarioOf("lesson"), { step: 2, reveal: 2 });
    expect(state()).toMatchObject({ step: 2, loaded: { steps: 2 } });
    expect(state().loaded?.marks).toHaveLength(2);
    const { load } = state();
    await session.goto(9);
    expect(state().step).toBe(2);
    session.reveal(5);
    await session.goto(5);
    expect(state()).toMatchObject({ step: 5, loaded: { steps: 5 }, load });
    session.reveal(3);
    expect(state().step).toBe(3);
    session.reveal(null);
    expect(state().loaded?.steps).toBe(10);
  });
});

describe("comparing", () => {
  it("shows the step where the two part, fetches other lines, and goes back", async () => {
    const { session, state, engine } = setUp();
    await session.bring([{ name: "one", content: "first" }]);
    session.needRows(1, 5);
    await vi.waitFor(() => expect(rowAt(state().rows, 1)).toBeDefined());
    const before = rowAt(state().rows, 1);
    expect(await session.compare({ ioasid: "mainline-5.5" })).toBe(true);
    expect(state()).toMatchObject({ step: 2, listed: 2, frame: { step: 2 }, compared: { left: "left", right: "right" }, busy: null });
    expect(rowAt(state().rows, 1)).not.toBe(before);
    await session.compare(null);
    expect(state()).toMatchObject({ step: 2, compared: null });
    engine.failNext("That form is unknown.");
    expect(await session.compare({ ioasid: "mainline-5.5" })).toBe(false);
    expect(state()).toMatchObject({ compared: null, busy: null });
  });

  it("opens with a form beside it, at the step asked for", async () => {
    const { session, state } = setUp();
    await session.open(scenarioOf("one"), { compare: { vfio: "rfc-v2" } });
    expect(state()).toMatchObject({ step: 2, compared: { target: { vfio: "rfc-v2" } } });
    await session.open(scenarioOf("one"), { compare: { vfio: "rfc-v2" }, step: 7 });
    expect(state().step).toBe(7);
    await session.open(scenarioOf("two"));
    expect(state().compared).toBeNull();
  });

  it("playing stops where the two part", async () => {
    vi.useFakeTimers();
    const { session, state } = setUp();
    await session.open(scenarioOf("one"), { compare: { vfio: "rfc-v2" }, step: 0 });
    session.play(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state()).toMatchObject({ step: 2, playing: false });
    session.play(true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(state()).toMatchObject({ step: 10, playing: false });
  });
});

describe("inputs that take long to read", () => {
  const part = (steps: number, interesting = steps) => ({
    reading: { sequences: [{ title: "long", calls: 300 }], reports: [], warnings: [] }, index: 0, scenario: null, stopped: false,
    loaded: { title: "long", steps, marks: new Uint8Array(steps), interesting, platform: { kind: "mock" } } as unknown as Loaded,
  });

  /** A session whose engine opens inputs when `finish` is called. */
  function reading() {
    const parts = setUp();
    let finish: (opened: Opened) => void = () => {};
    parts.engine.open = () => new Promise((resolve) => (finish = resolve));
    const brought = parts.session.bring([{ name: "long.jsonl", content: "" }]);
    return { ...parts, brought, finish: (opened: Opened) => finish(opened) };
  }

  it("shows the first steps at once, more as they come, and all of them in the end", async () => {
    const { session, state, brought, finish } = reading();
    session.progress({ done: 10, total: 100 });
    expect(state()).toMatchObject({ busy: "Reading…", progress: 0.1, loaded: null });
    session.progress({ done: 20, total: 100, news: { opened: part(100) } });
    expect(state()).toMatchObject({ loaded: { steps: 100 }, step: 100, load: 1, busy: "Reading…" });
    session.progress({ done: 40, total: 100, news: { marks: new Uint8Array([0, 1]) } });
    session.progress({ done: 50, total: 100, news: { marks: new Uint8Array(98) } });
    expect(state()).toMatchObject({ loaded: { steps: 200 }, step: 100, load: 1 });
    expect([...(state().loaded?.marks ?? [])].indexOf(1)).toBe(101);
    finish(part(300, 250));
    await brought;
    expect(state()).toMatchObject({ loaded: { steps: 300 }, step: 250, load: 1, busy: null, progress: null });
  });

  it("leaves who has moved on where they are, and keeps what is read when it is cancelled", async () => {
    const { session, state, engine, brought, finish, notices } = reading();
    session.progress({ done: 20, total: 100, news: { opened: part(100) } });
    await session.goto(7);
    session.cancel();
    expect(engine.stops).toBe(1);
    finish({ ...part(150), stopped: true, reading: { ...part(150).reading, warnings: ["Reading ended after 150 lines: it was stopped."] } });
    await brought;
    expect(state()).toMatchObject({ loaded: { steps: 150 }, step: 7, busy: null });
    expect(notices.store.getState().list.map((notice) => notice.text)).toEqual(["Reading ended after 150 lines: it was stopped."]);
  });

  it("stops for whoever leaves, and shows nothing more of it", async () => {
    const { session, state, engine, brought, finish } = reading();
    session.progress({ done: 20, total: 100, news: { opened: part(100) } });
    session.close();
    expect(engine.stops).toBe(1);
    session.progress({ done: 30, total: 100, news: { marks: new Uint8Array(5) } });
    finish(part(300));
    await brought;
    expect(state()).toMatchObject({ loaded: null, busy: null, progress: null });
  });
});
