import { describe, expect, it } from "vitest";
import { MARK, type TimelineView } from "../../engine/views.ts";
import { counted, kindsOf, sharesOf, shownSlots, slotText, stepsOf } from "./slots.ts";

/** Ten steps in four slots: a refused map at step 4, the rest maps that went well but the last, an unmap. */
const view: TimelineView = {
  steps: 10, slots: 4,
  outcomes: [{ name: "OK", count: 9 }, { name: "EINVAL", count: 1 }],
  calls: [{ name: "MAP", count: 9 }, { name: "UNMAP", count: 1 }],
  byOutcome: Uint32Array.of(3, 0, 1, 1, 3, 0, 2, 0),
  byCall: Uint32Array.of(3, 0, 2, 0, 3, 0, 1, 1),
  firstOutcome: new Uint32Array(8), firstCall: new Uint32Array(8),
};

describe("slots", () => {
  it("part all steps among them", () => {
    expect([0, 1, 2, 3].map((slot) => stepsOf(slot, 10, 4))).toEqual([{ first: 1, last: 3 }, { first: 4, last: 5 }, { first: 6, last: 8 }, { first: 9, last: 10 }]);
  });

  it("tell the weightiest mark and how much of the slot it is", () => {
    const marks = new Uint8Array(10);
    marks[3] = MARK.refused;
    marks[9] = MARK.diverges;
    marks[8] = MARK.refused;
    expect(kindsOf(marks, 4)).toEqual([null, { kind: "refused", share: 0.5 }, null, { kind: "diverges", share: 1 }]);
  });

  it("never lose a mark among a million", () => {
    const marks = new Uint8Array(1_000_000);
    marks[543_210] = MARK.refused;
    expect(kindsOf(marks, 1400).filter((slot) => slot !== null)).toHaveLength(1);
  });

  it("say in words what they stand for", () => {
    expect(slotText(view, 1)).toEqual({ title: "steps 4–5", lines: ["refused: 1 EINVAL; 1 OK", "2 MAP"] });
    expect(slotText(view, 3)).toEqual({ title: "steps 9–10", lines: ["none refused", "1 MAP, 1 UNMAP"] });
  });

  it("are filtered by errno and by call", () => {
    expect([...sharesOf(view, { by: "outcome", name: "EINVAL" }, 4)]).toEqual([0, 0.5, 0, 0]);
    expect([...sharesOf(view, { by: "call", name: "UNMAP" }, 4)]).toEqual([0, 0, 0, 0.5]);
  });

  it("keep to themselves what a lesson has not come to", () => {
    expect(shownSlots(view, 10)).toBe(4);
    expect(shownSlots(view, 5)).toBeNull();
    expect(shownSlots({ ...view, slots: 10 }, 5)).toBe(5);
    expect(counted(view.calls, view.byCall, 3)).toEqual([{ name: "MAP", count: 8 }]);
  });
});
