import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../base/json.ts";
import { resv, span, TestMachine } from "./testing.ts";

const MSI: [number, number, string] = [0xfee00000, 0xfeefffff, "msi"];
const MAX = "0xffffffffffffffff";

function attached(options: ConstructorParameters<typeof TestMachine>[0] = {}, fields: JsonObject = {}): TestMachine {
  const test = new TestMachine(options);
  test.attach("A", { ...resv(MSI), ...fields });
  return test;
}

describe("map: the checks in their order", () => {
  it("makes them as the kernel does", () => {
    const { trace } = attached().map(0x1000, 0x1000);
    expect(trace.checks.map((check) => check.rule.id)).toEqual([
      "dma-flags", "dma-access", "dma-misaligned", "dma-wraps", "dma-overlaps-mapping", "dma-entry-limit", "dma-outside-valid-list", "dma-driver-map",
    ]);
  });

  it.each([
    ["dma-flags", "EINVAL", { flags: ["bad", "read"] }],
    ["dma-access", "EINVAL", { flags: [] }],
    ["dma-access", "EINVAL", { flags: ["vaddr", "read"] }],
    ["dma-misaligned", "EINVAL", { size: "0x0" }],
    ["dma-misaligned", "EINVAL", { iova: "0x1800" }],
    ["dma-misaligned", "EINVAL", { vaddr: "0x10000800" }],
    ["dma-wraps", "EINVAL", { iova: "0xfffffffffffff000", size: "0x2000" }],
    ["dma-wraps", "EINVAL", { vaddr: "0xfffffffffffff000", size: "0x2000" }],
    ["dma-vaddr-no-mapping", "ENOENT", { flags: ["vaddr"] }],
    ["dma-vaddr-not-pending", "EINVAL", { flags: ["vaddr"], iova: "0x100000" }],
    ["dma-overlaps-mapping", "EEXIST", { iova: "0xff000", size: "0x2000" }],
    ["dma-outside-valid-list", "EINVAL", { iova: "0x100000000" }],
    ["dma-outside-valid-list", "EINVAL", { iova: "0xfee00000" }],
  ])("%s refuses with %s and changes nothing", (rule, errno, fields) => {
    const test = attached();
    test.map(0x100000, 0x1000);
    const before = test.state();
    const { answer, trace } = test.map(0x1000, 0x1000, fields);
    expect([trace.refusedBy?.id, answer.errno]).toEqual([rule, errno]);
    expect(test.state()).toEqual(before);
  });

  it("looks at overlaps before the limit, and at the limit before the valid list", () => {
    const test = attached({ dmaEntryLimit: 1 });
    test.map(0, 0x1000);
    expect(test.map(0, 0x1000).answer.errno).toBe("EEXIST");
    expect(test.map(0xfee00000, 0x1000).answer.errno).toBe("ENOSPC");
    test.unmap(0, 0x1000);
    expect(test.map(0xfee00000, 0x1000).answer.errno).toBe("EINVAL");
  });

  it("looks at overlaps before the valid list, unlike iommufd", () => {
    const test = attached({}, { resv: [] });
    test.map(0xfee00000, 0x1000);
    expect(test.map(0xfedff000, 0x100000).answer.errno).toBe("EEXIST");
  });

  it("does not see an overlap with a mapping that ends with the last byte of the space", () => {
    const test = attached({}, { aperture: span(0, 0xffff_ffff_ffff_ffffn) });
    const top = { iova: "0xfffffffffffff000" };
    expect(test.map(0, 0x1000, top).answer.ret).toBe(0);
    expect(test.map(0, 0x1000, top).answer.ret).toBe(0);
    expect(test.unmap(0, 0x1000, top).answer.ret).toEqual({ unmapped: "0x0" });
  });

  it("pins nothing while no domain is there, and fails as the outside says when one is", () => {
    const given = { pin: "ENOMEM", source: "from the log" } as const;
    const fields = { iova: "0x1000", size: "0x1000", vaddr: "0x1000", flags: ["read"] };
    expect(new TestMachine().do("map_dma", fields, given).answer.ret).toBe(0);
    const { answer, trace } = attached().do("map_dma", fields, given);
    expect([answer.errno, trace.refusedBy?.id, trace.checks.at(-1)?.note]).toEqual(["ENOMEM", "dma-lock-limit", "from the log"]);
    expect(attached().do("map_dma", fields, { pin: "EFAULT", source: "" }).trace.refusedBy?.id).toBe("dma-pin-faults");
    expect(attached().do("map_dma", fields, { driver: "EIO", source: "" }).answer.errno).toBe("EIO");
  });
});

describe("map: what would fit instead", () => {
  it("names the region and the pieces of a range that crosses a hole", () => {
    const { trace } = attached().map(0xfe000000, 0x2000000);
    const check = trace.checks.at(-1);
    expect(check?.objects[0]?.key).toBe("region:group A@0xfee00000");
    expect(check?.range).toEqual({ first: 0xfee00000, last: 0xfeefffff });
    expect(trace.advice?.fits).toEqual([{ first: 0xfef00000, last: 0xffffffff }, { first: 0xfe000000, last: 0xfedfffff }]);
  });

  it("names the aperture and the valid windows of a range beyond", () => {
    const { trace } = attached().map(0x100000000, 0x1000);
    expect(trace.checks.at(-1)?.note).toMatch(/outside the aperture/);
    expect(trace.advice?.fits).toEqual([{ first: 0, last: 0xfedfffff }, { first: 0xfef00000, last: 0xffffffff }]);
  });

  it("names the mapping in the way and what is free beside it", () => {
    const test = attached();
    test.map(0x2000, 0x1000);
    const { trace } = test.map(0x1000, 0x4000);
    expect(trace.checks.at(-1)?.objects[0]?.key).toBe("mapping:container:0@0x2000");
    expect(trace.advice?.fits).toEqual([{ first: 0x3000, last: 0x4fff }, { first: 0x1000, last: 0x1fff }]);
  });
});

