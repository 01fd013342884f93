import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../base/json.ts";
import { hex } from "../base/u64.ts";
import { CallTrace } from "../kernel/call-trace.ts";
import { Machine } from "../kernel/machine.ts";
import { wholeKernel } from "../kernel/whole.ts";
import { machineConfig } from "../scenario/machine-config.ts";
import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";
import { History } from "./history.ts";
import { makeCall } from "./make-call.ts";
import { extentsAt, extentsOf, type MappedExtents } from "./queries/mapped-extents.ts";
import { allSpaces } from "./queries/merge.ts";

/** Few ids, few places: calls must meet. Some places end above 2^53, some user addresses begin there. */
const ioas = fc.constantFrom(1, 2, 2, 3);
const iova = fc.oneof(fc.nat(16).map((page) => hex(page * 0x1000)), fc.constantFrom(0x1f_ffff_ffff_f000, 0x1f_ffff_ffff_e000).map(hex), fc.constant("0xffffffffffffe000"));
const length = fc.constantFrom(1, 1, 1, 2, 3).map((pages) => hex(pages * 0x1000));
const va = fc.constantFrom("0x100000000", "0x100001000", "0x7fffffffff000000", "0x40000000000000");

function call(name: string, fields: Record<string, fc.Arbitrary<unknown>>, weight: number): { weight: number; arbitrary: fc.Arbitrary<ScenarioCall> } {
  return { weight, arbitrary: fc.record(fields).map((made) => ({ call: name, in: made as JsonObject })) };
}

const calls = fc.array(
  fc.oneof(
    call("IOMMU_IOAS_ALLOC", {}, 2),
    call("IOMMU_IOAS_MAP", { flags: fc.constantFrom(7, 7, 7, 3, 5, 6, 6), ioas_id: ioas, user_va: va, length, iova }, 16),
    call("IOMMU_IOAS_UNMAP", { ioas_id: ioas, iova, length: fc.oneof(length, length, fc.constant("0xffffffffffffffff")) }, 8),
    call("IOMMU_IOAS_COPY", { flags: fc.constantFrom(7, 3), dst_ioas_id: ioas, src_ioas_id: ioas, length, dst_iova: iova, src_iova: iova }, 4),
    call("IOMMU_VFIO_IOAS", { op: fc.constant(1), ioas_id: ioas }, 1),
    call("VFIO_SET_IOMMU", { arg: fc.constantFrom(1, 3) }, 1),
    call("VFIO_IOMMU_MAP_DMA", { flags: fc.constant(3), vaddr: va, iova, size: length }, 3),
    call("VFIO_IOMMU_UNMAP_DMA", { iova, size: length }, 3),
    call("IOMMU_TEST_OP_MOCK_DOMAIN", { id: ioas }, 1),
    call("IOMMU_TEST_OP_CREATE_ACCESS", { id: ioas, flags: fc.constant(1) }, 1),
    call("IOMMU_TEST_OP_ACCESS_PAGES", { id: fc.constantFrom(4, 5), flags: fc.constant(0), iova, length }, 2),
    call("IOMMU_DESTROY", { id: fc.integer({ min: 1, max: 5 }) }, 1),
  ),
  { minLength: 40, maxLength: 140 },
);

/** Milliseconds; a busy machine needs them. */
const PATIENCE = 60_000;

const START: ScenarioCall[] = [1, 2].map(() => ({ call: "IOMMU_IOAS_ALLOC", in: {} }));

function scenarioOf(list: ScenarioCall[]): Scenario {
  return { title: "areas", platform: { kind: "mock" }, trace: "iommufd", calls: [...START, ...list] };
}

function statesOf(scenario: Scenario): string[] {
  const machine = new Machine(machineConfig(scenario), wholeKernel);
  return [JSON.stringify(machine.state()), ...scenario.calls.map((each) => {
    makeCall(machine, each, new CallTrace(false));
    return JSON.stringify(machine.state());
  })];
}

function listed(extents: MappedExtents) {
  return Array.from({ length: extents.count }, (_, index) => [extents.first(index), extents.last(index)]);
}

const options = fc.record({
  distance: fc.integer({ min: 1, max: 20 }), recentMost: fc.integer({ min: 1, max: 4 }), recentBudget: fc.constantFrom(1, 10_000),
  areas: fc.record({ kept: fc.constantFrom(0, 0, 2), folded: fc.constantFrom(1, 5, 1000) }),
});

