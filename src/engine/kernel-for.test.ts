import { describe, expect, it } from "vitest";
import type { Scenario } from "../scenario/scenario.ts";
import { kernelFor } from "./kernel-for.ts";

const scenario = (trace: Scenario["trace"], ...calls: string[]): Scenario => ({ title: "", trace, platform: { kind: "mock" }, calls: calls.map((call) => ({ call, in: {} })) });
const parts = async (of: Scenario) => (await kernelFor(of)).parts.map((part) => part.name);

describe("kernelFor", () => {
  it("takes the one part that a scenario needs", async () => {
    expect(await parts(scenario("iommufd", "IOMMU_IOAS_ALLOC", "VFIO_IOMMU_MAP_DMA"))).toEqual(["iommufd"]);
    expect(await parts(scenario("ioasid", "ioasid_alloc", "sva_bind"))).toEqual(["ioasid"]);
    expect(await parts(scenario("vfio-type1", "attach_group", "VFIO_IOMMU_MAP_DMA"))).toEqual(["vfio"]);
  });

  it("takes all when a call is not in that part", async () => {
    expect(await parts(scenario("vfio-type1", "VFIO_CDEV_OPEN"))).toEqual(["iommufd", "vfio", "ioasid"]);
    expect(await parts(scenario("iommufd", "ioasid_alloc"))).toHaveLength(3);
  });
});
