import { describe, expect, it } from "vitest";
import { pow2 } from "../../../base/u64.ts";
import { lookFrame, lookIova } from "../fixtures.ts";
import { estimate } from "../common/text.ts";
import { WHOLE } from "./axis.ts";
import { landmarksOf } from "./landmarks.ts";
import { measuredText, placeAt, stepped } from "./measure.ts";
import { sceneOf } from "./scene.ts";
import { axisOf } from "./viewport.ts";

const axis = axisOf("folded", landmarksOf(lookIova.lanes), WHOLE, 900);
const scene = sceneOf({ view: lookIova, lanes: lookIova.lanes, axis, room: 400, gutter: 112, measure: estimate, compact: false, names: new Map(lookFrame.graph.nodes.map((node) => [node.key, node.title])) });

describe("measuring", () => {
  it("snaps to the edges of what is near by", () => {
    const holes = scene.rows.find((row) => row.lane.kind === "holes")!;
    expect(placeAt(scene, axis, axis.toPx(0xfee0_0000) + 2, holes.top + 4)).toBe(0xfee0_0000);
    expect(placeAt(scene, axis, axis.toPx(0xfef0_0000) - 2, holes.top + 4)).toBe(0xfef0_0000);
  });

  it("else to pages", () => {
    const address = placeAt(scene, axis, axis.toPx(0x2000_0000), null);
    expect(Number(address) % 4096).toBe(0);
  });

  it("moves by what is seen, and by a page at the least", () => {
    expect(stepped(axis, 0x1000, 1e-9)).toBe(0x2000);
    expect(stepped(axis, 0x2000, -1e-9)).toBe(0x1000);
    expect(stepped(axis, 0, -8)).toBe(0);
    expect(stepped(axis, 0x1000_0000, 8) > 0x1000_0000).toBe(true);
  });

  it("says start, last and length in bytes and pages", () => {
    expect(measuredText({ from: 0x10_0000, to: 0x30_0000 })).toEqual({
      range: "0x10_0000 – 0x2f_ffff", size: "2 MiB", exact: "0x20_0000 bytes = 512 pages", plain: "first 0x100000 last 0x2fffff length 0x200000 (2 MiB, 512 pages)",
    });
    expect(measuredText({ from: pow2(64), to: 0 }).size).toBe("16 EiB");
    expect(measuredText({ from: 0x1000, to: 0x1000 }).size).toBe("0 bytes");
  });
});
