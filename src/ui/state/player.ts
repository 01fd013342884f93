/** Plays a scenario: one step, a pause, the next, until the end or until somebody stops it. */
import type { StoreApi } from "zustand/vanilla";
import type { SessionState } from "./session.ts";

export const SPEEDS = [0.5, 1, 2, 5, 20, 100, 1000] as const;
export type Speed = (typeof SPEEDS)[number];

const STEP_MS = 1100;

/** Faster than this a picture per step can't be seen: Play takes several steps at once instead. */
const FASTEST_PICTURES = 20;

/** How many steps Play takes at once. */
export function strideOf(speed: Speed): number {
  return Math.max(1, Math.round(speed / FASTEST_PICTURES));
}

/** Where playing goes from a step, and whether it ends there. */
export type Hop = (step: number) => Promise<{ step: number; ends: boolean }>;

export interface Player {
  start(): void;
  stop(): void;
}

export function createPlayer(store: StoreApi<SessionState>, goto: (step: number) => Promise<void>, hopper: () => Hop | null = () => null): Player {
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(timer);
    if (store.getState().playing) store.setState({ playing: false });
  };

  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      advance().catch(stop);
    }, STEP_MS / Math.min(FASTEST_PICTURES, store.getState().speed));
  };

  const advance = async () => {
    const { step, loaded, load, speed, playing, compared } = store.getState();
    if (!playing) return;
    const hop = hopper();
    const next = hop ? await hop(step) : { step: step + strideOf(speed), ends: false };
    // Somebody may have stopped, or gone elsewhere, while the way was looked for.
    if (!store.getState().playing || store.getState().load !== load || store.getState().step !== step) return;
    // Two forms of the kernel beside each other: where they part is what one wants to see.
    const parting = compared?.first?.step ?? 0;
    const parts = parting > step && parting <= next.step;
    await goto(parts ? parting : next.step);
    if (!store.getState().playing) return;
    if (parts || next.ends) {
      stop();
      return;
    }
    if (!loaded || store.getState().step >= loaded.steps) stop();
    else wait();
  };

  return {
    stop,
    start: () => {
      const { loaded, step, playing } = store.getState();
      if (!loaded || loaded.steps === 0 || playing) return;
      store.setState({ playing: true });
      // From the end it starts over; the first step comes at once, so that pressing Play is seen to do something.
      void (step >= loaded.steps ? goto(0).then(wait) : advance()).catch(stop);
    },
  };
}
