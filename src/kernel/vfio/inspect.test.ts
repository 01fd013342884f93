import { describe, expect, it } from "vitest";
import { U64_MAX } from "../../base/u64.ts";
import { ensure } from "../../base/assert.ts";
import type { IovaSpace } from "../inspect.ts";
import { resv, TestMachine } from "./testing.ts";

function described(): TestMachine {
  const test = new TestMachine();
  test.attach("A", resv([0xfee00000, 0xfeefffff, "msi"], [0x1000, 0x1fff, "direct-relaxable"]));
  test.attach("B", { ops: "other" });
  for (const iova of [0x3000, 0x5000, 0x9000]) test.map(iova, 0x1000);
  return test;
}

function space(test: TestMachine): IovaSpace {
  return ensure(test.machine.vfio.spaces()[0], "space");
}

function mapped(from: IovaSpace, first: number | bigint, last: number | bigint): string[] {
  const keys: string[] = [];
  from.eachMapping(first, last, (mapping) => keys.push(mapping.key) < 2);
  return keys;
}

describe("a container's space", () => {
  it("lists who contributes what, and what is ignored", () => {
    const [first, second] = space(described()).contributors();
    expect(first).toMatchObject({ owner: { key: "group:B" }, holes: [], ignored: [] });
    expect(second).toMatchObject({
      owner: { key: "group:A" }, aperture: { first: 0, last: 0xffffffff },
      holes: [{ first: 0xfee00000, kind: "msi", owner: { key: "group:A" } }], ignored: [{ first: 0x1000, kind: "direct-relaxable" }],
    });
  });

  it("ignored nothing in 2018", () => {
    const test = new TestMachine({ variant: "rfc-v2" });
    test.attach("A", resv([0x1000, 0x1fff, "direct-relaxable"]));
    expect(space(test).contributors()[0]?.ignored).toEqual([]);
  });

  it("shows the valid windows, and the whole space while nothing restricts it", () => {
    expect(space(described()).valid()).toEqual([{ first: 0, last: 0xfedfffff }, { first: 0xfef00000, last: 0xffffffff }]);
    const test = new TestMachine();
    test.do("get_info");
    expect(space(test).valid()).toEqual([{ first: 0, last: U64_MAX }]);
    expect(space(test).allowed()).toEqual([]);
  });

  it("visits the mappings that touch a range until told to stop", () => {
    const found = space(described());
    expect(found.mappingCount()).toBe(3);
    expect(mapped(found, 0, U64_MAX)).toEqual(["mapping:container:0@0x3000", "mapping:container:0@0x5000"]);
    expect(mapped(found, 0x5800, 0x5900)).toEqual(["mapping:container:0@0x5000"]);
    expect(mapped(found, 0x4000, 0x4fff)).toEqual([]);
  });

  it("says which domains hold a mapping", () => {
    space(described()).eachMapping(0, U64_MAX, (mapping) => {
      expect(mapping).toMatchObject({ readable: true, writable: true, userVa: 0x10000000, heldBy: ["domain 1", "domain 0"], pinned: true, shared: false });
      return true;
    });
  });
});

describe("the graph", () => {
  it("shows described groups, their domains and the container", () => {
    const { nodes, edges } = described().machine.vfio.graph();
    expect(nodes.map((node) => [node.key, node.kind])).toEqual([
      ["container:0", "container"], ["group:B", "group"], ["group:A", "group"], ["domain:0/1", "domain"], ["domain:0/0", "domain"],
    ]);
    expect(edges).toContainEqual({ from: "group:A", to: "domain:0/0", label: "attached", counts: true });
  });

  it("shows devices, groups and containers of a process", () => {
    const test = new TestMachine();
    test.do("VFIO_CONTAINER_OPEN");
    test.do("VFIO_GROUP_OPEN", { path: "/dev/vfio/7" });
    test.do("VFIO_GROUP_SET_CONTAINER");
    test.do("VFIO_SET_IOMMU", { arg: 3 });
    test.do("VFIO_GROUP_GET_DEVICE_FD", { name: "0000:02:01.0" });
    const { nodes, edges } = test.machine.vfio.graph();
    const users = Object.fromEntries(nodes.map((node) => [node.key, node.users]));
    expect(users).toEqual({ "group:7": 2, "device:0000:02:01.0": 1, "device:0000:02:02.0": 0, "container:1": 2, "domain:1/0": 1 });
    for (const node of nodes) {
      const counted = edges.filter((edge) => edge.to === node.key && edge.counts).length;
      expect(counted).toBeLessThanOrEqual(node.users ?? 0);
    }
  });

  it("is empty, and the state is null, before the first call", () => {
    const { vfio } = new TestMachine().machine;
    expect([vfio.graph(), vfio.spaces(), vfio.state(), vfio.pasids()]).toEqual([{ nodes: [], edges: [] }, [], null, null]);
  });
});

describe("state", () => {
  it("is by container and group for opened ones", () => {
    const test = new TestMachine();
    test.do("VFIO_CONTAINER_OPEN");
    test.do("VFIO_GROUP_OPEN", { path: "/dev/vfio/3" });
    expect(test.state()).toEqual({ containers: { 1: { open: true, groups: [], iommu: null } }, groups: { 3: { open: true, container: null, devices: [] } } });
  });

  it("survives being cloned, and the copy is independent", () => {
    const test = described();
    const copy = test.machine.clone();
    const before = copy.vfio.state();
    expect(before).toEqual(test.state());
    test.unmap(0, 0, { flags: ["all"] });
    test.detach("B");
    expect(copy.vfio.state()).toEqual(before);
  });
});
