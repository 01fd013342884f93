/** Plays a scenario: one step, a pause, the next, until the end or until somebody stops it. */
import type { StoreApi } from "zustand/vanilla";
import type { SessionState } from "./session.ts";

export const SPEEDS = [0.5, 1, 2, 5, 20] as const;
export type Speed = (typeof SPEEDS)[number];

const STEP_MS = 1100;

export interface Player {
  start(): void;
  stop(): void;
}

export function createPlayer(store: StoreApi<SessionState>, goto: (step: number) => Promise<void>): Player {
  let timer: ReturnType<typeof setTimeout> | undefined;

  const stop = () => {
    clearTimeout(timer);
    if (store.getState().playing) store.setState({ playing: false });
  };

  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      void advance();
    }, STEP_MS / store.getState().speed);
  };

  const advance = async () => {
    const { step, loaded, playing } = store.getState();
    if (!playing) return;
    await goto(step + 1);
    if (!store.getState().playing) return;
    // Two forms of the kernel beside each other: where they part is what one wants to see.
    if (store.getState().compared?.first?.step === step + 1) {
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
      void (step >= loaded.steps ? goto(0).then(wait) : advance());
    },
  };
}
