import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CallTrace } from "../kernel/call-trace.ts";
import { Machine } from "../kernel/machine.ts";
import { wholeKernel } from "../kernel/whole.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { busy, map, type1 } from "./fixtures.ts";
import { History } from "./history.ts";
import { makeCall, outcomeOf } from "./make-call.ts";
import { MARK } from "./views.ts";

interface Straight {
  states: string[];
  outcomes: string[];
}

/** The same calls on one machine from first to last, remembering everything. */
function straightRun(scenario: Scenario): Straight {
  const machine = new Machine(machineConfig(scenario), wholeKernel);
  const states = [JSON.stringify(machine.state())];
  const outcomes = [""];
  for (const call of scenario.calls) {
    const trace = new CallTrace(false);
    const made = makeCall(machine, call, trace);
    states.push(JSON.stringify(machine.state()));
    outcomes.push(outcomeOf(made, trace).name);
  }
  return { states, outcomes };
}

function finished(scenario: Scenario, options?: ConstructorParameters<typeof History>[2]): History {
  const history = new History(scenario, wholeKernel, options);
  expect(history.advance()).toBe(true);
  return history;
}

describe("History", () => {
  const scenario = busy(400);
  const straight = straightRun(scenario);

  it("reaches any step in any order, whatever little it keeps", () => {
    fc.assert(
      fc.property(
        fc.record({ distance: fc.integer({ min: 1, max: 200 }), budget: fc.integer({ min: 1, max: 5000 }), recentBudget: fc.integer({ min: 1, max: 5000 }), recentMost: fc.integer({ min: 1, max: 8 }) }),
        fc.array(fc.integer({ min: 0, max: 401 }), { minLength: 1, maxLength: 12 }),
        (options, steps) => {
          const history = finished(scenario, options);
          for (const step of steps) expect(JSON.stringify(history.at(step).state())).toBe(straight.states[step]);
        },
      ),
      { numRuns: 40 },
    );
  });

  it("explains a call without changing what any step is", () => {
    const history = finished(scenario, { distance: 16 });
    for (const step of [401, 1, 200, 199, 201, 400, 2]) {
      const explained = history.explain(step);
      expect(JSON.stringify(explained.before.state())).toBe(straight.states[step - 1]);
      expect(JSON.stringify(explained.after.state())).toBe(straight.states[step]);
      expect(outcomeOf(explained, explained.trace).name).toBe(straight.outcomes[step]);
      expect(history.outcome(step)).toBe(straight.outcomes[step]);
      expect(explained.trace.checks.length).toBeGreaterThan(0);
    }
    expect(JSON.stringify(history.at(400).state())).toBe(straight.states[400]);
  });

  it("walks backwards over a long stretch in few calls", () => {
    const history = finished(scenario, { distance: 1000 });
    for (let step = 401; step >= 0; step--) expect(JSON.stringify(history.at(step).state())).toBe(straight.states[step]);
  });

  it("can be looked at while it runs", () => {
    const history = new History(scenario, wholeKernel, { distance: 32 });
    while (!history.advance(50)) expect(JSON.stringify(history.at(history.ran).state())).toBe(straight.states[history.ran]);
  });

  it("marks refusals and hands out answers in bulk", () => {
    const history = finished(scenario);
    const refused = straight.outcomes.flatMap((outcome, step) => (step > 0 && outcome !== "OK" ? [step] : []));
    expect([...history.marks].flatMap((mark, index) => (mark === MARK.refused ? [index + 1] : []))).toEqual(refused);
    const seen: number[] = [];
    history.eachAnswer(100, 120, (step, made) => {
      seen.push(step);
      expect(made.answer.errno).toBe(straight.outcomes[step]);
    });
    expect(seen).toEqual(Array.from({ length: 21 }, (_, index) => 100 + index));
  });
});

describe("calls that can't be made", () => {
  it("are refused by the model's own rules and change nothing", () => {
    const scenario = type1([map(0), { call: "NO_SUCH_CALL", in: { any: 1 } }, { call: "map_dma", in: { iova: "up there" } }, map(0x1000)]);
    const history = finished(scenario);
    expect([1, 2, 3, 4, 5].map((step) => history.outcome(step))).toEqual(["OK", "OK", "not modelled", "malformed", "OK"]);
    expect(history.at(4).state()).toEqual(history.at(2).state());
    expect(history.explain(3).trace.refusedBy?.id).toBe("not-modelled");
    const malformed = history.explain(4).trace;
    expect(malformed.refusedBy?.id).toBe("call-malformed");
    expect(malformed.checks.at(-1)?.note).toMatch(/iova|size/);
  });

  it("a mistake of the model is a step of its own, with the state from before", () => {
    const scenario = type1([map(0), map(0x1000), map(0x2000)]);
    const history = new History(scenario, wholeKernel, { distance: 1000 });
    const def = history.at(0).defOf("map_dma");
    const run = def?.run;
    if (!def || !run) throw new Error("no map_dma");
    // Breaks a handler half-way through its effects, as a mistake of ours would.
    const broken: typeof run = (machine, fields, trace, given) => {
      const answer = run(machine, fields, trace, given);
      if (fields.iova === 0x1000) throw new TypeError("a mistake");
      return answer;
    };
    (def as { run: typeof run }).run = broken;
    try {
      history.advance();
      expect([2, 3, 4].map((step) => history.outcome(step))).toEqual(["OK", "internal error", "OK"]);
      expect(history.at(3).state()).toEqual(history.at(2).state());
      expect(history.explain(3).trace.checks.at(-1)?.note).toBe("a mistake");
      expect(history.explain(3).after.state()).toEqual(history.at(2).state());
      expect(history.at(4).vfio.spaces()[0]?.mappingCount()).toBe(2);
    } finally {
      (def as { run: typeof run }).run = run;
    }
  });
});
