import { describe, expect, it } from "vitest";
import type { IovaView, Lane } from "../../../engine/views.ts";
import { crowdedFrame, lookIova } from "../fixtures.ts";
import { estimate } from "../common/text.ts";
import { axisLabels } from "./axis-labels.ts";
import { WHOLE, type Axis } from "./axis.ts";
import { joinContributors } from "./lane-layout.ts";
import { landmarksOf } from "./landmarks.ts";
import { sceneOf, tightest, type Scene } from "./scene.ts";
import { axisOf, zoomAt, type Scale } from "./viewport.ts";

interface Drawn {
  scene: Scene;
  axis: Axis;
  lanes: Lane[];
}

function draw(view: IovaView, options: { width?: number; room?: number; scale?: Scale; window?: typeof WHOLE; compact?: boolean } = {}): Drawn {
  const { width = 720, room = 340, scale = "folded", window = WHOLE, compact = false } = options;
  const lanes = joinContributors(view.lanes, 3).map((lane) => ({ ...lane, spans: lane.spans.toSorted((left, right) => (left.first < right.first ? -1 : 1)) }));
  const axis = axisOf(scale, landmarksOf(view.lanes), window, width);
  return { scene: sceneOf({ view, lanes, axis, room, gutter: compact ? 0 : 118, measure: estimate, compact }), axis, lanes };
}

interface Box {
  text: string;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Words that touch each other or leave the plot. */
function clashes({ scene, axis }: Drawn): string[] {
  const boxes: Box[] = scene.rows.flatMap((row) => row.words.map((word) => ({ text: word.text, left: word.x, right: word.x + estimate(word.text, word.face), top: word.y - 8, bottom: word.y + 2 })));
  const found = boxes.filter((box) => box.left < -0.01 || box.right > axis.width + 0.01).map((box) => `${box.text} leaves the plot`);
  boxes.forEach((box, index) => {
    for (const other of boxes.slice(index + 1)) {
      if (box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom) found.push(`${box.text} over ${other.text}`);
    }
  });
  return found;
}

describe("sceneOf", () => {
  const crowded = crowdedFrame().iova!;

  it("keeps words apart and inside, at every width, scale and zoom", () => {
    for (const view of [lookIova, crowded, crowdedFrame(60, 9).iova!]) {
      for (const width of [330, 560, 720, 1100, 2000]) {
        for (const scale of ["folded", "linear"] as const) expect(clashes(draw(view, { width, scale }))).toEqual([]);
        let window = WHOLE;
        for (let step = 0; step < 24; step++) {
          window = zoomAt({ scale: "folded", landmarks: landmarksOf(view.lanes), window, width }, width * 0.4, 2);
          expect(clashes(draw(view, { width, window, compact: width < 500 }))).toEqual([]);
        }
      }
    }
  });

  it("ties the refused request to the hole that refused it", () => {
    const { scene, axis } = draw(lookIova);
    expect(scene.tie?.kind).toBe("reserved");
    expect(scene.hitKind).toBe("reserved");
    expect(scene.tie!.px).toBeGreaterThan(axis.toPx(0xfd00000000));
    expect(scene.tie!.px).toBeLessThan(axis.toPx(0x10000000000));
    expect(scene.tie!.from).toBeGreaterThan(scene.tie!.to);
  });

  it("ties nothing when the hole is out of sight or the call went well", () => {
    expect(draw(lookIova, { window: { first: 0, last: 0xffff } }).scene.tie).toBeNull();
    expect(draw({ ...lookIova, asked: { ...lookIova.asked!, errno: "OK" } }).scene.tie).toBeNull();
  });

  it("fits a low panel tightly and fills a tall one", () => {
    const { lanes } = draw(lookIova);
    expect(draw(lookIova, { room: 100 }).scene.height).toBe(tightest(lanes));
    const tall = draw(lookIova, { room: 500 }).scene;
    expect(tall.height).toBeGreaterThan(440);
    expect(tall.height).toBeLessThanOrEqual(500);
  });

  it("keeps the number of figures small however much is mapped", () => {
    expect(draw(crowdedFrame(1500).iova!, { width: 1500 }).scene.blocks).toBeLessThan(1500);
  });
});

describe("axisLabels", () => {
  it("names boundaries in two rows without overlap", () => {
    for (const view of [lookIova, crowdedFrame().iova!]) {
      for (const width of [330, 720, 1600]) {
        for (const scale of ["folded", "linear"] as const) {
          const { axis, lanes } = draw(view, { width, scale });
          const { labels } = axisLabels(lanes, axis, estimate);
          for (const label of labels) {
            expect(label.left).toBeGreaterThanOrEqual(0);
            expect(label.left + label.width).toBeLessThanOrEqual(width + 0.01);
            const others = labels.filter((other) => other !== label && other.row === label.row);
            expect(others.every((other) => other.left >= label.left + label.width || other.left + other.width <= label.left)).toBe(true);
          }
        }
      }
    }
  });

  it("names what decided, in groups of four digits", () => {
    const { axis, lanes } = draw(lookIova);
    const texts = axisLabels(lanes, axis, estimate).labels.map((label) => label.text);
    expect(texts).toContain("0x1_0000_0000");
    expect(texts).toContain("0xfd_0000_0000");
    expect(texts).toContain("2⁴⁸");
  });

  it("names round addresses where nothing else is", () => {
    const { axis, lanes } = draw(lookIova, { window: { first: 0xfee56a67, last: 0xfee57a66 } });
    const texts = axisLabels(lanes, axis, estimate).labels.map((label) => label.text);
    expect(texts).toContain("0xfee5_7000");
    expect(texts.length).toBeGreaterThan(3);
  });
});
