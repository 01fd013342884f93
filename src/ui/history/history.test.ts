import { afterEach, describe, expect, it, vi } from "vitest";
import { EngineError, SupersededError, type Hunt, type Quarry } from "../../engine/views.ts";
import { createNotices } from "../state/notices.ts";
import { strideOf } from "../state/player.ts";
import { createSession } from "../state/session.ts";
import { createView } from "../state/view.ts";
import { createFakeEngine, scenarioOf } from "../testing/fake-engine.ts";
import { createHistory, goalOf } from "./entry.ts";

/** A page with a scenario of 40 calls open at step 3; `find` says what a search finds. */
async function setUp(find: (hunt: Hunt) => Quarry | null | Error) {
  const hunts: Hunt[] = [];
  const runUntil = (hunt: Hunt): Promise<Quarry | null> => {
    hunts.push(hunt);
    const found = find(hunt);
    return found instanceof Error ? Promise.reject(found) : Promise.resolve(found);
  };
  const engine = Object.assign(createFakeEngine(), { runUntil });
  const [notices, view] = [createNotices(), createView()];
  const session = createSession(engine, view, notices, () => {});
  const history = createHistory({ session, view, notices });
  await session.open(scenarioOf("run", 40));
  return { hunts, session, view, history, state: session.store.getState, told: () => notices.store.getState().list.map((notice) => notice.text) };
}

afterEach(() => {
  vi.useRealTimers();
});

describe("looking for a step", () => {
  it("goes there", async () => {
    const { history, hunts, state } = await setUp(() => ({ step: 9, goal: 0 }));
    history.hunt({ kind: "errno", errno: "EINVAL" }, "no EINVAL", 1);
    await vi.waitFor(() => expect(state()).toMatchObject({ step: 9, busy: null }));
    expect(hunts).toEqual([{ from: 3, direction: 1, goals: [{ kind: "errno", errno: "EINVAL" }], until: 40 }]);
  });

  it("says when there is none, or why it failed, and nothing when a newer wish took over", async () => {
    let answer: null | Error = null;
    const { history, state, told } = await setUp(() => answer);
    history.hunt({ kind: "different" }, "no other call", -1);
    await vi.waitFor(() => expect(told()).toEqual(["There is no other call before step 3."]));
    answer = new EngineError("broken");
    history.hunt({ kind: "different" }, "no other call", -1);
    await vi.waitFor(() => expect(told()).toContain("broken"));
    answer = new SupersededError("late");
    history.hunt({ kind: "different" }, "no other call", -1);
    await vi.waitFor(() => expect(state().busy).toBeNull());
    expect(told()).not.toContain("late");
    expect(state().step).toBe(3);
  });

  it("takes what is marked for the goal", async () => {
    const { history, view, hunts } = await setUp(() => null);
    history.huntMarked(1);
    view.select({ key: "hwpt:3/4" });
    history.huntMarked(1);
    await vi.waitFor(() => expect(hunts).toHaveLength(1));
    expect(hunts[0]?.goals).toEqual([{ kind: "object", key: "hwpt:3/4" }]);
    expect(goalOf({ range: { first: 1, last: 2 } })).toEqual({ kind: "range", first: 1, last: 2 });
  });
});

describe("playing", () => {
  it("takes several steps at once where no eye could follow", () => {
    expect([strideOf(0.5), strideOf(20), strideOf(100), strideOf(1000)]).toEqual([1, 1, 5, 50]);
  });

  it("stops at what it was told to stop at", async () => {
    vi.useFakeTimers();
    const { history, session, state, told } = await setUp(({ from, until }) => (from < 5 && (until ?? 0) >= 5 ? { step: 5, goal: 0 } : null));
    history.setStops([{ goal: { kind: "call", call: "X" }, text: "X" }], false);
    await vi.dynamicImportSettled();
    session.play(true);
    await vi.runAllTimersAsync();
    expect(state()).toMatchObject({ step: 5, playing: false });
    expect(told()).toEqual([]);
    session.play(true);
    await vi.runAllTimersAsync();
    expect(state()).toMatchObject({ step: 40, playing: false });
  });

  it("steps over runs of equal calls, to the end when there is no other", async () => {
    vi.useFakeTimers();
    const { history, session, state, hunts } = await setUp(({ from }) => (from < 20 ? { step: 20, goal: 0 } : null));
    history.setStops([], true);
    await vi.dynamicImportSettled();
    session.play(true);
    await vi.runAllTimersAsync();
    expect(state()).toMatchObject({ step: 40, playing: false });
    expect(hunts.map((hunt) => hunt.from)).toEqual([3, 20]);
  });

  it("forgets stops and the marked step with their scenario", async () => {
    const { history, session } = await setUp(() => null);
    history.setStops([], true);
    history.pin(7);
    await session.open(scenarioOf("another", 10));
    expect(history.store.getState()).toMatchObject({ pinned: null, skips: false, stops: [] });
  });
});
