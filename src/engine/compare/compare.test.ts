import { describe, expect, it } from "vitest";
import { exitBeforeFiles } from "../../scenario/examples/stories/exit-before-files.ts";
import { flagOutsideTheLock } from "../../scenario/examples/stories/flag-outside-the-lock.ts";
import { sameProgram } from "../../scenario/examples/stories/same-program.ts";
import { refusedGroup } from "../../scenario/examples/stories/refused-group.ts";
import { secondFree } from "../../scenario/examples/stories/second-free.ts";
import { twoVirtualIommus } from "../../scenario/examples/stories/two-virtual-iommus.ts";
import type { OtherForm } from "../../scenario/other-form.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { ensure } from "../../base/assert.ts";
import { busy } from "../fixtures.ts";
import { Session } from "../session.ts";
import { PART, type Compared, type IovaQuery } from "../views.ts";

const QUERY: IovaQuery = { space: null, window: null, px: 600 };

interface Story {
  session: Session;
  compared: Compared;
  /** What is told at a step. */
  told: (step: number) => string[];
}

async function compare(scenario: Scenario, target: OtherForm): Promise<Story> {
  const session = new Session();
  await session.load(scenario);
  const compared = ensure(await session.compare(target), "a comparison");
  return { session, compared, told: (step) => ensure(session.frame(step, QUERY).other, "the other side").differences.map((difference) => difference.text) };
}

describe("L0: the active allocator leaves while an id of it is in use", () => {
  it("as posted and as merged in 5.5", async () => {
    const { compared, told } = await compare(twoVirtualIommus, { ioasid: "mainline-5.5" });
    expect([compared.left, compared.right]).toEqual(["v3 as posted", "Linux 5.5"]);
    expect(compared.first).toEqual({ step: 6, what: "state", text: "The list’s head is active on the left, A2 on the right.", more: 2 });
    expect([...compared.parts]).toEqual([0, 0, 0, 0, 0, PART.state, PART.answer]);
    expect(told(6)).toEqual([
      "The list’s head is active on the left, A2 on the right.", "IOASID 2 is in use on the left, orphaned on the right.",
      "During ioasid_unregister_allocator, the kernel warns, on the right only.",
    ]);
    expect(told(7)[0]).toBe("ioasid_alloc answers wild-allocator-call on the left, OK on the right.");
    expect(told(5)).toEqual([]);
  });

  it("as posted and with the RETAIN proposal", async () => {
    const { compared, told } = await compare(twoVirtualIommus, { ioasid: "v3-retain" });
    expect(compared.first?.step).toBe(6);
    expect(told(6)).toContain("IOASID 2 is in use on the left, free on the right.");
  });
});

describe("L3: a refused group leaves its mark", () => {
  it("in the list of RFC v2, not in the merged one", async () => {
    const { compared, told, session } = await compare(refusedGroup, { vfio: "merged" });
    expect(compared.first).toMatchObject({ step: 4, what: "state" });
    expect(compared.first?.text).toBe("The list of valid IOVAs of the container has 0xfef0_0000–0x7f_ffff_ffff (508 GiB) on the left, 0xfef0_0000–0xffff_ffff_ffff (256 TiB) on the right.");
    expect(told(5)[0]).toBe("get_info gives iova_ranges 2 as 0xfef0_0000–0x7f_ffff_ffff (508 GiB) on the left, 0xfef0_0000–0xffff_ffff_ffff (256 TiB) on the right.");
    expect(told(6)).toEqual(expect.arrayContaining(["map_dma answers EINVAL on the left, OK on the right.", "0x80_0000_0000–0x80_001f_ffff (2 MiB) of the container is mapped on the right only."]));
    expect(told(8)).toEqual(expect.arrayContaining(["Group D exists on the right only.", "Domain 0 has 1 user on the left, 2 users on the right."]));
    expect(session.rows(6, 1)).toMatchObject([{ errno: "EINVAL", other: { part: PART.answer, errno: "OK" } }]);
  });
});

describe("L4: an id is freed twice", () => {
  it("v2 takes somebody else's reference, v3 ignores it", async () => {
    const { compared, told, session } = await compare(secondFree, { ioasid: "series-2020-v3" });
    expect(compared.first).toMatchObject({ step: 6, what: "answer", text: "ioasid_free answers OK on the left, refused on the right." });
    expect(told(6)).toContain("IOASID 1 has 1 reference on the left, 2 references on the right.");
    expect(told(8)).toContain("IOASID 2 is free on the left, in use on the right.");
    expect(session.rows(6, 1)[0]?.damaged).toBe(true);
  });

  it("a form without sets says so", async () => {
    const { compared, told, session } = await compare(secondFree, { ioasid: "mainline-5.11" });
    expect(compared.first).toMatchObject({ step: 1, text: "The form on the right has no ioasid_set_alloc; on the left it answers OK." });
    expect(session.rows(1, 2).map((row) => row.other?.errno)).toEqual(["no such call", "OK"]);
    // Get answers 0 in one form and nothing in the other, which is the same; the set stays the only difference.
    expect(compared.parts[2]).toBe(PART.carried);
    expect(told(3)).toEqual(["Set VM1 exists on the left only."]);
  });

  it("states of an id count only where both forms have them", async () => {
    expect((await compare(secondFree, { ioasid: "series-2021-v4" })).compared.first).toMatchObject({ step: 2, text: "IOASID 1 is in use on the left, idle on the right." });
  });
});

