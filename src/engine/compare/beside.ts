/** A second run of the open scenario, under another form of the kernel, shown beside the first. */
import type { Kernel } from "../../kernel/kernel.ts";
import { isLarge, withoutAnswers } from "../../scenario/calls.ts";
import { underForm, type OtherForm } from "../../scenario/other-form.ts";
import type { AnyScenario } from "../../scenario/scenario.ts";
import { History } from "../history.ts";
import { buildFrame } from "../queries/frame.ts";
import { buildRows } from "../queries/rows.ts";
import { runThrough, type Watch } from "../run-through.ts";
import { PART, type Compared, type Frame, type IovaQuery, type OtherSide, type StepRow } from "../views.ts";
import { nameOfForm, ownForm } from "./forms.ts";
import { bothAnswers, compareRuns, tellStep } from "./runs.ts";

/** Differences told of one step; the rest is a number. */
const MOST_TOLD = 8;
/** In the place of an errno where a form has no such call, or where a CPU's call has ended before. */
const NO_SUCH_CALL = "no such call";
const ENDED = "ended";

/** Runs a scenario under another form and finds where the two part. */
export async function runBeside(left: History, target: OtherForm, kernelFor: (scenario: History["scenario"]) => Promise<Kernel>, watch: Watch): Promise<Beside> {
  const scenario = anyUnderForm(left.scenario, target);
  const right = new History(scenario, await kernelFor(scenario));
  await runThrough(right, watch);
  const { first, parts, every } = await compareRuns(left, right, watch);
  return new Beside(left, right, { target, left: nameOfForm(ownForm(left.config, target)), right: nameOfForm(target), first, parts, every });
}

/** Runs another scenario of as many calls, and finds where the two part. */
export async function runAgainst(left: History, scenario: AnyScenario, name: string, kernelFor: (scenario: History["scenario"]) => Promise<Kernel>, watch: Watch): Promise<Beside> {
  const right = new History(scenario, await kernelFor(scenario));
  await runThrough(right, watch);
  const { first, parts, every } = await compareRuns(left, right, watch);
  return new Beside(left, right, { target: {}, left: "as it is", right: name, first, parts, every });
}

function anyUnderForm(scenario: AnyScenario, target: OtherForm): AnyScenario {
  return isLarge(scenario) ? { ...underForm({ ...scenario, calls: [] }, target), calls: withoutAnswers(scenario.calls) } : underForm(scenario, target);
}

export class Beside {
  readonly compared: Compared;
  /** The run under the other form. */
  readonly right: History;
  private readonly left: History;

  constructor(left: History, right: History, compared: Compared) {
    this.left = left;
    this.right = right;
    this.compared = compared;
  }

  /** The left run's frame together with the right run's. */
  joined(frame: Frame, query: IovaQuery): Frame {
    const { step } = frame;
    const told = step === 0 ? [] : tellStep(this.left, this.right, step).told;
    const other: OtherSide = {
      frame: buildFrame(this.right, step, query), differences: told.slice(0, MOST_TOLD), more: Math.max(0, told.length - MOST_TOLD),
      part: step === 0 ? PART.same : (this.compared.parts[step - 1] ?? PART.same),
    };
    return { ...frame, other };
  }

  /** The left run's lines with the right run's answers. */
  withOther(rows: StepRow[]): StepRow[] {
    const [first] = rows;
    if (!first) return rows;
    const others = buildRows(this.right, first.step, rows.length);
    return rows.map((row, index): StepRow => {
      const part = this.compared.parts[row.step - 1] ?? PART.same;
      const other = others[index];
      if (!other) return row;
      const [, answer] = row.errno === other.errno ? [] : bothAnswers(this.left, this.right, row.step);
      const errno = answer?.unknown ? NO_SUCH_CALL : answer?.idle ? ENDED : other.errno;
      return { ...row, other: { part, errno, result: other.result } };
    });
  }
}
