import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import type { Span } from "../../../engine/views.ts";
import { crowdedFrame, lookIova, span } from "../fixtures.ts";
import { linearAxis, WHOLE } from "./axis.ts";
import { blockAt, blocksOf, foldContributors, joinContributors } from "./lane-layout.ts";

function pages(gaps: readonly number[]): Span[] {
  let at = 0;
  return gaps.map((gap, index) => {
    const first = at + gap * 4096;
    at = first + 4096;
    return { ...span("mapping", `0x${first.toString(16)}`, `0x${(at - 1).toString(16)}`), key: `m${index}` };
  });
}

describe("blocksOf", () => {
  it("never draws anything thinner than 2 px", () => {
    const blocks = blocksOf([span("msi", "0xfee00000", "0xfeefffff")], linearAxis(WHOLE, 800));
    expect(blocks[0]!.right - blocks[0]!.left).toBe(2);
  });

  it("merges a crowd into one block that says how many it stands for", () => {
    const blocks = blocksOf(pages(Array.from({ length: 4213 }, () => 1)), linearAxis({ first: 0, last: 2 ** 30 }, 800));
    expect(blocks.length).toBe(1);
    expect(blocks[0]!.count).toBe(4213);
  });

  it("loses none and keeps them in order, at any zoom", () => {
    assert(
      property(array(integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 300 }), integer({ min: 13, max: 40 }), (gaps, bits) => {
        const spans = pages(gaps);
        const axis = linearAxis({ first: 0, last: 2 ** bits - 1 }, 700);
        const blocks = blocksOf(spans, axis);
        const inside = spans.filter((each) => each.first <= axis.window.last);
        expect(blocks.reduce((sum, block) => sum + block.count, 0)).toBe(inside.length);
        blocks.slice(1).forEach((block, index) => expect(block.left).toBeGreaterThanOrEqual(blocks[index]!.left));
      }),
    );
  });

  it("leaves out what is not in the window", () => {
    expect(blocksOf(lookIova.lanes[1]!.spans, linearAxis({ first: 0, last: 0xffff }, 800))).toEqual([]);
  });
});

describe("blockAt", () => {
  const blocks = blocksOf([span("aperture-field", "0x0", "0xffffffff"), span("msi", "0xfee00000", "0xfeefffff")], linearAxis({ first: 0, last: 2 ** 32 - 1 }, 1000));

  it("prefers the smaller block and forgives a few px", () => {
    expect(blockAt(blocks, 995.6, 3)?.kind).toBe("msi");
    expect(blockAt(blocks, 993, 3)?.kind).toBe("msi");
    expect(blockAt(blocks, 400, 3)?.kind).toBe("aperture-field");
  });
});

describe("joinContributors", () => {
  it("joins those that carve the same, and keeps every object's key", () => {
    const lanes = joinContributors(crowdedFrame().iova!.lanes, 3);
    const contributors = lanes.filter((lane) => lane.kind === "contributor");
    expect(contributors.map((lane) => lane.title)).toEqual(["dev 10", "dev 11", "dev 12 +37"]);
    expect(contributors[2]!.spans[0]!.objects.length).toBe(38);
  });

  it("changes nothing while there are few", () => {
    expect(joinContributors(lookIova.lanes, 3)).toEqual(lookIova.lanes);
  });
});

describe("foldContributors", () => {
  const lanes = crowdedFrame(5, 300).iova!.lanes.map((lane, index) => (lane.kind === "contributor" ? { ...lane, spans: [...lane.spans, span("reserved", `0x${(index + 16).toString(16)}000`, `0x${(index + 16).toString(16)}fff`)] } : lane));

  it("keeps a few and those that are asked for, and loses nothing of the others", () => {
    const folded = foldContributors(lanes, 4, (lane) => lane.title === "dev 200");
    const contributors = folded.filter((lane) => lane.kind === "contributor");
    expect(contributors.map((lane) => lane.title)).toEqual(["dev 10", "dev 11", "dev 12", "dev 200", "+296 more"]);
    const rest = contributors.at(-1)!;
    const places = new Set(lanes.filter((lane) => lane.kind === "contributor" && !contributors.some((kept) => kept.key === lane.key)).flatMap((lane) => lane.spans.map((each) => `${each.kind} ${each.first} ${each.last}`)));
    expect(rest.spans).toHaveLength(places.size);
    expect(folded.filter((lane) => lane.kind !== "contributor")).toEqual(lanes.filter((lane) => lane.kind !== "contributor"));
  });

  it("leaves a few alone", () => {
    expect(foldContributors(lookIova.lanes, 4, () => false)).toEqual(lookIova.lanes);
  });
});
