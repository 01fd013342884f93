import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, JsonObject } from "../../base/json.ts";
import { examples } from "../examples/examples.ts";
import { readInputs } from "../read-inputs.ts";
import { answerOfShape } from "../recorded-shape.ts";
import { parseScenario, scenarioJson } from "../schema.ts";
import type { Scenario } from "../scenario.ts";
import golden from "../link-golden.json" with { type: "json" };
import { decodeLink, encodeLink } from "./link.ts";
import { LinkError } from "./view.ts";

const VIEW = { step: 31 };

async function ofCaptures(...names: string[]): Promise<Scenario> {
  const files = names.map((name) => ({ name, content: new Uint8Array(readFileSync(new URL(`../../../conformance/captures/${name}.gz`, import.meta.url))) }));
  const { scenarios } = await readInputs(files);
  return parseScenario(scenarioJson(scenarios[0] as Scenario));
}

function plain(calls: number): Scenario {
  return {
    title: "", trace: "iommufd", platform: { kind: "mock" },
    calls: Array.from({ length: calls }, (_none, index) => ({ call: "IOMMU_IOAS_MAP", in: { flags: 7, ioas_id: 1, user_va: `0x${(index * 8192).toString(16)}`, length: "0x1000", iova: `0x${(index * 4096).toString(16)}` } })),
  };
}

