/** The HWPT as the 2023 series first had it (v4, patch 05/17): one struct, two function pointers, two checks on the domain. */
import { describe, expect, it } from "vitest";
import type { Given } from "../call.ts";
import { makePlatform } from "../platform/platform.ts";
import { mapFields, NESTED, TestMachine, type Done } from "./testing.ts";

function ends(done: Done, kind: "abort" | "destroy"): string[] {
  return done.trace.effects.filter((effect) => effect.kind === kind).map((effect) => effect.text);
}

const bug = (which: Given["bug"]): Given => ({ bug: which, source: "told to" });

describe("a HWPT with function pointers", () => {
  const machine = () => new TestMachine({ kind: "mock", variant: "hwpt-2023-v4" });

  it("runs the posted path when an allocation fails after the domain joined nothing yet", () => {
    const test = machine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const other = test.ioas();
    test.map(other, 0x1000, 0x1000);
    const done = test.do("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: other });
    expect(done.verdict).toBe("EADDRINUSE reserved-hits-mapping-or-allowed");
    expect(ends(done, "abort")).toEqual([
      "HWPT 6: iommufd_object_abort_and_destroy → iommufd_object_ops[type] → iommufd_hw_pagetable_abort → hwpt->abort → iommufd_kernel_managed_hwpt_abort: it is on no list yet, nothing to unlink",
      "HWPT 6: iommufd_hw_pagetable_destroy → hwpt->destroy → iommufd_kernel_managed_hwpt_destroy: frees the domain",
    ]);
    expect(done.trace.effects.at(-1)?.text).toBe("id 6 is free");
    expect(test.users(other)).toBe(1);
  });

  it("unlinks in abort when a replace fails after the new HWPT was filled", () => {
    const test = new TestMachine({ kind: "intel-vtd", variant: "hwpt-2023-v4" });
    test.bind(0);
    const [one, other] = [test.ioas(), test.ioas()];
    test.attach(0, one);
    test.map(other, 0xfee0_0000, 0x1000);
    const done = test.do("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: 0, pt_id: other });
    expect(done.verdict).toBe("EADDRINUSE reserved-hits-mapping-or-allowed");
    expect(ends(done, "abort")).toEqual([
      expect.stringContaining("iommufd_kernel_managed_hwpt_abort: the IOAS is locked already, takes it off the list of IOAS 3"),
      expect.stringContaining("iommufd_hw_pagetable_destroy → hwpt->destroy → iommufd_kernel_managed_hwpt_destroy: frees the domain"),
    ]);
  });

  it("destroys a published one by the other pointer only", () => {
    const test = machine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const nested = test.hwpt(device, parent, NESTED);
    expect(ends(test.do("IOMMU_DESTROY", { id: nested }), "destroy")).toEqual([
      `nested HWPT ${nested}: iommufd_object_remove → iommufd_object_ops[type] → iommufd_hw_pagetable_destroy → hwpt->destroy → iommufd_user_managed_hwpt_destroy: frees the domain`,
    ]);
    const done = test.do("IOMMU_DESTROY", { id: parent });
    expect(ends(done, "abort")).toEqual([]);
    expect(ends(done, "destroy")[0]).toContain("iommufd_kernel_managed_hwpt_destroy: locks the IOAS");
  });

  it("aborts a user-managed one with its own function", () => {
    const test = machine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 1 });
    const wrongType = test.do("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: parent, ...NESTED, data_type: 1 });
    expect(wrongType.verdict).toBe("EOPNOTSUPP driver-refuses-hwpt");
    expect(ends(wrongType, "abort")[0]).toContain("iommufd_user_managed_hwpt_abort → iommufd_hw_pagetable_destroy → hwpt->destroy → iommufd_user_managed_hwpt_destroy: there is no domain yet");
    const noQueue = test.do("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: parent, ...NESTED, flags: 4, fault_id: 77 });
    expect(ends(noQueue, "abort")[0]).toContain("frees the domain");
    expect(test.users(parent)).toBe(1);
  });

  it("refuses a domain of another type, and kernel-managed ops with cache_invalidate_user", () => {
    const test = machine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const alloc = (which: Given["bug"]) => test.do("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas }, { given: bug(which) });
    const before = JSON.stringify(test.state());
    for (const [which, rule] of [["domain-type", "domain-type-unmanaged"], ["user-op", "kernel-managed-without-user-op"]] as const) {
      const done = alloc(which);
      expect(done.verdict).toBe(`EINVAL ${rule}`);
      expect(ends(done, "abort")).toHaveLength(2);
    }
    expect(JSON.stringify(test.state())).toBe(before);
  });

  it("shows the pointers and one type name", () => {
    const test = machine();
    const ioas = test.ioas();
    const { hwpt } = test.mock(ioas);
    const node = test.machine.iommufd.graph().nodes.find((entry) => entry.key === `hwpt:3/${hwpt}`);
    expect(node?.type).toBe("HW_PAGETABLE");
    expect(node?.lines).toContain("abort = iommufd_kernel_managed_hwpt_abort");
  });
});

describe("a HWPT as merged", () => {
  it("goes through a constant table, and knows no such checks", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    expect(test.do("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas }, { given: bug("domain-type") }).verdict).toBe("OK");
    const done = test.do("IOMMU_DESTROY", { id: 5 });
    expect(ends(done, "destroy")[0]).toBe("HWPT 5: iommufd_object_remove → iommufd_object_ops[type] → iommufd_hwpt_paging_destroy: locks the IOAS, takes it off the list of IOAS 1");
    expect(test.machine.iommufd.graph().nodes.find((entry) => entry.kind === "hwpt-paging")?.type).toBe("HWPT_PAGING");
  });

  it("refuses a driver that breaks its promise of coherency, in both forms", () => {
    for (const variant of ["merged", "hwpt-2023-v4"] as const) {
      const test = new TestMachine({ platform: makePlatform("intel-vtd-scalable"), variant });
      const device = test.bind(0);
      const ioas = test.ioas();
      const done = test.do("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: ioas }, { given: bug("coherency") });
      expect(done.verdict).toBe("EINVAL hwpt-driver-bug");
      expect(test.users(ioas)).toBe(1);
    }
  });

  it("gives back what it had taken at each point where an allocation can fail", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const other = test.ioas();
    const before = JSON.stringify(test.state());
    const fails: [object, string][] = [
      [{ flags: 8 }, "EOPNOTSUPP unknown-flag"],
      [{ data_type: 1, data_len: 4 }, "EOPNOTSUPP driver-refuses-hwpt"],
    ];
    for (const [fields, verdict] of fails) expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: other, ...fields })).toBe(verdict);
    expect(JSON.stringify(test.state())).toBe(before);
    test.do("IOMMU_IOAS_MAP", mapFields(other, 0x100_0000, 0x1000, { user_va: "0x5000" }));
    expect(test.try("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: other })).toBe("EFAULT bad-user-memory");
    expect(test.users(other)).toBe(1);
  });
});
