/**
 * Asks for one frame at a time and always for the newest wish: scrubbing over a thousand steps asks as often as the engine
 * can answer, never a thousand times. An answer that is no longer wanted is dropped, except during a long scrub, where one
 * every `KEEP_MOVING_MS` is shown so that the picture moves with the hand.
 */
import type { IovaQuery } from "../../engine/views.ts";

export interface FrameWish {
  step: number;
  query: IovaQuery;
  /** Which loaded scenario it is for; answers of an older one are never shown. */
  load: number;
}

const KEEP_MOVING_MS = 120;

export interface FrameQueue {
  /** Resolves when nothing more is wanted. */
  want(wish: FrameWish): Promise<void>;
}

export function createFrameQueue<Answer>(
  ask: (wish: FrameWish) => Promise<Answer>,
  show: (answer: Answer, wish: FrameWish) => void,
  fail: (error: unknown) => void,
  now: () => number = () => performance.now(),
): FrameQueue {
  let wanted: FrameWish | null = null;
  let running: Promise<void> | null = null;
  let shownAt = -KEEP_MOVING_MS;

  const run = async () => {
    while (wanted) {
      const wish = wanted;
      wanted = null;
      try {
        const answer = await ask(wish);
        const newer = wanted as FrameWish | null;
        const stale = newer !== null && newer.step !== wish.step;
        if (newer !== null && newer.load !== wish.load) continue;
        if (stale && now() - shownAt < KEEP_MOVING_MS) continue;
        shownAt = now();
        show(answer, wish);
      } catch (error) {
        if (wanted === null) fail(error);
      }
    }
    running = null;
  };

  return {
    want: (wish) => {
      wanted = wish;
      running ??= run();
      return running;
    },
  };
}
