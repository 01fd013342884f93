/** Questions about more than one step, and about what must hold at one. */
import { describe, expect, it } from "vitest";
import { terabyteGuest } from "../../scenario/examples/stories/terabyte-guest.ts";
import { examples } from "../../scenario/examples/examples.ts";
import { exitBeforeFiles } from "../../scenario/examples/stories/exit-before-files.ts";
import { flagOutsideTheLock } from "../../scenario/examples/stories/flag-outside-the-lock.ts";
import { halfMadePageTable } from "../../scenario/examples/stories/half-made-page-table.ts";
import { refusedGroup } from "../../scenario/examples/stories/refused-group.ts";
import { secondFree } from "../../scenario/examples/stories/second-free.ts";
import { twoVirtualIommus } from "../../scenario/examples/stories/two-virtual-iommus.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { busy, map, type1, unmap } from "../fixtures.ts";
import { Session } from "../session.ts";
import type { Goal, StepDiff } from "../views.ts";

async function opened(scenario: Scenario): Promise<Session> {
  const session = new Session();
  await session.load(scenario);
  return session;
}

describe("running until something happens", () => {
  const to = async (session: Session, from: number, goal: Goal, direction: 1 | -1 = 1, until?: number) => (await session.runUntil({ from, direction, goals: [goal], until }))?.step ?? null;

  it("finds an errno, any refusal, a rule and a call, forwards and back", async () => {
    const session = await opened(terabyteGuest);
    expect(await to(session, 0, { kind: "errno", errno: "EINVAL" })).toBe(8);
    expect(await to(session, 8, { kind: "errno", errno: "EINVAL" })).toBeNull();
    expect(await to(session, 10, { kind: "errno", errno: "refused" }, -1)).toBe(8);
    expect(await to(session, 0, { kind: "rule", rule: session.frame(8, { space: null, window: null, px: 500 }).detail?.rule?.id ?? "" })).toBe(8);
    expect(await to(session, 0, { kind: "rule", rule: "object-in-use" })).toBeNull();
    expect(await to(session, 7, { kind: "call", call: "IOMMU_IOAS_MAP" })).toBe(8);
    expect(await to(session, 7, { kind: "call", call: "IOMMU_IOAS_ALLOC" }, -1)).toBe(3);
  });

  it("finds what changes an object, and what touches a range", async () => {
    const session = await opened(halfMadePageTable);
    expect(await to(session, 0, { kind: "object", key: "hwpt:3/6" })).toBe(4);
    expect(await to(session, 4, { kind: "object", key: "hwpt:3/6" })).toBe(5);
    expect(await to(session, 5, { kind: "object", key: "hwpt:3/6" })).toBe(6);
    expect(await to(session, 10, { kind: "object", key: "hwpt:3/6" }, -1)).toBe(6);
    expect(await to(session, 6, { kind: "object", key: "hwpt:3/6" })).toBeNull();
    // What the mock device keeps for itself is reserved at step 2.
    expect(await to(session, 0, { kind: "range", first: 0x1800, last: 0x1800 })).toBe(2);
    expect(await to(session, 3, { kind: "range", first: 0x1800, last: 0x1800 })).toBe(8);
  });

  it("finds refused calls by the range that they asked for", async () => {
    const session = await opened(terabyteGuest);
    expect(await to(session, 7, { kind: "range", first: 0xfd_0000_0000, last: 0xfd_0000_0000 })).toBe(8);
  });

  it("steps over runs of equal calls", async () => {
    const session = await opened(type1([...Array.from({ length: 200 }, (_, index) => map(index * 0x1000)), map(0), ...Array.from({ length: 100 }, (_, index) => unmap(index * 0x1000))]));
    const different: Goal = { kind: "different" };
    expect([await to(session, 0, different), await to(session, 1, different), await to(session, 2, different), await to(session, 202, different), await to(session, 203, different)]).toEqual([1, 2, 202, 203, null]);
    expect([await to(session, 302, different, -1), await to(session, 202, different, -1), await to(session, 201, different, -1)]).toEqual([202, 201, 1]);
  });

  it("stops at the nearest of several goals and says which; looks no further than told", async () => {
    const session = await opened(busy(600));
    expect(await session.runUntil({ from: 10, direction: 1, goals: [{ kind: "call", call: "never" }, { kind: "call", call: "unmap_dma" }] })).toEqual({ step: 13, goal: 1 });
    expect(await session.runUntil({ from: 10, direction: 1, goals: [{ kind: "call", call: "unmap_dma" }], until: 12 })).toBeNull();
    expect(await session.runUntil({ from: 10, direction: 1, goals: [] })).toBeNull();
  });

  it("goes back in legs, and to the very first step", async () => {
    const session = await opened(busy(3000));
    expect(await to(session, 3000, { kind: "object", key: "group:g1" }, -1)).toBe(1);
  });

  it("can be stopped", async () => {
    const session = await opened(busy(30_000));
    const stop = { between: () => Promise.reject(new Error("stopped")) };
    await expect(session.runUntil({ from: 0, direction: 1, goals: [{ kind: "object", key: "nobody" }] }, stop)).rejects.toThrow("stopped");
  });
});

