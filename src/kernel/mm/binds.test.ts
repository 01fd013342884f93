import { describe, expect, it } from "vitest";
import { MmMachine } from "./testing.ts";

describe("E1: bind's checks in their order, section 8.2", () => {
  const one = () => new MmMachine("E1").processes("P1");

  it("refuses what can't be bound", () => {
    const test = one();
    test.do("device_create", { device: "plain", capable: false });
    test.do("device_create", { device: "none", max_pasids: 0 });
    test.do("device_create", { device: "small", max_pasids: 2 });
    expect([test.bind("P1", "plain"), test.bind("P1", "none"), test.bind("P1", "dev", { flags: ["supervisor"] })]).toEqual(["ENOTSUPP", "EINVAL", "EINVAL"]);
    expect(test.do("sva_bind", { process: null, device: "dev" }).rule).toBe("sva-supervisor-has-no-mm");
    test.processes("P0");
    test.bind("P0");
    expect([test.bind("P1"), test.do("sva_bind", { process: "P1", device: "small" }).rule]).toEqual([2, "sva-pasid-fits-device"]);
    expect(test.do("sva_bind", { process: "P1", device: "dev", ops: "other" })).toMatchObject({ got: "EBUSY", rule: "sva-same-callbacks" });
  });

  it("8: no number left: bind says 0 and binds nothing", () => {
    const test = one().processes("P2");
    test.do("sva_options", { iommu_max_pasids: 2 });
    test.bind("P1");
    const empty = test.do("sva_bind", { process: "P2", device: "dev" });
    expect([empty.got, empty.rule]).toEqual([{ pasid: null }, null]);
    expect(empty.damage.join()).toMatch(/returns 0 with nothing bound.*deduced by us/);
    expect(test.unbind("P2").rule).toBe("sva-is-bound");
  });

  it("later eras say so: ENOSPC, ENOMEM, ENOSPC", () => {
    const full = (variant: "E2" | "E4-fixed" | "E7") => {
      const test = new MmMachine(variant).processes("P1", "P2");
      test.do("device_create", { device: "dev", max_pasids: 2 });
      test.bind("P1");
      const refused = test.do("sva_bind", { process: "P2", device: "dev" });
      return [refused.got, refused.rule];
    };
    expect([full("E2"), full("E4-fixed"), full("E7")]).toEqual([["ENOSPC", "sva-pasid-to-be-had"], ["ENOMEM", "sva-pasid-to-be-had"], ["ENOSPC", "sva-pasid-to-be-had"]]);
  });

  it("a private number is not the mm's, and is leaked at its unbind", () => {
    const test = one();
    expect([test.bind("P1"), test.bind("P1", "dev", { flags: ["private"] }), test.pasids()]).toEqual([1, 2, [1]]);
    expect(test.unbind("P1", "dev", { pasid: 2 }).damage.join()).toContain("a reviewer asked what becomes of such ids");
    test.do("process_exit", { name: "P1" });
    expect(test.ids()).toEqual([2]);
  });

  it("a supervisor bind leaks the same way, as we deduce", () => {
    const test = one();
    expect(test.bind(null, "dev", { flags: ["supervisor"] })).toBe(1);
    expect(test.unbind(null).damage.join()).toContain("the kernel's own: no mm has it, unbinding no longer frees it, so it is leaked (deduced by us)");
  });

  it("a CPU without ENQCMD never frees", () => {
    const test = one();
    test.do("sva_options", { enqcmd: false });
    test.bind("P1");
    expect(test.do("process_exit", { name: "P1" }).damage.join()).toContain("never freed");
    expect(test.ids()).toEqual([1]);
  });

  it("the mm's number is not compared with a later, smaller device", () => {
    const test = one().processes("P2");
    test.do("device_create", { device: "small", max_pasids: 2 });
    test.bind("P2");
    test.bind("P1");
    test.unbind("P1");
    const bound = test.do("sva_bind", { process: "P1", device: "small" });
    expect([bound.got, bound.damage.join()]).toEqual([{ pasid: 2 }, expect.stringContaining("not compared with the new device")]);
  });

  it.each([["sdev", "ENOMEM"], ["enable", "EINVAL"], ["svm", "ENOMEM"], ["notifier", "ENOMEM"], ["table", "EINVAL"]])("a failure at %s gives %s and frees a fresh number", (fail, errno) => {
    const test = one();
    const failed = test.do("sva_bind", { process: "P1", device: "dev", fail });
    expect([failed.got, failed.rule, failed.damage, test.ids()]).toEqual([errno, `sva-step-${fail}`, [], []]);
    expect(test.state().mms).toMatchObject([{ users: 1, count: 1, pasid: 0 }]);
  });

  it.each(["notifier", "table"])("a failure at %s leaves a number that was the mm's pointing to freed memory", (fail) => {
    const test = one();
    test.bind("P1");
    test.unbind("P1");
    expect(test.do("sva_bind", { process: "P1", device: "dev", fail }).damage.join()).toContain("keeps pointing to svm 2");
    expect(test.ids()).toEqual([1]);
  });

  it("private data follow the binding and are taken away at the last unbind", () => {
    const test = one();
    const lines = () => test.machine.ioasid.pasids()?.ids.find((entry) => entry.id === 1)?.lines[0];
    test.bind("P1");
    expect(lines()).toBe("private svm 1");
    test.unbind("P1");
    expect(lines()).toBe("no private data");
    test.bind("P1");
    expect(lines()).toBe("private svm 2");
  });
});

