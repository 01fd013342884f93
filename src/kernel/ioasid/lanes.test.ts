import { describe, expect, it } from "vitest";
import { IoasidMachine } from "./testing.ts";

describe("two CPUs: find without a reference, section 4.10", () => {
  /** CPU 0 looks 1 up; the owner frees id and object; another takes the number; CPU 0 uses what it has. */
  function story(variant: "mainline-5.5" | "mainline-5.11", hold: string): { ret: unknown; damage: string[]; next: unknown } {
    const test = new IoasidMachine(variant);
    test.alloc({ private: "P" });
    test.start(0, "ioasid_find_use", { set: null, ioasid: 1, hold });
    test.step(0);
    test.got(variant === "mainline-5.5" ? "free" : "put", { ioasid: 1 });
    test.do("private_free", { private: "P" });
    const next = test.alloc({ private: "Q" });
    const done = test.step(0);
    return { ret: done.answer.ret, damage: done.damage, next };
  }

  it("no reference at all: the object is gone and the number means another", () => {
    const { ret, damage, next } = story("mainline-5.5", "none");
    expect([ret, next]).toEqual([{ private: "P", pointer: "use-after-free", id: "means-another" }, 1]);
    expect(damage).toHaveLength(2);
    expect(damage.join()).toMatch(/uses P, which its owner has freed.*IOASID 1, which now means Q/);
  });

  it("a getter saves the object, not the number", () => {
    expect(story("mainline-5.5", "getter").ret).toEqual({ private: "P", pointer: "good", id: "means-another" });
  });

  it("a reference on the id keeps the number; the object is its owner's affair", () => {
    const { ret, next } = story("mainline-5.11", "id");
    expect([ret, next]).toEqual([{ private: "P", pointer: "use-after-free", id: "good" }, 2]);
  });

  it("forms without references say so", () => {
    const test = new IoasidMachine("mainline-5.5");
    test.alloc();
    expect(test.do("ioasid_find_use", { set: null, ioasid: 1, hold: "id" }).trace.refusedBy?.id).toBe("call-in-this-form");
  });
});

describe("lanes", () => {
  it("P1 by hand gives what the recordings' race gives", () => {
    const raced = new IoasidMachine("v3-as-posted");
    raced.alloc();
    raced.do("ioasid_free", { ioasid: 1, race: { point: "after-empty-test", call: "ioasid_alloc", in: { set: "s1", min: 1, max: 9, private: "q" } } });
    const stepped = new IoasidMachine("v3-as-posted");
    stepped.alloc();
    stepped.start(0, "ioasid_free", { ioasid: 1 });
    for (let region = 0; region < 3; region++) stepped.step(0);
    stepped.start(1, "ioasid_alloc", { set: "s1", min: 1, max: 9, private: "q" });
    expect(stepped.finish(1).got).toBe(1);
    expect(stepped.step(0).damage.join()).toContain("(P1, raised in review)");
    expect(stepped.state()).toEqual(raced.state());
  });

  it("the host id given back too early, by hand and as a race", () => {
    const race = (test: IoasidMachine) => {
      test.register("A1");
      test.alloc();
    };
    const raced = new IoasidMachine("v3-as-posted");
    race(raced);
    raced.do("ioasid_free", { ioasid: 1, race: { point: "before-erase", call: "ioasid_alloc", in: { set: null, min: 1, max: 9, private: "q" } } });
    const stepped = new IoasidMachine("v3-as-posted");
    race(stepped);
    stepped.start(0, "ioasid_free", { ioasid: 1 });
    stepped.step(0);
    expect(stepped.alloc({ max: 9, private: "q" })).toBe(2);
    stepped.finish(0);
    expect(stepped.state()).toEqual(raced.state());
  });

  it("Q7: a reference taken on an entry that was freed in between", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("set_alloc", { name: "S", token: null, quota: 4, type: 1 });
    test.alloc({ set: "S" });
    test.got("attach_spid", { ioasid: 1, spid: 7 });
    test.start(0, "ioasid_find_by_spid", { set: "S", spid: 7 });
    test.step(0);
    test.got("put", { set: "S", ioasid: 1 });
    const done = test.step(0);
    expect([done.got, done.damage.join()]).toEqual([1, expect.stringContaining("(Q7, raised in review)")]);
    expect(test.got("find", { ioasid: 1 })).toBe("ENOENT");
  });

  it("Q8: two locks in opposite orders", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("set_alloc", { name: "S", token: "m1", quota: 4, type: 2 });
    test.start(0, "ioasid_register_notifier_mm", { token: "m1", nb: "kvm" });
    test.start(1, "ioasid_set_put", { set: "S" });
    test.step(0);
    test.step(1);
    expect(test.step(0).trace.refusedBy?.id).toBe("lock-is-free");
    expect(test.alloc({ set: "S" })).toBe("EBUSY");
    expect(test.step(1).got).toBe("deadlock");
  });

  it("one call a CPU, and only calls that are there", () => {
    const test = new IoasidMachine("v3-as-posted");
    expect(test.step(0).trace.refusedBy?.id).toBe("cpu-has-call");
    test.start(0, "ioasid_free", { ioasid: 1 });
    expect(test.do("lane_start", { cpu: 0, call: "ioasid_free", in: { ioasid: 1 } }).trace.refusedBy?.id).toBe("cpu-is-idle");
    expect(test.do("lane_start", { cpu: 1, call: "ioasid_get", in: { ioasid: 1 } }).trace.refusedBy?.id).toBe("call-in-this-form");
    expect(() => test.do("lane_start", { cpu: 1, call: "lane_step", in: { cpu: 0 } })).toThrow("can't run on a lane");
  });

  it("a machine can be copied in the middle of a call", () => {
    const test = new IoasidMachine("series-2020-v2");
    test.got("set_alloc", { name: "S", token: null, quota: 4, type: 1 });
    test.alloc({ set: "S" });
    test.start(0, "ioasid_find_by_spid", { set: "S", spid: 0 });
    test.step(0);
    const before = test.state();
    const copy = test.machine.clone();
    test.finish(0);
    expect(test.state()).not.toEqual(before);
    expect(copy.ioasid.state()).toEqual(before);
    test.machine = copy;
    expect(test.finish(0).got).toBe(1);
    expect((test.state().default_ids as { refs: number }[])[0]?.refs).toBe(2);
  });
});
