import { describe, expect, it } from "vitest";
import { parseScenario, scenarioJson, ScenarioError } from "./schema.ts";
import type { Scenario } from "./scenario.ts";

const LEAST = { title: "t", platform: { kind: "mock" }, calls: [] };

const FULL: Scenario = {
  title: "everything", trace: "vfio-type1", kernel: "6.12", container: "iommufd", first_fd: 5, max_iova_alignment: "0x1000", processes: 2, api: "v1", dma_entry_limit: 7,
  undefined_behaviour: true, pools: [{ pool: "H1" }], ops: [], nbs: [],
  variants: { iommufd: "merged", vfio: "rfc-v2", ioasid: "series-2020-v2", mm: "E1" },
  platform: {
    kind: "amd-vi", address_bits: 48, interrupt_remapping: false, dirty_tracking: true, guessed: true,
    devices: [{ name: "0000:41:00.0", group: 27, vfio: 1, model: "nvme", bound_to_host: true, regions: [{ start: "0x0", last: "0xffffffffffffffff", type: "direct", label: "all" }] }],
  },
  buffers: [{ name: "b0", va: "0x1000", size: "0x1000", kind: "anon", shared: true, content: "zero" }],
  calls: [
    { call: "IOMMU_IOAS_MAP", in: { flags: 7, deep: [{ a: null }, [true]] }, given: { pin: "EFAULT", driver: "EIO", source: "from the log" }, note: "n" },
    { call: "ioasid_alloc", in: {}, recorded: { ret: null, race_ret: 1, fault: "oops", events: [], state: { ids: [] }, errno: "OK", out: { id: 1 }, partial: true, failed: true } },
  ],
};

describe("scenario files", () => {
  it("come back as they were", () => {
    expect(parseScenario(JSON.parse(JSON.stringify(scenarioJson(FULL))))).toEqual(FULL);
  });

  it("begin with what they are", () => {
    expect(Object.keys(scenarioJson(FULL)).slice(0, 4)).toEqual(["iovascope", "title", "trace", "platform"]);
    expect(Object.keys(scenarioJson(FULL)).at(-1)).toBe("calls");
    expect(scenarioJson({ ...FULL, note: undefined } as Scenario)).not.toHaveProperty("note");
  });

  it("need little, and forget what they don't know", () => {
    expect(parseScenario({ ...LEAST, extra: 1 })).toEqual({ ...LEAST, trace: "iommufd" });
    expect(parseScenario({ ...LEAST, calls: [{ call: "x" }] }).calls).toEqual([{ call: "x", in: {} }]);
  });

  it.each([
    [7, "the scenario must be an object"],
    [[], "the scenario must be an object"],
    [{ ...LEAST, iovascope: 2 }, "iovascope is 2; this program reads version 1"],
    [{ ...LEAST, title: undefined }, "title is missing"],
    [{ ...LEAST, title: "x".repeat(501) }, "title has 501 characters; at most 500 are read"],
    [{ ...LEAST, platform: { kind: "sparc" } }, "platform.kind must be one of none, mock, intel-vtd, intel-vtd-scalable, amd-vi, arm-smmuv3, virtio-iommu"],
    [{ ...LEAST, platform: { kind: "mock", address_bits: 65 } }, "platform.address_bits must be a whole number from 12 to 64"],
    [{ ...LEAST, platform: { kind: "mock", devices: [{ name: "d", group: -1 }] } }, "platform.devices[0].group must be a whole number from 0 to 4294967295"],
    [{ ...LEAST, platform: { kind: "mock", devices: [{ name: "d", group: 1, regions: [{ start: "0x2", last: "0x1", type: "msi" }] }] } }, "platform.devices[0].regions[0].last lies before start"],
    [{ ...LEAST, platform: { kind: "mock", devices: [{ name: "d", group: 1, regions: [{ start: "2^64", last: "0x1", type: "msi" }] }] } }, 'platform.devices[0].regions[0].start must be a 64-bit number as text, "0x…"'],
    [{ ...LEAST, variants: { vfio: "v9" } }, "variants.vfio must be one of merged, rfc-v2"],
    [{ ...LEAST, calls: {} }, "calls must be a list"],
    [{ ...LEAST, calls: [{ call: "a", in: {} }, { call: "b", in: [] }] }, "calls[1].in must be an object"],
    [{ ...LEAST, calls: [{ in: {} }] }, "calls[0].call is missing"],
    [{ ...LEAST, calls: [{ call: "a", in: { x: Number.NaN } }] }, "calls[0].in.x must be a finite number"],
    [{ ...LEAST, calls: [{ call: "a", given: { pin: "EWHAT", source: "s" } }] }, "calls[0].given.pin must be one of EPERM"],
    [{ ...LEAST, buffers: [{ name: "b", va: "0x0", size: 4096, kind: "anon" }] }, "buffers[0].size must be a 64-bit number"],
  ])("say what is wrong in %j", (json, message) => {
    expect(() => parseScenario(json)).toThrow(ScenarioError);
    expect(() => parseScenario(json)).toThrow(message);
  });

  it("refuse nesting without end", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 40; level++) deep = [deep];
    expect(() => parseScenario({ ...LEAST, calls: [{ call: "a", in: { deep } }] })).toThrow("nested deeper than 24 levels");
  });
});
