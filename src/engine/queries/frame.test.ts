import { describe, expect, it } from "vitest";
import { wholeKernel } from "../../kernel/whole.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { attach, hexOf, map, type1, unmap } from "../fixtures.ts";
import { History } from "../history.ts";
import type { IovaQuery, Lane } from "../views.ts";
import { buildFrame } from "./frame.ts";
import { buildRows } from "./rows.ts";

const QUERY: IovaQuery = { space: null, window: null, px: 900 };

function run(scenario: Scenario): History {
  const history = new History(scenario, wholeKernel);
  history.advance();
  return history;
}

function laneOf(lanes: Lane[] | undefined, key: string): Lane {
  const lane = lanes?.find((each) => each.key === key);
  if (!lane) throw new Error(`no lane ${key}`);
  return lane;
}

describe("buildFrame", () => {
  it("has nothing to explain before the first call", () => {
    const frame = buildFrame(run(type1([])), 0, QUERY);
    expect(frame.step).toBe(0);
    expect(frame.detail).toBeNull();
  });

  const refused = run(type1([map(0, 0x8000_0000), map(0xfe00_0000, 0x200_0000)]));

  it("tells the refusal, what decided it, what was not reached and what fits", () => {
    const { detail } = buildFrame(refused, 3, QUERY);
    expect(detail?.errno).toBe("EINVAL");
    expect(detail?.rule?.fn).toMatch(/^vfio_/);
    const failed = detail?.checks.filter((check) => check.state === "failed") ?? [];
    expect(failed.map((check) => check.rule)).toEqual([detail?.rule?.id]);
    expect(failed[0]?.range).toEqual({ first: 0xfee0_0000, last: 0xfeef_ffff });
    const states = detail?.checks.map((check) => check.state) ?? [];
    expect(states.lastIndexOf("passed")).toBeLessThan(states.indexOf("failed"));
    expect(detail?.advice?.fits.length).toBeGreaterThan(0);
    expect(detail?.fields).toContainEqual({ name: "size", value: "0x200_0000 (32 MiB)" });
    expect(detail?.spoken).toMatch(/^Step 3 of 3, map_dma: EINVAL\. .*\.$/);
  });

  it("draws the place asked for and the part that was refused", () => {
    const { iova } = buildFrame(refused, 3, QUERY);
    expect(iova?.asked).toEqual({ range: { first: 0xfe00_0000, last: 0xffff_ffff }, errno: "EINVAL", decidedBy: { first: 0xfee0_0000, last: 0xfeef_ffff } });
    expect(laneOf(iova?.lanes, "call").spans.map(({ kind, first, last }) => [kind, first, last])).toEqual([
      ["call", 0xfe00_0000, 0xffff_ffff], ["call-hit", 0xfee0_0000, 0xfeef_ffff],
    ]);
    expect(laneOf(iova?.lanes, "holes").spans.some((span) => span.kind === "msi" && span.first === 0xfee0_0000)).toBe(true);
    expect(laneOf(iova?.lanes, "holes").spans.at(-1)).toMatchObject({ kind: "aperture", first: 0x80_0000_0000, last: 0xffff_ffff_ffff_ffffn });
    expect(laneOf(iova?.lanes, "valid").spans.map((span) => span.first)).toEqual([0, 0xfef0_0000]);
    expect(laneOf(iova?.lanes, "mapped").spans.map((span) => [span.first, span.last])).toEqual([[0, 0x7fff_ffff]]);
    const contributor = laneOf(iova?.lanes, "by:group:g1");
    expect(contributor.spans[0]).toMatchObject({ kind: "aperture-field", first: 0, last: 0x7f_ffff_ffff });
  });

  it("says how much is asked for where only a part of it lies in the space", () => {
    const over = map(0, 0x2000);
    over.in = { ...over.in, iova: "0xfffffffffffff000" };
    const call = laneOf(buildFrame(run(type1([over])), 2, QUERY).iova?.lanes, "call").spans[0];
    expect(call).toMatchObject({ label: "8 KiB, past 2⁶⁴", first: 0xffff_ffff_ffff_f000n, last: 0xffff_ffff_ffff_ffffn });
  });

  it("gives a window in detail and the whole space beside it", () => {
    const { iova } = buildFrame(refused, 3, { ...QUERY, window: { first: 0xfee0_0000, last: 0xfee0_0fff } });
    expect(laneOf(iova?.lanes, "mapped").spans).toEqual([]);
    expect(laneOf(iova?.lanes, "mapped").total).toBe(1);
    expect(laneOf(iova?.overview, "mapped").spans.length).toBe(1);
    expect(laneOf(iova?.lanes, "holes").spans.length).toBe(1);
  });

  it("joins a crowd of mappings and says how many there are", () => {
    const calls = Array.from({ length: 3000 }, (_, index) => map(index * 0x2000));
    const { iova, spaces } = buildFrame(run(type1(calls)), 3001, { ...QUERY, px: 500 });
    const lane = laneOf(iova?.lanes, "mapped");
    expect(lane.total).toBe(3000);
    expect(lane.spans.length).toBe(500);
    expect(lane.spans.reduce((sum, span) => sum + span.count, 0)).toBe(3000);
    expect(spaces).toEqual([{ key: iova?.space, label: expect.any(String) as string, mappings: 3000 }]);
  });

  it("names the graph's objects once", () => {
    const { graph } = buildFrame(refused, 3, QUERY);
    const keys = graph.nodes.map((node) => node.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const edge of graph.edges) expect(keys).toEqual(expect.arrayContaining([edge.from, edge.to]));
  });
});