describe("links", () => {
  it.each([
    [["qemu-10.0-iommufd-4G.log", "intel-reserved_regions-grep.txt"], 39],
    [["qemu-10.0-legacy-4G.log", "intel-reserved_regions-grep.txt"], 38],
    [["intel-ioctls-iommufd.log", "intel-reserved_regions-grep.txt"], 42],
    [["amd-ioctls.log", "amd-reserved_regions-tail.txt"], 35],
  ])("hold %j in less than 300 characters, exactly", async (names, least) => {
    const scenario = await ofCaptures(...names);
    expect(scenario.calls.length).toBeGreaterThanOrEqual(least - 3);
    const link = await encodeLink(scenario, VIEW, () => true);
    expect(link).toMatch(/^#1[\w-]+$/);
    expect(link.length).toBeLessThan(300);
    const { scenario: opened, view } = await decodeLink(link);
    expect(view).toEqual(VIEW);
    const calls = opened.calls.map(({ recordedAgrees, ...call }, index) => (recordedAgrees ? { ...call, recorded: answerOfShape(recordedAgrees, scenario.calls[index]?.recorded ?? {}) } : call));
    expect({ ...opened, calls }).toEqual(scenario);
  });

  it("carry recorded answers that differ from the model's", async () => {
    const scenario = await ofCaptures("intel-ioctls-iommufd.log");
    const { scenario: opened } = await decodeLink(await encodeLink(scenario, VIEW));
    expect(opened).toEqual(scenario);
  });

  it("mark answers that agree, and pass the mark on", async () => {
    const scenario: Scenario = { ...plain(1), calls: [{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 }, recorded: { errno: "OK", out: { out_ioas_id: 1 }, partial: true } }] };
    const link = await encodeLink(scenario, VIEW, () => true);
    const { scenario: opened } = await decodeLink(link);
    expect(opened.calls).toEqual([{ call: "IOMMU_IOAS_ALLOC", in: { flags: 0 }, recordedAgrees: { keys: ["errno", "out"], out: ["out_ioas_id"], partial: true } }]);
    expect(await encodeLink(opened, VIEW)).toBe(link);
  });

  it("keep what the page shows", async () => {
    const view = { step: 2, selection: "mapping:ioas:3/2@0x1000", space: "ioas:3/2" };
    const link = await encodeLink(plain(3), view);
    expect((await decodeLink(link)).view).toEqual(view);
    const zoomed = { ...view, window: "0x1000-0x1fffff" };
    const longer = await encodeLink(plain(3), zoomed);
    expect((await decodeLink(longer)).view).toEqual(zoomed);
    expect(longer.length - link.length).toBeLessThanOrEqual(30);
  });

  it("carry the form compared with, for a few characters", async () => {
    const alone = await encodeLink(plain(3), VIEW);
    for (const compare of [{ ioasid: "mainline-5.5" }, { vfio: "rfc-v2" }, { container: "iommufd" }, { mm: "E4-fixed", ioasid: "mainline-6.1" }] as const) {
      const link = await encodeLink(plain(3), { ...VIEW, compare });
      expect((await decodeLink(link)).view).toEqual({ ...VIEW, compare });
      expect(link.length - alone.length).toBeLessThanOrEqual("ioasid" in compare && "mm" in compare ? 14 : 10);
    }
  });

  it("with a form of a later iovascope say so", async () => {
    const link = await encodeLink(plain(1), { ...VIEW, compare: { ioasid: "mainline-9.0" as "mainline-6.1" } });
    await expect(decodeLink(link)).rejects.toThrow("a newer one does");
  });

  it("grow slowly with the calls, and hold the stories", async () => {
    expect((await encodeLink(plain(1000), VIEW)).length).toBeLessThan(1000);
    for (const example of examples) {
      const story = await example.load(async (name) => new Uint8Array(readFileSync(new URL(`../../../public/examples/${name}`, import.meta.url))));
      if (Array.isArray(story)) continue;
      const { scenario } = await decodeLink(await encodeLink(story, VIEW));
      expect(scenario).toEqual(story);
    }
  });

  it("open again whatever the scenario holds", async () => {
    const noMinusZero = (value: Json): Json => JSON.parse(JSON.stringify(value)) as Json;
    const address = fc.oneof(fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }), fc.nat(40).map((page) => BigInt(page) * 4096n)).map((value) => `0x${value.toString(16)}`);
    const word = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("0000:00:05.0", "0x", "0x0", "0X1", "00", "12 of 12", "\u0001\u0004\u0011", "a-0x10-7", "1234567890123456789", "__proto__"));
    const value: fc.Arbitrary<Json> = fc.oneof(address, word, fc.jsonValue().map((json) => noMinusZero(json as Json)), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }).map(noMinusZero));
    const fields = fc.dictionary(fc.oneof(fc.constantFrom("iova", "length", "size", "user_va", "last", "start", "end", "__proto__", ""), fc.string()), value);
    const call = fc.record(
      { call: fc.oneof(fc.constantFrom("IOMMU_IOAS_MAP", "VFIO_IOMMU_MAP_DMA", ""), word), in: fields, note: word, recorded: fc.record({ errno: fc.string({ maxLength: 20 }), out: fields, state: value }, { requiredKeys: [] }) },
      { requiredKeys: ["call", "in"] },
    );
    await fc.assert(fc.asyncProperty(fc.array(call, { maxLength: 8 }), fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), word, async (calls, agrees, title) => {
      const scenario = parseScenario({ title, platform: { kind: "mock" }, calls: calls as unknown as JsonObject[] });
      const { scenario: opened } = await decodeLink(await encodeLink(scenario, VIEW, (index) => agrees[index] ?? false));
      const restored = opened.calls.map(({ recordedAgrees, ...rest }, index) => (recordedAgrees ? { ...rest, recorded: answerOfShape(recordedAgrees, scenario.calls[index]?.recorded ?? {}) } : rest));
      expect({ ...opened, calls: restored }).toEqual(scenario);
    }), { numRuns: 80 });
  }, 60_000);

  it.each(golden)("of published versions keep opening: $name", async ({ link, scenario, view }) => {
    const opened = await decodeLink(link);
    expect(opened.view).toEqual(view);
    expect(opened.scenario).toEqual(scenario);
  });
});

