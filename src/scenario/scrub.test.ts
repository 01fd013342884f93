import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { array, assert, bigInt, integer, property, tuple } from "fast-check";
import { describe, expect, it } from "vitest";
import { readInputs } from "./read-inputs.ts";
import { scrub, SCRUB_KINDS } from "./scrub.ts";
import type { Scenario } from "./scenario.ts";

const LOG = `vfio_attach_device  (0000:5e:00.0) group 40
vfio_attach_device  (0000:5e:00.1) group 41
vfio_listener_region_add_ram region_add [ram] 0x0 - 0x7fffffff [0x7f3c40000000]
vfio_listener_region_add_ram region_add [ram] 0x100000000 - 0x17fffffff [0x7f3cc0000000]
vfio_listener_region_add_ram region_add [ram] 0xfe000000 - 0xfe003fff [0x7f5512345000]`;

async function scenarioOf(content: string): Promise<Scenario> {
  return (await readInputs([{ name: "log", content }])).scenarios[0] as Scenario;
}

function addressesOf({ calls }: Scenario): bigint[] {
  return calls.flatMap((call) => (call.in.vaddr === undefined ? [] : [BigInt(call.in.vaddr as string)]));
}

describe("scrubbing a scenario", () => {
  it("replaces addresses of the process, and keeps distances, alignment and order", async () => {
    const before = await scenarioOf(LOG);
    const after = scrub(before, ["memory"]);
    const [from, to] = [addressesOf(before), addressesOf(after.scenario)];
    expect(to).toHaveLength(3);
    for (const address of from) expect(JSON.stringify(after.scenario)).not.toContain(address.toString(16));
    expect((to[1] as bigint) - (to[0] as bigint)).toBe((from[1] as bigint) - (from[0] as bigint));
    from.forEach((address, index) => expect((to[index] as bigint) & -(to[index] as bigint)).toBe(address & -address));
    expect((to[2] as bigint) > (to[1] as bigint)).toBe(true);
    expect(after.found.find(({ kind }) => kind === "memory")).toMatchObject({ count: 3, different: 3 });
    // Devices are found, and left where nobody asks for them.
    expect(after.scenario.platform.devices?.map(({ name }) => name)).toEqual(before.platform.devices?.map(({ name }) => name));
  });

  it("renames devices consistently, functions of one slot together", async () => {
    const { scenario } = scrub(await scenarioOf(LOG), ["devices"]);
    const names = scenario.platform.devices?.map(({ name }) => name) ?? [];
    expect(names[0]?.slice(0, -1)).toBe(names[1]?.slice(0, -1));
    expect(JSON.stringify(scenario)).not.toContain("5e:00");
  });

  it("takes names, networks, paths, ids and serial numbers out of titles and notes", () => {
    const scenario: Scenario = {
      title: "trace of guest=alices-vm1 by alice@build-host.example.org", platform: { kind: "intel-vtd", devices: [{ name: "8eb8351a-e656-4187-b773-fea4e926310d", group: 1, model: "disk, serial: S4EWNX0R" }] },
      trace: "vfio-type1", calls: [{ call: "VFIO_CONTAINER_OPEN", in: { path: "/dev/vfio/vfio" }, note: "from /home/alice/logs/q.log, MAC 52:54:00:ab:cd:ef, 10.1.2.3" }],
    };
    const { scenario: after, found } = scrub(scenario, SCRUB_KINDS);
    const text = JSON.stringify(after);
    for (const secret of ["alice", "build-host", "8eb8351a", "S4EWNX0R", "52:54:00", "10.1.2.3"]) expect(text).not.toContain(secret);
    expect(text).toContain("/dev/vfio/vfio");
    expect(found.map(({ kind }) => kind)).toEqual(["ids", "networks", "people", "paths", "serials"]);
    expect(scrub(after, SCRUB_KINDS).scenario.title).toContain("trace of guest=");
  });

  it("leaves what is no memory of a process: null pointers, the kernel's half", () => {
    const calls = ["0x0", "0x1000", "0xffff800000000000", "0xffffffffffffffff"].map((vaddr) => ({ call: "VFIO_IOMMU_MAP_DMA", in: { vaddr, iova: "0x0", size: "0x1000" } }));
    const { scenario } = scrub({ title: "t", platform: { kind: "intel-vtd" }, trace: "vfio-type1", calls }, ["memory"]);
    expect(scenario.calls.map((call) => call.in.vaddr)).toEqual(["0x0", "0x1000", "0xffff800000000000", "0xffffffffffffffff"]);
  });

  it("never lets two pieces of memory meet that did not", () => {
    const address = bigInt(0x1_0000n, (1n << 46n) - 1n).map((value) => value & ~0xfffn);
    assert(
      property(array(tuple(address, integer({ min: 1, max: 4096 })), { maxLength: 12 }), (list) => {
        const calls = list.map(([vaddr, pages]) => ({ call: "VFIO_IOMMU_MAP_DMA", in: { vaddr: `0x${vaddr.toString(16)}`, iova: "0x0", size: `0x${(pages * 4096).toString(16)}` } }));
        const { scenario } = scrub({ title: "t", platform: { kind: "intel-vtd" }, trace: "vfio-type1", calls }, ["memory"]);
        const overlaps = (made: Scenario) => made.calls.map((one) => made.calls.map((other) => BigInt(one.in.vaddr as string) < BigInt(other.in.vaddr as string) + BigInt(other.in.size as string) && BigInt(other.in.vaddr as string) < BigInt(one.in.vaddr as string) + BigInt(one.in.size as string)));
        expect(overlaps(scenario)).toEqual(overlaps({ title: "t", platform: { kind: "intel-vtd" }, trace: "vfio-type1", calls }));
      }),
    );
  });

  it("reads captures of real programs the same way twice", async () => {
    const content = gunzipSync(readFileSync(new URL("../../public/examples/intel-ioctls-iommufd.log.gz", import.meta.url))).toString();
    const once = scrub(await scenarioOf(content), SCRUB_KINDS);
    expect(scrub(await scenarioOf(content), SCRUB_KINDS)).toEqual(once);
    expect(once.found.map(({ kind }) => kind)).toContain("memory");
  });
});
