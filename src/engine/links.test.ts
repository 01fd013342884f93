import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readRecording } from "../scenario/recording.ts";
import { scenarioJson } from "../scenario/schema.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { map, type1, unmap } from "./fixtures.ts";
import { localEngine } from "./local.ts";
import { Session } from "./session.ts";
import { USUAL_PX } from "./views.ts";

async function roundTrip(scenario: Scenario, step = 2) {
  const engine = localEngine();
  await engine.load(scenario);
  const fragment = await engine.link({ step, selection: "group:g1", space: "container:0" });
  return { fragment, ...(await localEngine().unlink(fragment)) };
}

describe("links", () => {
  it("bring back the scenario and the view", async () => {
    const scenario = type1([map(0), { ...unmap(0), note: "gives it back" }, { ...map(0), given: { pin: "ENOMEM", source: "from the log" } }]);
    const back = await roundTrip(scenario);
    expect(scenarioJson(back.scenario)).toEqual(scenarioJson(scenario));
    expect(back.view).toEqual({ step: 2, selection: "group:g1", space: "container:0" });
  });

  it("bring back recorded answers, whether the model agrees or not, and what a log left open", async () => {
    const scenario = type1([
      { ...map(0), recorded: { ret: 0 } }, { ...map(0), recorded: { errno: "EEXIST" } }, { ...map(0x1000), recorded: { errno: "ENOSPC" } },
      { ...map(0x2000), recorded: { errno: "OK", partial: true } }, { ...map(0x2000), recorded: { failed: true, partial: true } }, { call: "NO_SUCH_CALL", in: {}, recorded: { errno: "OK" } },
    ]);
    const back = await roundTrip(scenario);
    expect(scenarioJson(back.scenario)).toEqual(scenarioJson(scenario));
    expect(back.scenario.calls.every((call) => call.recordedAgrees === undefined)).toBe(true);
  });

  it("bring back a whole recording with its states, in a few characters a call", async () => {
    const file = join(import.meta.dirname, "../../conformance/recordings/vfio-type1/vfio-type1-merged-random.jsonl.gz");
    const scenario = readRecording(gunzipSync(readFileSync(file)).toString("utf8"))[0]?.scenario as Scenario;
    const back = await roundTrip(scenario);
    expect(scenarioJson(back.scenario)).toEqual(scenarioJson(scenario));
    expect(back.fragment.length).toBeLessThan(scenario.calls.length * 80);
  });

  it("open at a step that exists, and refuse damage in words", async () => {
    const { view } = await roundTrip(type1([]), 99);
    expect(view.step).toBe(1);
    const { fragment } = await roundTrip(type1([map(0)]));
    const damaged = fragment.slice(0, 8) + (fragment[8] === "A" ? "B" : "A") + fragment.slice(9);
    await expect(localEngine().unlink(damaged)).rejects.toThrow(/damaged|link/);
    await expect(localEngine().unlink("#")).rejects.toThrow(/nothing after the #/);
  });
});

describe("following a link", () => {
  const fragmentOf = async () => (await roundTrip(type1([map(0), map(0x1000)]))).fragment;

  it("opens it with the picture of its step", async () => {
    const session = new Session();
    const { loaded, scenario, view, frame } = await session.follow(await fragmentOf(), USUAL_PX);
    expect(view.step).toBe(2);
    expect(loaded.steps).toBe(scenario.calls.length);
    expect(frame).toEqual(session.frame(2, { space: "container:0", window: null, px: USUAL_PX }));
  });

  it("ahead of being asked gives the same once, and not what would be written otherwise by then", async () => {
    const fragment = await fragmentOf();
    const session = new Session();
    session.followAhead(fragment, USUAL_PX);
    const first = await session.follow(fragment, USUAL_PX);
    expect(await session.follow(fragment, USUAL_PX)).not.toBe(first);
    const changed = new Session();
    changed.followAhead(fragment, USUAL_PX);
    changed.notation({ digits: "plain", sizes: "usual" });
    expect((await changed.follow(fragment, USUAL_PX)).frame).not.toEqual(first.frame);
    changed.notation({ digits: "grouped", sizes: "usual" });
  });

  it("ahead of being asked fails where it is asked for, and leaves what was open", async () => {
    const session = new Session();
    await session.load(type1([map(0)]));
    session.followAhead("#damaged", USUAL_PX);
    await expect(session.follow("#damaged", USUAL_PX)).rejects.toThrow(/link/);
    expect(session.scenario().calls.length).toBeGreaterThan(0);
  });
});
