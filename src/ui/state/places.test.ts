import { afterEach, describe, expect, it, vi } from "vitest";
import { createFakeEngine, scenarioOf } from "../testing/fake-engine.ts";
import { createNotices } from "./notices.ts";
import { goTo, placeIn, placeNow, VISIT } from "./places.ts";
import { createSession } from "./session.ts";
import { createView } from "./view.ts";
import { setWindows, windows, windowText } from "./windows.ts";

afterEach(() => setWindows(() => new Map()));

describe("a place in the browser's history", () => {
  it("survives being stored, and brings step, selection, space and windows back without opening anything", async () => {
    const engine = createFakeEngine();
    const view = createView();
    const session = createSession(engine, view, createNotices(), vi.fn<(how: string) => void>());
    await session.open(scenarioOf("one", 10));
    await session.goto(7);
    view.select({ key: "ioas:3/1" });
    session.ask({ space: "ioas:3/1" });
    setWindows(() => new Map([["ioas:3/1", { first: 0x1000, last: 0x1fffffn << 40n }]]));
    const place = placeIn(structuredClone(placeNow(session, view)));
    const { load } = session.store.getState();
    await session.goto(1);
    view.select(null);
    session.ask({ space: null });
    setWindows(() => new Map());
    if (!place) throw new Error("no place");
    goTo(place, session, view);
    expect(session.store.getState()).toMatchObject({ load, step: 7, query: { space: "ioas:3/1" } });
    expect(view.store.getState().selection).toEqual({ key: "ioas:3/1" });
    expect(windows.getState().of.get("ioas:3/1")).toEqual({ first: 0x1000, last: 0x1fffffn << 40n });
    expect(windowText("ioas:3/1")).toBe("0x1000-0x1fffff0000000000");
  });

  it("of another visit, or of anything else, is none", () => {
    const place = { visit: VISIT, load: 1, step: 2, selection: null, space: null, windows: [] };
    expect(placeIn(place)).toEqual(place);
    for (const other of [null, undefined, "x", 3, {}, { ...place, visit: VISIT - 1 }, { ...place, windows: "x" }, { ...place, step: "2" }]) expect(placeIn(other)).toBeNull();
  });
});
