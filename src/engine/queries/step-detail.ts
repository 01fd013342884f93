/** Everything about one call, for people. */
import { ensure } from "../../base/assert.ts";
import { isJsonObject } from "../../base/json.ts";
import type { CallDef, Given } from "../../kernel/call.ts";
import type { CallTrace } from "../../kernel/call-trace.ts";
import type { Rule } from "../../kernel/rules/rule.ts";
import { callCount } from "../../scenario/calls.ts";
import type { AnyScenario } from "../../scenario/scenario.ts";
import type { Explained } from "../history.ts";
import { outcomeOf } from "../make-call.ts";
import { compareRecorded, nameOf, ourAnswer, type Difference } from "../recorded.ts";
import type { AdviceView, CheckView, RecordedView, StepDetail } from "../views.ts";
import { detailLine, resultLine } from "./call-line.ts";
import { valueText } from "./values.ts";

/** The checks made, and after a refusal those of the call's order that were not reached. */
export function checkViews(trace: CallTrace, def: CallDef | null): CheckView[] {
  const views = trace.checks.map((check): CheckView => ({
    rule: check.rule.id, holds: check.rule.holds, meaning: check.rule.meaning, fn: check.fn,
    state: check.passed ? "passed" : "failed", objects: check.objects, range: check.range, note: check.note,
  }));
  return trace.refusedBy ? [...views, ...unreached(trace, def).map(unreachedView)] : views;
}

function unreached(trace: CallTrace, def: CallDef | null): Rule[] {
  const made = new Set(trace.checks.map((check) => check.rule));
  const order = def?.order ?? [];
  const last = Math.max(-1, ...[...made].map((rule) => order.indexOf(rule)));
  return order.slice(last + 1).filter((rule) => !made.has(rule));
}

function unreachedView(rule: Rule): CheckView {
  return { rule: rule.id, holds: rule.holds, meaning: rule.meaning, fn: rule.fn, state: "unreached", objects: [], range: null, note: "" };
}

function adviceView(trace: CallTrace): AdviceView | null {
  const { advice } = trace;
  return !advice || (advice.text === "" && advice.fits.length === 0 && advice.objects.length === 0) ? null : advice;
}

/** "from the log: pinning failed with EFAULT". */
export function givenText(given: Given | undefined): string | null {
  if (!given) return null;
  const facts: string[] = [];
  if (given.pin) facts.push(`pinning the memory failed with ${given.pin}`);
  if (given.driver) facts.push(`the driver or the host refused with ${given.driver}`);
  return facts.length === 0 ? null : `${given.source}: ${facts.join(", ")}`;
}

function differenceText(who: string, difference: Difference): string {
  const show = (value: unknown) => (value === undefined ? "nothing" : typeof value === "string" ? value : JSON.stringify(value));
  if (difference.path === "errno" || difference.path === "fault" || difference.path === "ret") {
    return `${who} answered ${show(difference.expected)}, the model ${show(difference.got)}`;
  }
  return `${difference.path}: ${who} gave ${show(difference.expected)}, the model ${show(difference.got)}`;
}

function recordedView(scenario: AnyScenario, explained: Explained): RecordedView | null {
  const { call, after } = explained;
  const compared = compareRecorded(scenario, call, explained, after);
  if (!compared) return null;
  const recorded = ensure(call.recorded, "recorded answer");
  const source = recorded.partial ? "from the log" : "recorded";
  const who = recorded.partial ? "the log's kernel" : "the kernel";
  const name = nameOf(recorded);
  if (explained.problem) return { source, agrees: false, text: `${who} answered ${name}; the model has no answer` };
  return { source, agrees: compared.agrees, text: compared.difference ? differenceText(who, compared.difference) : `${who} answered ${name} too` };
}

/** A sentence's end: what the refusal means, as part of one spoken sentence. */
function spokenReason(rule: Rule): string {
  return rule.meaning.replace(/\.$/, "");
}

/** The view of one explained call. */
export function stepDetail(scenario: AnyScenario, explained: Explained): StepDetail {
  const { step, call, def, trace } = explained;
  const outcome = outcomeOf(explained, trace);
  const ours = ourAnswer(scenario, call, explained, explained.after);
  const rule = trace.refusedBy;
  const result = ours ? resultLine(call.call, call.in, ours) : "";
  const place = `Step ${step} of ${callCount(scenario.calls)}, ${call.call}`;
  const detail = detailLine(call.call, call.in);
  return {
    step,
    call: call.call,
    summary: def?.summary ?? "",
    fields: Object.entries(call.in).map(([name, json]) => ({ name, value: valueText(call.call, name, json) })),
    errno: outcome.name,
    out: outFields(call.call, ours),
    rule: rule && { id: rule.id, meaning: rule.meaning, fn: trace.checks.find((check) => check.rule === rule && !check.passed)?.fn ?? rule.fn },
    checks: checkViews(trace, def),
    effects: trace.effects,
    advice: adviceView(trace),
    recorded: recordedView(scenario, explained),
    note: call.note ?? "",
    given: givenText(call.given),
    spoken: outcome.refused
      ? `${place}: ${outcome.name}. ${rule ? spokenReason(rule) + "." : ""}`.trim()
      : `${place}${detail === "" ? "" : `, ${detail}`}: done${result === "" ? "" : `, gave ${result.slice(2)}`}.`,
  };
}

function outFields(call: string, ours: ReturnType<typeof ourAnswer>): StepDetail["out"] {
  if (!ours) return [];
  const fields = Object.entries(ours.out ?? {}).map(([name, json]) => ({ name, value: valueText(call, name, json) }));
  if (isJsonObject(ours.ret)) fields.push(...Object.entries(ours.ret).map(([name, json]) => ({ name, value: valueText(call, name, json) })));
  else if (ours.ret !== undefined) fields.push({ name: "ret", value: valueText(call, "ret", ours.ret) });
  if (ours.race_ret !== undefined) fields.push({ name: "race_ret", value: valueText(call, "race_ret", ours.race_ret) });
  return fields;
}
