import { describe, expect, it } from "vitest";
import type { Lane } from "../../../engine/views.ts";
import { lookIova, span } from "../fixtures.ts";
import { ordered, patched } from "./lanes-shown.ts";

const lane = (spans: Lane["spans"], rest: Partial<Lane> = {}): Lane => ({ key: "mapped", title: "mapped", detail: "", kind: "mapped", spans, total: spans.length, ...rest });

describe("ordered", () => {
  it("puts the call below its own space and further spaces last", () => {
    const further = lane([], { key: "mapped/ioas:3/9", space: "ioas:3/9" });
    const { lanes } = lookIova;
    expect(ordered([further, ...lanes]).map((each) => each.key)).toEqual(["by:device:3/1", "holes", "valid", "mapped", "call", "mapped/ioas:3/9"]);
  });
});

describe("patched", () => {
  const answered = { first: 0x1000_0000, last: 0x1fff_ffff };
  const inside = lane([span("mapping", "0x10001000", "0x10001fff")]);
  const coarse = new Map([["mapped", [span("mapping", "0x0", "0x17ffffff", "", "", [], 500), span("mapping", "0x40000000", "0x400fffff")]]]);

  it("leaves alone what the answer covers", () => {
    expect(patched([inside], answered, { first: 0x1000_0000, last: 0x1000_ffff }, coarse)[0]).toBe(inside);
    expect(patched([inside], null, { first: 0, last: 0xffff_ffff }, coarse)[0]).toBe(inside);
  });

  it("takes from the overview what lies beside the answer, and nothing twice", () => {
    const [shown] = patched([inside], answered, { first: 0, last: 0xffff_ffff }, coarse);
    expect(shown!.spans.map((each) => [each.first, each.last])).toEqual([[0, 0xfff_ffff], [0x1000_1000, 0x1000_1fff], [0x4000_0000, 0x400f_ffff]]);
  });
});