describe("the library of 5.18, section 8.5", () => {
  it("6: the last number of the range is taken for outside, until 6.4", () => {
    for (const [kernel, got] of [["6.1", "EOVERFLOW"], ["6.4", 0]] as const) {
      const test = new MmMachine("E4-fixed", { kernel }).processes("Q1", "Q2", "Q3", "P1");
      for (const process of ["Q1", "Q2", "Q3", "P1"]) test.do("sva_alloc_pasid", { process, min: 1, max: 9 });
      expect([test.pasids()[3], test.do("sva_alloc_pasid", { process: "P1", min: 1, max: 4 }).got]).toEqual([4, got]);
    }
  });

  it("refuses an empty range and PASID 0", () => {
    const test = new MmMachine("E4-fixed").processes("P1");
    expect([[0, 5], [5, 4]].map(([min, max]) => test.do("sva_alloc_pasid", { process: "P1", min: min as number, max: max as number }).rule)).toEqual(["sva-range-sane", "sva-range-sane"]);
    expect(new MmMachine("E7").processes("P1").do("sva_alloc_pasid", { process: "P1", min: 1, max: 2 }).rule).toBe("sva-call-in-era");
  });

  it("knows neither private nor supervisor binds", () => {
    const test = new MmMachine("E4-fixed").processes("P1");
    expect(test.do("sva_bind", { process: "P1", device: "dev", flags: ["private"] }).rule).toBe("sva-plain-bind");
  });

  it.each(["notifier", "table"])("the mm keeps its number when the bind fails at %s", (fail) => {
    const test = new MmMachine("E4-fixed").processes("P1");
    expect(test.bind("P1", "dev", { fail })).not.toBe(1);
    expect([test.pasids(), test.ids()]).toEqual([[1], [1]]);
  });
});

describe("6.8 and later, section 8.8", () => {
  it("fails in the order of the code and keeps the number", () => {
    const test = new MmMachine("E7").processes("P1");
    expect(test.bind("P1", "dev", { fail: "group" })).toBe("ENODEV");
    test.do("sva_options", { x86_refused: true });
    expect(test.do("sva_bind", { process: "P1", device: "dev", fail: "masking" }).rule).toBe("sva-allowed-on-x86");
    test.do("sva_options", { x86_refused: false });
    expect([test.bind("P1", "dev", { fail: "masking" }), test.bind("P1", "dev", { fail: "memory" }), test.pasids()]).toEqual(["EBUSY", "ENOMEM", [null]]);
    expect([test.bind("P1", "dev", { fail: "domain" }), test.bind("P1", "dev", { fail: "attach" }), test.pasids()]).toEqual(["ENOMEM", "EINVAL", [{ pasid: 1 }]]);
    expect(test.bind("P1")).toBe(1);
  });

  it("a device that does not reach as far as the mm's number", () => {
    const test = new MmMachine("E7").processes("P1", "P2");
    test.do("device_create", { device: "small", max_pasids: 2 });
    test.bind("P1");
    test.bind("P2");
    expect(test.do("sva_bind", { process: "P2", device: "small" })).toMatchObject({ got: "EOVERFLOW", rule: "sva-pasid-in-range" });
  });
});

describe("ids come from the machine's allocator", () => {
  it.each(["v3-as-posted", "mainline-5.11", "series-2020-v2", "series-2020-v3", "series-2021-v4"] as const)("%s", (ioasid) => {
    const test = new MmMachine("E4-fixed", { ioasid }).processes("P1", "P2");
    expect([test.bind("P1"), test.bind("P2")]).toEqual([1, 2]);
    test.do("process_exit", { name: "P1" });
    expect(test.ids()).toEqual([2]);
  });

  it("a custom allocator is asked like for any other caller", () => {
    const test = new MmMachine("E2").processes("P1");
    test.do("ioasid_register_allocator", { ops: "A1" });
    test.bind("P1");
    expect(test.machine.ioasid.pasids()?.ids.find((entry) => entry.id === 1)?.allocator).toBe("allocator:A1");
  });
});
