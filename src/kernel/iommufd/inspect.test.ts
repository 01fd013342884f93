import { describe, expect, it } from "vitest";
import type { HostDevice } from "../config.ts";
import { X86_MSI } from "../platform/platform.ts";
import { NESTED, TestMachine } from "./testing.ts";

const devices: HostDevice[] = [
  { name: "0000:41:00.0", group: 27, vfio: 0, model: "nvme", regions: [X86_MSI] },
  { name: "0000:41:00.1", group: 27, vfio: 1, model: "nic", regions: [X86_MSI, { first: 0x8b80_0000, last: 0x8fff_ffff, type: "direct-relaxable", label: "RMRR" }] },
];

function world(): TestMachine {
  const test = new TestMachine({ kind: "intel-vtd-scalable", devices });
  test.bind(0);
  test.bind(1);
  const ioas = test.ioas();
  test.attach(0, ioas);
  test.attach(1, ioas);
  test.map(ioas, 0x1000, 0x2000);
  return test;
}

describe("what the graph shows", () => {
  it("is users with their holders, for every object", () => {
    const { nodes } = world().machine.iommufd.graph();
    expect(nodes.map((node) => [node.key, node.title, node.users, node.holders])).toEqual([
      ["device:3/1", "dev 1", 3, ["the VFIO driver has bound it", "it is attached to a page table"]],
      ["device:3/2", "dev 2", 3, ["the VFIO driver has bound it", "it is attached to a page table"]],
      ["ioas:3/3", "ioas 3", 2, ["automatic HWPT 4 is filled from it"]],
      ["hwpt:3/4", "hwpt 4", 3, ["device 1 (0000:41:00.0) is attached", "device 2 (0000:41:00.1) is attached"]],
      ["igroup:3/27", "group 27", null, []],
    ]);
    expect(nodes[0]?.lines).toEqual(["nvme · group 27", "0000:41:00.0", "Intel VT-d scalable, 48-bit"]);
    expect(nodes[3]?.auto).toBe(true);
  });

  it("has an edge for each counted hold, and marks those that do not count", () => {
    const { edges } = world().machine.iommufd.graph();
    expect(edges.filter((edge) => edge.counts).map((edge) => `${edge.from} → ${edge.to}`)).toEqual(["hwpt:3/4 → ioas:3/3", "device:3/1 → hwpt:3/4", "device:3/2 → hwpt:3/4"]);
    expect(edges.filter((edge) => !edge.counts).map((edge) => `${edge.from} ${edge.label} ${edge.to}`)).toEqual([
      "device:3/1 member igroup:3/27", "device:3/2 member igroup:3/27", "ioas:3/3 fills hwpt:3/4", "igroup:3/27 translated by hwpt:3/4",
    ]);
  });

  it("survives a nested HWPT, accesses and queues", () => {
    const test = new TestMachine();
    const ioas = test.ioas();
    const { device } = test.mock(ioas);
    const parent = test.hwpt(device, ioas, { flags: 3 });
    test.hwpt(device, parent, NESTED);
    test.ok("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas, flags: 1 });
    test.ok("IOMMU_FAULT_QUEUE_ALLOC");
    const kinds = test.machine.iommufd.graph().nodes.map((node) => node.kind);
    expect(kinds).toEqual(["ioas", "selftest", "device", "hwpt-paging", "hwpt-paging", "hwpt-nested", "access", "fault", "group"]);
  });
});

describe("what an IOVA space shows", () => {
  it("is who keeps what out, what is ignored, what is valid and mapped", () => {
    const [space] = world().machine.iommufd.spaces();
    expect([space?.key, space?.label, space?.alignment]).toEqual(["ioas:3/3", "IOAS 3", 4096]);
    const contributors = space?.contributors() ?? [];
    expect(contributors.map(({ owner, aperture, holes, ignored }) => [owner.key, aperture, holes.map((hole) => `${hole.kind} ${hole.first.toString(16)}`), ignored.map((hole) => hole.label)])).toEqual([
      ["device:3/1", null, ["msi fee00000"], []],
      ["device:3/2", null, ["msi fee00000"], ["RMRR"]],
      ["hwpt:3/4", { first: 0, last: 2 ** 48 - 1 }, ["aperture 1000000000000"], []],
    ]);
    expect(space?.valid()).toEqual([{ first: 0, last: 0xfedf_ffff }, { first: 0xfef0_0000, last: 2 ** 48 - 1 }]);
    expect(space?.mappingCount()).toBe(1);
    const mappings: unknown[] = [];
    space?.eachMapping(0, 0xffff, (mapping) => mappings.push(mapping) > 0);
    expect(mappings).toEqual([
      { key: "mapping:ioas:3/3@0x1000", first: 0x1000, last: 0x2fff, userVa: 0x1000_0000_0000, heldBy: ["hwpt 4"], readable: true, writable: true, shared: false, pinned: true },
    ]);
  });

  it("is plain JSON as a whole", () => {
    const state = world().state();
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
  });
});
