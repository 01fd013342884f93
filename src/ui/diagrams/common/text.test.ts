import { describe, expect, it } from "vitest";
import { placeLabels } from "./place-labels.ts";
import { estimate, shorten } from "./text.ts";

describe("shorten", () => {
  it("cuts the middle, keeps both ends, and fits", () => {
    const text = shorten("pc.ram above 4G", "strong", 80, estimate)!;
    expect(text.startsWith("pc.r")).toBe(true);
    expect(text.endsWith("4G")).toBe(true);
    expect(estimate(text, "strong")).toBeLessThanOrEqual(80);
  });

  it("leaves out whole pieces first, and keeps a count's digits", () => {
    expect(shorten("0000:41:00.0 · group 27 · on hwpt 3", "text", 150, estimate)).toBe("0000:41:00.0 · group 27 …");
    expect(shorten("automatic, pages from 4 KiB, sizes 0x40201000", "text", 200, estimate)).toBe("automatic, pages from 4 KiB …");
    expect(shorten("50,169 mappings", "text", 60, estimate)).toBe("50,169 ma…");
  });

  it("leaves alone what fits, and gives up below five characters", () => {
    expect(shorten("MSI", "strong", 80, estimate)).toBe("MSI");
    expect(shorten("HyperTransport", "strong", 20, estimate)).toBeNull();
  });
});

describe("placeLabels", () => {
  it("uses the second row, then gives way to what matters more", () => {
    const wanted = ["low", "high", "middle"].map((key, index) => ({ key, center: 100, width: 60, priority: [1, 3, 2][index]! }));
    const placed = placeLabels(wanted, 2, 0, 400);
    expect([...placed.keys()]).toEqual(["high", "middle"]);
    expect(placed.get("middle")!.row).toBe(1);
  });

  it("keeps labels inside", () => {
    const placed = placeLabels([{ key: "edge", center: 2, width: 60, priority: 1 }], 1, 0, 400);
    expect(placed.get("edge")!.left).toBe(0);
  });
});
