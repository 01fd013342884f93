import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assert } from "../../base/assert.ts";
import type { JsonObject } from "../../base/json.ts";
import { hex } from "../../base/u64.ts";
import type { HostDevice } from "../config.ts";
import { X86_MSI } from "../platform/platform.ts";
import { checkInvariants } from "./invariants.ts";
import { NESTED, TestMachine, type TestOptions } from "./testing.ts";

/** Few ids, few places, few sizes: calls must meet. */
const id = fc.integer({ min: 1, max: 14 });
/** Ids that the start gives to objects of a kind, and others. */
const ioas = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(1, 1, 2) }, { weight: 1, arbitrary: id });
const device = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(3, 4, 5) }, { weight: 1, arbitrary: id });
const table = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(4, 5, 6, 7, 8) }, { weight: 1, arbitrary: id });
const place = fc.oneof(ioas, table);
const iova = fc.constantFrom(0x0, 0x1000, 0x1800, 0xff_f000, 0x100_0000, 0x100_0800, 0x100_2000, 0x101_0000, 0x7fff_f000, 0x8000_0000, 0xfedf_f000, 0xfee0_0000).map(hex);
const length = fc.constantFrom(0x1, 0x800, 0x1000, 0x2000, 0x4000, 0x10_0000, 0x20_0000).map(hex);
const va = fc.constantFrom(0x0, 0x800, 0x1000, 0x123, 0x3f_f000).map((offset) => ({ buffer: "b0", offset: hex(offset) }));
const other = fc.constantFrom({ buffer: "b1", offset: "0x0" }, { buffer: "b3", offset: "0x0" }, { buffer: "b4", offset: "0x0" });
const slot = fc.integer({ min: 0, max: 3 });
const fd = fc.integer({ min: 3, max: 7 });

interface Step {
  call: string;
  fields: JsonObject;
}

function step(call: string, fields: Record<string, fc.Arbitrary<unknown>> = {}, weight = 2): { weight: number; arbitrary: fc.Arbitrary<Step> } {
  return { weight, arbitrary: fc.record(fields).map((made) => ({ call, fields: made as JsonObject })) };
}

