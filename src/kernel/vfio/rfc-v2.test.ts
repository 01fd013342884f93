import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../base/json.ts";
import { resv, span, TestMachine } from "./testing.ts";

type Story = (test: TestMachine) => void;

/** The same steps under both variants. */
function both(story: Story): { posted: TestMachine; merged: TestMachine } {
  const posted = new TestMachine({ variant: "rfc-v2" });
  const merged = new TestMachine();
  story(posted);
  story(merged);
  return { posted, merged };
}

const window = (first: number, last: number): JsonObject => ({ aperture: span(first, last) });
const mapped = (test: TestMachine): unknown[] => (test.state() as { dma: unknown[] }).dma;
const groups = (test: TestMachine): string[] => (test.state() as { domains: { groups: string[] }[] }).domains.flatMap((domain) => domain.groups);

describe("RFC v2 as posted, and as merged", () => {
  it("B1: a group that joins a domain successfully is forgotten, and the call says 0", () => {
    const { posted, merged } = both((test) => {
      test.attach("A");
      expect(test.attach("B", resv([0x1000, 0x1fff])).answer.ret).toBe(0);
    });
    expect(groups(posted)).toEqual(["A"]);
    expect(groups(merged)).toEqual(["B", "A"]);
    expect(posted.attach("B").answer.ret).toBe(0);
    expect(merged.attach("B").answer.errno).toBe("EINVAL");
    posted.detach("B");
    expect(groups(posted)).toEqual(["A"]);
  });

  it("B1: a failing cut is taken for success, with a damaged list", () => {
    const { posted, merged } = both((test) => {
      test.attach("A");
      test.attach("B", resv([0, 0xffff_ffff]));
    });
    expect([groups(posted), posted.list()]).toEqual([["B", "A"], ""]);
    expect([groups(merged), merged.list()]).toEqual([["A"], "0x0-0xffffffff"]);
    expect(posted.map(0x1000, 0x1000).answer.ret).toBe(0);
  });

  it("B2, B3: a cut that runs out of memory leaves what it had done", () => {
    const { posted, merged } = both((test) => {
      test.attach("A", window(0, 0xffff));
      const done = test.attach("B", { ...window(0, 0xffff), ops: "other", ...resv([0x1000, 0x1fff], [0x8000, 0x8fff]), list_insert_fails: 4 });
      expect(done.answer.errno).toBe("ENOMEM");
    });
    expect(posted.list()).toBe("0x0-0xfff 0x2000-0x7fff 0x2000-0xffff");
    expect(merged.list()).toBe("0x0-0xffff");
    const halfWay = both((test) => {
      test.attach("A", window(0, 0xffff));
      test.attach("B", { ...window(0, 0xffff), ops: "other", ...resv([0x1000, 0x1fff]), list_insert_fails: 2 });
    });
    expect(halfWay.posted.list()).toBe("0x0-0xfff 0x0-0xffff");
    expect(halfWay.merged.list()).toBe("0x0-0xffff");
  });

  it("B4: the window shrinks before the regions are looked at", () => {
    const { posted, merged } = both((test) => {
      test.attach("A", window(0, 0xffff_ffff_ffff));
      test.map(0x1000, 0x1000);
      const { answer, trace } = test.attach("B", { ...window(0, 0x7f_ffff_ffff), ...resv([0x1000, 0x1fff]), ops: "other" });
      expect([answer.errno, trace.refusedBy?.id]).toEqual(["EINVAL", "attach-reserved-conflict"]);
    });
    expect(posted.list()).toBe("0x0-0x7fffffffff");
    expect(merged.list()).toBe("0x0-0xffffffffffff");
  });

  it("B4: the same when the cookie fails later", () => {
    const { posted, merged } = both((test) => {
      test.attach("A");
      test.attach("B", { ...window(0x10000, 0xffff_ffff), ...resv([0x8000000, 0x80fffff, "sw-msi"]), ops: "other", msi_cookie_fails: "ENOMEM" });
    });
    expect(posted.list()).toBe("0x10000-0xffffffff");
    expect(merged.list()).toBe("0x0-0xffffffff");
  });

  it("B5: an emptied list is left behind, and then accepts everything", () => {
    const { posted, merged } = both((test) => {
      test.attach("A");
      test.attach("B", { ...window(0x1000, 0x1fff), ...resv([0x1000, 0x1fff]), ops: "other" });
    });
    expect(posted.list()).toBe("");
    expect(merged.list()).toBe("0x0-0xffffffff");
    expect(posted.map(0x100_0000_0000, 0x1000).answer.ret).toBe(0);
    expect(merged.map(0x100_0000_0000, 0x1000).answer.errno).toBe("EINVAL");
  });

  it("B6: the error path of a first failing attach frees a list nobody has initialised", () => {
    const { posted, merged } = both(() => undefined);
    const damage = (test: TestMachine) => test.attach("A", { attach_results: ["EINVAL"] }).trace.effects.filter((effect) => effect.kind === "damage");
    expect(damage(posted)).toHaveLength(1);
    expect(damage(merged)).toHaveLength(0);
  });

  it("B7: a refresh that fails leaves a damaged list; as merged the old list stays", () => {
    const { posted, merged } = both((test) => {
      test.attach("A", resv([0x1000, 0x1fff]));
      test.attach("B", { ops: "other", ...resv([0x8000, 0x8fff]) });
    });
    expect(posted.detach("B", { list_insert_fails: 1 }).answer.events).toEqual([{ refresh_failed: true }]);
    expect(merged.detach("B", { list_insert_fails: 1 }).answer.events).toEqual([]);
    expect(posted.list()).toBe("0x0-0xffffffff");
    expect(merged.list()).toBe("0x0-0xfff 0x2000-0x7fff 0x9000-0xffffffff");
  });

  it("B7: a refresh over an emptied list uses the list's head as an entry", () => {
    const { posted } = both((test) => {
      test.attach("A", resv([0x1000, 0x1fff]));
      test.attach("B", { ops: "other", ...resv([0, 0xffff_ffff]) });
    });
    expect(posted.list()).toBe("");
    expect(posted.detach("B").answer.fault).toBe("list-head-used-as-entry");
  });

  it("B8: holes of a group that left stay when nobody else has regions", () => {
    const { posted, merged } = both((test) => {
      test.attach("A");
      test.attach("B", { ops: "other", ...resv([0x1000, 0x1fff]) });
      test.detach("B");
    });
    expect(posted.list()).toBe("0x0-0xfff 0x2000-0xffffffff");
    expect(merged.list()).toBe("0x0-0xffffffff");
  });

  it("B9: regions of one start are no trouble in either order", () => {
    for (const regions of [resv([0x1000, 0x1fff], [0x1000, 0x3fff, "msi"]), resv([0x1000, 0x3fff, "msi"], [0x1000, 0x1fff])]) {
      const { posted, merged } = both((test) => test.attach("A", { ...window(0, 0xffff), ...regions }));
      expect(posted.list()).toBe("0x0-0xfff 0x4000-0xffff");
      expect(merged.list()).toBe(posted.list());
    }
  });

  it("B12: graphics memory of the firmware is no obstacle once it is relaxable", () => {
    const { posted, merged } = both((test) => {
      test.attach("A");
      test.map(0x8b800000, 0x1000);
    });
    const graphics = { ops: "other", ...resv([0x8b800000, 0x8fffffff, "direct-relaxable"]) };
    expect(posted.attach("IGD", graphics).trace.refusedBy?.id).toBe("attach-reserved-conflict");
    expect(merged.attach("IGD", graphics).answer.ret).toBe(0);
    expect(mapped(merged)).toHaveLength(1);
  });

  it("does not look whether the regions could be had", () => {
    const { posted, merged } = both(() => undefined);
    const fields = { ...resv([0x1000, 0x1fff]), get_resv_fails: "ENOMEM" };
    expect(posted.attach("A", fields).answer.ret).toBe(0);
    expect(posted.list()).toBe("0x0-0xffffffff");
    expect(merged.attach("A", fields).answer.errno).toBe("ENOMEM");
  });

  it("knows no later flags", () => {
    const { posted, merged } = both((test) => test.attach("A"));
    expect(posted.unmap(0, 0, { flags: ["all"] }).trace.refusedBy?.id).toBe("dma-flags");
    expect(merged.unmap(0, 0, { flags: ["all"] }).answer.ret).toEqual({ unmapped: "0x0" });
  });
});
