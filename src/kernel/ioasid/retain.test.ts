import { describe, expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import type { IoasidVariant } from "../config.ts";
import { IoasidMachine } from "./testing.ts";

/** The first five steps of the two-vIOMMU story of section 2.1: both register, each vIOMMU's device binds, the first is unplugged. */
function twoVirtualIommus(variant: IoasidVariant, second: string, retain = false): { test: IoasidMachine; ids: Json[] } {
  const test = new IoasidMachine(variant);
  test.register("A1", { retain });
  test.register(second, { retain });
  const ids = [test.alloc({ private: "dev1" }), test.alloc({ private: "dev2" })];
  test.got("free", { ioasid: 1 });
  return { test, ids };
}

const hostFrees = (events: Json[] | undefined) => (events ?? []).filter((event) => (event as { op?: string }).op === "free");

describe("the RETAIN proposal, section 2.1", () => {
  it.each([["v3-as-posted", "A2"], ["v3-retain", "A2"], ["mainline-5.5", "A2"], ["mainline-5.5", "C"]] as const)("%s with %s: both ids come from A1, whichever vIOMMU a device sits behind", (variant, second) => {
    const { test, ids } = twoVirtualIommus(variant, second);
    expect(ids).toEqual([1, 2]);
    expect(test.machine.ioasid.pasids()?.ids.map((entry) => [entry.id, entry.allocator])).toEqual([[2, "allocator:A1"]]);
  });

  it("as posted: the next active allocator is junk, freeing crashes", () => {
    const { test } = twoVirtualIommus("v3-as-posted", "A2");
    const gone = test.unregister("A1");
    expect(test.active()).toBe("WILD");
    expect(gone.damage.join()).toContain("(P3, deduced by us)");
    expect(gone.damage.join()).toContain("(P2, raised in review)");
    expect(test.got("free", { ioasid: 2 })).toBe("wild-allocator-call");
    expect(test.do("ioasid_alloc", { set: null, min: 1, max: 2, private: "p" }).trace.refusedBy?.id).toBe("kernel-still-runs");
  });

  it("without the flag: the healthy device's id is freed by force", () => {
    const { test } = twoVirtualIommus("v3-retain", "A2");
    const gone = test.unregister("A1");
    expect(hostFrees(gone.answer.events)).toEqual([{ host: "F1", pool: "H1", op: "free", id: 2, was_allocated: true }]);
    expect(gone.trace.effects.find((effect) => effect.kind === "destroy")?.text).toContain("IOASID 2 is freed by force");
    expect([test.active(), test.state().ids]).toEqual(["A2", []]);
    test.unregister("A2");
    expect(test.active()).toBeNull();
  });

  it("with the flag on both: the table stays, the other allocator frees", () => {
    const { test } = twoVirtualIommus("v3-retain", "A2", true);
    test.unregister("A1");
    expect([test.active(), test.got("find", { ioasid: 2 })]).toEqual(["A2", { private: "dev2" }]);
    expect(hostFrees(test.do("ioasid_free", { ioasid: 2 }).answer.events)).toEqual([{ host: "F1", pool: "H1", op: "free", id: 2, was_allocated: true }]);
    test.unregister("A2");
    expect([test.active(), test.alloc()]).toEqual([null, 1]);
  });

  it("the flag on one of them is not enough, and the default allocator never retains", () => {
    const test = new IoasidMachine("v3-retain");
    test.register("A1", { retain: true });
    test.register("A2");
    test.alloc();
    expect(hostFrees(test.unregister("A1").answer.events)).toHaveLength(1);
    const last = new IoasidMachine("v3-retain");
    last.register("A1", { retain: true });
    last.alloc();
    expect(hostFrees(last.unregister("A1").answer.events)).toHaveLength(1);
    expect(last.machine.ioasid.pasids()?.ids).toEqual([]);
  });

  it("says that it is a proposal", () => {
    const { test } = twoVirtualIommus("v3-retain", "A2", true);
    expect(test.machine.ioasid.pasids()?.allocators.map((entry) => entry.note).join()).toContain("a proposal");
  });

  it("5.5, same functions: one family, the table stays, A1's data go on being used", () => {
    const { test } = twoVirtualIommus("mainline-5.5", "A2");
    expect(test.unregister("A1").damage.join()).toContain("(M1, deduced by us)");
    expect([test.active(), test.got("find", { ioasid: 2 })]).toEqual(["A1", { private: "dev2" }]);
    expect(hostFrees(test.do("ioasid_free", { ioasid: 2 }).answer.events)).toHaveLength(1);
    test.unregister("A2");
    expect(test.active()).toBe("default");
  });

  it("5.5, different functions: the id is orphaned and the host never told", () => {
    const { test } = twoVirtualIommus("mainline-5.5", "C");
    const gone = test.unregister("A1");
    expect(gone.answer.events).toEqual([{ warn: true }]);
    expect([test.active(), test.got("find", { ioasid: 2 })]).toEqual(["C", "ENOENT"]);
    expect(test.machine.ioasid.pasids()?.ids).toMatchObject([{ id: 2, state: "orphaned" }]);
    const freed = test.do("ioasid_free", { ioasid: 2 });
    expect([freed.answer.events, freed.trace.refusedBy?.id]).toEqual([undefined, "ioasid-known"]);
    test.unregister("C");
    expect(test.active()).toBe("default");
  });
});
