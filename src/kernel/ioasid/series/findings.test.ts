import { describe, expect, it } from "vitest";
import type { IoasidVariant } from "../../config.ts";
import { IoasidMachine } from "../testing.ts";

function withSet(variant: IoasidVariant, quota = 4): IoasidMachine {
  const test = new IoasidMachine(variant);
  test.got("set_alloc", { name: "S", token: null, quota, type: 1 });
  return test;
}

/** The rows of section 4.9 that can be acted out. */
describe("what was found in the series", () => {
  it("Q2: a duplicate host id is returned as success", () => {
    const test = withSet("series-2020-v2");
    test.register("D");
    test.alloc({ set: "S" });
    const again = test.do("ioasid_alloc", { set: "S", min: 1, max: 9, private: "q" });
    expect([again.got, again.trace.refusedBy, again.damage.join()]).toEqual([5, null, expect.stringContaining("(Q2, raised in review)")]);
  });

  it("Q4: freeing gives up half-way when the set is gone", () => {
    const test = withSet("series-2020-v2");
    test.alloc({ set: "S" });
    test.got("get", { set: "S", ioasid: 1 });
    test.got("set_put", { set: "S" });
    expect(test.do("ioasid_put", { set: null, ioasid: 1 }).damage.join()).toContain("(Q4, raised in review)");
  });

  it("Q5: shrinking a quota is refused for want of room", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("install_capacity", { total: 100 });
    test.got("set_alloc", { name: "S", token: null, quota: 80, type: 1 });
    const refused = test.do("ioasid_adjust_set", { set: "S", quota: 50 });
    expect([refused.got, refused.trace.refusedBy?.id, refused.damage.join()]).toEqual(["ENOSPC", "quota-below-capacity-left", expect.stringContaining("(Q5, raised in review)")]);
    const fixed = new IoasidMachine("series-2020-v3");
    fixed.got("install_capacity", { total: 100 });
    fixed.got("set_alloc", { name: "S", token: null, quota: 80, type: 1 });
    expect([fixed.got("adjust_set", { set: "S", quota: 50 }), fixed.state().avail]).toEqual([0, 50]);
  });

  it("Q6: the number of sets is tied to the capacity left", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("install_capacity", { total: 100 });
    test.got("set_alloc", { name: "A", token: null, quota: 60, type: 1 });
    const refused = test.do("ioasid_set_alloc", { name: "B", token: null, quota: 40, type: 1 });
    expect([refused.got, refused.trace.refusedBy?.id, refused.damage.join()]).toEqual(["ENOSPC", "set-number-free", expect.stringContaining("(Q6, raised in review)")]);
  });

  it("Q9: a notifier for an mm that has no set yet", () => {
    expect(new IoasidMachine("series-2020-v2").got("register_notifier_mm", { token: "m1", nb: "kvm" })).toBe("list-head-used-as-entry");
    const v4 = new IoasidMachine("series-2021-v4");
    expect(v4.got("register_notifier_mm", { token: "m1", nb: "kvm" })).toBe(0);
    v4.got("set_alloc", { name: "S", token: "m1", quota: 2, type: 2 });
    expect(v4.do("ioasid_alloc", { set: "S", min: 1, max: 9, private: "p" }).answer.events).toBeUndefined();
  });

  it("v3's notifier for an mm waits for itself", () => {
    const test = new IoasidMachine("series-2020-v3");
    test.got("set_alloc", { name: "S", token: "m1", quota: 2, type: 2 });
    const stuck = test.do("ioasid_register_notifier_mm", { token: "m1", nb: "kvm" });
    expect([stuck.got, stuck.answer.events]).toEqual(["self-deadlock", [{ lock: "ioasid_nb_lock" }]]);
  });

  it("Q11: freeing twice gives the number to another while its user still holds it", () => {
    const test = withSet("series-2020-v2");
    const id = { set: "S", ioasid: test.alloc({ set: "S" }) };
    test.got("get", id);
    test.got("free", id);
    expect(test.do("ioasid_free", id).damage.join()).toContain("(Q11, deduced by us)");
    expect(test.alloc({ set: "S", private: "other" })).toBe(1);
  });

  it("Q12: quota given back under ids that are still in use", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("install_capacity", { total: 12 });
    test.got("set_alloc", { name: "S", token: null, quota: 10, type: 1 });
    for (let count = 0; count < 3; count++) test.got("get", { set: "S", ioasid: test.alloc({ set: "S" }) });
    expect(test.do("ioasid_set_put", { set: "S" }).damage.join()).toContain("(Q12, deduced by us)");
    expect([test.state().avail, (test.state().default_ids as unknown[]).length]).toEqual([12, 3]);
    expect(test.got("set_alloc", { name: "T", token: null, quota: 10, type: 1 })).toMatchObject({ set: "T" });
  });

  it("chains: larger priorities first, and a block may stop the rest", () => {
    const test = withSet("series-2020-v2");
    for (const nb of ["device", "stopper", "iommu", "kvm"]) test.got("register_notifier", { set: "S", nb });
    expect((test.state().sets as { chain: string[] }[])[0]?.chain).toEqual(["stopper", "kvm", "iommu", "device"]);
    expect(test.do("ioasid_alloc", { set: "S", min: 1, max: 9, private: "p" }).answer.events).toMatchObject([{ nb: "stopper", event: "ALLOC", id: 1, spid: "INVALID_IOASID", set: "S" }]);
    expect([test.got("notify", { ioasid: 1, cmd: 3, flags: 0 }), test.got("notify", { ioasid: 1, cmd: 3, flags: 2 }), test.got("notify", { ioasid: 9, cmd: 3, flags: 2 })]).toEqual([0, 0x8001, "EINVAL"]);
  });

  it("sets are refused for what is wrong with them, in the order of the code", () => {
    const refusal = (variant: IoasidVariant, fields: { token?: string | null; quota?: number; type?: number }) => {
      const test = new IoasidMachine(variant);
      test.got("set_alloc", { name: "M", token: "m1", quota: 1, type: 2 });
      const done = test.do("ioasid_set_alloc", { name: "X", token: null, quota: 1, type: 1, ...fields });
      return `${done.answer.errno} ${done.trace.refusedBy?.id ?? ""}`;
    };
    expect(refusal("series-2020-v2", { type: 3, quota: 2 ** 21 })).toBe("EINVAL set-type-known");
    expect(refusal("series-2020-v2", { quota: 2 ** 21, token: "m1", type: 2 })).toBe("ENOSPC capacity-left");
    expect(refusal("series-2020-v2", { token: "m1", type: 2, quota: 0 })).toBe("EEXIST mm-has-no-set");
    expect(refusal("series-2020-v2", { type: 2 })).toBe("OK ");
    expect(refusal("series-2020-v3", { type: 2 })).toBe("EINVAL mm-set-has-mm");
    expect(refusal("series-2020-v3", { quota: 0, type: 0 })).toBe("EINVAL quota-positive");
    expect(refusal("series-2020-v2", { type: 0 })).toBe("EINVAL set-type-usable");
    expect(refusal("series-2020-v2", { token: "m2" })).toBe("EINVAL null-set-has-no-token");
    expect(refusal("series-2021-v4", { quota: 0 })).toBe("OK ");
  });
});
