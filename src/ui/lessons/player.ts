/** Follows one lesson: which step, what has been predicted, and the scenario that goes with it. */
import { createStore, type StoreApi } from "zustand/vanilla";
import { lessonLink, sceneScenario, type Lesson, type Place, type Step } from "../../lessons/lesson.ts";
import type { Arrival, Session } from "../state/session.ts";
import type { View } from "../state/view.ts";
import { optionForSelection } from "./answers.ts";
import { lookAt, stopLooking } from "./focus.ts";
import { lessons } from "./library.ts";
import { reached } from "./progress.ts";

export interface LessonState {
  /** The step, from 0. */
  index: number;
  /** Options chosen in this visit, the last one last, by step. */
  chosen: ReadonlyMap<number, readonly number[]>;
  /** Steps whose answer is shown. */
  revealed: ReadonlySet<number>;
  /** The person has left the lesson's path and does as they like with its scenario. */
  free: boolean;
  /** The step's comparison is on screen, not the scene itself. */
  compared: boolean;
}

export interface LessonPlayer {
  lesson: Lesson;
  store: StoreApi<LessonState>;
  start: (index: number, arrival: Arrival) => Promise<void>;
  goto: (index: number) => Promise<void>;
  /** Takes an answer to the step's question. */
  choose: (option: number) => void;
  /** Shows the answer without a prediction. */
  reveal: () => void;
  compare: (on: boolean) => void;
  /** Hands the scenario over; `back` returns to the step. */
  explore: () => void;
  back: () => Promise<void>;
  close: () => void;
  fragment: () => string | null;
  dispose: () => void;
}

interface Parts {
  id: string;
  session: Session;
  view: View;
  /** What the address should say has changed. */
  changed: (how?: "push") => void;
  close: () => void;
}

export function createPlayer({ id, session, view, changed, close }: Parts): LessonPlayer {
  const found = lessons.find((one) => one.id === id);
  if (!found) throw new Error(`There is no lesson "${id}".`);
  const lesson = found;
  const store = createStore<LessonState>(() => ({ index: 0, chosen: new Map(), revealed: new Set(), free: false, compared: false }));
  const { getState: state, setState: set } = store;
  /** The scenario that is open, by scene and comparison, and the load that opened it. */
  let open: { key: string; load: number } | null = null;
  let opening = false;
  let turn = 0;
  /** The lesson itself is marking something. */
  let pointing = false;

  const stepAt = (index: number) => lesson.steps[index] as Step;
  const isRevealed = (index: number) => stepAt(index).question === null || state().revealed.has(index);

  /** Something else is open: the lesson waits. */
  const leavePath = () => {
    if (state().free) return;
    set({ free: true });
    stopLooking();
    changed();
  };

  /** Opens or moves to the place of a scene, with no call beyond it to be seen. */
  const bringUp = async (place: Place, compared: boolean, step: Step): Promise<void> => {
    const comparison = compared ? step.comparison : null;
    const key = `${place.scene}${comparison ? `/${comparison.line}` : ""}`;
    if (open?.key === key && open.load === session.store.getState().load) {
      session.reveal(place.step);
      await session.goto(place.step);
      return;
    }
    const scenario = sceneScenario(lesson, place, comparison);
    opening = true;
    try {
      await session.open(scenario, { step: place.step, reveal: place.step, arrival: "in-address" });
    } finally {
      opening = false;
    }
    const { load, scenario: now } = session.store.getState();
    open = now === scenario ? { key, load } : null;
    if (!open) leavePath();
  };

  /** Puts on screen what the state says. The last of several in a row wins. */
  const show = async (): Promise<void> => {
    const mine = ++turn;
    const { index, compared } = state();
    const step = stepAt(index);
    const revealed = isRevealed(index);
    document.documentElement.dataset.lesson = lesson.id;
    await bringUp(revealed ? step.place : step.asked, compared, step);
    if (mine !== turn || state().free) return;
    pointing = true;
    lookAt(revealed ? (step.focusAfter ?? step.focus) : (step.focus ?? step.focusAfter), session, view);
    pointing = false;
    reached(lesson.id, index, index === lesson.steps.length - 1);
    changed();
  };

  const goto = async (index: number): Promise<void> => {
    set({ index: Math.max(0, Math.min(lesson.steps.length - 1, index)), free: false, compared: false });
    await show();
  };

  const reveal = () => {
    const { index, revealed } = state();
    if (revealed.has(index)) return;
    set({ revealed: new Set([...revealed, index]) });
    void show();
  };

  const choose = (option: number) => {
    const { index, chosen } = state();
    const { question } = stepAt(index);
    const picked = question?.options[option];
    if (!picked) return;
    set({ chosen: new Map(chosen).set(index, [...(chosen.get(index) ?? []).filter((one) => one !== option), option]) });
    if (picked.right) reveal();
  };

  /** A mark that the person made while a question waits for a click is an answer. */
  const unwatchMarks = view.store.subscribe(({ selection }, before) => {
    const { index, free } = state();
    const { question } = stepAt(index);
    if (selection === before.selection || selection === null || free || isRevealed(index) || question?.kind !== "click" || pointing || opening) return;
    const option = optionForSelection(question, selection);
    if (option >= 0) choose(option);
  });

  /** Somebody else opened something: the lesson waits. */
  const unwatchLoads = session.store.subscribe(({ load, loaded }, before) => {
    if (load === before.load || opening) return;
    if (!loaded) close();
    else leavePath();
  });

  return {
    lesson,
    store,
    goto,
    choose,
    reveal,
    close,
    start: async (index, arrival) => {
      set({ index: Math.max(0, Math.min(lesson.steps.length - 1, index)) });
      await show();
      if (arrival === "push") changed("push");
    },
    compare: (on) => {
      set({ compared: on });
      void show();
    },
    explore: () => {
      set({ free: true });
      session.reveal(null);
      stopLooking();
      // Going back in the browser returns to the lesson.
      changed("push");
    },
    back: async () => {
      set({ free: false, compared: false });
      await show();
    },
    fragment: () => (state().free || open === null ? null : lessonLink(lesson.id, state().index + 1)),
    dispose: () => {
      turn++;
      unwatchMarks();
      unwatchLoads();
      stopLooking();
      session.reveal(null);
    },
  };
}
