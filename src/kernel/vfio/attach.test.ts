import { describe, expect, it } from "vitest";
import { resv, span, TestMachine, type TestOptions } from "./testing.ts";

const MSI: [number, number, string] = [0xfee00000, 0xfeefffff, "msi"];

function machine(options: TestOptions = {}): TestMachine {
  return new TestMachine(options);
}

describe("attach: the checks in their order", () => {
  it("makes them as the kernel does", () => {
    const done = machine().attach("A", resv(MSI));
    expect(done.trace.checks.map((check) => check.rule.id)).toEqual([
      "attach-vaddr-pending", "attach-group-known", "attach-domain-alloc", "attach-driver", "attach-aperture-conflict", "attach-regions-readable",
      "attach-reserved-conflict", "attach-empty-list", "no-interrupt-remapping",
    ]);
    expect(done.trace.checks.every((check) => check.passed)).toBe(true);
  });

  it("a pending address comes before everything", () => {
    const test = machine();
    test.attach("A");
    test.map(0x1000, 0x1000);
    test.unmap(0x1000, 0x1000, { flags: ["vaddr"] });
    expect(test.attach("A").answer.errno).toBe("EBUSY");
    test.map(0x1000, 0x1000, { flags: ["vaddr"], vaddr: "0x50000000" });
    expect(test.attach("A").trace.refusedBy?.id).toBe("attach-group-known");
  });

  it.each([
    ["attach-domain-alloc", "EIO", { domain_alloc_fails: true }],
    ["attach-driver", "EBUSY", { attach_results: ["EBUSY"] }],
    ["attach-aperture-conflict", "EINVAL", { aperture: span(0x10000, 0xffff_ffff) }],
    ["attach-regions-readable", "ENOMEM", { get_resv_fails: "ENOMEM" }],
    ["attach-reserved-conflict", "EINVAL", resv([0x1000, 0x1fff])],
    ["attach-list-memory", "ENOMEM", { ...resv([0x4000, 0x4fff]), list_insert_fails: 1 }],
    ["attach-empty-list", "EINVAL", resv([0, 0xfff, "msi"], [0x1000, 0xffff_ffff])],
    ["no-interrupt-remapping", "EPERM", { intr_remap: false }],
    ["attach-replay", "EINVAL", { pgsize_bitmap: "0x10000" }],
    ["attach-msi-cookie", "ENOMEM", { ...resv([0x8000000, 0x80fffff, "sw-msi"]), msi_cookie_fails: "ENOMEM" }],
  ])("%s refuses with %s and changes nothing", (rule, errno, fields) => {
    const test = machine();
    test.attach("A", { ops: "other" });
    // A mapping would be in the way of the regions that leave nothing valid.
    if (rule !== "attach-empty-list") test.map(0x1000, 0x1000);
    const before = test.state();
    const done = test.attach("B", fields);
    expect([done.trace.refusedBy?.id, done.answer.errno]).toEqual([rule, errno]);
    expect(test.state()).toEqual(before);
  });

  it("a cookie that the driver does not know is no refusal", () => {
    expect(machine().attach("A", { ...resv([0x8000000, 0x80fffff, "sw-msi"]), msi_cookie_fails: "ENODEV" }).answer).toMatchObject({ ret: 0, events: [{ msi_cookie: "0x8000000" }] });
  });

  it("says which region of which group lies on which mapping", () => {
    const test = machine();
    test.attach("A");
    test.map(0xfee00000, 0x1000);
    const { trace } = test.attach("B", { ...resv(MSI), ops: "other" });
    const check = trace.checks.at(-1);
    expect(check?.range).toEqual({ first: 0xfee00000, last: 0xfeefffff });
    expect(check?.objects.map((object) => object.key)).toEqual(["region:group B@0xfee00000", "group:B", "mapping:container:0@0xfee00000"]);
    expect(trace.advice?.objects.map((object) => object.key)).toEqual(["mapping:container:0@0xfee00000"]);
  });

  it("does not see a region or an aperture tail that reaches the last byte of the space", () => {
    const test = machine();
    test.attach("A", { aperture: span(0, 0xffff_ffff_ffff_ffffn) });
    test.map(0x10_0000_0000, 0x1000);
    expect(test.attach("B", { ops: "other" }).answer.ret).toBe(0);
    expect(test.list()).toBe("0x0-0xffffffff");
  });
});

describe("mappings made before the first group", () => {
  it("are not compared with its aperture: an empty list never conflicts", () => {
    const test = machine();
    test.map(0x1000, 0x1000);
    expect(test.attach("A", { aperture: span(0x10000, 0xffff_ffff) }).answer.ret).toBe(0);
    expect(test.list()).toBe("0x10000-0xffffffff");
  });
});