describe("a diff of two steps", () => {
  const what = (diff: StepDiff) => Object.fromEntries(diff.objects.map((change) => [change.key, change.what]));

  it("says what was born, went and changed, whichever step comes first", async () => {
    const session = await opened(halfMadePageTable);
    const diff = await session.diff(3, 1, "left");
    expect([diff.from, diff.to]).toEqual([1, 3]);
    expect(what(diff)).toMatchObject({ "hwpt:3/5": "born", "hwpt:3/4": "born", "device:3/3": "born", "ioas:3/1": "changed" });
    expect(diff.objects.find((change) => change.key === "ioas:3/1")?.lines[0]).toBe("users 1 → 3");
    expect(diff.calls).toEqual([{ call: "IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", count: 1, refused: 0 }, { call: "IOMMU_HWPT_ALLOC", count: 1, refused: 0 }]);
    expect(what(await session.diff(3, 10, "left"))).toEqual({ "hwpt:3/5": "gone", "ioas:3/6": "born", "ioas:3/1": "changed" });
    expect((await session.diff(4, 4, "left")).objects).toEqual([]);
  });

  it("takes an id that went to another object for two objects", async () => {
    const session = await opened(halfMadePageTable);
    const diff = await session.diff(5, 7, "left");
    expect(what(diff)).toMatchObject({ "hwpt:3/6": "gone", "ioas:3/6": "born" });
  });

  it("joins what is mapped and unmapped", async () => {
    const session = await opened(type1([...Array.from({ length: 64 }, (_, index) => map(index * 0x1000)), unmap(0, 0x2000), map(0x10_0000)]));
    const grown = await session.diff(1, 65, "left");
    expect(grown.spaces[0]).toMatchObject({ before: 0, after: 64, mapped: { bytes: 0x40000, count: 1, ranges: [{ first: 0, last: 0x3ffff }] }, unmapped: { count: 0 } });
    const later = await session.diff(65, 67, "left");
    expect(later.spaces[0]).toMatchObject({ unmapped: { count: 1, ranges: [{ first: 0, last: 0x1fff }] }, mapped: { ranges: [{ first: 0x10_0000, last: 0x10_0fff }] } });
  });

  it("sees memory exchanged behind the same addresses, and windows that closed", async () => {
    const other = { ...map(0), in: { ...map(0).in, vaddr: "0x20000000" } };
    const session = await opened(type1([map(0), unmap(0), other]));
    expect((await session.diff(2, 4, "left")).spaces[0]).toMatchObject({ mapped: { count: 0 }, remapped: { count: 1, ranges: [{ first: 0, last: 0xfff }] } });
    const guest = await opened(terabyteGuest);
    const closed = (await guest.diff(3, 5, "left")).spaces[0]?.closed;
    expect(closed?.count).toBeGreaterThan(0);
    expect(closed?.ranges).toContainEqual(expect.objectContaining({ first: 0xfee0_0000 }));
  });

  it("tells ids and the active allocator", async () => {
    const session = await opened(twoVirtualIommus);
    const diff = await session.diff(4, 6, "left");
    expect(what(diff)).toMatchObject({ "ioasid:1": "gone" });
    expect(diff.objects.find((change) => change.label === "active allocator")?.lines).toEqual(["A1 → list head"]);
  });
});

