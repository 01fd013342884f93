/** Links to a run: answers that the model gives itself are left out of them, and put back when they are opened. */
import { plainScenario } from "../scenario/calls.ts";
import { decodeLink, encodeLink, MOST_CALLS, prepareLinks } from "../scenario/link/link.ts";
import { LinkError, type LinkView } from "../scenario/link/view.ts";
import { answerOfShape, restores } from "../scenario/recorded-shape.ts";
import type { Scenario, ScenarioCall } from "../scenario/scenario.ts";
import { History } from "./history.ts";
import { kernelFor } from "./kernel-for.ts";
import { answerJson, ourAnswer, recordedState } from "./recorded.ts";

export { prepareLinks };

/** The fragment ("#…") of a link to a finished run. */
export function linkTo(history: History, view: LinkView): Promise<string> {
  if (history.length > MOST_CALLS) throw new LinkError(`A link holds at most ${MOST_CALLS.toLocaleString("en")} calls; this scenario has ${history.length.toLocaleString("en")}. Save it as a file instead.`);
  const scenario = plainScenario(history.scenario);
  const agreeing = new Uint8Array(history.length);
  if (scenario.calls.some((call) => call.recorded)) {
    history.eachAnswer(1, history.length, (step, made, after) => {
      const call = history.call(step);
      const ours = call.recorded ? ourAnswer(scenario, call, made, after) : null;
      if (call.recorded && ours && restores(call.recorded, ours)) agreeing[step - 1] = 1;
    });
  }
  return encodeLink(scenario, { ...view, step: clamped(view.step, history.length) }, (index) => agreeing[index] === 1);
}

/** The scenario in a link, with all its recorded answers, and the view. */
export async function openLink(fragment: string): Promise<{ scenario: Scenario; view: LinkView }> {
  const { scenario, view } = await decodeLink(fragment);
  return { scenario: await withAnswers(scenario), view: { ...view, step: clamped(view.step, scenario.calls.length) } };
}

function clamped(step: number, length: number): number {
  return Math.max(0, Math.min(length, Math.trunc(step)));
}

async function withAnswers(scenario: Scenario): Promise<Scenario> {
  if (!scenario.calls.some((call) => call.recordedAgrees)) return scenario;
  const history = new History(scenario, await kernelFor(scenario));
  history.advance();
  const calls: ScenarioCall[] = [];
  history.eachAnswer(1, history.length, (step, made, after) => {
    const { recordedAgrees: shape, ...call } = history.call(step);
    if (shape && made.def && !made.problem) {
      const ours = answerJson(made.def, made.answer);
      if (shape.keys.includes("state")) ours.state = recordedState(after, scenario.trace);
      call.recorded = answerOfShape(shape, ours);
    }
    calls.push(call);
  });
  return { ...scenario, calls };
}
