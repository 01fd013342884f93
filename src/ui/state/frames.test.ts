import { describe, expect, it } from "vitest";
import type { Frame } from "../../engine/views.ts";
import { frameAt } from "../testing/fake-engine.ts";
import { createFrameQueue, type FrameWish } from "./frames.ts";

const wishFor = (step: number, load = 1): FrameWish => ({ step, load, query: { space: null, window: null, px: 100 } });

function setUp(now: () => number = () => 0) {
  const waiting: { wish: FrameWish; answer: (frame: Frame) => void; refuse: (error: Error) => void }[] = [];
  const shown: number[] = [];
  const failures: unknown[] = [];
  const queue = createFrameQueue<Frame>(
    (wish) => new Promise((answer, refuse) => waiting.push({ wish, answer, refuse })),
    (frame) => shown.push(frame.step),
    (error) => failures.push(error),
    now,
  );
  const answer = async () => {
    const next = waiting.shift();
    next?.answer(frameAt(next.wish.step));
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
  };
  return { queue, waiting, shown, failures, answer };
}

describe("createFrameQueue", () => {
  it("has one question on its way, and never shows a step that is no longer wanted", async () => {
    const { queue, waiting, shown, answer } = setUp();
    void queue.want(wishFor(1));
    await answer();
    void queue.want(wishFor(2));
    void queue.want(wishFor(3));
    void queue.want(wishFor(4));
    expect(waiting).toHaveLength(1);
    await answer();
    await answer();
    expect(shown).toEqual([1, 4]);
  });

  it("keeps the picture moving in a long scrub, always forward in order asked", async () => {
    let time = 0;
    const { queue, shown, answer } = setUp(() => time);
    void queue.want(wishFor(1));
    await answer();
    for (let step = 2; step < 12; step++) {
      time += 50;
      void queue.want(wishFor(step));
      void queue.want(wishFor(step + 1));
      await answer();
    }
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.length).toBeLessThan(8);
    expect([...shown].sort((left, right) => left - right)).toEqual(shown);
  });

  it("drops the answer for a scenario that has been replaced", async () => {
    const { queue, shown, answer } = setUp();
    void queue.want(wishFor(5, 1));
    void queue.want(wishFor(5, 2));
    await answer();
    await answer();
    expect(shown).toEqual([5]);
  });

  it("goes on after a failure, and tells of the last one only", async () => {
    const { queue, waiting, shown, failures, answer } = setUp();
    const settled = queue.want(wishFor(1));
    waiting.shift()?.refuse(new Error("no"));
    await settled;
    expect(failures).toHaveLength(1);
    void queue.want(wishFor(2));
    await answer();
    expect(shown).toEqual([2]);
  });
});