const MAPPING = [
  step("IOMMU_IOAS_ALLOC", {}, 4),
  step("IOMMU_IOAS_MAP", { flags: fc.constantFrom(7, 7, 5, 6, 1), ioas_id: ioas, user_va: fc.oneof(va, va, va, other), length, iova }, 14),
  step("IOMMU_IOAS_COPY", { flags: fc.constantFrom(7, 5, 6), dst_ioas_id: ioas, src_ioas_id: ioas, length, dst_iova: iova, src_iova: iova }, 8),
  step("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova, length: fc.oneof(length, fc.constant(hex(0xffff_ffff))) }, 6),
  step("IOMMU_IOAS_ALLOW_IOVAS", { ioas_id: ioas, num_iovas: fc.constant(1), allowed_iovas: fc.constantFrom([{ start: "0x1000000", last: "0x1ffffff" }], [{ start: "0x1000", last: "0x20fff" }], []) }),
  step("IOMMU_TEST_OP_ADD_RESERVED", { id: ioas, start: iova, length }, 1),
  step("IOMMU_OPTION", { option_id: fc.constantFrom(0, 1), op: fc.constant(0), object_id: fc.oneof(ioas, fc.constant(0)), val64: fc.constantFrom("0x0", "0x1") }),
  step("IOMMU_VFIO_IOAS", { op: fc.constantFrom(1, 2), ioas_id: ioas }, 1),
  step("VFIO_SET_IOMMU", { arg: fc.constantFrom(1, 3) }, 1),
  step("VFIO_IOMMU_MAP_DMA", { flags: fc.constantFrom(0, 1, 3), vaddr: va, iova, size: length }),
  step("VFIO_IOMMU_UNMAP_DMA", { iova, size: length }, 3),
  step("IOMMU_DESTROY", { id }, 8),
];
const OBJECTS = [
  step("IOMMU_HWPT_ALLOC", { dev_id: device, pt_id: place, flags: fc.constantFrom(0, 0, 1, 2, 3, 4) }, 4),
  { weight: 4, arbitrary: fc.record({ dev_id: device, pt_id: place, flags: fc.constantFrom(0, 4), fault_id: id }).map((fields): Step => ({ call: "IOMMU_HWPT_ALLOC", fields: { ...fields, ...NESTED } })) },
  step("IOMMU_FAULT_QUEUE_ALLOC", {}, 1),
  step("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas, flags: fc.constantFrom(0, 1) }, 3),
  step("IOMMU_TEST_OP_ACCESS_PAGES", { id: fd, flags: fc.constantFrom(0, 1), iova, length }, 6),
  step("IOMMU_TEST_OP_DESTROY_ACCESS_PAGES", { id: fd, access_pages_id: fc.nat(3) }),
  step("IOMMU_TEST_OP_ACCESS_REPLACE_IOAS", { id: fd, ioas_id: ioas }),
  step("CLOSE_FD", { fd: fc.integer({ min: 4, max: 9 }) }, 2),
  step("IOMMU_HWPT_SET_DIRTY_TRACKING", { hwpt_id: place, flags: fc.constantFrom(0, 1) }),
  step("IOMMU_TEST_OP_DIRTY", { id: table, iova: fc.constant("0x1000000"), length: fc.constant("0x4000"), page_size: fc.constant("0x800"), set_iovas: fc.constantFrom(["0x1000000", "0x1002800"]) }),
  step("IOMMU_HWPT_GET_DIRTY_BITMAP", { hwpt_id: place, iova: fc.constant("0x1000000"), length: fc.constant("0x4000"), page_size: fc.constantFrom("0x800", "0x1000") }),
  step("IOMMU_TEST_OP_TRIGGER_IOPF", { dev_id: device, pasid: fc.constantFrom(0, 1) }),
  step("FAULT_READ", { fd, count: fc.constantFrom(40, 80) }),
  step("FAULT_WRITE", { fd, count: fc.constant(8), responses: fc.tuple(fc.record({ cookie: fc.nat(2), code: fc.nat(1) })) }),
];
const MUNMAP = step("MUNMAP", { va, length: fc.constantFrom("0x1000", "0x4000") }, 1);
const MOCK = [
  step("IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS", { id: place, dev_flags: fc.nat(3) }, 5),
  step("IOMMU_TEST_OP_MOCK_DOMAIN_REPLACE", { id: fc.oneof(fc.constant(3), id), pt_id: place }, 8),
];
const REAL = [
  { weight: 3, arbitrary: slot.map((dev): Step => ({ call: "VFIO_CDEV_OPEN", fields: { dev, path: `/dev/vfio/devices/vfio${dev}` } })) },
  step("VFIO_DEVICE_BIND_IOMMUFD", { dev: slot }, 4),
  step("VFIO_DEVICE_ATTACH_IOMMUFD_PT", { dev: slot, pt_id: place }, 9),
  step("VFIO_DEVICE_DETACH_IOMMUFD_PT", { dev: slot }, 3),
  step("VFIO_CDEV_CLOSE", { dev: slot }, 1),
];

const host = (index: number, group: number): HostDevice => ({
  name: `0000:00:0${index}.0`, group, vfio: index,
  regions: index === 2 ? [X86_MSI, { first: 0x1000, last: 0x1fff, type: "reserved" }] : [X86_MSI, { first: 0, last: 0xff_ffff, type: "direct-relaxable" }],
});

/** Long enough for objects to pile up; the size says so to fast-check, which likes short lists. */
const LENGTHS = { maxLength: 90, size: "max" } as const;

/** Something to work with from the start: two IOASes, and a device on the first. */
const START: Record<string, Step[]> = {
  mock: [{ call: "IOMMU_IOAS_ALLOC", fields: {} }, { call: "IOMMU_IOAS_ALLOC", fields: {} }, { call: "IOMMU_TEST_OP_MOCK_DOMAIN", fields: { id: 1 } }, { call: "IOMMU_VFIO_IOAS", fields: { op: 1, ioas_id: 2 } }],
  real: [
    { call: "IOMMU_IOAS_ALLOC", fields: {} }, { call: "IOMMU_IOAS_ALLOC", fields: {} },
    ...[0, 1].flatMap((dev): Step[] => [
      { call: "VFIO_CDEV_OPEN", fields: { dev, path: `/dev/vfio/devices/vfio${dev}` } }, { call: "VFIO_DEVICE_BIND_IOMMUFD", fields: { dev } },
      { call: "VFIO_DEVICE_ATTACH_IOMMUFD_PT", fields: { dev, pt_id: 1 } },
    ]),
  ],
};

function longRun(start: keyof typeof START, ...kinds: { weight: number; arbitrary: fc.Arbitrary<Step> }[][]): fc.Arbitrary<Step[]> {
  return fc.array(fc.oneof(...kinds.flat()), LENGTHS).map((list) => [...(START[start] as Step[]), ...list]);
}

interface World {
  name: string;
  options: TestOptions;
  steps: fc.Arbitrary<Step[]>;
}

const WORLDS: World[] = [
  { name: "mock devices", options: { kind: "mock" }, steps: longRun("mock", MAPPING, OBJECTS, MOCK, [MUNMAP]) },
  {
    name: "real devices", options: { kind: "intel-vtd-scalable", devices: [host(0, 3), host(1, 7), host(2, 7), host(3, 4)] },
    steps: longRun("real", MAPPING, OBJECTS, REAL),
  },
  { name: "the posted form of 2023", options: { kind: "mock", variant: "hwpt-2023-v4" }, steps: longRun("mock", MAPPING, OBJECTS, MOCK) },
];

/** Milliseconds; a busy machine needs them. */
const PATIENCE = 60_000;

/** Calls that the kernel lets go half-way; docs/partial-effects.md says why. */
const PARTIAL = new Set(["IOMMU_IOAS_UNMAP", "VFIO_IOMMU_UNMAP_DMA", "IOMMU_HWPT_INVALIDATE", "FAULT_WRITE"]);

/** Closes and destroys everything in an order that works. */
function tearDown(test: TestMachine): void {
  for (let dev = 0; dev < 4; dev++) test.do("VFIO_CDEV_CLOSE", { dev });
  for (let number = 4; number < 30; number++) test.do("CLOSE_FD", { fd: number });
  for (let round = 0; round < 4; round++) for (const object of test.context.all()) test.do("IOMMU_DESTROY", { id: object.id });
}

describe.each(WORLDS)("iommufd with $name, under any sequence of calls", ({ options, steps }) => {
  const limit = fc.constantFrom(null, null, "0x4000", "0x100000");

  it("keeps its promises after every call; a refused call changes nothing", () => {
    fc.assert(
      fc.property(steps, limit, (list, memlock) => {
        const test = new TestMachine(options);
        if (memlock !== null) test.do("SETRLIMIT_MEMLOCK", { memlock });
        for (const { call, fields } of list) {
          const before = JSON.stringify(test.state());
          const { verdict, trace } = test.do(call, fields);
          checkInvariants(test.machine.iommufd);
          if (verdict === "OK") {
            assert(trace.refusedBy === null, `${call} succeeded, refused by ${trace.refusedBy?.id}`);
            continue;
          }
          assert(trace.refusedBy !== null, `${call}: no rule for ${verdict}`);
          assert(PARTIAL.has(call) || JSON.stringify(test.state()) === before, `${call} ${JSON.stringify(fields)} changed the state: ${verdict}`);
        }
        tearDown(test);
        expect(test.context.objects.size).toBe(0);
        expect([test.context.groups.size, test.context.pages.all.size]).toEqual([0, 0]);
        expect(test.machine.accounting.charged("user", 0) + test.machine.accounting.charged("mm", 0)).toBe(0);
      }),
      { numRuns: 100 },
    );
  }, PATIENCE);

  it("answers the same whether someone looks or not, and on a clone", () => {
    fc.assert(
      fc.property(steps, fc.nat(60), (list, at) => {
        const test = new TestMachine(options);
        const blind = new TestMachine(options);
        for (const [index, { call, fields }] of list.entries()) {
          if (index === at) blind.machine = blind.machine.clone();
          const seen = test.do(call, fields);
          expect(blind.do(call, fields, { explain: false }).answer).toEqual(seen.answer);
        }
        expect(blind.state()).toEqual(test.state());
      }),
      { numRuns: 40 },
    );
  }, PATIENCE);

  it("leaves the original alone when a clone goes on", () => {
    fc.assert(
      fc.property(steps, steps, (list, more) => {
        const test = new TestMachine(options);
        for (const { call, fields } of list) test.do(call, fields, { explain: false });
        const before = JSON.stringify(test.state());
        const original = test.machine;
        test.machine = original.clone();
        for (const { call, fields } of more) test.do(call, fields, { explain: false });
        test.machine = original;
        expect(JSON.stringify(test.state())).toBe(before);
        checkInvariants(original.iommufd);
      }),
      { numRuns: 25 },
    );
  }, PATIENCE);
});
