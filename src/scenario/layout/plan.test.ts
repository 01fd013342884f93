import { describe, expect, it } from "vitest";
import { makePlatform, HYPERTRANSPORT, X86_MSI } from "../../kernel/platform/platform.ts";
import { GIB, MIB, USUAL_GUEST, type Guest } from "./guest.ts";
import { hostWindows } from "./host.ts";
import { planGuest } from "./plan.ts";
import { remediesFor, verdictSentences } from "./remedies.ts";
import { planScenario } from "./plan-scenario.ts";

const intel39 = hostWindows(makePlatform("intel-vtd", { addressBits: 39 }));
const amd = hostWindows(makePlatform("amd-vi"));
const wide: Guest = { ...USUAL_GUEST, physBits: 48 };

describe("planGuest", () => {
  it("problem 11: on AMD with an old machine type 1010 GiB fit and 1011 do not", () => {
    const guest = (gib: number): Guest => ({ ...wide, vendor: "amd", version: [7, 0], ram: gib * GIB });
    expect(planGuest(amd, guest(1010)).starts).toBe(true);
    const plan = planGuest(amd, guest(1011));
    expect(plan.starts).toBe(false);
    expect(plan.pieces.find((piece) => piece.conflict)).toMatchObject({ first: 0x1_0000_0000, last: 0xfd_3fff_ffff, verdict: "crosses-hole", fatal: true, conflict: { first: HYPERTRANSPORT.first } });
    expect(plan.largestRam).toBe(1010 * GIB);
    expect(remediesFor(amd, plan).map((remedy) => remedy.id)).toEqual(["newer-machine", "less-ram"]);
    expect(planGuest(amd, guest(1010)).largestRam).toBe(1010 * GIB);
  });

  it("an AMD vCPU with a new machine type is moved to 1 TiB; an Intel one on an AMD host is not", () => {
    expect(planGuest(amd, { ...wide, vendor: "amd", ram: 1100 * GIB })).toMatchObject({ fits: true, layout: { relocated: true } });
    const plan = planGuest(amd, { ...wide, ram: 1100 * GIB });
    expect(plan.starts).toBe(false);
    expect(remediesFor(amd, plan).map((remedy) => remedy.id)).toEqual(["amd-vcpu", "less-ram"]);
    // Relocated memory does not fit 40 bits.
    expect(planGuest(amd, { ...wide, vendor: "amd", ram: 1100 * GIB, physBits: 40 }).vcpuTooNarrow).not.toBeNull();
  });

  it("problems 1 and 3: a BAR high in 46 bits is above 39, which costs peer-to-peer only; fewer bits help", () => {
    const plan = planGuest(intel39, { ...USUAL_GUEST, bars: [{ name: "BAR 1 of the GPU", size: 256 * MIB }, { name: "BAR 3 of the GPU", size: 32 * MIB }] });
    expect(plan).toMatchObject({ starts: true, fits: false });
    expect(plan.pieces.filter((piece) => piece.conflict).map((piece) => [piece.first, piece.verdict, piece.fatal])).toEqual([
      [0x3800_0000_0000, "above-aperture", false], [0x3800_1000_0000, "above-aperture", false],
    ]);
    const [remedy] = remediesFor(intel39, plan);
    expect(remedy?.option).toContain("host-phys-bits-limit=39");
    expect(verdictSentences(intel39, plan)[0]).toMatch(/starts/);
  });

  it("RAM above 39 bits does not start on a 39-bit IOMMU", () => {
    const plan = planGuest(intel39, { ...wide, ram: 600 * GIB });
    expect(plan.starts).toBe(false);
    expect(plan.largestRam).toBe(510 * GIB);
    expect(planGuest(intel39, { ...wide, ram: 510 * GIB }).starts).toBe(true);
  });

  it("a locked firmware region refuses the device, whatever the layout", () => {
    const host = hostWindows(makePlatform("intel-vtd", { devices: [{ name: "0000:03:00.0", group: 1, regions: [X86_MSI, { first: 0x7df8_3000, last: 0x7dfe_2fff, type: "direct" }] }] }));
    const plan = planGuest(host, wide);
    expect(plan.starts).toBe(false);
    expect(verdictSentences(host, plan).join(" ")).toMatch(/0000:03:00.0 can't be given away/);
    expect(remediesFor(host, plan)).toEqual([]);
  });

  it("Arm: a platform hole in RAM leaves what is below it", () => {
    const device = { name: "0000:00:02.0", group: 2, regions: [{ first: 0x5000_0000, last: 0x50ff_ffff, type: "reserved" as const }] };
    const host = hostWindows(makePlatform("arm-smmuv3", { devices: [device] }));
    const plan = planGuest(host, { ...USUAL_GUEST, machine: "virt", vendor: "arm", physBits: 48, ram: 512 * MIB });
    expect(plan.starts).toBe(false);
    expect(plan.largestRam).toBe(256 * MIB);
  });

  it("makes calls that a VMM would make", () => {
    const plan = planGuest(amd, { ...wide, ram: 8 * GIB });
    const { calls } = planScenario(plan, { kind: "amd-vi", devices: [{ name: "0000:41:00.0", group: 27 }] }, "8 GiB");
    expect(calls.slice(0, 4).map((call) => call.call)).toEqual(["VFIO_CONTAINER_OPEN", "VFIO_GROUP_OPEN", "VFIO_GROUP_SET_CONTAINER", "VFIO_SET_IOMMU"]);
    expect(calls.filter((call) => call.call === "VFIO_IOMMU_MAP_DMA")).toHaveLength(plan.pieces.filter((piece) => piece.mapped).length);
  });

  it("answers odd sizes at once", () => {
    for (const ram of [0, 4096, MIB - 1, 2 ** 50, 2 ** 52]) {
      for (const machine of ["q35", "pc", "microvm", "virt"] as const) {
        for (const host of [intel39, amd]) expect(planGuest(host, { ...wide, machine, physBits: 52, ram }).largestRam).toBeGreaterThanOrEqual(0);
      }
    }
    expect(planGuest(intel39, { ...wide, physBits: 52, ram: 2 ** 52 }).largestRam).toBe(510 * GIB);
  });
});
