/** The page's parts, put together once, and how components reach them. */
import { createContext, useContext } from "react";
import { useStore } from "zustand";
import type { Engine } from "../engine/views.ts";
import { createCommands, type Commands } from "./commands/commands.ts";
import { createLessons, type LessonsEntry } from "./lessons/entry.ts";
import { createAddress, type Address } from "./state/address.ts";
import { createNotices, type Notices } from "./state/notices.ts";
import { createSession, type Session, type SessionState } from "./state/session.ts";
import { createView, type View, type ViewState } from "./state/view.ts";

export interface App {
  session: Session;
  view: View;
  notices: Notices;
  address: Address;
  lessons: LessonsEntry;
  commands: Commands;
}

/** What the page needs of an engine's connection. */
type Connect = (options: { onNotice(message: string): void; onProgress(done: number, total: number): void }) => Engine;

export function createApp(connect: Connect): App {
  const notices = createNotices();
  const view = createView();
  const engine = connect({
    onNotice: (message) => notices.problem(message),
    onProgress: (done, total) => session.progress(done, total),
  });
  const lessons: LessonsEntry = createLessons(() => session, view);
  const address: Address = createAddress(() => session, view, notices, lessons);
  const session: Session = createSession(engine, view, notices, (how) => address.arrived(how));
  return { session, view, notices, address, lessons, commands: createCommands({ session, view, notices, address }) };
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error("no app around this component");
  return app;
}

export function useSession<Part>(part: (state: SessionState) => Part): Part {
  return useStore(useApp().session.store, part);
}

export function useView<Part>(part: (state: ViewState) => Part): Part {
  return useStore(useApp().view.store, part);
}
