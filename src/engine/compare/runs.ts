/** Two runs of the same calls under two forms of the kernel, held against each other step by step. */
import { sizeOf } from "../checkpoints.ts";
import type { History } from "../history.ts";
import { mergedGraph, mergedPasids } from "../queries/merge.ts";
import { PART, type DifferenceView, type Parting } from "../views.ts";
import { Patience, type Watch } from "../run-through.ts";
import { answered, tellAnswers, tellEvents, type Answered } from "./answers.ts";
import { signatureOf, tellDifferences, unequalFacts } from "./differences.ts";
import { factsOf, scopeOf, type Facts } from "./facts.ts";
import { sameWays, tellWays, type Ways } from "./ways.ts";

export interface Comparison {
  /** Null: the two agree to the end. */
  first: Parting | null;
  /** One PART per step, index 0 is step 1. */
  parts: Uint8Array;
  /** Answers are compared at each step; what the calls leave behind at every so many (1 unless the run is huge). */
  every: number;
}

/** So many states of one side are held at a time; the steps of these are compared in one go. */
const CHUNK = 32;
const MOST_STEPS = 2048;
/** How much may be looked at altogether before states are compared less often: about three seconds' worth. A mapping counts 1. */
const MOST_LOOKS = 12_000_000;
/** What looking at a state costs whatever is in it, and at an object or an id. */
const LOOK_AT_ALL = 360;
const LOOK_AT_ONE = 8;

/** Every how many steps the states are compared. Depends on the runs alone, so that a link gives the same everywhere. */
function everySoMany(left: History, right: History): number {
  const weight = (run: History) => {
    const machine = run.at(run.length);
    return LOOK_AT_ALL + sizeOf(machine) + LOOK_AT_ONE * ((mergedPasids(machine)?.ids.length ?? 0) + mergedGraph(machine).nodes.length);
  };
  return Math.max(1, Math.ceil((left.length * Math.max(weight(left), weight(right))) / MOST_LOOKS));
}

/** Compares two finished runs. */
export async function compareRuns(left: History, right: History, watch: Watch): Promise<Comparison> {
  const steps = Math.min(left.length, right.length);
  const every = everySoMany(left, right);
  const parts = new Uint8Array(steps);
  const looking = new Looking(left, right);
  const patience = new Patience();
  let first = 0;
  const chunk = Math.min(MOST_STEPS, CHUNK * every);
  for (let from = 1; from <= steps; from += chunk) {
    const to = Math.min(steps, from + chunk - 1);
    looking.chunk(from, to, (step) => step % every === 0 || step === steps, (step, part) => {
      parts[step - 1] = part;
      if (first === 0 && part !== PART.same) first = step;
    });
    if (to < steps && patience.isOver()) await watch.between(to, steps);
  }
  if (first > 0 && every > 1 && parts[first - 1] === PART.state) first = firstBetween(left, right, Math.max(1, first - every + 1), first);
  if (first > 0 && parts[first - 1] === PART.same) parts[first - 1] = PART.state;
  return { first: first === 0 ? null : tellParting(left, right, first), parts, every };
}

/** The exact step at which states part, where only the last of these steps is known to differ. */
function firstBetween(left: History, right: History, from: number, to: number): number {
  let first = 0;
  new Looking(left, right).chunk(from, to, () => true, (step, part) => {
    if (first === 0 && part !== PART.same) first = step;
  });
  return first === 0 ? to : first;
}

interface Seen {
  answer: Answered;
  facts: Facts | null;
  ways: Ways;
}

/** Walks along both runs and says of each step how they compare; remembers how the states differed before. */
class Looking {
  private readonly left: History;
  private readonly right: History;
  private before = "";

  constructor(left: History, right: History) {
    this.left = left;
    this.right = right;
  }

  chunk(from: number, to: number, isDue: (step: number) => boolean, say: (step: number, part: number) => void): void {
    const scope = scopeOf(this.left.at(0), this.right.at(0));
    const seen: Seen[] = [];
    this.left.eachAnswer(from, to, (step, made, machine, trace) => {
      seen.push({ answer: answered(made, trace), facts: isDue(step) ? factsOf(machine, scope) : null, ways: trace.ways });
    });
    this.right.eachAnswer(from, to, (step, made, machine, trace) => {
      const { answer, facts, ways } = seen[step - from] as Seen;
      const call = this.left.call(step);
      const other = answered(made, trace);
      const answersDiffer = tellAnswers(call, answer, other) !== null;
      const signature = facts ? signatureOf(unequalFacts(facts, factsOf(machine, scope))) : this.before;
      const isNew = signature !== "" && signature !== this.before;
      const sameSoFar = signature === "" ? PART.same : PART.carried;
      const part = answersDiffer ? PART.answer : isNew ? PART.state : tellEvents(call, answer, other) ? PART.answer : !scope.objects || sameWays(ways, trace.ways) ? sameSoFar : PART.path;
      this.before = signature;
      say(step, part);
    });
  }
}

/** The answers of both runs to one call. */
export function bothAnswers(left: History, right: History, step: number): [Answered, Answered] {
  return [left, right].map((run) => {
    const { trace, ...made } = run.explain(step);
    return answered(made, trace);
  }) as [Answered, Answered];
}

/** All that is not the same at a step, the most telling first: the answer, what the call left behind, the way there. */
export function tellStep(left: History, right: History, step: number): { what: Parting["what"]; told: DifferenceView[] } {
  const answers = bothAnswers(left, right, step);
  const call = left.call(step);
  const answer = tellAnswers(call, ...answers);
  const events = tellEvents(call, ...answers);
  const states = tellDifferences(left.at(step), right.at(step));
  const { objects } = scopeOf(left.at(0), right.at(0));
  const ways = objects ? tellWays(left.explain(step).trace.ways, right.explain(step).trace.ways) : [];
  const what = answer ? "answer" : states.length === 0 && !events && ways.length > 0 ? "path" : "state";
  return { what, told: [...(answer ? [answer] : []), ...states, ...(events ? [events] : []), ...ways] };
}

function tellParting(left: History, right: History, step: number): Parting {
  const { what, told } = tellStep(left, right, step);
  return { step, what, text: told[0]?.text ?? "", more: Math.max(0, told.length - 1) };
}
