import { describe, expect, it } from "vitest";
import { lookFrame, lookGraph } from "../fixtures.ts";
import { captionOf, holdersOf, nodeText } from "./describe.ts";

describe("what a selection says", () => {
  it("names the holders", () => {
    expect(captionOf(lookFrame, { key: "hwpt:3/3" })).toBe("hwpt 3 has users 3 (one is the table’s own): dev 1 is attached, HWPT 4 nests on it.");
    expect(captionOf(lookFrame, { key: "hwpt:3/4" })).toBe("hwpt 4 has users 1, the table’s own. Nothing else holds it.");
  });

  it("counts objects when nothing is selected and the step concerned none", () => {
    expect(captionOf(lookFrame, null)).toMatch(/^1 device, 1 IOAS, 1 page table/);
  });

  it("finds the holders by edges that count", () => {
    expect(holdersOf(lookGraph, "hwpt:3/3")).toEqual(["device:3/1", "hwpt:3/4"]);
  });

  it("reads an object out with its edges and holders", () => {
    const node = lookGraph.nodes.find((each) => each.key === "hwpt:3/3")!;
    expect(nodeText(lookGraph, node)).toBe("hwpt 3, HWPT_PAGING, NEST_PARENT, users 3, mappings ioas 2, held by: dev 1 is attached, HWPT 4 nests on it");
  });
});
