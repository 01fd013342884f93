import { describe, expect, it } from "vitest";
import { IoasidMachine } from "./testing.ts";

const posted = () => new IoasidMachine("v3-as-posted");

describe("the allocator as posted in May 2019, its bugs one by one", () => {
  it("P1: the flag is cleared although an id has come in between", () => {
    const test = posted();
    test.alloc();
    const free = test.do("ioasid_free", { ioasid: 1, race: { point: "after-empty-test", call: "ioasid_alloc", in: { set: null, min: 1, max: 9, private: "q" } } });
    expect(free.answer.race_ret).toEqual({ ioasid: 1 });
    expect(free.damage.join()).toContain("(P1, raised in review)");
    test.register("B");
    expect(test.alloc({ max: 200 })).toBe(100);
    expect(test.machine.ioasid.pasids()?.ids.map((entry) => [entry.id, entry.allocator])).toEqual([[1, "allocator:default"], [100, "allocator:B"]]);
  });

  it("P2: another allocator frees what it never issued", () => {
    const test = posted();
    test.register("A1");
    test.register("A2");
    test.alloc();
    expect(test.unregister("A1").damage.join()).toContain("(P2, raised in review)");
  });

  it("P3: the list head is taken for an allocator, and the last one's leaving heals it", () => {
    const test = posted();
    test.register("A1");
    test.register("B");
    test.unregister("A1");
    expect(test.active()).toBe("WILD");
    test.unregister("B");
    expect([test.active(), test.alloc()]).toEqual([null, 1]);
  });

  it("P4, P5, P6: a duplicate host id slips one up, the next one is not stored at all", () => {
    const test = posted();
    test.register("D");
    expect(test.alloc()).toBe(5);
    const slipped = test.do("ioasid_alloc", { set: null, min: 1, max: 9, private: "q" });
    expect([slipped.got, slipped.damage.join()]).toEqual([6, expect.stringContaining("(P4, deduced by us)")]);
    const lost = test.do("ioasid_alloc", { set: null, min: 1, max: 9, private: "r" });
    expect(lost.got).toBe(5);
    expect(lost.damage.join()).toMatch(/\(P5, deduced by us\).*\(P6, deduced by us\)/);
    expect(test.got("find", { ioasid: 5 })).toEqual({ private: "p" });
  });

  it("P7: a failed allocation leaves the default allocator in charge", () => {
    const test = posted();
    const failed = test.do("ioasid_alloc", { set: null, min: 5, max: 4, private: "p" });
    expect([failed.got, failed.trace.refusedBy?.id, failed.damage.join()]).toEqual(["INVALID_IOASID", "id-range-not-empty", expect.stringContaining("(P7, deduced by us)")]);
    test.register("B");
    expect(test.alloc({ max: 200 })).toBe(1);
  });

  it("P8, P9: registered but not used; the host is told of ids it never gave", () => {
    const test = posted();
    test.alloc();
    const registered = test.do("ioasid_register_allocator", { ops: "A1" });
    expect([registered.got, registered.damage.join()]).toEqual([0, expect.stringContaining("(P8, deduced by us)")]);
    expect(test.alloc()).toBe(2);
    const freed = test.do("ioasid_free", { ioasid: 1 });
    expect(freed.answer.events).toEqual([{ host: "F1", pool: "H1", op: "free", id: 1, was_allocated: false }]);
    expect(freed.damage.join()).toContain("(P9, deduced by us)");
  });

  it("P10: freeing an unknown id", () => {
    const freed = posted().do("ioasid_free", { ioasid: 99 });
    expect([freed.answer.events, freed.damage.join()]).toEqual([[{ kfree_rcu_null: true }], expect.stringContaining("(P10, deduced by us)")]);
  });

  it("P11: unlinking what is on no list, alone and with two CPUs", () => {
    const alone = posted();
    alone.register("A1");
    expect(alone.unregister("B").got).toBe("list_del-of-unlinked");
    const two = posted();
    two.register("A1");
    two.register("B");
    two.start(0, "ioasid_unregister_allocator", { ops: "A1" });
    two.start(1, "ioasid_unregister_allocator", { ops: "A1" });
    two.step(0);
    two.step(1);
    two.step(0);
    expect(two.step(1).got).toBe("list_del-of-unlinked");
  });

  it("P12: the machine stops when the last one leaves ids behind", () => {
    const test = posted();
    test.register("A1");
    test.alloc();
    expect(test.unregister("A1").got).toBe("BUG_ON");
    expect(test.state()).toMatchObject({ active: "A1", list: [], ids: [{ id: 1 }] });
  });

  it("P13: private data stored into an entry that has been freed", () => {
    const test = posted();
    test.alloc();
    test.start(0, "ioasid_set_data", { ioasid: 1, private: "q" });
    test.step(0);
    test.got("free", { ioasid: 1 });
    expect(test.step(0).damage.join()).toContain("(P13, raised in review)");
  });
});
