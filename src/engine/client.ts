/** The page's side of the protocol: an Engine that lives in a worker and survives the worker's death. */
import { engineAsking, isReply, PROTOCOL_VERSION, type Arguments, type Method, type Request, type Result } from "./protocol.ts";
import { EngineError, SupersededError, type Engine, type Opened, type Progress } from "./views.ts";
import type { Notation } from "../base/format.ts";
import type { OtherForm } from "../scenario/other-form.ts";

/** As much of a Worker as is needed. */
export interface WorkerLike {
  postMessage(message: Request): void;
  terminate(): void;
  addEventListener(type: "message" | "messageerror", listener: (event: MessageEvent) => void): void;
  addEventListener(type: "error", listener: (event: ErrorEvent) => void): void;
}

export interface EngineOptions {
  /** Something a person should know: the engine was replaced. */
  onNotice?: (message: string) => void;
  /** How far a load is, or inputs being opened. */
  onProgress?: (progress: Progress) => void;
  spawn?: () => WorkerLike;
  /** Milliseconds of silence, with an answer due, after which the worker counts as hung. */
  patience?: number;
}

interface Pending {
  kind: Method;
  args: unknown[];
  resolve(value: unknown): void;
  reject(error: EngineError): void;
  /** Our own: opens again what a dead worker had open. */
  reopening?: boolean;
  /** Asked for the second time: a worker died over it. */
  again?: boolean;
}

/** The page may have started one before its own script was there: public/early.js. */
const early = globalThis as { iovascopeWorker?: WorkerLike | undefined };

function spawnWorker(): WorkerLike {
  const started = early.iovascopeWorker;
  early.iovascopeWorker = undefined;
  if (started) return started;
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "iovascope engine" });
}

const TICK_MS = 500;
/** A worker that dies this often in a row, without having answered in between, is not started again by itself. */
const MOST_DEATHS = 16;
/** One that hangs takes so much longer to notice. */
const HUNG_COUNTS = 5;

/** An engine of which long pieces of work can be ended. */
export interface ConnectedEngine extends Engine {
  /** Ends what takes long: inputs being opened stay open as far as they were shown, anything else fails as superseded. */
  stop(): void;
}

/** Starts the engine in a worker. */
export function connectEngine(options: EngineOptions = {}): ConnectedEngine {
  const link = new WorkerLink(options);
  return { ...engineAsking((kind, args) => link.ask(kind, args as Arguments<typeof kind>)), stop: () => link.stop() };
}

/** Requests that put another scenario in the place of the open one. */
const OPENING: ReadonlySet<Method> = new Set<Method>(["load", "follow", "open", "choose", "rerun"]);
const LONG: ReadonlySet<Method> = new Set<Method>([...OPENING, "compare", "runUntil"]);

class WorkerLink {
  private readonly spawn: () => WorkerLike;
  private readonly patience: number;
  private readonly options: EngineOptions;
  private worker: WorkerLike | null = null;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;
  /** How the worker came to the scenario that it has open: what a new worker must do first. */
  private opened: { kind: Method; args: unknown[]; shows: boolean }[] = [];
  /** The form it compares that with. */
  private beside: OtherForm | null = null;
  /** How it writes addresses, where that is not the usual way. */
  private notation: Notation | null = null;
  private silentTicks = 0;
  /** In a row, without an answer in between. */
  private deaths = 0;
  private ticker: ReturnType<typeof setInterval> | null = null;

  constructor(options: EngineOptions) {
    this.options = options;
    this.spawn = options.spawn ?? spawnWorker;
    this.patience = options.patience ?? 15_000;
    this.start();
  }

  ask<Kind extends Method>(kind: Kind, args: Arguments<Kind>): Promise<Result<Kind>> {
    return new Promise((resolve, reject) => {
      this.send({ kind, args, resolve, reject });
    });
  }

  stop(): void {
    for (const [id, request] of this.pending) {
      if (LONG.has(request.kind) && !request.reopening) this.worker?.postMessage({ v: PROTOCOL_VERSION, id, kind: "cancel" });
    }
  }