describe("areas that were written down", () => {
  it("are those of the machine, at any step and in any order", () => {
    fc.assert(
      fc.property(calls, options, fc.array(fc.nat(1000), { minLength: 5, maxLength: 15 }), fc.integer({ min: 1, max: 90 }), (list, kept, looks, slice) => {
        const scenario = scenarioOf(list);
        const states = statesOf(scenario);
        const history = new History(scenario, wholeKernel, kept);
        const lookAt = (step: number) => {
          const machine = history.at(step);
          for (const space of allSpaces(machine)) expect(listed(extentsAt(history, step, space))).toEqual(listed(extentsOf(space)));
          expect(JSON.stringify(machine.state())).toBe(states[step]);
        };
        while (!history.advance(slice)) lookAt((looks[0] as number) % (history.ran + 1));
        for (const look of looks) lookAt(look % (history.length + 1));
        const last = history.length;
        const explained = history.explain(last);
        expect(JSON.stringify(explained.before.state())).toBe(states[last - 1]);
        expect(JSON.stringify(explained.after.state())).toBe(states[last]);
      }),
      { numRuns: 40 },
    );
  }, PATIENCE);

  it("are a container's mappings, too, unless one ends with the last byte of the space", () => {
    const group = fc.constantFrom("1", "2");
    const size = fc.constantFrom(1, 1, 2, 3).map((pages) => hex(pages * 0x1000));
    const list = fc.array(
      fc.oneof(
        call("map_dma", { iova, size, vaddr: va, flags: fc.constantFrom(["read"], ["read", "write"], ["read", "write"], ["vaddr"]) }, 14),
        call("unmap_dma", { iova, size, flags: fc.constantFrom([], [], [], ["vaddr"]) }, 8),
        call("unmap_dma", { iova: fc.constant("0x0"), size: fc.constant("0x0"), flags: fc.constantFrom(["all"], ["all", "vaddr"]) }, 1),
        call("attach_group", { group, emulated: fc.constantFrom(false, false, true) }, 1),
        call("detach_group", { group }, 1),
      ),
      { minLength: 40, maxLength: 120 },
    );
    fc.assert(
      fc.property(list, options, fc.array(fc.nat(1000), { minLength: 5, maxLength: 15 }), (made, kept, looks) => {
        const scenario: Scenario = { title: "mappings", platform: { kind: "mock" }, trace: "vfio-type1", calls: [{ call: "attach_group", in: { group: "0" } }, ...made] };
        const states = statesOf(scenario);
        const history = new History(scenario, wholeKernel, kept);
        while (!history.advance(17));
        for (const look of looks) {
          const step = look % (history.length + 1);
          const machine = history.at(step);
          expect(JSON.stringify(machine.state())).toBe(states[step]);
          for (const space of allSpaces(machine)) expect(listed(extentsAt(history, step, space))).toEqual(listed(extentsOf(space)));
        }
        const last = history.length;
        expect(JSON.stringify(history.explain(last).before.state())).toBe(states[last - 1]);
      }),
      { numRuns: 60 },
    );
  }, PATIENCE);

  it("survive a mistake of the model half-way through a call", () => {
    const at = (page: number): ScenarioCall => ({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: "0x100000000", length: "0x1000", iova: hex(page * 0x2000) } });
    const scenario = scenarioOf([1, 2, 3, 4, 5, 6].map(at));
    const history = new History(scenario, wholeKernel, { distance: 2, areas: { kept: 0, folded: 1 } });
    const def = history.at(0).defOf("IOMMU_IOAS_MAP");
    if (!def) throw new Error("no IOMMU_IOAS_MAP");
    const { run } = def;
    (def as { run: typeof run }).run = (machine, fields, trace, given) => {
      const answer = run(machine, fields, trace, given);
      if (fields.iova === 4 * 0x2000) throw new TypeError("a mistake");
      return answer;
    };
    try {
      history.advance();
      expect(history.outcome(6)).toBe("internal error");
      for (const step of [8, 5, 6, 7]) {
        const machine = history.at(step);
        for (const space of allSpaces(machine)) expect(listed(extentsAt(history, step, space))).toEqual(listed(extentsOf(space)));
      }
      expect(history.at(6).state()).toEqual(history.at(5).state());
      expect(listed(extentsAt(history, 8, allSpaces(history.at(8))[0]!)).length).toBe(5);
    } finally {
      (def as { run: typeof run }).run = run;
    }
  });
});