describe("hostile links", () => {
  it("of any length are refused at once, and none is made that long", async () => {
    await expect(decodeLink(`#1${"A".repeat(100_000)}`)).rejects.toThrow("links have at most 64,000");
    let state = 1;
    const noise = Array.from({ length: 90_000 }, () => String.fromCharCode(33 + ((state = (Math.imul(state, 1103515245) + 12345) >>> 0) >>> 8) % 90)).join("");
    await expect(encodeLink({ ...plain(1), calls: [{ call: "x", in: {}, note: noise }] }, VIEW)).rejects.toThrow("Save the scenario as a file");
  }, 20_000);

  /** A link whose payload says what this writer wrote. */
  async function saying(text: string): Promise<string> {
    return encodeLink({ ...plain(1), calls: [{ call: "IOMMU_IOAS_ALLOC", in: {}, note: text }] }, VIEW);
  }

  it("and texts of many numbers cost no more than their length", async () => {
    const link = await saying("0x1 ".repeat(9000));
    const { scenario } = await decodeLink(link);
    expect(scenario.calls[0]?.note).toHaveLength(36_000);
  });

  it("are refused when their names are long and many", async () => {
    let value: Json = 0;
    for (let depth = 0; depth < 20; depth++) value = { ["n".repeat(900)]: value, list: Array.from({ length: 50 }, () => 1) };
    let outcome = "opened";
    try {
      const link = await encodeLink({ ...plain(1), calls: Array.from({ length: 40 }, () => ({ call: "x", in: { value } })) }, VIEW);
      await decodeLink(link);
    } catch (error) {
      outcome = (error as Error).name;
    }
    expect(["opened", "LinkError"]).toContain(outcome);
  }, 20_000);
});

describe("links that don't open say why", () => {
  it.each([
    ["", "holds no scenario"], ["#", "holds no scenario"], ["#section-two", "not a link to a scenario"], ["#1 & 2", "not a link to a scenario"],
    ["#2AAAAAAAA", "newer iovascope (link version 2)"], ["#1", "damaged or was cut off"], ["#1AAAA", "damaged or was cut off"], ["#1A", "damaged or was cut off"],
  ])("%j", async (fragment, message) => {
    await expect(decodeLink(fragment)).rejects.toThrow(LinkError);
    await expect(decodeLink(fragment)).rejects.toThrow(message);
  });

  it("notices every changed or missing character", async () => {
    const link = await encodeLink(plain(5), VIEW);
    for (let at = 2; at < link.length; at++) {
      const other = link[at] === "A" ? "B" : "A";
      // The last character may have bits that no byte uses: there it is cut instead.
      const changed = at < link.length - 1 ? link.slice(0, at) + other + link.slice(at + 1) : link.slice(0, at);
      await expect(decodeLink(changed), `changed at ${at}`).rejects.toThrow(LinkError);
      await expect(decodeLink(link.slice(0, at)), `cut at ${at}`).rejects.toThrow(LinkError);
    }
  }, 60_000);

  it("forgives what surrounds a link in a text", async () => {
    const link = await encodeLink(plain(2), VIEW);
    expect((await decodeLink(` ${link}).`)).scenario).toEqual(plain(2));
    expect((await decodeLink(link.slice(1))).scenario).toEqual(plain(2));
  });

  it("refuses to make one that is too big", async () => {
    await expect(encodeLink(plain(50_001), VIEW)).rejects.toThrow("at most 50,000 calls");
  }, 60_000);

  it("ends in time on well-formed nonsense", async () => {
    await fc.assert(fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (payload) => {
      let crc = 0xffffffff;
      for (const byte of payload) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
      }
      crc = ~crc >>> 0;
      const bytes = [crc & 0xff, (crc >>> 8) & 0xff, (crc >>> 16) & 0xff, ...payload];
      const text = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
      const outcome: unknown = await decodeLink(`#1${text}`).catch((error: unknown) => error);
      expect(outcome instanceof Error && !(outcome instanceof LinkError) ? String(outcome) : "fine").toBe("fine");
    }), { numRuns: 40 });
  }, 60_000);
});
