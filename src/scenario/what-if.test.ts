import { describe, expect, it } from "vitest";
import type { Json } from "../base/json.ts";
import { decodeLink, encodeLink } from "./link/link.ts";
import type { Scenario } from "./scenario.ts";
import { whatIfOf, type WhatIf } from "./what-if.ts";

const SCENARIO: Scenario = {
  title: "t", trace: "iommufd", platform: { kind: "mock" },
  calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 } }, { call: "IOMMU_IOAS_UNMAP", in: { ioas_id: 1, iova: "0x0", length: "0x1000" } }],
};

describe("What if", () => {
  it.each<[string, WhatIf]>([
    ["a call, with the names of its ids", { name: "step 2: length=4K", step: 2, call: { call: "IOMMU_IOAS_UNMAP", in: { ioas_id: 1, iova: "0x0", length: "0x2000" }, binds: {}, uses: { ioas_id: "ioas1" } } }],
    ["a host", { name: "AMD server", host: "amd-server" }],
  ])("travels in a link: %s", async (_what, whatIf) => {
    const alone = await encodeLink(SCENARIO, { step: 1 });
    const link = await encodeLink(SCENARIO, { step: 1, whatIf });
    expect((await decodeLink(link)).view).toEqual({ step: 1, whatIf });
    expect(link.length - alone.length).toBeLessThan(140);
  });

  it.each([null, "x", [], ["n"], ["n", 1.5, {}], ["n", 1, { call: "X", in: {} }, { io: "a b" }, {}], ["n", 1, { call: "X", in: {} }, {}]])("is nothing where it can't be read: %j", (json) => {
    expect(whatIfOf(json as Json)).toBeNull();
  });

  it("of a call that is none is refused", () => {
    expect(() => whatIfOf(["n", 1, { call: 3, in: {} }, {}, {}])).toThrow(/call/);
  });
});