  private send(request: Pending): void {
    if (!this.worker) this.begin();
    const id = this.nextId++;
    this.pending.set(id, request);
    this.watch();
    try {
      this.worker?.postMessage({ v: PROTOCOL_VERSION, id, kind: request.kind, args: request.args } as Request);
    } catch (error) {
      this.pending.delete(id);
      request.reject(new EngineError(`This can't be handed to the engine: ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  private start(): void {
    const worker = this.spawn();
    this.worker = worker;
    this.silentTicks = 0;
    // What a worker says after it was replaced is of no interest.
    const isCurrent = () => this.worker === worker;
    worker.addEventListener("message", (event) => {
      if (isCurrent()) this.receive(event.data);
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      if (isCurrent()) this.replace(event.message ? `The engine failed (${event.message})` : "The engine failed");
    });
    worker.addEventListener("messageerror", () => {
      if (isCurrent()) this.replace("The engine sent something unreadable");
    });
  }

  private receive(data: unknown): void {
    this.silentTicks = 0;
    if (!isReply(data)) return;
    const request = this.pending.get(data.id);
    if (!request) return;
    if (!request.reopening || ![...this.pending.values()].some((other) => other.reopening && other !== request)) this.deaths = 0;
    if (data.kind === "progress") {
      if (request.reopening) return;
      if (data.news?.opened) this.remember(request, data.news.opened);
      this.options.onProgress?.(data);
      return;
    }
    this.pending.delete(data.id);
    if (data.kind === "failed") {
      request.reject(data.superseded ? new SupersededError(data.message) : new EngineError(data.message));
      return;
    }
    if (OPENING.has(request.kind) && !request.reopening) this.remember(request, data.value);
    if (request.kind === "notation") this.notation = request.args[0] as Notation;
    if (request.kind === "compare") this.beside = request.args[0] as OtherForm | null;
    request.resolve(data.value);
  }

  /** Inputs with several sequences open nothing by themselves, but may be chosen from later. */
  private remember({ kind, args }: Pending, value: unknown): void {
    const shows = kind !== "open" || (value as Opened).loaded !== null;
    const step = { kind, args, shows };
    if (kind === "choose") this.opened = [...this.opened.filter((before) => before.kind === "open").slice(-1), step];
    else if (kind === "rerun") this.opened = [...this.opened.filter((before) => before.kind !== "rerun"), step];
    else this.opened = shows ? [step] : [...this.opened.filter((before) => before.shows), step];
    if (shows) this.beside = null;
  }

  /** Ticks only while an answer is due, and counts ticks, not time: a page that slept is not a worker that hung. */
  private watch(): void {
    this.ticker ??= setInterval(() => {
      if (this.pending.size === 0) {
        if (this.ticker !== null) clearInterval(this.ticker);
        this.ticker = null;
        this.silentTicks = 0;
        return;
      }
      this.silentTicks++;
      if (this.silentTicks * TICK_MS >= this.patience) this.replace("The engine did not answer any more", true);
    }, Math.min(TICK_MS, this.patience));
  }

  /** A worker that has open, or soon will have, what the one before it had. */
  private begin(): void {
    this.start();
    const redo = (kind: Method, args: unknown[]) => this.send({ kind, args, resolve: () => {}, reject: () => {}, reopening: true });
    if (this.notation) redo("notation", [this.notation]);
    for (const { kind, args } of this.opened) redo(kind, args);
    if (this.beside) redo("compare", [this.beside]);
  }

  /**
   * A new worker for a dead one: opens the scenario that was open and asks again what is due. What was being answered may have
   * been the cause: a question gets one more chance, a scenario none. After many deaths in a row all are given up; what was
   * open is not forgotten, and the next question begins anew.
   */
  private replace(why: string, hung = false): void {
    this.worker?.terminate();
    this.worker = null;
    const [culprit, ...others] = this.pending.values();
    this.pending.clear();
    this.deaths += hung ? HUNG_COUNTS : 1;
    if (this.deaths > MOST_DEATHS) {
      this.deaths = MOST_DEATHS - 1;
      for (const request of [culprit, ...others]) request?.reject(new EngineError(`${why}, and could not be started again. Reload the page.`));
      return;
    }
    this.begin();
    if (culprit && !culprit.reopening && !culprit.again && !hung && !LONG.has(culprit.kind)) this.send({ ...culprit, again: true });
    else culprit?.reject(new EngineError(`${why}${OPENING.has(culprit.kind) ? " while running this scenario" : ""}; it was started again.`));
    for (const request of others) if (!request.reopening) this.send(request);
    this.options.onNotice?.(`${why} and was started again${this.opened.length > 0 ? "; the scenario is open as before" : ""}.`);
  }
}
