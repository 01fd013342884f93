import type { History } from "../history.ts";
import { laneStep, lanesNow } from "../lanes.ts";
import { ourAnswer } from "../recorded.ts";
import { MARK, type StepRow } from "../views.ts";
import { detailLine, resultLine } from "./call-line.ts";

/** Lines of the call list for steps [from, from + count), as far as there are any. Costs a few calls, whatever the length of the run. */
export function buildRows(history: History, from: number, count: number): StepRow[] {
  const first = Math.max(1, from);
  const last = Math.min(history.ran, from + count - 1);
  const rows: StepRow[] = [];
  if (last < first) return rows;
  let lanes = lanesNow(history.at(first - 1));
  history.eachAnswer(first, last, (step, made, after, trace) => {
    const call = history.call(step);
    const mark = history.marks[step - 1];
    const errno = history.outcome(step);
    // A recorded state is not part of the line: don't build ours for it.
    const ours = errno === "OK" ? ourAnswer(history.scenario, { ...call, recorded: undefined }, made, after) : null;
    const before = lanes;
    lanes = lanesNow(after);
    const lane = laneStep(call, before, lanes);
    rows.push({
      step, call: call.call, detail: detailLine(call.call, call.in), errno, result: ours ? resultLine(call.call, call.in, ours) : "",
      diverges: mark === MARK.diverges, given: call.given !== undefined, note: call.note ?? "",
      ...(trace.damaged && { damaged: true }), ...(lane && { lane }),
    });
  });
  return rows;
}
