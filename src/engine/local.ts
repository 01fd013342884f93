import { messageFor, Session } from "./session.ts";
import { EngineError, type Engine } from "./views.ts";

/** The engine on this very thread: for the terminal and for tests. */
export function localEngine(session: Session = new Session()): Engine {
  const ask = async <Value>(question: () => Value | Promise<Value>): Promise<Value> => {
    try {
      return await question();
    } catch (error) {
      throw error instanceof EngineError ? error : new EngineError(messageFor(error), { cause: error });
    }
  };
  return {
    read: (files) => ask(() => session.read(files)),
    load: (scenario) => ask(() => session.load(scenario)),
    compare: (target) => ask(() => session.compare(target)),
    interleave: (turns) => ask(() => session.interleave(turns)),
    rows: (from, count) => ask(() => session.rows(from, count)),
    frame: (step, iova) => ask(() => session.frame(step, iova)),
    diagnose: (clues) => ask(() => session.diagnose(clues)),
    state: (step) => ask(() => session.state(step)),
    scenario: () => ask(() => session.scenario()),
    link: (view) => ask(() => session.link(view)),
    unlink: (fragment) => ask(() => session.unlink(fragment)),
  };
}