describe("L2: when the PASID of a process is freed", () => {
  it("E4 and E4 as fixed", async () => {
    const { compared, told } = await compare(exitBeforeFiles, { mm: "E4-fixed" });
    expect(compared.first).toMatchObject({ step: 5, what: "state", text: "IOASID 1 is free on the left, in use on the right." });
    expect(told(6)).toContain("sva_bind gives pasid 1 on the left, pasid 2 on the right.");
    expect(told(7)[0]).toBe("device_run gives W in P2’s memory on the left, W faults on the right.");
  });

  it("what each form keeps as private data is its own affair", async () => {
    expect((await compare(exitBeforeFiles, { mm: "E1" })).compared.first).toMatchObject({ step: 3, text: "P1: IA32_PASID valid in 2 threads, on the right only." });
  });
});

describe("one program on type1 and on iommufd", () => {
  it("is told apart by its answers and by what may be mapped", async () => {
    const { compared, told } = await compare(sameProgram, { container: "iommufd" });
    expect([compared.left, compared.right]).toEqual(["VFIO type1", "iommufd in VFIO’s place"]);
    expect(compared.first).toEqual({ step: 3, what: "state", text: "The IOVA space exists on the right only.", more: 0 });
    expect(told(4)).toEqual([expect.stringMatching(/^The list of valid IOVAs of the IOVA space has 0x0–0xfedf_ffff .* on the left, all addresses on the right\.$/)]);
    expect([told(5), told(6)]).toEqual([[], []]);
    expect([8, 9, 10, 11].map((step) => told(step)[0])).toEqual([
      "VFIO_GROUP_SET_CONTAINER answers EINVAL on the left, OK on the right.", "VFIO_GROUP_GET_DEVICE_FD answers EINVAL on the left, EADDRINUSE on the right.",
      "VFIO_IOMMU_MAP_DMA answers EINVAL on the left, EOVERFLOW on the right.", "VFIO_IOMMU_UNMAP_DMA answers EINVAL on the left, ENOENT on the right.",
    ]);
  });
});

describe("comparing", () => {
  it("calls of several regions end when their form has done with them", async () => {
    const { compared, session } = await compare(flagOutsideTheLock, { ioasid: "mainline-5.5" });
    expect(Array.from(compared.parts).slice(0, 9)).toEqual([0, 0, 0, PART.state, 0, 0, PART.state, 0, 0]);
    expect(session.rows(5, 1)[0]?.other?.errno).toBe("ended");
    expect(compared.parts[9]).toBe(PART.answer);
  });

  it("says so when there is no difference", async () => {
    const { compared } = await compare(busy(300), { vfio: "rfc-v2" });
    expect(compared.first).toBeNull();
    expect(compared.parts).toEqual(new Uint8Array(301));
  });

  it("leaves out what was recorded under the scenario's own form", async () => {
    const calls = twoVirtualIommus.calls.map((call) => ({ ...call, recorded: { errno: "EPERM" } }));
    const { session } = await compare({ ...twoVirtualIommus, calls }, { ioasid: "mainline-5.5" });
    const frame = session.frame(1, QUERY);
    expect([frame.detail?.recorded?.agrees, frame.other?.frame.detail?.recorded]).toEqual([false, null]);
  });

  it("ends with null, and with another scenario", async () => {
    const { session } = await compare(twoVirtualIommus, { ioasid: "mainline-5.5" });
    expect(await session.compare(null)).toBeNull();
    expect(session.frame(6, QUERY).other).toBeUndefined();
    await session.compare({ ioasid: "mainline-5.5" });
    await session.load(secondFree);
    expect(session.rows(1, 1)[0]?.other).toBeUndefined();
  });

  it("the other side before the first call is there, and equal", async () => {
    const { session } = await compare(twoVirtualIommus, { ioasid: "mainline-5.5" });
    expect(session.frame(0, QUERY).other).toMatchObject({ differences: [], more: 0, part: PART.same });
  });
});

describe("forms offered", () => {
  it.each([
    [twoVirtualIommus, ["IOASID allocator"]], [exitBeforeFiles, ["PASID of a process"]], [refusedGroup, ["VFIO type1"]],
  ])("%#", async (scenario, parts) => {
    const { forms } = await new Session().load(scenario);
    expect([...new Set(forms.map((form) => form.part))]).toEqual(parts);
    expect(forms.filter((form) => form.current)).toHaveLength(1);
    for (const form of forms) expect([form.name, form.era, form.about].every((text) => text !== "")).toBe(true);
  });
});
