import { engineAsking } from "./protocol.ts";
import { messageFor, Session } from "./session.ts";
import { EngineError, type Engine } from "./views.ts";

/** The engine on this very thread: for the terminal and for tests. */
export function localEngine(session: Session = new Session()): Engine {
  return engineAsking(async (kind, args) => {
    try {
      return await (session[kind] as (...args: unknown[]) => unknown).apply(session, args);
    } catch (error) {
      throw error instanceof EngineError ? error : new EngineError(messageFor(error), { cause: error });
    }
  });
}
