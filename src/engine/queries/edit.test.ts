import { describe, expect, it } from "vitest";
import type { Scenario } from "../../scenario/scenario.ts";
import { terabyteGuest } from "../../scenario/examples/stories/terabyte-guest.ts";
import { localEngine } from "../local.ts";

const OFFERED_FIRST = ["IOMMU_IOAS_ALLOC", "VFIO_CDEV_OPEN", "IOMMU_FAULT_QUEUE_ALLOC"];

async function opened(scenario: Scenario) {
  const engine = localEngine();
  await engine.load(scenario);
  return engine;
}

describe("offers", () => {
  it("what makes sense at a step, and why the rest does not", async () => {
    const engine = await opened(terabyteGuest);
    const at = async (step: number) => new Map((await engine.offers(step)).calls.map((offer) => [offer.call, offer]));
    const start = await at(0);
    expect(OFFERED_FIRST.map((call) => start.get(call)?.reason)).toEqual([null, null, null]);
    expect([...start.values()].filter(({ likely }) => likely).map(({ call }) => call)).toEqual(["IOMMU_IOAS_ALLOC", "VFIO_CDEV_OPEN"]);
    expect(start.get("IOMMU_HWPT_ALLOC")?.reason).toBe("It needs a device, and there is none yet.");
    expect(start.get("VFIO_DEVICE_BIND_IOMMUFD")?.reason).toBe("It comes after VFIO_CDEV_OPEN.");
    expect(start.get("IOMMU_TEST_OP_MOCK_DOMAIN")?.reason).toMatch(/mock platform/);
    expect(start.get("ioasid_alloc")?.reason).toMatch(/family/);
    const later = await at(5);
    const map = later.get("IOMMU_IOAS_MAP");
    expect(map?.reason).toBeNull();
    expect(map?.range).toEqual({ first: "iova", length: "length" });
    const values = Object.fromEntries(map?.fields.map((field) => [field.name, field.suggested]) ?? []);
    expect(values).toMatchObject({ ioas_id: "ioas1", flags: "FIXED_IOVA|WRITEABLE|READABLE", iova: "0x0", length: "2M" });
    expect(later.get("IOMMU_HWPT_ALLOC")?.fields.find(({ name }) => name === "dev_id")?.values).toEqual([{ text: "dev1", label: "DEVICE · nvme · group 27" }]);
  });

  it("calls whose suggested fields can be read, half-way through every story", async () => {
    const unreadable: string[] = [];
    const { examples } = await import("../../scenario/examples/examples.ts");
    for (const example of examples.filter(({ kind }) => kind !== "capture")) {
      const engine = await opened((await example.load()) as Scenario);
      const { steps } = await engine.load(await engine.scenario());
      for (const step of [Math.floor(steps / 2)]) {
        for (const offer of (await engine.offers(step)).calls.filter(({ reason }) => reason === null)) {
          const line = [offer.call, ...offer.fields.filter(({ suggested }) => suggested !== "").map(({ name, suggested }) => `${name}=${suggested}`)].join(" ");
          const tried = await engine.tryCall(step, line);
          const whole = offer.fields.every(({ required, suggested }) => !required || suggested !== "");
          if (whole && tried.problems.length > 0) unreadable.push(`${line}: ${tried.problems[0]?.message}`);
        }
      }
    }
    expect(unreadable).toEqual([]);
  });
});

describe("a call that is tried", () => {
  it("is answered with its reason and what fits, and changes nothing", async () => {
    const engine = await opened(terabyteGuest);
    const before = await engine.state(5);
    const tried = await engine.tryCall(5, "IOMMU_IOAS_MAP ioas1 flags=FIXED_IOVA|READABLE user_va=0x1000 length=2M iova=0xfee00000");
    expect(tried.detail).toMatchObject({ errno: "EINVAL", rule: { id: "iova-overlaps-reserved" } });
    expect(tried.detail?.advice?.fits.length).toBeGreaterThan(0);
    expect(tried.asked).toEqual({ first: 0xfee00000, last: 0xfeffffff });
    expect(tried.call).toMatchObject({ in: { ioas_id: 2 }, uses: { ioas_id: "ioas1" } });
    expect(await engine.state(5)).toEqual(before);
  });

  it("may need a subsystem that the scenario did not", async () => {
    const engine = await opened(terabyteGuest);
    expect((await engine.tryCall(10, "VFIO_GROUP_OPEN path=/dev/vfio/99")).detail?.errno).toBe("ENOENT");
    expect((await engine.tryCall(10, "ioasid_alloc min=1 max=5")).detail?.errno).toBe("OK");
  });

  it("says what is wrong with its text", async () => {
    const engine = await opened(terabyteGuest);
    expect(await engine.tryCall(2, "IOMMU_IOAS_MAP ioas1 iova=0")).toMatchObject({ call: null, detail: null });
    expect((await engine.tryCall(2, "IOMMU_DESTROY ioas1")).problems[0]?.message).toMatch(/no call above gives ioas1/);
  });
});

describe("editing", () => {
  it("inserts a call and lets names find the new ids", async () => {
    const engine = await opened(terabyteGuest);
    const named = await engine.named();
    const longer = await engine.resolve({ ...named, calls: [...named.calls.slice(0, 2), { call: "IOMMU_IOAS_ALLOC", in: {} }, ...named.calls.slice(2)] });
    const { steps } = await engine.load(longer);
    const rows = await engine.rows(1, steps);
    expect(rows.map((row) => row.errno)).toEqual(["OK", "OK", "OK", "OK", "OK", "OK", "OK", "OK", "EINVAL", "OK", "OK"]);
    expect(longer.calls.at(-1)?.in.ioas_id).toBe(3);
    const { text } = await engine.text();
    const again = await engine.readText(text);
    const now = await engine.named();
    expect(now.calls[2]).toMatchObject({ binds: { out_ioas_id: "ioas2" } });
    expect(again.scenario).toEqual(now);
    expect((await engine.read([{ name: "pasted", content: text }])).scenarios[0]).toEqual(now);
  });
});