describe("unmap", () => {
  const ranges: [string, number, number, string, string][] = [
    ["exactly", 0x1000, 0x4000, "0x4000", "0x4000"],
    ["its start only", 0x1000, 0x1000, "0x4000", "EINVAL"],
    ["its middle", 0x2000, 0x1000, "0x0", "EINVAL"],
    ["around it", 0, 0x8000, "0x4000", "0x4000"],
    ["elsewhere", 0x10000, 0x1000, "0x0", "0x0"],
  ];

  it.each(ranges)("%s", (_where, iova, size, v1, v2) => {
    for (const [api, expected] of [["v1", v1], ["v2", v2]] as const) {
      const test = attached({ api });
      test.map(0x1000, 0x4000);
      const { answer, trace } = test.unmap(iova, size);
      expect([answer.ret, trace.refusedBy?.id]).toEqual(expected === "EINVAL" ? [undefined, "unmap-cuts-mapping"] : [{ unmapped: expected }, undefined]);
    }
  });

  it("v1 stops at a mapping that starts below, and leaves those behind it too", () => {
    const test = attached({ api: "v1" });
    test.map(0x1000, 0x4000);
    test.map(0x8000, 0x4000);
    const { answer, trace } = test.unmap(0x2000, 0xa000);
    expect(answer.ret).toEqual({ unmapped: "0x0" });
    expect(trace.effects.at(-1)?.text).toMatch(/v1 container stops there/);
    expect(test.do("get_info").answer.ret).toMatchObject({ dma_avail: 65533 });
  });

  it.each([
    ["dma-flags", { flags: ["bad"] }],
    ["unmap-dirty-alone", { flags: ["all", "dirty"] }],
    ["unmap-misaligned", { iova: "0x10001" }],
    ["unmap-misaligned", { size: "0x1001" }],
    ["unmap-misaligned", { size: "0x0" }],
    ["unmap-misaligned", { iova: "0xfffffffffffff000", size: "0x2000" }],
    ["unmap-all-is-bare", { flags: ["all"], iova: "0x0", size: "0x1000" }],
    ["unmap-all-is-bare", { flags: ["all"], iova: "0x1000", size: "0x0" }],
    ["unmap-dirty-tracking", { flags: ["dirty"] }],
  ])("%s refuses with EINVAL", (rule, fields) => {
    const { answer, trace } = attached().unmap(0x10000, 0x1000, fields);
    expect([trace.refusedBy?.id, answer.errno]).toEqual([rule, "EINVAL"]);
  });

  it("of everything takes everything, and every mapping counts again", () => {
    const test = attached();
    for (let index = 0; index < 20; index++) test.map(index * 0x2000, 0x1000);
    const { answer, trace } = test.unmap(0, 0, { flags: ["all"] });
    expect(answer.ret).toEqual({ unmapped: "0x14000" });
    expect(trace.effects).toHaveLength(9);
    expect(test.do("get_info").answer.ret).toMatchObject({ dma_avail: 65535 });
  });

  it("takes addresses away, once, and undoes itself where one is gone already", () => {
    const test = attached();
    test.map(0x1000, 0x1000);
    test.map(0x2000, 0x1000);
    expect(test.unmap(0x2000, 0x1000, { flags: ["vaddr"] }).answer.ret).toEqual({ unmapped: "0x1000" });
    const before = test.state();
    expect(test.unmap(0x1000, 0x2000, { flags: ["vaddr"] }).trace.refusedBy?.id).toBe("unmap-vaddr-twice");
    expect(test.state()).toEqual(before);
    expect(test.map(0x2000, 0x1000, { flags: ["vaddr"], vaddr: "0x50000000" }).answer.ret).toBe(0);
  });

  it("can't take addresses away while an emulated group is there", () => {
    const test = attached();
    test.attach("e", { emulated: true });
    expect(test.unmap(0, 0, { flags: ["all", "vaddr"] }).answer.errno).toBe("EBUSY");
  });

  it("that ends with the last byte of the space removes nothing", () => {
    const test = attached();
    test.map(0x1000, 0x1000);
    expect(test.unmap(0x1000, 0x1000, { size: "0xfffffffffffff000" }).answer.ret).toEqual({ unmapped: "0x0" });
  });
});

describe("get_info", () => {
  it("has no ranges while nothing restricts the container", () => {
    const test = new TestMachine();
    expect(test.do("get_info").answer.ret).toEqual({ flags: 3, pgsizes: "0xfffffffffffff000", dma_avail: 65535 });
    test.attach("A");
    test.detach("A");
    expect(test.do("get_info").answer.ret).toMatchObject({ iova_ranges: [["0x0", MAX]] });
  });
});
