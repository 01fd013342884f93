/** The worker's side of the protocol: one request at a time, the newest frame only, runs that can be stopped. */
import { isRequest, PROTOCOL_VERSION, transfersOf, type Ask, type Reply, type Request } from "./protocol.ts";
import { Stopped, type Watch } from "./run-through.ts";
import { messageFor, type Session } from "./session.ts";

/** Requests that put another scenario in the place of the open one. */
const OPENING: readonly Ask["kind"][] = ["load", "follow", "open", "choose", "rerun"];
/** Those of them that do not build on what is open: a choice is made among what was opened before. */
const FRESH: readonly Ask["kind"][] = ["load", "follow", "open"];
/** Which later requests make one of this kind useless. */
const OVERTAKEN_BY: Readonly<Partial<Record<Ask["kind"], readonly Ask["kind"][]>>> = {
  frame: ["frame"], load: FRESH, follow: FRESH, compare: ["compare", ...OPENING], open: FRESH, choose: [...FRESH, "choose"], rerun: OPENING,
  // Who goes on while a search runs does not wait for it.
  runUntil: ["runUntil", "frame", "load", "follow"],
};

/** Methods of a session that tell how far they are and can be stopped in between. */
const WATCHED: ReadonlySet<Ask["kind"]> = new Set(["load", "follow", "compare", "runUntil", "open", "choose", "rerun"]);

/** Questions about steps: they are answered in between while inputs are being opened. */
const QUICK: ReadonlySet<Ask["kind"]> = new Set(["frame", "rows", "state", "diff", "invariants", "tryDestroy", "find", "timeline", "notation"]);

/** Between two messages that say no more than how far something is: each costs the page a picture. */
const PROGRESS_MS = 90;

/** The rests that the page has for its first picture. */
const OPENED_REST = 5;
/** So many times as long the rehearsal waits before its first turn. */
const FIRST_REST = 6;

export interface Server {
  receive(data: unknown): void;
}

/**
 * Answers requests with a session. `post` sends a reply; `pause` lets other messages come in and resolves soon after, `idle` resolves
 * when there has been time for anybody to ask something.
 */
export function serve(session: Session, post: (reply: Reply, transfer: ArrayBuffer[]) => void, pause: () => Promise<void>, idle: () => Promise<void> = pause): Server {
  const waiting: Ask[] = [];
  const unwanted = new Set<number>();
  let working = false;
  /** Turns of the rehearsal that are over. */
  let rehearsed = 0;

  const reply = (message: Reply, transfer: ArrayBuffer[] = []) => post(message, transfer);
  const fail = (id: number, message: string, superseded: boolean) => reply({ v: PROTOCOL_VERSION, id, kind: "failed", message, superseded });

  /** Is an answer still of use? A newer frame makes an older one useless, a newer load an older load and all comparing. */
  const isStale = (request: Ask): boolean =>
    unwanted.has(request.id) || waiting.some((later) => (OVERTAKEN_BY[request.kind] ?? []).includes(later.kind));

  const answer = async (request: Ask): Promise<void> => {
    if (isStale(request)) throw new Stopped();
    let toldAt = -Infinity;
    const value = await perform(session, request, {
      between: async (done, total, news) => {
        const now = performance.now();
        if (news || now - toldAt >= PROGRESS_MS) {
          toldAt = now;
          reply({ v: PROTOCOL_VERSION, id: request.id, kind: "progress", done, total, ...(news && { news }) }, news ? transfersOf(news) : []);
        }
        // The page is about to draw its first picture: on a machine of few cores it has them to itself meanwhile.
        for (let rest = news?.opened ? OPENED_REST : 0; rest > 0; rest--) {
          await idle();
          await answerQuick();
        }
        await pause();
        if (request.kind === "open") await answerQuick();
        if (isStale(request)) throw new Stopped();
      },
    });
    reply({ v: PROTOCOL_VERSION, id: request.id, kind: "done", value }, transfersOf(value));
  };

  const finish = async (request: Ask): Promise<void> => {
    try {
      await answer(request);
    } catch (error) {
      const superseded = error instanceof Stopped;
      fail(request.id, superseded ? "A newer request took its place." : messageFor(error), superseded);
    }
    unwanted.delete(request.id);
  };

  /** Answers the questions about steps that are waiting. Those after another opening are about what that will open. */
  const answerQuick = async (): Promise<void> => {
    // A new worker opens what a dead one had open: the questions are about that.
    if (!session.isOpen) return;
    for (let index = 0; index < waiting.length && !OPENING.includes((waiting[index] as Ask).kind);) {
      const next = waiting[index] as Ask;
      if (!QUICK.has(next.kind)) index++;
      else {
        waiting.splice(index, 1);
        await finish(next);
        // It is about to draw this, too.
        if (next.kind === "frame") await idle();
      }
    }
  };

  const work = async (): Promise<void> => {
    working = true;
    for (let request = waiting.shift(); request; request = waiting.shift()) {
      await finish(request);
      if (OPENING.includes(request.kind)) rehearsed = 0;
      await pause();
    }
    working = false;
    void rehearse();
  };

  /** Uses the time in which nobody asks anything. */
  const rehearse = async (): Promise<void> => {
    const turn = rehearsed;
    // The page is busy with what has just been opened.
    for (let rest = turn === 0 ? FIRST_REST : 1; rest > 0; rest--) await idle();
    // Whatever came meanwhile has begun another wait.
    if (working || turn !== rehearsed) return;
    try {
      if (session.rehearse(rehearsed++)) await rehearse();
    } catch {
      // Whoever asks for that step will be told.
    }
  };

  return {
    receive: (data) => {
      if (!isRequest(data)) {
        const id = (data as { id?: unknown } | null)?.id;
        if (typeof id === "number") fail(id, "The page and its engine are of different versions; reload the page.", false);
        return;
      }
      const request: Request = data;
      if (request.kind === "cancel") {
        unwanted.add(request.id);
        return;
      }
      waiting.push(request);
      if (!working) void work();
    },
  };
}

/** A session's methods take what the page's engine takes and, after that, a watch for those that run long. */
function perform(session: Session, request: Ask, watch: Watch): unknown {
  const method = session[request.kind] as (...args: unknown[]) => unknown;
  return method.call(session, ...request.args, ...(WATCHED.has(request.kind) ? [watch] : []));
}
