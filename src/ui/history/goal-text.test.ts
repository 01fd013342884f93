import { describe, expect, it } from "vitest";
import { stopFrom, type Known } from "./goal-text.ts";

const known: Known = {
  objects: [{ key: "hwpt:3/4", names: ["hwpt 4", "automatic HWPT 4", "hwpt:3/4"] }],
  calls: ["IOMMU_IOAS_MAP", "ioasid_alloc"], rules: ["iova-misaligned", "object-in-use"],
};
const goal = (text: string) => stopFrom(text, known)?.goal ?? null;

describe("what a person types", () => {
  it("is an errno, or any refusal", () => {
    expect([goal("EINVAL"), goal(" ebusy ")]).toEqual([{ kind: "errno", errno: "EINVAL" }, { kind: "errno", errno: "EBUSY" }]);
    expect([goal("refused"), goal("any refusal")]).toEqual([{ kind: "errno", errno: "refused" }, { kind: "errno", errno: "refused" }]);
  });

  it("is an address or a range", () => {
    expect(goal("0xfee0_0000")).toEqual({ kind: "range", first: 0xfee00000, last: 0xfee00000 });
    expect(goal("0x1000-0x1fff")).toEqual({ kind: "range", first: 0x1000, last: 0x1fff });
    expect(goal("0x1000..0x1fff")).toEqual({ kind: "range", first: 0x1000, last: 0x1fff });
    expect(goal("0x1000 + 4 KiB")).toEqual({ kind: "range", first: 0x1000, last: 0x1fff });
    expect(goal("0xffffffff00000000 + 0x1000")).toEqual({ kind: "range", first: 0xffff_ffff_0000_0000n, last: 0xffff_ffff_0000_0fffn });
    expect([goal("0x2000-0x1000"), goal("0x1000 + many")]).toEqual([null, null]);
  });

  it("is an object, there already or not", () => {
    for (const text of ["hwpt 4", "Automatic HWPT 4", "hwpt:3/4"]) expect(goal(text)).toEqual({ kind: "object", key: "hwpt:3/4" });
    expect([goal("ioas 9"), goal("IOASID 12")]).toEqual([{ kind: "object", key: "ioas:3/9" }, { kind: "object", key: "ioasid:12" }]);
  });

  it("is a call or a rule", () => {
    expect([goal("iommu_ioas_map"), goal("VFIO_IOMMU_MAP_DMA")]).toEqual([{ kind: "call", call: "IOMMU_IOAS_MAP" }, { kind: "call", call: "VFIO_IOMMU_MAP_DMA" }]);
    expect(goal("object-in-use")).toEqual({ kind: "rule", rule: "object-in-use" });
  });

  it("or nothing that is known", () => {
    expect([goal(""), goal("hello"), goal("no-such-rule")]).toEqual([null, null, null]);
  });
});
