import { describe, expect, it } from "vitest";
import { scenarioOf } from "../testing/fake-engine.ts";
import { bundleText, readBundle } from "./bundle.ts";
import { copyTitle, search, surplus, weigh, when, type KeptRecord } from "./record.ts";

const record = (id: string, saved: number, named = false): KeptRecord => ({
  id, title: `scenario ${id}`, named, created: saved, saved, revision: 1, trace: "iommufd", calls: 1, bytes: 100, print: id, view: { step: 0 },
});

describe("records", () => {
  it("the oldest unnamed ones go, named ones never", () => {
    const records = [record("new", 9), record("old", 1), record("mine", 0, true), record("middle", 5)];
    expect(surplus(records, 2).map(({ id }) => id)).toEqual(["old"]);
    expect(surplus(records, 3)).toEqual([]);
  });

  it("are found by all their words, by date or by name", () => {
    const records = [record("10", 1), record("9", 3), record("b", 2)];
    expect(search(records, "", "saved").map(({ id }) => id)).toEqual(["9", "b", "10"]);
    expect(search(records, "", "title").map(({ id }) => id)).toEqual(["9", "10", "b"]);
    expect(search(records, "SCEN 1", "saved").map(({ id }) => id)).toEqual(["10"]);
  });

  it("copies have titles of their own", () => {
    expect(copyTitle("boot", ["boot"])).toBe("boot (copy)");
    expect(copyTitle("boot (copy)", ["boot", "boot (copy)"])).toBe("boot (copy 2)");
  });

  it("a print is that of the content", () => {
    expect(weigh(scenarioOf("one"))).toEqual(weigh(structuredClone(scenarioOf("one"))));
    expect(weigh(scenarioOf("one")).print).not.toBe(weigh(scenarioOf("two")).print);
    expect(weigh(scenarioOf("one", 11)).print).not.toBe(weigh(scenarioOf("one", 10)).print);
    const other = scenarioOf("one");
    other.calls[4] = { call: "IOMMU_IOAS_ALLOC", in: { flags: 1 } };
    expect(weigh(other).print).not.toBe(weigh(scenarioOf("one")).print);
  });

  it("size is estimated from a sample", () => {
    const { bytes } = weigh(scenarioOf("long", 200_000));
    expect(bytes).toBeGreaterThan(4_000_000);
    expect(bytes).toBeLessThan(20_000_000);
  });

  it("dates are words", () => {
    const now = Date.UTC(2026, 4, 20, 12);
    expect(when(now - 5000, now)).toBe("just now");
    expect(when(now - 5 * 60_000, now)).toBe("5 minutes ago");
    expect(when(now - 26 * 3600_000, now)).toBe("yesterday");
    expect(when(Date.UTC(2026, 0, 3, 12), now)).toBe("3 Jan 2026");
  });
});

describe("the file of a library", () => {
  const kept = [{ record: { ...record("1", 5, true), title: "my boot", view: { step: 3 } }, scenario: scenarioOf("boot") }];

  it("comes back as it was, under new ids", () => {
    const [back] = readBundle(bundleText(kept), 1000).kept;
    expect(back?.scenario).toEqual({ ...scenarioOf("boot"), title: "my boot" });
    expect(back?.record).toMatchObject({ title: "my boot", named: true, saved: 5, view: { step: 3 } });
    expect(back?.record.id).not.toBe("1");
  });

  it("reads the file of one scenario too", () => {
    expect(readBundle(JSON.stringify(scenarioOf("alone")), 1).kept[0]?.record.title).toBe("alone");
  });

  it("names what it can't read, and reads the rest", () => {
    const text = JSON.stringify({ iovascope_library: 1, entries: [7, { scenario: { title: "x", platform: { kind: "moon" }, calls: [] } }, { scenario: scenarioOf("good") }] });
    const { kept: read, skipped } = readBundle(text, 1);
    expect(read.map(({ record: { title } }) => title)).toEqual(["good"]);
    expect(skipped).toEqual(["entries[0]: must be an object", expect.stringMatching(/^entries\[1\]: platform\.kind/)]);
    expect(() => readBundle("nonsense", 1)).toThrow(/no JSON/);
    expect(() => readBundle('{"iovascope_library": 9}', 1)).toThrow(/version 1/);
    expect(() => readBundle('{"iovascope_library": 1, "entries": {}}', 1)).toThrow(/entries must be a list/);
  });
});
