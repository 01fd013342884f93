import { describe, expect, it } from "vitest";
import { lookIova } from "../fixtures.ts";
import { estimate } from "../common/text.ts";
import { WHOLE } from "./axis.ts";
import { landmarksOf } from "./landmarks.ts";
import { itemKey, mirrorGroups, neighbourOf, parseItem } from "./mirror.ts";
import { sceneOf } from "./scene.ts";
import { axisOf } from "./viewport.ts";

const axis = axisOf("folded", landmarksOf(lookIova.lanes), WHOLE, 720);
const scene = sceneOf({ view: lookIova, lanes: lookIova.lanes, axis, room: 340, gutter: 118, measure: estimate, compact: false });

describe("the words beside the drawing", () => {
  it("say every hole, window and mapping with its exact addresses", () => {
    const text = mirrorGroups(scene, lookIova).flatMap((group) => [group.title, ...group.items.map((item) => item.text)]).join("\n");
    expect(text).toContain("MSI window, 0xfee0_0000–0xfeef_ffff (1 MiB)");
    expect(text).toContain("valid window, 0xfef0_0000–0xfc_ffff_ffff");
    expect(text).toContain("pc.ram below 4G, mapping, 0x0–0x7fff_ffff (2 GiB), 2 GiB · rw · hwpt 3");
    expect(text).toContain("EINVAL, because of 0xfd_0000_0000–0xff_ffff_ffff (12 GiB)");
  });

  it("lead by arrows along a lane and from lane to lane", () => {
    const holes = scene.rows[1]!;
    const msi = itemKey(holes, holes.blocks[0]!);
    const transport = neighbourOf(scene, msi, "right", 720)!;
    expect(parseItem(scene, transport)?.block.label).toBe("HyperTransport");
    expect(neighbourOf(scene, msi, "left", 720)).toBeNull();
    expect(parseItem(scene, neighbourOf(scene, transport, "up", 720)!)?.row.lane.kind).toBe("contributor");
    expect(parseItem(scene, neighbourOf(scene, transport, "down", 720)!)?.row.lane.kind).toBe("valid");
  });
});
