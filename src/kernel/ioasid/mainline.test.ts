import { describe, expect, it } from "vitest";
import { IoasidMachine } from "./testing.ts";

const merged = () => new IoasidMachine("mainline-5.5");

describe("defects still in the merged allocator", () => {
  it("M1: the family goes on using the first registrant's data", () => {
    const test = merged();
    test.register("A1");
    test.register("A2");
    expect(test.unregister("A1").damage.join()).toContain("(M1, deduced by us)");
    expect(test.do("ioasid_alloc", { set: null, min: 1, max: 9, private: "p" }).trace.effects.map((effect) => effect.text).join()).toContain("A1 asks the host");
    expect(test.machine.ioasid.pasids()?.allocators[1]).toMatchObject({ label: "A1", members: ["A2"], note: "still uses A1, which has left" });
  });

  it("M2: a refused registration damages the member list; the walk then never ends", () => {
    const test = merged();
    test.register("A1");
    test.register("A2");
    const again = test.do("ioasid_register_allocator", { ops: "A1" });
    expect([again.got, again.trace.refusedBy?.id, again.damage.join()]).toEqual(["EEXIST", "allocator-is-new", expect.stringContaining("(M2, deduced by us)")]);
    expect(test.state().groups).toMatchObject([{ members: ["A1"], members_corrupt: true }]);
    expect(test.unregister("A2").got).toBe("hang");
    expect(test.machine.ioasid.state()).toBeNull();
  });

  it("M3: a later member may register again, and the list becomes a loop", () => {
    const test = merged();
    test.register("A1");
    test.register("A2");
    const again = test.do("ioasid_register_allocator", { ops: "A2" });
    expect([again.got, again.damage.join()]).toEqual([0, expect.stringContaining("(M3, deduced by us)")]);
    expect((test.state().groups as { members: string[] }[])[0]?.members).toHaveLength(20);
  });

  it("M5: a stranger with the same functions takes the family away", () => {
    const test = merged();
    test.register("A1");
    expect(test.unregister("A9").damage.join()).toContain("(M5, deduced by us)");
    expect(test.active()).toBe("default");
  });

  it("M6: ids outstanding at the end are orphaned", () => {
    const test = merged();
    test.register("A1");
    test.alloc();
    const gone = test.unregister("A1");
    expect([gone.answer.events, gone.damage.join()]).toEqual([[{ warn: true }], expect.stringContaining("(M6, deduced by us)")]);
    expect(test.machine.ioasid.pasids()?.ids).toMatchObject([{ id: 1, state: "orphaned", allocator: "allocator:A1" }]);
  });

  it("an exhausted host pool is not made up for by another allocator", () => {
    const test = merged();
    test.register("N");
    test.register("B");
    const refused = test.do("ioasid_alloc", { set: null, min: 1, max: 200, private: "p" });
    expect([refused.got, refused.trace.refusedBy?.id]).toEqual(["INVALID_IOASID", "host-has-id"]);
  });

  it("a duplicate host id is given back, under its older owner", () => {
    const test = merged();
    test.register("D");
    test.alloc();
    const refused = test.do("ioasid_alloc", { set: null, min: 1, max: 9, private: "q" });
    expect([refused.got, refused.trace.refusedBy?.id, refused.answer.events]).toEqual(["INVALID_IOASID", "host-id-is-new", expect.arrayContaining([expect.objectContaining({ op: "free", id: 5 })])]);
  });

  it("5.11 counts references and has no free", () => {
    const test = new IoasidMachine("mainline-5.11");
    const ioasid = test.alloc();
    test.got("get", { ioasid });
    expect([test.got("put", { ioasid }), test.got("put", { ioasid }), test.got("put", { ioasid })]).toEqual([false, true, false]);
    expect(test.do("ioasid_get", { ioasid }).answer.events).toEqual([{ warn: true }]);
    expect(test.do("ioasid_free", { ioasid }).trace.refusedBy?.id).toBe("call-in-this-form");
  });
});
