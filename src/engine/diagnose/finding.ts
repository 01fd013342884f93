/** What a diagnosis says. Plain data: it crosses from the worker to the page. */
import type { Range } from "../../kernel/answer.ts";
import type { At } from "../../scenario/clues.ts";
import type { Cause } from "./causes.ts";

/** How sure: the inputs say it themselves; the model found it on the host that the inputs describe; on a host that was assumed. */
export type Confidence = "given" | "modelled" | "guessed";

/** What is lost: everything, peer-to-peer transfers to one BAR only, or nothing. */
export type Severity = "fatal" | "peer-to-peer" | "harmless";

export interface Need {
  /** What it would tell. */
  why: string;
  /** To copy into a terminal. */
  command: string;
}

export interface Finding {
  cause: Cause;
  /** The model's rule; null where no check of the modelled kernel decides. */
  rule: string | null;
  errno: string | null;
  where: At | null;
  /** Step of the scenario, from 1; null when it is about no step. */
  step: number | null;
  /** The range that failed, inclusive. */
  range: Range | null;
  /** The range that decided: a hole, the end of the aperture, the mapping in the way. */
  decidedBy: Range | null;
  /** What it is about, in the words of the log: "pc.ram", "0000:01:00.0", "group 1". */
  object: string;
  /** What failed and why, one or two sentences. */
  text: string;
  remedy: string;
  severity: Severity;
  confidence: Confidence;
  /** What the confidence rests on. */
  basis: string;
  needs: Need[];
}

export interface Diagnosis {
  /** The likeliest first. */
  findings: Finding[];
  /** One paragraph to send to whoever asked; empty when nothing was found. */
  reply: string;
}
