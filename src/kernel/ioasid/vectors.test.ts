import { describe, expect, it } from "vitest";
import { IoasidMachine } from "./testing.ts";

/** The conformance vectors of the specification's section 8.9 that concern the allocator. */
describe("conformance vectors", () => {
  it("1: lowest free first, exhaustion, a freed id is the next one", () => {
    const test = new IoasidMachine("mainline-5.5");
    const alloc = () => test.alloc({ min: 1, max: 3 });
    expect([alloc(), alloc(), alloc(), alloc()]).toEqual([1, 2, 3, "INVALID_IOASID"]);
    test.got("free", { ioasid: 2 });
    expect(alloc()).toBe(2);
  });

  it("2: no custom allocator while the default one has ids", () => {
    const test = new IoasidMachine("mainline-5.5");
    test.alloc();
    const refused = test.do("ioasid_register_allocator", { ops: "A1" });
    expect([refused.got, refused.trace.refusedBy?.id]).toEqual(["EAGAIN", "default-is-empty"]);
    test.got("free", { ioasid: 1 });
    expect(test.register("A1")).toBe(0);
  });

  it("3: a family keeps its ids until its last member goes", () => {
    const test = new IoasidMachine("mainline-5.5");
    expect([test.register("A1"), test.register("A2"), test.alloc(), test.alloc()]).toEqual([0, 0, 1, 2]);
    test.unregister("A1");
    expect(test.got("find", { ioasid: 1 })).toEqual({ private: "p" });
    expect(test.unregister("A2").answer.events).toEqual([{ warn: true }]);
    expect([test.active(), test.got("find", { ioasid: 1 })]).toEqual(["default", "ENOENT"]);
  });

  it("4: v2, an id that waits for its last reference", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("set_alloc", { name: "S", token: null, quota: 4, type: 1 });
    const id = { set: "S", ioasid: test.alloc({ set: "S" }) };
    expect(test.got("get", id)).toBe(0);
    test.got("free", id);
    expect([test.got("get", id), test.got("find", id)]).toEqual(["EBUSY", { private: "p" }]);
    test.got("put", id);
    expect(test.got("get", id)).toBe("EINVAL");
  });

  it("5: freeing twice takes the user's reference in v2, not in v3", () => {
    for (const [variant, left] of [["series-2020-v2", []], ["series-2020-v3", [["FREE_PENDING", 1]]]] as const) {
      const test = new IoasidMachine(variant);
      test.got("set_alloc", { name: "S", token: null, quota: 4, type: 1 });
      const id = { set: "S", ioasid: test.alloc({ set: "S" }) };
      test.got("get", id);
      test.got("free", id);
      test.got("free", id);
      expect((test.state().default_ids as { state: string; refs: number }[]).map((entry) => [entry.state, entry.refs])).toEqual(left);
    }
  });

  it("7: global PASIDs of a device with four", () => {
    const test = new IoasidMachine("global-ida");
    const alloc = (max: number) => test.do("iommu_alloc_global_pasid", { max_pasids: max });
    expect([1, 2, 3, 4].map(() => alloc(4).got)).toEqual([1, 2, 3, "INVALID_IOASID"]);
    expect(alloc(0).trace.refusedBy?.id).toBe("device-has-pasids");
    expect(test.do("iommu_free_global_pasid", { pasid: "INVALID_IOASID" }).answer.events).toEqual([{ warn: true }]);
    test.do("iommu_free_global_pasid", { pasid: 2 });
    expect(alloc(4).got).toBe(2);
  });

  it.each(["ioasid_alloc", "ioasid_register_allocator", "ioasid_find", "ioasid_set_alloc"])("%s is gone since 6.4 and says so", (call) => {
    const fields = { set: null, min: 1, max: 9, private: "p", ops: "A1", ioasid: 1, getter: "none", name: "S", token: null, quota: 1, type: 1 };
    const done = new IoasidMachine("global-ida").do(call, fields);
    expect([done.got, done.trace.refusedBy?.id]).toEqual(["EOPNOTSUPP", "ioasid-still-exists"]);
  });

  it("a scenario without a host side has two allocators on one host", () => {
    const test = new IoasidMachine("mainline-6.1", { pools: [], ops: [], nbs: [] });
    expect([test.register("A1"), test.register("A2"), test.alloc({ min: 1, max: 0xfffff })]).toEqual([0, 0, 1]);
  });

  it("says which names there are when one is unknown", () => {
    expect(() => new IoasidMachine("mainline-6.1").register("Z")).toThrow('there is no allocator "Z"; the scenario has A1, A2');
    expect(() => new IoasidMachine("mainline-6.1", { pools: [], ops: [{ ops: "A", alloc: "f", free: "f", pool: "X" }], nbs: [] })).toThrow('ops A: there is no pool "X"');
    expect(() => new IoasidMachine("mainline-6.1", { pools: [{ pool: "P", lo: 1, hi: 2, mode: "random" }], ops: [], nbs: [] })).toThrow("pool P: mode must be one of");
  });
});
