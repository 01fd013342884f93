/**
 * Keeps the address bar the link to what is on screen. A new scenario and a jump in it are new entries of the browser's
 * history; a step, playing and scrubbing replace the current one. Going back returns to where one was, or opens the link.
 */
import type { LinkView } from "../../engine/views.ts";
import type { LessonsEntry } from "../lessons/entry.ts";
import { messageOf, type Notices } from "./notices.ts";
import { goTo, placeIn, placeNow, type Place } from "./places.ts";
import { selectionText } from "./selection.ts";
import type { Arrival, Session, SessionState } from "./session.ts";
import type { View } from "./view.ts";
import { whatIfOf } from "./what-ifs.ts";
import { windows, windowText } from "./windows.ts";

const SETTLE_MS = 250;
/** A link that takes longer than this keeps the engine busy, and is made at most an eighth of the time. */
const LONG_MS = 400;
const REST = 8;
/** Longer links are not for the address bar: browsers and chat tools cut them. The scenario is offered as a file instead. */
export const LONGEST_IN_BAR = 32_000;
/** Links of more calls are not even tried; see MOST_CALLS of scenario/link. */
export const MOST_LINKED = 50_000;
/** Links of more calls are longer than the bar takes; making one would keep the engine for seconds. */
const MOST_IN_BAR = 10_000;
/** Moves within this time belong to one jump: marking something and going to its step. */
const SAME_JUMP_MS = 120;
/** A move this soon after an input of a slider is scrubbing. */
const SCRUB_MS = 60;

export interface Address {
  /** To be called when a scenario has been opened. */
  arrived(how: Arrival): void;
  /** Follows the stores and the browser's history, and opens the link the page was called with. */
  start(): Promise<void>;
  /** The full link to what is on screen, however long; rejects when no link can hold it. */
  link(): Promise<string>;
  /** To the start page; going back returns to the scenario. */
  leave(): void;
}

/** In somebody else's frame Back belongs to the page around it. */
const FRAMED = new URLSearchParams(globalThis.location?.search).has("embed");

export function createAddress(session: () => Session, view: View, notices: Notices, lessons: LessonsEntry): Address {
  /** The fragment that we wrote, or opened, last. */
  let written = "";
  /** How long the engine took for the last link. */
  let tookMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** The load that no link can hold. */
  let unlinked = -1;
  /** Where the page was when it last came to rest. */
  let settled: Place | null = null;
  let jumpedAt = -Infinity;
  let scrubbedAt = -Infinity;
  let returning = false;

  const linkView = (): LinkView => {
    const { step, query, compared, frame } = session().store.getState();
    const { selection } = view.store.getState();
    const whatIf = compared && whatIfOf(compared);
    const window = windowText(query.space ?? frame?.iova?.space ?? null);
    return {
      step, ...(whatIf && { whatIf }), ...(selection && { selection: selectionText(selection) }), ...(query.space !== null && { space: query.space }), ...(window !== null && { window }), ...(compared && { compare: compared.target }),
    };
  };

  /** The fragment for what is on screen: a lesson's step has a short one of its own. */
  const here = async (): Promise<string> => lessons.fragment() ?? session().engine.link(linkView());

  const put = (how: "push" | "replace", url: string) => {
    settled = placeNow(session(), view);
    if (how === "push" && !FRAMED) history.pushState(settled, "", url);
    else history.replaceState(settled, "", url);
  };

  /** Too long for a link, or for the browser: no link is better than one to something else. */
  const withoutLink = (how: "push" | "replace", load: number, why: string) => {
    written = "";
    put(how, location.pathname + location.search);
    // One that is not even handed about is not kept either: said once.
    if (unlinked !== load) notices.info(`${why} ${session().store.getState().scenario ? "" : "Nor is it kept in the browser. "}Export saves it as a file.`);
    unlinked = load;
  };

  const write = async (how: "push" | "replace") => {
    clearTimeout(timer);
    const { load, loaded } = session().store.getState();
    if (!loaded) return;
    const known = unlinked === load;
    if ((known || loaded.steps > MOST_IN_BAR) && lessons.fragment() === null) {
      withoutLink(how, load, `${loaded.steps.toLocaleString("en")} calls are too many for a link in the address bar.`);
      return;
    }
    try {
      const asked = performance.now();
      const fragment = await here();
      tookMs = performance.now() - asked;
      if (session().store.getState().load !== load) return;
      if (fragment.length > LONGEST_IN_BAR) {
        withoutLink(how, load, `This scenario is too large for the address bar: its link would have ${fragment.length.toLocaleString("en")} characters.`);
        return;
      }
      if (fragment === location.hash) how = "replace";
      written = fragment;
      put(how, fragment);
    } catch {
      if (session().store.getState().load === load) withoutLink(how, load, "This scenario is too large for a link.");
    }
  };

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void write("replace"), tookMs > LONG_MS ? REST * tookMs : SETTLE_MS);
  };

  /** Leaves the place before as an entry of its own. */
  const jump = (from: Partial<Place>) => {
    const now = performance.now();
    const again = now - jumpedAt < SAME_JUMP_MS;
    jumpedAt = now;
    if (again || returning || settled === null) return;
    if (FRAMED) return;
    const before = { ...settled, ...from };
    history.replaceState(before, "");
    history.pushState(placeNow(session(), view), "");
  };

  const moved = (state: SessionState, before: SessionState) => {
    const far = Math.abs(state.step - before.step) > 1;
    const byItself = state.playing || state.busy !== null || state.compared !== before.compared || lessons.store.getState().player !== null;
    if (far && !byItself && performance.now() - scrubbedAt > SCRUB_MS) jump({ step: before.step });
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
      const linked = await session().openLink(fragment);
      lessons.close();
      if (linked?.whatIf) {
        const { runWhatIf } = await import("../edit/what-if.ts");
        await runWhatIf(session(), linked.whatIf);
        await session().goto(linked.step);
      }
    } catch (error) {
      notices.problem(`This link can't be opened. ${messageOf(error)}`);
      // What stays open is what the address should say.
      if (session().store.getState().loaded) soon();
    }
  };

  /** Back, forward: the same scenario is not opened again. */
  const arrivedAt = (entry: unknown) => {
    const place = placeIn(entry);
    const { load, loaded } = session().store.getState();
    if (!place || place.load !== load || !loaded || lessons.fragment() !== null || location.hash.startsWith("#lesson")) return;
    written = location.hash;
    returning = true;
    goTo(place, session(), view);
    returning = false;
    settled = place;
    soon();
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
      window.addEventListener("popstate", (event) => arrivedAt(event.state));
      window.addEventListener("hashchange", () => {
        if (location.hash !== written) void openAddress();
      });
      window.addEventListener("input", ({ target }) => {
        if (target instanceof HTMLInputElement && target.type === "range") scrubbedAt = performance.now();
      }, true);
      session().store.subscribe((state, before) => {
        if (state.load !== before.load) {
          clearTimeout(timer);
          settled = null;
          if (!state.loaded) document.title = "iovascope";
          return;
        }
        if (state.step !== before.step) moved(state, before);
        if (state.step !== before.step || state.query.space !== before.query.space || state.compared !== before.compared) soon();
      });
      view.store.subscribe((state, before) => {
        if (!session().store.getState().loaded) return;
        if (state.shown !== before.shown && lessons.store.getState().player === null) jump({});
        if (state.selection !== before.selection) soon();
      });
      windows.subscribe(() => {
        if (session().store.getState().loaded && !returning) soon();
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
