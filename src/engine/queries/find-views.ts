/** What a search through a whole scenario gives, and how its steps came out as a whole. Everything here survives structured cloning. */
import type { Range } from "../../kernel/answer.ts";

export type HitKind = "step" | "address" | "mapping" | "hole" | "object" | "rule" | "call";

/** One thing found, and where to go for it. */
export interface FindHit {
  kind: HitKind;
  title: string;
  detail: string;
  /** The step to go to; absent: stay. */
  step?: number;
  /** The object to mark. */
  key?: string;
  /** The addresses to mark, and the space they are in. */
  range?: Range;
  space?: string;
}

export interface FindQuery {
  text: string;
  /** The step on screen: objects and mappings are looked for as they are there. */
  step: number;
  /** The first step whose call is looked at; 0 begins, and looks at the state as well. */
  from: number;
  /** At most so many hits. */
  most: number;
}

/** What a slice of a search gave. */
export interface Found {
  hits: FindHit[];
  /** Where to go on; null when all steps have been looked at or there are enough hits. */
  next: number | null;
}

/** How the steps came out, and which calls they were, in slots of equally many steps. */
export interface TimelineView {
  steps: number;
  slots: number;
  /** "OK" and errnos, the most frequent first, with how many steps each. */
  outcomes: { name: string; count: number }[];
  /** Calls, the most frequent first. */
  calls: { name: string; count: number }[];
  /** Steps of slot s with outcome o: [s * outcomes.length + o]. */
  byOutcome: Uint32Array;
  byCall: Uint32Array;
  /** The first step of slot s with outcome o; 0 without any. */
  firstOutcome: Uint32Array;
  firstCall: Uint32Array;
}
