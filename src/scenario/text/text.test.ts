import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../base/json.ts";
import type { CallDef } from "../../kernel/call.ts";
import type { FieldKind } from "../../kernel/fields.ts";
import { wholeKernel } from "../../kernel/whole.ts";
import { examples } from "../examples/examples.ts";
import { parseScenario } from "../schema.ts";
import type { Scenario, ScenarioCall } from "../scenario.ts";
import { resolveNames, withNames, withoutNames } from "./names.ts";
import { parseNamed } from "./named.ts";
import { parseScenarioText } from "./parse.ts";
import { scenarioText } from "./print.ts";
import { TextProblems } from "./problem.ts";
import { Statement } from "./scan.ts";

const EMPTY: Scenario = { title: "t", platform: { kind: "mock" }, trace: "iommufd", calls: [] };

function read(text: string): Scenario {
  const { scenario, problems } = parseScenarioText(text);
  expect(problems).toEqual([]);
  return scenario as Scenario;
}

function plain(scenario: Scenario): Scenario {
  return { ...scenario, calls: scenario.calls.map(({ recorded, ...call }) => (recorded?.errno !== undefined && JSON.stringify(recorded) === JSON.stringify({ errno: recorded.errno, partial: true }) ? { ...call, recorded } : call)) };
}

/** Values of a field, by its kind; and now and then anything. */
function valuesOf(kind: FieldKind<any>): fc.Arbitrary<Json> {
  const address = fc.oneof(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), fc.nat(40).map((bit) => 1n << BigInt(bit))).map((value) => `0x${value.toString(16)}`);
  const kinds: fc.Arbitrary<Json>[] = [address, fc.nat(), fc.integer({ min: -5, max: 70000 }), fc.boolean(), fc.constant(null), fc.string(), fc.constantFrom("none", "true", "null", "12", "0x10", "ram+0x10", "->", "#x", "INVALID_IOASID", "2M"),
    fc.record({ buffer: fc.constantFrom("b0", "a b", "12"), offset: address }), fc.array(fc.record({ start: address, last: address }), { maxLength: 3 }), fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json)) as Json)];
  return fc.oneof(...kinds.map((one) => one.filter((value) => kind.decode(value) !== undefined || Math.abs(JSON.stringify(value).length % 4) === 0)));
}

function callOf(def: CallDef): fc.Arbitrary<ScenarioCall> {
  const fields = Object.fromEntries(Object.entries(def.fields).map(([name, kind]) => [name, valuesOf(kind)]));
  const text = fc.oneof(fc.string(), fc.constantFrom("two\nlines", " x", "", "# a", "b\n\nc", "x -> OK", "\"q\""));
  return fc.record({
    call: fc.constant(def.name),
    in: fc.tuple(fc.record(fields, { requiredKeys: [] }), fc.dictionary(fc.constantFrom("process", "given", "note", "__proto__", "odd key", "flags"), fc.jsonValue().map((json) => JSON.parse(JSON.stringify(json)) as Json), { maxKeys: 1 }))
      .map(([some, more]) => ({ ...some, ...more }) as JsonObject),
    given: fc.constantFrom({ pin: "EFAULT" as const, source: "from the log" }, { driver: "EINVAL" as const, bug: "user-op" as const, source: "x \" y" }),
    note: text,
  }, { requiredKeys: ["call", "in"] });
}

