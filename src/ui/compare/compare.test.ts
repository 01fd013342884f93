import { describe, expect, it } from "vitest";
import { PART, type Frame, type OtherSide } from "../../engine/views.ts";
import { frameAt } from "../testing/fake-engine.ts";
import { partTicks } from "./part-ticks.ts";
import { sameForm } from "./same-form.ts";
import { diagramsOf } from "./shown-diagrams.ts";

describe("partTicks", () => {
  it("never lose a difference, and an answer outweighs a state", () => {
    const parts = new Uint8Array(10_000).fill(PART.carried);
    parts[4999] = PART.state;
    expect(partTicks(parts, 10_000, 400)).toEqual([{ step: 5000, part: PART.state }]);
    parts[5000] = PART.answer;
    expect(partTicks(parts, 10_000, 400)).toEqual([{ step: 5000, part: PART.answer }]);
  });

  it("show where only the way there differs, unless there is more", () => {
    expect(partTicks(new Uint8Array([0, PART.path, 0]), 3, 3)).toEqual([{ step: 2, part: PART.path }]);
    expect(partTicks(new Uint8Array([PART.path, PART.state, PART.path]), 3, 1)).toEqual([{ step: 1, part: PART.path }, { step: 2, part: PART.state }]);
  });

  it("end where the scenario is shown to end", () => {
    expect(partTicks(new Uint8Array([0, 1, 2, 2]), 3, 3)).toEqual([{ step: 2, part: PART.answer }, { step: 3, part: PART.state }]);
  });
});

describe("diagramsOf", () => {
  const ids = { bits: 20, variant: "", allocators: [], sets: [], ids: [] };
  const frame = (own: Partial<Frame>, other: Partial<Frame>): Frame => ({ ...frameAt(1), ...own, other: { frame: { ...frameAt(1), ...other }, differences: [], more: 0, part: 0 } satisfies OtherSide });

  it("shows what either side has, ids first where they are the subject", () => {
    expect(diagramsOf(frame({}, { pasids: ids }), true)).toEqual(["pasids"]);
    const both = frame({ pasids: ids, iova: { space: "", label: "", alignment: 1, lanes: [], asked: null } }, {});
    expect([diagramsOf(both, true), diagramsOf(both, false)]).toEqual([["pasids", "iova"], ["iova", "pasids"]]);
    expect(diagramsOf(null, true)).toEqual([]);
  });
});

describe("sameForm", () => {
  it("compares parts and values", () => {
    expect(sameForm({ ioasid: "mainline-5.5" }, { ioasid: "mainline-5.5" })).toBe(true);
    expect([sameForm({ ioasid: "mainline-5.5" }, { ioasid: "mainline-6.1" }), sameForm({ vfio: "merged" }, { iommufd: "merged" }), sameForm({}, { vfio: "merged" })]).toEqual([false, false, false]);
  });
});