describe("domains", () => {
  it("are shared by groups of one driver and one coherency, newest first", () => {
    const test = machine();
    for (const [group, ops, enforce_cc] of [["g1", "x", true], ["g2", "x", false], ["g3", "x", true], ["g4", "y", true]] as const) test.attach(group, { ops, enforce_cc });
    const { domains } = test.state() as { domains: { groups: string[] }[] };
    expect(domains.map((domain) => domain.groups)).toEqual([["g4"], ["g2"], ["g3", "g1"]]);
  });

  it("are made anew when a compatible one does not take the group", () => {
    const test = machine();
    test.attach("g1");
    const done = test.attach("g2", { attach_results: ["ok", "EBUSY"] });
    expect(done.answer.ret).toBe(0);
    expect(done.trace.refusedBy).toBeNull();
    expect(done.trace.checks.find((check) => check.rule.id === "attach-join-domain")?.passed).toBe(false);
    expect((test.state() as { domains: unknown[] }).domains).toHaveLength(2);
  });

  it("lose a group that can't go back", () => {
    const test = machine();
    test.attach("g1");
    expect(test.attach("g2", { attach_results: ["ok", "EBUSY", "ENOMEM"] }).trace.refusedBy?.id).toBe("attach-return-to-domain");
  });

  it("decide the page sizes together", () => {
    const test = machine();
    test.attach("g1", { pgsize_bitmap: "0x40201000" });
    test.attach("g2", { pgsize_bitmap: "0x40210000", ops: "other" });
    expect(test.do("get_info").answer.ret).toMatchObject({ pgsizes: "0x40200000" });
    expect(test.map(0x1000, 0x1000).answer).toMatchObject({ errno: "EINVAL", events: [{ warn: true }] });
    test.detach("g2");
    expect(test.do("get_info").answer.ret).toMatchObject({ pgsizes: "0x40201000" });
  });
});

describe("emulated groups", () => {
  it("leave the valid list alone and keep the mappings when the last real group goes", () => {
    const test = machine();
    test.attach("e", { emulated: true });
    expect(test.list()).toBe("");
    test.map(0x1000, 0x1000);
    test.attach("A");
    test.detach("A");
    expect(test.list()).toBe("0x0-0xffffffffffffffff");
    expect((test.state() as { dma: unknown[] }).dma).toEqual([{ iova: "0x1000", size: "0x1000", vaddr: "0x10000000", prot: "rw", mapped: false }]);
    test.detach("e");
    expect((test.state() as { dma: unknown[] }).dma).toEqual([]);
  });

  it("leave mappings that count as mapped when only the cookie failed", () => {
    const test = machine();
    test.attach("e", { emulated: true });
    test.map(0x1000, 0x1000);
    test.attach("A", { ...resv([0x8000000, 0x80fffff, "sw-msi"]), msi_cookie_fails: "ENOMEM" });
    expect(test.attach("A").trace.refusedBy?.id).toBe("attach-mapped-without-domain");
    test.unmap(0x1000, 0x1000);
    expect(test.attach("A").answer.ret).toBe(0);
  });
});

describe("detach", () => {
  it("heals a hole in the middle, not one at an edge of the list", () => {
    const test = machine();
    const window = { aperture: span(0, 0x7f_ffff_ffff) };
    test.attach("A", { ...window, ...resv(MSI) });
    expect(test.list()).toBe("0x0-0xfedfffff 0xfef00000-0x7fffffffff");
    test.attach("B", { ...window, ...resv([0, 0xfffff], MSI) });
    expect(test.list()).toBe("0x100000-0xfedfffff 0xfef00000-0x7fffffffff");
    test.detach("B");
    expect(test.list()).toBe("0x100000-0xfedfffff 0xfef00000-0x7fffffffff");
    test.attach("B", { ...window, ...resv([0x40000000, 0x40ffffff], MSI) });
    expect(test.list()).toBe("0x100000-0x3fffffff 0x41000000-0xfedfffff 0xfef00000-0x7fffffffff");
    test.detach("B");
    expect(test.list()).toBe("0x100000-0xfedfffff 0xfef00000-0x7fffffffff");
    const lost = test.map(0, 0x1000);
    expect(lost.trace.refusedBy?.id).toBe("dma-outside-valid-list");
    expect(lost.trace.checks.at(-1)?.note).toMatch(/lost this edge/);
  });

  it("gives the edges back when a domain goes", () => {
    const test = machine();
    test.attach("A");
    test.attach("B", { ...resv([0, 0xfff]), ops: "other" });
    expect(test.list()).toBe("0x1000-0xffffffff");
    test.detach("B");
    expect(test.list()).toBe("0x0-0xffffffff");
  });

  it("forgets the aperture of a group that had joined another's domain", () => {
    const test = machine();
    test.attach("A");
    test.attach("B", { aperture: span(0x10000, 0xfffffff) });
    test.attach("C", { ops: "other" });
    expect(test.list()).toBe("0x10000-0xfffffff");
    test.detach("C");
    expect(test.list()).toBe("0x0-0xffffffff");
  });

  it("drops all mappings with the last group and leaves the whole space", () => {
    const test = machine();
    test.attach("A", resv(MSI));
    test.map(0x1000, 0x1000);
    test.detach("A");
    expect(test.list()).toBe("0x0-0xffffffffffffffff");
    expect(test.do("get_info").answer.ret).toMatchObject({ dma_avail: 65535 });
  });

  it("of a stranger refreshes the list and nothing else", () => {
    const test = machine();
    test.attach("A");
    const before = test.state();
    expect(test.detach("nobody").answer.ret).toBeNull();
    expect(test.state()).toEqual(before);
  });
});