describe("the text form", () => {
  it("reads back what it writes, for every call", () => {
    const calls = fc.array(fc.oneof(...wholeKernel.allCalls().map(callOf)), { maxLength: 6 });
    const odd = fc.record({ call: fc.string(), in: fc.constant({ a: 1, "b c": "0x10" }) });
    fc.assert(fc.property(calls, odd, fc.string(), fc.constantFrom<Scenario["trace"]>("iommufd", "vfio-type1", "ioasid"), (list, extra, title, trace) => {
      const scenario: Scenario = { ...EMPTY, title: title === "" ? "t" : title, trace, calls: [...list, extra] };
      expect(read(scenarioText(scenario))).toEqual(scenario);
    }), { numRuns: 400 });
  });

  it("reads back heads", () => {
    const address = fc.nat().map((value) => `0x${value.toString(16)}`);
    const word = fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("0000:00:05.0", "a b", "{", "-x"));
    const region = fc.record({ start: address, last: fc.constant("0xffffffffffff"), type: fc.constantFrom("msi" as const, "direct-relaxable" as const), label: word }, { requiredKeys: ["start", "last", "type"] });
    const head = fc.record({
      platform: fc.record({ kind: fc.constantFrom("intel-vtd" as const, "mock" as const), address_bits: fc.constantFrom(39, 48), guessed: fc.boolean(), interrupt_remapping: fc.boolean(), dirty_tracking: fc.boolean(),
        devices: fc.array(fc.record({ name: word, group: fc.nat(), vfio: fc.nat(), model: word, bound_to_host: fc.boolean(), regions: fc.array(region, { maxLength: 2 }) }, { requiredKeys: ["name", "group"] }), { maxLength: 2 }) }, { requiredKeys: ["kind"] }),
      kernel: word, variants: fc.record({ mm: fc.constant("E2" as const), ioasid: fc.constant("v3-retain" as const) }, { requiredKeys: [] }), container: fc.constantFrom("type1" as const, "iommufd" as const), first_fd: fc.nat(100),
      buffers: fc.array(fc.record({ name: word, va: address, size: address, kind: word, shared: fc.boolean(), content: word }, { requiredKeys: ["name", "va", "size", "kind"] }), { maxLength: 2 }),
      max_iova_alignment: address, processes: fc.integer({ min: 1, max: 9 }), api: fc.constantFrom("v1" as const, "v2" as const), dma_entry_limit: fc.nat(),
      pools: fc.array(fc.record({ pool: word, lo: fc.nat(), mode: word }) as fc.Arbitrary<Json>, { maxLength: 2 }), undefined_behaviour: fc.boolean(),
    }, { requiredKeys: ["platform"] });
    fc.assert(fc.property(head, (some) => {
      const scenario: Scenario = { ...EMPTY, ...some };
      const expected = { ...scenario, ...(some.variants && Object.keys(some.variants).length === 0 && { variants: undefined }) };
      expect(read(scenarioText(scenario))).toEqual(expected);
    }), { numRuns: 300 });
  });

  it.each(examples.filter(({ kind }) => kind !== "capture").map((example) => [example.title, example] as const))("names the ids of %s and finds them again", async (_title, example) => {
    const scenario = parseScenario(await example.load());
    const named = withNames(scenario, wholeKernel);
    const text = scenarioText(named);
    const back = resolveNames(read(text), wholeKernel);
    expect(back).toEqual(plain(named));
    expect(withoutNames(back)).toEqual(plain(scenario));
  });
});

describe("NAME field=value", () => {
  const named = (text: string) => {
    const problems = new TextProblems();
    return { value: parseNamed(new Statement(text, 1, 1), problems), problems: problems.list };
  };

  it.each([
    ["CALL", { name: "CALL", fields: {} }],
    ["CALL count=3 on=true off=false none=null word=READ|WRITE", { name: "CALL", fields: { count: 3, on: true, off: false, none: null, word: "READ|WRITE" } }],
    ["CALL iova=0x1_0000 type=0xdead big=0xffffffffffffffff length=2M", { name: "CALL", fields: { iova: "0x10000", type: 0xdead, big: "0xffffffffffffffff", length: "0x200000" } }],
    ['CALL list=[1, {"deep": "]"}] text="a b" check_iotlb.id=1 "odd key"=[2]', { name: "CALL", fields: { list: [1, { deep: "]" }], text: "a b", "check_iotlb.id": 1, "odd key": [2] } }],
  ])("%s", (text, expected) => {
    expect(named(text).value).toEqual(expected);
  });

  it.each([["", /name is missing/, 1], ["CALL what", /"what" is not field=value/, 6], ["CALL a=1 a=2", /twice/, 10], ["CALL a=[1", /does not end/, 8], ["CALL a={x}", /not JSON/, 8], ["CALL a= b=1", /no value/, 6]])("refuses %s", (text, message, column) => {
    const { value, problems } = named(text);
    expect(value).toBeNull();
    expect(problems[0]).toMatchObject({ line: 1, column, message: expect.stringMatching(message) as string });
  });
});

