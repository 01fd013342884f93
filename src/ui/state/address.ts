/**
 * Keeps the address bar the link to what is on screen: a new scenario is a new entry in the history, a step replaces the
 * current one. Going back, or a link typed into the bar, opens it.
 */
import type { LinkView } from "../../engine/views.ts";
import type { LessonsEntry } from "../lessons/entry.ts";
import { messageOf, type Notices } from "./notices.ts";
import { selectionText } from "./selection.ts";
import type { Arrival, Session } from "./session.ts";
import type { View } from "./view.ts";

const SETTLE_MS = 250;
/** A link that takes longer than this keeps the engine busy, and is made at most an eighth of the time. */
const LONG_MS = 400;
const REST = 8;

export interface Address {
  /** To be called when a scenario has been opened. */
  arrived(how: Arrival): void;
  /** Follows the stores and the browser's history, and opens the link the page was called with. */
  start(): Promise<void>;
  /** The full link to what is on screen. */
  link(): Promise<string>;
  /** To the start page; going back returns to the scenario. */
  leave(): void;
}

export function createAddress(session: () => Session, view: View, notices: Notices, lessons: LessonsEntry): Address {
  /** The fragment that we wrote, or opened, last. */
  let written = "";
  /** How long the engine took for the last link. */
  let tookMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const linkView = (): LinkView => {
    const { step, query, compared } = session().store.getState();
    const { selection } = view.store.getState();
    return { step, ...(selection && { selection: selectionText(selection) }), ...(query.space !== null && { space: query.space }), ...(compared && { compare: compared.target }) };
  };

  /** The fragment for what is on screen: a lesson's step has a short one of its own. */
  const here = async (): Promise<string> => lessons.fragment() ?? session().engine.link(linkView());

  const put = (how: "push" | "replace", url: string) => {
    if (how === "push") history.pushState(null, "", url);
    else history.replaceState(null, "", url);
  };

  const write = async (how: "push" | "replace") => {
    clearTimeout(timer);
    const { load, loaded } = session().store.getState();
    if (!loaded) return;
    try {
      const asked = performance.now();
      const fragment = await here();
      tookMs = performance.now() - asked;
      if (session().store.getState().load !== load || fragment === location.hash) return;
      written = fragment;
      put(how, fragment);
    } catch {
      // Too long for a link, or for the browser: no link is better than one to something else.
      written = "";
      if (location.hash !== "") put(how, location.pathname + location.search);
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void write("replace"), tookMs > LONG_MS ? REST * tookMs : SETTLE_MS);
  };

  const openAddress = async () => {
    const fragment = location.hash;
    written = fragment;
    if (fragment.length < 2) {
      session().close();
      return;
    }
    try {
      if (await lessons.openFragment(fragment)) return;
      await session().openLink(fragment);
      lessons.close();
    } catch (error) {
      notices.problem(`This link can't be opened. ${messageOf(error)}`);
      // What stays open is what the address should say.
      if (session().store.getState().loaded) soon();
    }
  };

  return {
    leave: () => {
      written = "";
      history.pushState(null, "", location.pathname + location.search);
      session().close();
    },
    arrived: (how) => {
      document.title = `${session().store.getState().loaded?.title ?? ""} · iovascope`;
      if (how === "push") void write("push");
      else soon();
    },
    start: async () => {
      window.addEventListener("hashchange", () => {
        if (location.hash !== written) void openAddress();
      });
      session().store.subscribe((state, before) => {
        if (state.load !== before.load) {
          clearTimeout(timer);
          if (!state.loaded) document.title = "iovascope";
          return;
        }
        if (state.step !== before.step || state.query.space !== before.query.space || state.compared !== before.compared) soon();
      });
      view.store.subscribe((state, before) => {
        if (state.selection !== before.selection && session().store.getState().loaded) soon();
      });
      lessons.onChange((how) => {
        if (!session().store.getState().loaded) return;
        if (how === "push") void write("push");
        else soon();
      });
      if (location.hash.length > 1) await openAddress();
    },
    link: async () => {
      const fragment = await here();
      return location.href.replace(/#.*$/, "") + fragment;
    },
  };
}
