import { describe, expect, it } from "vitest";
import { wholeKernel } from "../../kernel/whole.ts";
import type { Scenario, ScenarioCall } from "../../scenario/scenario.ts";
import { History } from "../history.ts";
import { find, rangeOfText } from "./find.ts";
import type { FindHit } from "./find-views.ts";
import { timelineView } from "./timeline.ts";

const map = (iova: string, length = "0x1000"): ScenarioCall => ({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: "0x100000", length, iova } });
const CALLS: ScenarioCall[] = [
  { call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } },
  map("0x10000"),
  map("0x20000", "0x2000"),
  map("0x10000"),
  { call: "IOMMU_IOAS_UNMAP", in: { ioas_id: 1, iova: "0x20000", length: "0x2000" } },
  map("0x30000", "0x0"),
];
const scenario: Scenario = { title: "found", trace: "iommufd", platform: { kind: "mock" }, calls: CALLS };

function ran(calls = CALLS): History {
  const history = new History({ ...scenario, calls }, wholeKernel);
  history.advance();
  return history;
}

/** All hits of a search, slice by slice. */
async function all(history: History, text: string, step = history.length): Promise<FindHit[]> {
  const hits: FindHit[] = [];
  for (let from: number | null = 0; from !== null; ) {
    const found = await find(history, { text, step, from, most: 80 });
    hits.push(...found.hits);
    from = found.next;
  }
  return hits;
}

describe("rangeOfText", () => {
  it("reads addresses, sizes and ranges", () => {
    expect(rangeOfText("0xfee0_0000")).toEqual({ first: 0xfee0_0000, last: 0xfee0_0000 });
    expect(rangeOfText("4G")).toEqual({ first: 2 ** 32, last: 2 ** 32 });
    expect(rangeOfText("1M + 64K")).toEqual({ first: 0x10_0000, last: 0x10_ffff });
    expect(rangeOfText("0x1000-0x1fff")).toEqual({ first: 0x1000, last: 0x1fff });
    expect(rangeOfText("0x1000 + 4096")).toEqual({ first: 0x1000, last: 0x1fff });
    expect(rangeOfText("0xffffffffffffffff + 1M")).toEqual({ first: 2n ** 64n - 1n, last: 2n ** 64n - 1n });
    expect([rangeOfText("ioas 3"), rangeOfText("812"), rangeOfText("0x2000-0x1000"), rangeOfText("99999E")]).toEqual([null, null, null, null]);
  });
});

describe("find", () => {
  it("tells what lies at an address and which calls were about it", async () => {
    const hits = await all(ran(), "0x20800", 3);
    expect(hits.map(({ kind, step }) => [kind, step])).toEqual([["address", undefined], ["mapping", undefined], ["call", 3], ["call", 5]]);
    expect(hits[1]!.range).toEqual({ first: 0x20000, last: 0x21fff });
    // Later it is unmapped; the calls stay.
    expect((await all(ran(), "0x20800")).map((hit) => hit.kind)).toEqual(["address", "call", "call"]);
  });

  it("finds objects, calls, errnos, steps and rules", async () => {
    const history = ran();
    expect((await all(history, "ioas 1"))[0]).toMatchObject({ kind: "object", title: "ioas 1" });
    expect((await all(history, "unmap")).filter((hit) => hit.kind === "call").map((hit) => hit.step)).toEqual([5]);
    expect((await all(history, "EEXIST")).map((hit) => hit.step)).toContain(4);
    expect((await all(history, "3"))[0]).toMatchObject({ kind: "step", step: 3 });
    const rule = history.explain(4).trace.refusedBy!.id;
    const byRule = await all(history, rule);
    expect(byRule[0]).toMatchObject({ kind: "rule", title: rule });
    expect(byRule.filter((hit) => hit.kind === "call").map((hit) => hit.step)).toEqual([4]);
  });

  it("goes through many calls in slices and stops when there are enough", async () => {
    const history = ran([CALLS[0]!, ...Array.from({ length: 30_000 }, (_, index) => map(`0x${((index + 1) * 0x2000).toString(16)}`))]);
    expect((await all(history, "IOMMU_IOAS_ALLOC")).filter((hit) => hit.kind === "call")).toHaveLength(1);
    expect((await find(history, { text: "map", step: 1, from: 1, most: 20 })).hits).toHaveLength(20);
    expect((await all(history, "nothing of the kind"))).toEqual([]);
  });
});

describe("timelineView", () => {
  it("counts every step once, by outcome and by call", () => {
    const history = ran();
    for (const slots of [1, 2, 4, 6, 100]) {
      const view = timelineView(history, slots);
      expect(view.slots).toBe(Math.min(slots, 6));
      expect(view.byOutcome.reduce((sum, count) => sum + count, 0)).toBe(6);
      expect(view.byCall.reduce((sum, count) => sum + count, 0)).toBe(6);
    }
    const view = timelineView(history, 6);
    expect(view.calls.map(({ name, count }) => [name, count])).toEqual([["IOMMU_IOAS_MAP", 4], ["IOMMU_IOAS_ALLOC", 1], ["IOMMU_IOAS_UNMAP", 1]]);
    expect(view.outcomes[0]).toEqual({ name: "OK", count: 4 });
    const eexist = view.outcomes.findIndex((each) => each.name === "EEXIST");
    expect(view.firstOutcome[3 * view.outcomes.length + eexist]).toBe(4);
  });

  it("has nothing to count before the first call", () => {
    expect(timelineView(ran([]), 100)).toMatchObject({ steps: 0, slots: 1, outcomes: [], calls: [] });
  });
});
