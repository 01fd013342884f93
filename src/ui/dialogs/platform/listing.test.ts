import { describe, expect, it } from "vitest";
import { makePlatform } from "../../../kernel/platform/platform.ts";
import { readInputs } from "../../../scenario/read-inputs.ts";
import { checkDraft } from "./check.ts";
import { draftOf } from "./draft.ts";
import { listingOf, withListing, type ListingTarget } from "./listing.ts";

const DRAFT = draftOf(makePlatform("intel-vtd"));

async function take(text: string, target: ListingTarget) {
  const { draft, done } = withListing(DRAFT, listingOf(text, await readInputs([{ name: "listing", content: text }])), target);
  const { spec, problems } = checkDraft(draft);
  expect([...problems]).toEqual([]);
  return { done, devices: spec.devices ?? [] };
}

const GREP = "/sys/kernel/iommu_groups/3/reserved_regions:0x000000008b800000 0x000000008fffffff direct-relaxable\n/sys/kernel/iommu_groups/3/reserved_regions:0x00000000fee00000 0x00000000feefffff msi\n";

describe("a listing", () => {
  it("replaces the regions of the groups it names", async () => {
    const { done, devices } = await take(GREP, "named");
    expect(done).toBe("Replaced the regions of group 3.");
    expect(devices[0]?.regions?.map(({ start, type }) => [start, type])).toEqual([["0x8b800000", "direct-relaxable"], ["0xfee00000", "msi"]]);
    expect(devices.slice(1).every((device) => device.regions === undefined)).toBe(true);
  });

  it("adds groups that the host does not have", async () => {
    const { done, devices } = await take(GREP.replaceAll("groups/3", "groups/12") + GREP, "named");
    expect(done).toBe("Replaced the regions of group 3; added group 12.");
    expect(devices.at(-1)).toMatchObject({ group: 12, regions: [{ start: "0x8b800000" }, { start: "0xfee00000" }] });
  });

  it("without names goes to the group chosen, to each of its devices", async () => {
    const { done, devices } = await take("0x000000009bd00000 0x000000009bdfffff direct\n0x00000000fee00000 0x00000000feefffff msi", 7);
    expect(done).toBe("Group 7 now has 2 regions.");
    expect(devices.map((device) => device.regions?.length)).toEqual([undefined, undefined, 2, 2]);
  });

  it("without names needs a group", async () => {
    await expect(take("0xfee00000 0xfeefffff msi", "named")).rejects.toThrow("choose the group");
  });

  it("of one group may go to another", async () => {
    const { devices } = await take(GREP, 4);
    expect(devices[1]?.regions).toHaveLength(2);
  });

  it("of several groups goes to one only if it has that one", async () => {
    await expect(take(GREP + GREP.replaceAll("groups/3", "groups/12"), 4)).rejects.toThrow("none is of group 4");
  });

  it("has to be one", async () => {
    await expect(take('{"title":"x","platform":{"kind":"mock"},"calls":[]}', "named")).rejects.toThrow("no lines of reserved_regions");
  });
});
