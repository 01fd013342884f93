import { describe, expect, it } from "vitest";
import { lookFrame, lookIova } from "../fixtures.ts";
import { lightOf, lightsSpan } from "./light.ts";

const holes = lookIova.lanes[1]!.spans;

describe("lightOf", () => {
  it("lights the device that carved the hole", () => {
    const light = lightOf(lookFrame, { key: holes[0]!.key });
    expect(light.keys.has("device:3/1")).toBe(true);
    expect(lightsSpan(light, holes[0]!)).toBe(true);
    expect(lightsSpan(light, holes[1]!)).toBe(false);
  });

  it("lights everything that a device carves", () => {
    const light = lightOf(lookFrame, { key: "device:3/1" });
    expect(holes.every((hole) => lightsSpan(light, hole))).toBe(true);
  });

  it("finds by addresses what has exactly them", () => {
    const light = lightOf(lookFrame, { range: { first: 0xfee00000, last: 0xfeefffff } });
    expect(light.keys.has("device:3/1")).toBe(true);
    expect(lightsSpan(light, holes[0]!)).toBe(true);
    expect(lightsSpan(light, holes[1]!)).toBe(false);
  });
});