describe("what must hold", () => {
  const broken = async (scenario: Scenario, step: number, session?: Session, side: "left" | "right" = "left") =>
    (await (session ?? (await opened(scenario))).invariants(step, side)).filter((view) => view.state === "broken").map((view) => `${view.id}: ${view.broken[0]?.text}`);

  it("holds at every step of the plain stories", async () => {
    for (const id of ["terabyte-guest", "second-group", "same-program", "half-made-page-table"]) {
      const scenario = (await examples.find((example) => example.id === id)?.load()) as Scenario;
      const session = await opened(scenario);
      for (let step = 0; step <= scenario.calls.length; step++) expect([id, step, await broken(scenario, step, session)]).toEqual([id, step, []]);
    }
  });

  it("breaks where a historic form breaks it, and says by what", async () => {
    expect(await broken(twoVirtualIommus, 6)).toEqual(["active: list head is called for new ids: not an allocator: any call through it is wild", "issuer: IOASID 2 came from A1, which has left"]);
    expect(await broken(secondFree, 5)).toEqual([]);
    expect(await broken(secondFree, 6)).toEqual(["refs: IOASID 1 counts 1, yet 2 were taken and not dropped: somebody’s reference is gone"]);
    expect(await broken(exitBeforeFiles, 5)).toEqual(["pasid-quiet: W of P1 is still queued on accel under PASID 1, which is free"]);
    expect(await broken(exitBeforeFiles, 6)).toEqual(["own-memory: W of P1 is queued under PASID 1, which is P2’s now"]);
    expect(await broken(flagOutsideTheLock, 9)).toEqual(["flag: 1 id of it is out, yet its flag says “not in use”: others may mix their ids in"]);
    expect(await broken(refusedGroup, 4)).toEqual([expect.stringMatching(/^valid: .* is free, but not on the list$/)]);
  });

  it("is told of either side of a comparison", async () => {
    const session = await opened(secondFree);
    await session.compare({ ioasid: "series-2020-v3" });
    expect(await broken(secondFree, 6, session)).toHaveLength(1);
    expect(await broken(secondFree, 6, session, "right")).toEqual([]);
  });

  it("says when there is too much to look at", async () => {
    const session = await opened(type1(Array.from({ length: 50_001 }, (_, index) => map(0x1000_0000 + index * 0x1000))));
    const views = await session.invariants(50_002, "left");
    expect(views.find((view) => view.id === "areas-apart")).toMatchObject({ state: "unchecked", note: "not checked: more than 50,000 mappings" });
    expect(views.find((view) => view.id === "valid")?.state).toBe("holds");
  });
});

describe("what a step changed", () => {
  const changes = (session: Session, step: number) => session.frame(step, { space: null, window: null, px: 500 }).changes;

  it("is told by object, and by range where something was mapped or unmapped", async () => {
    const session = await opened(halfMadePageTable);
    expect(changes(session, 3)).toMatchObject({ born: ["hwpt:3/5"], gone: [] });
    expect(changes(session, 3)?.changed).toContain("ioas:3/1");
    expect(changes(session, 10)).toMatchObject({ born: [], gone: [{ key: "hwpt:3/5", label: "HWPT 5" }] });
    expect(changes(session, 8)?.ranges).toMatchObject([{ first: 0x1000, last: 0x1fff, what: "born", keys: ["mapping:ioas:3/6@0x1000", "ioas:3/6"] }]);
    expect(changes(session, 0)).toBeUndefined();
  });

  it("is told of ids, and of nothing where nothing changed", async () => {
    const session = await opened(twoVirtualIommus);
    expect(changes(session, 3)?.born).toEqual(["ioasid:1"]);
    expect(changes(session, 5)?.gone).toEqual([{ key: "ioasid:1", label: "IOASID 1" }]);
    expect(changes(await opened(terabyteGuest), 8)).toBeUndefined();
  });
});

describe("trying to destroy", () => {
  it("gives the kernel's answer and who must go first, and changes nothing", async () => {
    const session = await opened(halfMadePageTable);
    const before = JSON.stringify(session.state(3));
    expect(await session.tryDestroy(3, "ioas:3/1", "left")).toMatchObject({ call: "IOMMU_DESTROY", errno: "EBUSY", holders: [{ key: "hwpt:3/4" }, { key: "hwpt:3/5" }] });
    expect(await session.tryDestroy(3, "hwpt:3/5", "left")).toMatchObject({ errno: "OK", holders: [], text: expect.stringContaining("frees the domain") as string });
    expect(JSON.stringify(session.state(3))).toBe(before);
    expect(await session.tryDestroy(3, "hwpt:3/77", "left")).toMatchObject({ errno: "ENOENT" });
    expect(await session.tryDestroy(3, "mapping:ioas:3/1@0x0", "left")).toBeNull();
    expect(await session.tryDestroy(0, "ioas:9/1", "left")).toBeNull();
  });

  it("frees an id on trial", async () => {
    const session = await opened(secondFree);
    expect(await session.tryDestroy(4, "ioasid:1", "left")).toMatchObject({ call: "ioasid_free", errno: "OK" });
    expect(await session.tryDestroy(4, "ioasid:99", "left")).toBeNull();
  });
});