describe("recorded answers", () => {
  it("are compared in full, or as far as a log knows them", () => {
    const scenario = type1([
      { ...map(0), recorded: { errno: "EINVAL" } },
      { ...map(0x1000), recorded: { errno: "OK", partial: true } },
      { ...map(0x1000), recorded: { failed: true, partial: true } },
    ]);
    const history = run(scenario);
    const texts = [2, 3, 4].map((step) => buildFrame(history, step, QUERY).detail?.recorded);
    expect(texts[0]).toMatchObject({ source: "recorded", agrees: false, text: expect.stringContaining("EINVAL") as string });
    expect(texts[2]).toMatchObject({ source: "from the log", agrees: true });
    expect([...history.marks][1]).toBe(2);
  });
});

describe("buildRows", () => {
  const history = run(type1([map(0, 0x20_0000), map(0), unmap(0, 0x20_0000), { call: "map_dma", in: {}, note: "broken" }, { ...attach("g2"), given: { pin: "ENOMEM", source: "from the log" } }]));

  it("says what each call asks for and gave", () => {
    const rows = buildRows(history, 1, 100);
    expect(rows.map(({ step, errno }) => [step, errno])).toEqual([[1, "OK"], [2, "OK"], [3, "EEXIST"], [4, "OK"], [5, "malformed"], [6, "OK"]]);
    expect(rows[1]?.detail).toBe("0x0 + 2 MiB · read | write");
    expect(rows[3]?.result).toBe("→ 2 MiB");
    expect(rows[4]?.note).toBe("broken");
    expect(rows[5]?.given).toBe(true);
    expect(rows[5]?.detail).toMatch(/^g2 · aperture 0x0–0x7f_ffff_ffff · 1 region/);
  });

  it("gives what there is of a page beyond the ends", () => {
    expect(buildRows(history, -5, 8).map((row) => row.step)).toEqual([1, 2]);
    expect(buildRows(history, 6, 50).map((row) => row.step)).toEqual([6]);
    expect(buildRows(history, 7, 50)).toEqual([]);
  });

  it("is the same wherever the page starts", () => {
    const calls = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? map(index * 0x1000) : { call: "get_info", in: {} }));
    const long = run(type1(calls));
    const all = buildRows(long, 1, 301);
    expect(buildRows(long, 150, 20)).toEqual(all.slice(149, 169));
    expect(all[1]?.detail.startsWith(hexOf(0))).toBe(true);
  });
});
