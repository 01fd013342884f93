import { describe, expect, it } from "vitest";
import { ensure } from "../../base/assert.ts";
import type { IommufdVariant } from "../../kernel/config.ts";
import { halfMadePageTable } from "../../scenario/examples/stories/half-made-page-table.ts";
import type { ScenarioCall } from "../../scenario/scenario.ts";
import { Session } from "../session.ts";
import { PART, type DifferenceView, type IovaQuery } from "../views.ts";

const QUERY: IovaQuery = { space: null, window: null, px: 600 };

async function compare(calls: ScenarioCall[], own: IommufdVariant, target: IommufdVariant) {
  const session = new Session();
  await session.load({ ...halfMadePageTable, variants: { iommufd: own }, calls });
  const compared = ensure(await session.compare({ iommufd: target }), "a comparison");
  const told = (step: number): DifferenceView[] => ensure(session.frame(step, QUERY).other, "the other side").differences;
  return { session, compared, told };
}

describe("how the two forms of iommufd take page tables apart", () => {
  it("is the only thing in which they part", async () => {
    const { compared, told } = await compare(halfMadePageTable.calls, "merged", "hwpt-2023-v4");
    expect([...compared.parts]).toEqual([0, 0, 0, PART.path, 0, PART.path, 0, 0, PART.path, PART.path]);
    expect(compared.first).toMatchObject({ step: 4, what: "path", more: 0 });
    expect(told(4)).toEqual([
      {
        subject: "the half-made nested HWPT 6",
        left: "iommufd_object_abort_and_destroy → iommufd_object_ops[type] → iommufd_hwpt_nested_abort → iommufd_hwpt_nested_destroy → __iommufd_hwpt_destroy",
        right: "iommufd_object_abort_and_destroy → iommufd_object_ops[type] → iommufd_hw_pagetable_abort → hwpt->abort → iommufd_user_managed_hwpt_abort → iommufd_hw_pagetable_destroy → hwpt->destroy → iommufd_user_managed_hwpt_destroy",
        text: compared.first?.text,
        objects: [{ key: "hwpt:3/6", label: "nested HWPT 6" }],
      },
    ]);
    expect(compared.first?.text).toBe(
      "The half-made nested HWPT 6 goes through iommufd_hwpt_nested_abort → iommufd_hwpt_nested_destroy → __iommufd_hwpt_destroy on the left, " +
        "iommufd_hw_pagetable_abort → hwpt->abort → iommufd_user_managed_hwpt_abort → iommufd_hw_pagetable_destroy → hwpt->destroy → iommufd_user_managed_hwpt_destroy on the right.",
    );
    expect(told(10)[0]?.text).toMatch(/^Destroying HWPT 5 goes through iommufd_hwpt_paging_destroy → __iommufd_hwpt_destroy on the left, /);
  });

  it("tells the trace that was posted with v4, for a paging one that fails", async () => {
    const { told } = await compare(halfMadePageTable.calls, "hwpt-2023-v4", "merged");
    expect(told(9)).toHaveLength(1);
    expect(told(9)[0]?.left.split(" → ")).toEqual([
      "iommufd_object_abort_and_destroy", "iommufd_object_ops[type]", "iommufd_hw_pagetable_abort", "hwpt->abort", "iommufd_kernel_managed_hwpt_abort",
      "iommufd_hw_pagetable_destroy", "hwpt->destroy", "iommufd_kernel_managed_hwpt_destroy",
    ]);
    expect(told(9)[0]?.text).toMatch(/^The half-made HWPT 7 goes through iommufd_hw_pagetable_abort → hwpt->abort → .* on the left, iommufd_hwpt_paging_abort → .* on the right\.$/);
  });

  it("marks the row, and nothing where both are the same form", async () => {
    const { session, compared } = await compare(halfMadePageTable.calls, "merged", "hwpt-2023-v4");
    expect(session.rows(4, 1)[0]?.other).toEqual({ part: PART.path, errno: "ENOENT", result: "" });
    expect(compared.parts[4]).toBe(PART.same);
    const same = await compare(halfMadePageTable.calls, "merged", "merged");
    expect(same.compared.first).toBeNull();
  });

  it("says so where only one form takes something apart", async () => {
    const [ioas, mock] = halfMadePageTable.calls as [ScenarioCall, ScenarioCall];
    const buggy: ScenarioCall = { call: "IOMMU_HWPT_ALLOC", in: { dev_id: 3, pt_id: 1 }, given: { bug: "domain-type", source: "told to" } };
    const { compared, told } = await compare([ioas, mock, buggy], "merged", "hwpt-2023-v4");
    expect(compared.first).toMatchObject({ step: 3, what: "answer", text: "IOMMU_HWPT_ALLOC answers OK on the left, EINVAL on the right." });
    expect(told(3).at(-1)).toMatchObject({ subject: "the half-made HWPT 5", left: "nothing to take apart" });
  });

  it("is found in a run of many calls, each of which is looked at once", async () => {
    const [ioas, mock, parent, fails] = halfMadePageTable.calls;
    const calls = [ioas, mock, parent, ...Array.from({ length: 500 }, () => fails)] as ScenarioCall[];
    const { compared } = await compare(calls, "merged", "hwpt-2023-v4");
    expect(compared.first?.step).toBe(4);
    expect(Array.from(compared.parts).filter((part) => part === PART.path)).toHaveLength(500);
  });
});
