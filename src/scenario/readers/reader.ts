import type { Facts } from "./facts.ts";
import type { Needs } from "./literals.ts";

/** What became of a line that a reader knew. */
export interface Taken {
  /** Why it makes no step and tells nothing, when so: "not modelled: VFIO_DEVICE_RESET". */
  ignored?: string;
}

/** Reads one input, line by line, and remembers what it needs from one line to the next. */
export interface Session {
  /** What came before may make any line one of this format. */
  readonly expecting?: boolean;
  /** Null: not a line of this format. Otherwise what the line says is in the facts. */
  take(line: string, number: number): Taken | null;
}

/** What a line says by itself, whatever stands before and after it. */
export interface Plain<Event> {
  /** What its numbers are; null: nothing but a count comes of it. `line` is set later. */
  event: Event | null;
  /** Nothing but a count comes of it, though its numbers decide that it is one of these lines. */
  isSilent?: boolean;
  ignored: string | undefined;
}

/** One format of text. Readers never claim each other's lines, so one paste may mix formats. */
export interface Reader {
  /** For people: "QEMU VFIO trace". */
  readonly format: string;
  /** All of these are met by every line that a session takes, unless it is expecting one. */
  readonly needs: readonly Needs[];
  open(facts: Facts, input: string): Session;
}

export const USED: Taken = Object.freeze({});

export function ignored(why: string): Taken {
  return { ignored: why };
}
