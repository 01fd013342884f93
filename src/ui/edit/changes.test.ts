import { describe, expect, it } from "vitest";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import type { Change } from "../state/edits.ts";
import { duplication, insertion, moving, removal, replacement, rewriting } from "./changes.ts";

const call = (name: string): ScenarioCall => ({ call: name, in: {}, recorded: { errno: "OK" } });
const SCENARIO: Scenario = { title: "t", platform: { kind: "mock" }, trace: "iommufd", calls: ["a", "b", "c"].map(call) };
const names = (change: Change) => {
  const made = change(SCENARIO, 2);
  return made && { calls: made.scenario.calls.map((one) => one.call + (one.recorded ? "" : "*")).join(" "), step: made.step, done: made.done };
};

describe("changes of a list of calls", () => {
  it("forget what was recorded from the changed step on", () => {
    expect(names(insertion(1, { call: "x", in: {} }))).toEqual({ calls: "a x* b* c*", step: 2, done: "x was added as step 2" });
    expect(names(replacement(2, { call: "x", in: {} }))).toEqual({ calls: "a x* c*", step: 2, done: "step 2, x, was changed" });
    expect(names(removal(2))).toEqual({ calls: "a c*", step: 2, done: "step 2, b, was deleted" });
    expect(names(duplication(1))).toEqual({ calls: "a a* b* c*", step: 2, done: "step 1, a, was duplicated" });
    expect(names(moving(2, -1))).toEqual({ calls: "b* a* c*", step: 1, done: "b was moved up to step 1" });
    expect(names(replacement(2, { call: "b", in: {}, note: "why" }))).toEqual({ calls: "a b c", step: 2, done: "step 2, b, was changed" });
  });

  it("say when there is nothing to change", () => {
    expect([removal(4), moving(1, -1), moving(3, 1), duplication(0), replacement(9, call("x"))].map(names)).toEqual([null, null, null, null, null]);
    const bare = { ...SCENARIO, calls: SCENARIO.calls.map(({ recorded: _recorded, ...one }) => one) };
    expect(rewriting(bare)(SCENARIO, 1)).toBeNull();
    expect(rewriting({ ...bare, calls: [...bare.calls, { call: "d", in: {} }] })(SCENARIO, 3)).toMatchObject({ step: 3, done: "the text was changed (1 call more)", scenario: { calls: [call("a"), call("b"), call("c"), { call: "d", in: {} }] } });
  });

  it("give a name that is taken a number of its own", () => {
    const named: Scenario = { ...SCENARIO, calls: [{ ...call("a"), binds: { out: "io" } }, { ...call("b"), binds: { out: "io1" } }] };
    expect(insertion(2, { call: "x", in: {}, binds: { out: "io" } })(named, 2)?.scenario.calls[2]?.binds).toEqual({ out: "io2" });
    expect(duplication(1)(named, 1)?.scenario.calls[1]?.binds).toBeUndefined();
  });
});
