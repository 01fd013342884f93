/** Looking for a step, by hand and while playing. */
import type { StoreApi } from "zustand/vanilla";
import { SupersededError, type Goal } from "../../engine/views.ts";
import type { Notices } from "../state/notices.ts";
import { strideOf, type Hop } from "../state/player.ts";
import type { Session } from "../state/session.ts";
import type { HistoryState } from "./entry.ts";

/** Goes to the nearest step that meets the goal. */
export async function hunt(session: Session, notices: Notices, goal: Goal, what: string, direction: 1 | -1): Promise<void> {
  const { loaded, load, step } = session.store.getState();
  if (!loaded) return;
  session.play(false);
  session.store.setState({ busy: "Looking…" });
  try {
    // A lesson may show less of a run than there is.
    const found = await session.engine.runUntil({ from: step, direction, goals: [goal], until: direction === 1 ? loaded.steps : 1 });
    if (session.store.getState().load !== load) return;
    if (found) void session.goto(found.step);
    else notices.info(`There is ${what} ${direction === 1 ? "after" : "before"} step ${step}.`);
  } catch (error) {
    // Who went on meanwhile does not want the answer any more.
    if (!(error instanceof SupersededError)) throw error;
  } finally {
    if (session.store.getState().busy?.startsWith("Looking")) session.store.setState({ busy: null });
  }
}

/** Where playing goes from a step when it skips, or stops at things. */
export function hopper(session: Session, notices: Notices, store: StoreApi<HistoryState>): Hop {
  return async (step) => {
    const { stops, skips } = store.getState();
    const { loaded, speed } = session.store.getState();
    const last = loaded?.steps ?? step;
    const plain = skips ? last : Math.min(last, step + strideOf(speed));
    const goals = [...stops.map((stop) => stop.goal), ...(skips ? [{ kind: "different" } as const] : [])];
    const found = await session.engine.runUntil({ from: step, direction: 1, goals, until: plain }).catch((error: unknown) => {
      if (error instanceof SupersededError) return null;
      throw error;
    });
    const stop = found ? stops[found.goal] : undefined;
    if (stop) notices.info(`Stopped at ${stop.text}.`);
    return { step: found?.step ?? plain, ends: stop !== undefined };
  };
}
