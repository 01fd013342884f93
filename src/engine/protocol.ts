/**
 * What the page and its worker say to each other. A message of another version is answered with "failed", never guessed at.
 * Requests are answered in the order made, each with exactly one "done" or "failed"; those that run long send "progress" before.
 */
import type { Engine, Progress } from "./views.ts";

export const PROTOCOL_VERSION = 1;

export type Method = keyof Engine;
export type Arguments<Kind extends Method> = Parameters<Engine[Kind]>;
export type Result<Kind extends Method> = Awaited<ReturnType<Engine[Kind]>>;

interface Message {
  v: typeof PROTOCOL_VERSION;
  /** Of the request: replies carry the id they answer. */
  id: number;
}

export type Ask<Kind extends Method = Method> = Kind extends Method ? Message & { kind: Kind; args: Arguments<Kind> } : never;
/** The answer to request `id` is no longer wanted: it fails as "superseded" unless it is done already. */
export type Cancel = Message & { kind: "cancel" };
export type Request = Ask | Cancel;

export type Done = Message & { kind: "done"; value: unknown };
export type Failed = Message & { kind: "failed"; message: string; superseded: boolean };
export type InProgress = Message & { kind: "progress" } & Progress;
export type Reply = Done | Failed | InProgress;

/** Everything that can be asked; a method is named here, declared in `Engine` and answered by `Session`, and nowhere else. */
const ANSWERED: Record<Method, true> = {
  read: true,
  open: true,
  choose: true,
  rerun: true,
  load: true,
  compare: true,
  interleave: true,
  rows: true,
  frame: true,
  runUntil: true,
  diff: true,
  invariants: true,
  tryDestroy: true,
  find: true,
  timeline: true,
  diagnose: true,
  state: true,
  scenario: true,
  file: true,
  link: true,
  unlink: true,
  follow: true,
  export: true,
  notation: true,
  text: true,
  readText: true,
  named: true,
  resolve: true,
  offers: true,
  tryCall: true,
  compareWith: true,
  layBeside: true,
  sourceLines: true,
  findScrub: true,
  scrub: true,
};
export const METHODS = Object.keys(ANSWERED) as Method[];

/** An Engine that hands every question to `ask`. */
export function engineAsking(ask: (kind: Method, args: unknown[]) => Promise<unknown>): Engine {
  return Object.fromEntries(METHODS.map((kind) => [kind, (...args: unknown[]) => ask(kind, args)])) as unknown as Engine;
}

/** Is this a request that we speak? Anything may arrive at a message handler. */
export function isRequest(data: unknown): data is Request {
  if (typeof data !== "object" || data === null) return false;
  const { v, id, kind, args } = data as Record<string, unknown>;
  if (v !== PROTOCOL_VERSION || typeof id !== "number" || typeof kind !== "string") return false;
  return kind === "cancel" || (Object.hasOwn(ANSWERED, kind) && Array.isArray(args));
}

export function isReply(data: unknown): data is Reply {
  if (typeof data !== "object" || data === null) return false;
  const { v, id, kind } = data as Record<string, unknown>;
  return v === PROTOCOL_VERSION && typeof id === "number" && (kind === "done" || kind === "failed" || kind === "progress");
}

/** Buffers of an answer, or of news, that may change hands instead of being copied. */
export function transfersOf(value: unknown): ArrayBuffer[] {
  const { marks, loaded, opened } = (value ?? {}) as { marks?: unknown; loaded?: unknown; opened?: unknown };
  if (marks instanceof Uint8Array && marks.buffer instanceof ArrayBuffer) return [marks.buffer];
  return loaded || opened ? transfersOf(loaded ?? opened) : [];
}
