import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { U64_MAX, type U64 } from "../../base/u64.ts";
import { isJsonObject, type JsonObject } from "../../base/json.ts";
import type { Range } from "../answer.ts";
import type { Type1 } from "./type1.ts";
import { hex, TestMachine } from "./testing.ts";
import { commonAperture, exclude } from "./valid-list.ts";

/** A small space, so that things meet; everything below 2^64 − 1 to stay away from the quirks of the last byte. */
const PAGES = 64;
const page = fc.nat(PAGES - 1);
const pages = fc.tuple(page, fc.integer({ min: 1, max: 12 })).map(([first, count]) => ({ first: first * 4096, last: (first + count) * 4096 - 1 }));
const regionType = fc.constantFrom("direct", "direct-relaxable", "reserved", "msi", "sw-msi");
const region = fc.record({ range: pages, type: regionType }).map(({ range, type }) => ({ start: hex(range.first), end: hex(range.last), type }));
const aperture = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ start: "0x0", end: hex(PAGES * 4096 - 1) }) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(8), fc.integer({ min: 40, max: PAGES })).map(([first, end]) => ({ start: hex(first * 4096), end: hex(end * 4096 - 1) })) },
);
const group = fc.constantFrom("g1", "g2", "g3", "g4");

interface Step {
  call: string;
  fields: JsonObject;
}

const attach = fc
  .record({ group, aperture, resv: fc.array(region, { maxLength: 3 }), ops: fc.constantFrom("x", "y"), enforce_cc: fc.boolean(), emulated: fc.constantFrom(false, false, false, true), intr_remap: fc.constantFrom(true, true, true, false) })
  .map((fields): Step => ({ call: "attach_group", fields }));
const detach = group.map((name): Step => ({ call: "detach_group", fields: { group: name } }));
const map = fc.record({ range: pages, vaddr: page }).map(({ range, vaddr }): Step => ({
  call: "map_dma", fields: { iova: hex(range.first), size: hex(range.last - range.first + 1), vaddr: hex(vaddr * 4096), flags: ["read", "write"] },
}));
const unmap = fc.record({ range: pages, all: fc.constantFrom(false, false, false, false, true) }).map(({ range, all }): Step => ({
  call: "unmap_dma", fields: all ? { iova: "0x0", size: "0x0", flags: ["all"] } : { iova: hex(range.first), size: hex(range.last - range.first + 1), flags: [] },
}));
const steps = fc.array(fc.oneof({ weight: 2, arbitrary: attach }, { weight: 1, arbitrary: detach }, { weight: 4, arbitrary: map }, { weight: 2, arbitrary: unmap }), { maxLength: 40 });

/** Runs steps, calling `look` after each with the state before it. */
function run(list: Step[], look: (test: TestMachine, step: Step, errno: string, before: unknown) => void): void {
  const test = new TestMachine();
  for (const step of list) {
    const before = test.state();
    const { answer } = test.do(step.call, step.fields);
    look(test, step, answer.errno, before);
  }
}

function coreOf(test: TestMachine): Type1 {
  return test.machine.vfio.described();
}

function inOrder(list: readonly Range[]): boolean {
  return list.every((node, index) => node.first <= node.last && (index === 0 || (list[index - 1] as Range).last < node.first));
}

describe("type1 as merged, under any sequence of calls", () => {
  it("keeps its list sorted and disjoint", () => {
    fc.assert(fc.property(steps, (list) => run(list, (test) => expect(inOrder(coreOf(test).list)).toBe(true))));
  });

  it("changes nothing when it refuses", () => {
    fc.assert(fc.property(steps, (list) => run(list, (test, _step, errno, before) => {
      const isFirst = before === null;
      expect(errno === "OK" || isFirst ? before : test.state()).toEqual(before);
    })));
  });

  it("keeps mappings disjoint, counted, inside the list, and in every domain", () => {
    // One group stays: mappings made while the list is empty are never compared with an aperture, and those made while it
    // reaches the last byte of the space not with a lower end.
    const start: Step = { call: "attach_group", fields: { group: "g0", ops: "z", aperture: { start: "0x0", end: hex(PAGES * 4096 - 1) } } };
    fc.assert(fc.property(steps, (list) => run([start, ...list], (test) => {
      const core = coreOf(test);
      const mappings = [...core.mappings.all()].map((dma): Range => ({ first: dma.iova, last: Number(dma.iova) + Number(dma.size) - 1 }));
      expect(inOrder(mappings)).toBe(true);
      expect(core.dmaAvail).toBe(65535 - mappings.length);
      expect(mappings.every((range) => core.list.some((node) => node.first <= range.first && range.last <= node.last))).toBe(true);
      const total = (ranges: Range[]) => ranges.reduce((sum, range) => sum + Number(range.last) - Number(range.first) + 1, 0);
      for (const domain of core.domains) expect(total(core.hardware(domain))).toBe(total(mappings));
    })));
  });

  it("never offers a byte that a group keeps, and offers all others but those at eaten edges", () => {
    fc.assert(fc.property(steps, (list) => run(list, (test) => {
      const core = coreOf(test);
      if (core.domains.length === 0) return;
      const regions = core.groups().flatMap((member) => member.regions).filter((one) => one.type !== "direct-relaxable");
      const offered = exclude(core.list, regions).list;
      expect(offered).toEqual(core.list);
      const first = (core.list[0] as Range).first;
      const last = (core.list.at(-1) as Range).last;
      // Between its edges the list is exactly the space without the regions: only edges can be eaten.
      expect(core.list).toEqual(exclude([{ first, last }], regions).list);
    })));
  });

  it("is the apertures without the regions as long as every group has a domain of its own and none has left", () => {
    const only = fc.array(attach, { maxLength: 6 });
    fc.assert(fc.property(only, (list) => run(list.map((step, index) => ({ ...step, fields: { ...step.fields, ops: `driver ${index}` } })), (test) => {
      const core = coreOf(test);
      if (core.domains.length === 0) return;
      const whole = commonAperture(core.groups().map((member) => member.aperture));
      const regions = core.groups().flatMap((member) => member.regions).filter((one) => one.type !== "direct-relaxable");
      expect(core.list).toEqual(exclude([whole], regions).list);
    })));
  });

  it("ends with the whole space when everybody has left", () => {
    fc.assert(fc.property(steps, (list) => {
      const test = new TestMachine();
      test.attach("g0");
      for (const step of list) test.do(step.call, step.fields);
      for (const name of ["g0", "g1", "g2", "g3", "g4"]) test.detach(name);
      const core = coreOf(test);
      expect([core.domains.length, core.emulated.length]).toEqual([0, 0]);
      const whole: [U64, U64][] = core.list.map((node) => [node.first, node.last]);
      expect(whole).toEqual([[0, U64_MAX]]);
    }));
  });

  it("gives each state as plain JSON", () => {
    fc.assert(fc.property(steps, (list) => run(list, (test) => {
      const state = test.state();
      expect(isJsonObject(state) && JSON.parse(JSON.stringify(state))).toEqual(state);
    })), { numRuns: 20 });
  });
});