describe("errors at their place", () => {
  it.each([
    ["titel: x\n", 1, 1, /did you mean title/],
    ["platform: amdvi\n", 1, 11, /must be one of/],
    ["devices:\n- 0000:00:05.0 gruop=5\n- 1 group=x\n", 3, 1, /devices\[1\].group/],
    ["io = IOMMU_IOAS_ALOC\n", 1, 6, /did you mean IOMMU_IOAS_ALLOC/],
    ["io = IOMMU_IOAS_ALLOC\nIOMMU_DESTROY ioo\n", 2, 15, /no call above gives ioo; did you mean io/],
    ["IOMMU_DESTROY io\nio = IOMMU_IOAS_ALLOC\n", 1, 15, /no call above gives io/],
    ["IOMMU_DESTROY 1\n  sise=3\n", 2, 3, /no field sise; did you mean size/],
    ["IOMMU_IOAS_ALLOC flags=0\n\nIOMMU_IOAS_MAP ioas_id=1 length=2M user_va=0 flags=READABEL\n", 3, 52, /did you mean READABLE/],
    ["IOMMU_DESTROY id=1 -> EINVL\n", 1, 23, /did you mean EINVAL/],
    ["IOMMU_IOAS_UNMAP 1 iova=0 length=2X\n", 1, 34, /length must be a length/],
    ["x = IOMMU_DESTROY 1\n", 1, 1, /gives no id to name/],
    ["IOMMU_DESTROY\n", 1, 1, /needs id/],
  ])("%j", (text, line, column, message) => {
    const { scenario, problems } = parseScenarioText(text);
    expect(scenario).toBeNull();
    expect(problems[0]).toMatchObject({ line, column, message: expect.stringMatching(message) as string });
  });
});

describe("names follow", () => {
  const text = "platform: mock\n\nio = IOMMU_IOAS_ALLOC\n_, pt, dev = IOMMU_TEST_OP_MOCK_DOMAIN io\nIOMMU_IOAS_MAP io iova=0 length=2M user_va=0x1000 flags=FIXED_IOVA|READABLE\nIOMMU_DESTROY pt\n";

  it("to the ids that the calls give", () => {
    const scenario = resolveNames(read(text), wholeKernel);
    expect(scenario.calls.map((call) => call.in.id ?? call.in.ioas_id)).toEqual([undefined, 1, 1, 4]);
    const shifted = resolveNames(read(text.replace("io =", "IOMMU_IOAS_ALLOC\nio =")), wholeKernel);
    expect(shifted.calls.map((call) => call.in.id ?? call.in.ioas_id)).toEqual([undefined, undefined, 2, 2, 5]);
    expect(resolveNames({ ...scenario, calls: [{ call: "IOMMU_IOAS_ALLOC", in: {} }, ...scenario.calls] }, wholeKernel).calls.slice(1).map((call) => call.in)).toEqual(shifted.calls.slice(1).map((call) => call.in));
  });

  it("stand for no object where the call gave none, and find it again when it does", () => {
    const refused = resolveNames(read(text.replace("ALLOC", "ALLOC flags=1")), wholeKernel);
    expect(refused.calls[2]?.in.ioas_id).toBe(0);
    const [first, ...others] = refused.calls;
    expect(resolveNames({ ...refused, calls: [{ ...(first as ScenarioCall), in: {} }, ...others] }, wholeKernel).calls[2]?.in.ioas_id).toBe(1);
  });

  it("are dropped with the call that gave them", () => {
    const { calls, ...rest } = resolveNames(read(text), wholeKernel);
    const left = resolveNames({ ...rest, calls: calls.slice(1) }, wholeKernel);
    expect(left.calls[1]).toMatchObject({ in: { ioas_id: 1 } });
    expect(left.calls[1]?.uses).toBeUndefined();
  });
});
