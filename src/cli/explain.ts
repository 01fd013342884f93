import { rangeText } from "../base/format.ts";
import type { Json } from "../base/json.ts";
import { hex } from "../base/u64.ts";
import type { Range } from "../kernel/answer.ts";
import type { AdviceView, CheckView, StepDetail } from "../engine/views.ts";
import { needFiles, numberOption, parseArguments } from "./arguments.ts";
import { inWords, readScenario } from "./files.ts";
import { CommandError, type Output } from "./output.ts";

/** `explain FILE... [--step N] [--json]`: the answer of a call, and every check in order. Without --step: the first refusal, else the last call. */
export async function explainCommand(args: string[], output: Output): Promise<number> {
  const parsed = parseArguments(args, { "--step": "value", "--json": true });
  const wanted = numberOption(parsed, "--step");
  const { engine, scenario } = await readScenario(needFiles(parsed), output);
  const loaded = await inWords(engine.load(scenario));
  const step = wanted ?? loaded.interesting;
  if (loaded.steps === 0) throw new CommandError("the scenario has no calls");
  if (step < 1 || step > loaded.steps) throw new CommandError(`--step must be from 1 to ${loaded.steps}`);
  const { detail } = await inWords(engine.frame(step, { space: null, window: null, px: 100 }));
  if (!detail) throw new CommandError(`there is nothing to explain at step ${step}`);
  output.print(parsed.options.has("--json") ? `${JSON.stringify(detailJson(detail), null, 2)}\n` : detailText(detail, loaded.steps));
  return 0;
}

function rangeJson(range: Range | null): Json {
  return range && { first: hex(range.first), last: hex(range.last) };
}

/** The machine-readable answer: checks as the handler made them, without those that were not reached. */
function detailJson(detail: StepDetail): Json {
  return {
    call: detail.call,
    errno: detail.errno,
    rule: detail.rule?.id ?? null,
    checks: detail.checks.filter((check) => check.state !== "unreached").map((check) => ({
      rule: check.rule, function: check.fn, passed: check.state === "passed", objects: check.objects.map(({ key, label }) => ({ key, label })), range: rangeJson(check.range),
    })),
    advice: detail.advice ? adviceText(detail.advice) : "",
  };
}

/** The advice with the ranges that fit and the things that must go, in words. */
export function adviceText({ text, fits, objects }: AdviceView): string {
  const parts = text === "" ? [] : [text];
  const unsaid = fits.map((range) => rangeText(range.first, range.last)).filter((range) => !text.includes(range));
  if (unsaid.length > 0) parts.push(`What fits: ${unsaid.join(", ")}.`);
  const unnamed = objects.filter(({ label }) => !text.includes(label));
  if (unnamed.length > 0) parts.push(`In the way: ${unnamed.map(({ label }) => label).join(", ")}.`);
  return parts.join(" ");
}

const SIGNS: Record<CheckView["state"], string> = { passed: "✓", failed: "✗", unreached: "·" };

function checkLines(check: CheckView): string[] {
  if (check.state === "unreached") return [`  ${SIGNS.unreached} ${check.holds} (not reached)`];
  const lines = [`  ${SIGNS[check.state]} ${check.holds}  [${check.rule}, ${check.fn}]`];
  if (check.note !== "") lines.push(`      ${check.note}`);
  if (check.objects.length > 0) lines.push(`      ${check.objects.map(({ label }) => label).join(", ")}`);
  if (check.range) lines.push(`      ${rangeText(check.range.first, check.range.last)}`);
  return lines;
}

function section(title: string, lines: string[]): string[] {
  return lines.length === 0 ? [] : ["", title, ...lines];
}

function fieldLines(fields: StepDetail["fields"]): string[] {
  const width = Math.max(0, ...fields.map(({ name }) => name.length));
  return fields.map(({ name, value }) => `  ${name.padEnd(width)}  ${value}`);
}

/** The same for a person at a terminal. */
function detailText(detail: StepDetail, steps: number): string {
  const refusal = detail.rule ? [`  ${detail.rule.meaning}`, `  (${detail.rule.id}, ${detail.rule.fn})`] : [];
  const remarks = [detail.note, detail.given ?? ""].filter((remark) => remark !== "").map((remark) => `  ${remark}`);
  const lines = [
    `Step ${detail.step} of ${steps}: ${detail.call} → ${detail.errno}`,
    ...(detail.summary === "" ? [] : [`  ${detail.summary}`]),
    ...refusal,
    ...section("Notes", remarks),
    ...section("Fields", fieldLines(detail.fields)),
    ...section("Gave", fieldLines(detail.out)),
    ...section("Checks, in the kernel's order", detail.checks.flatMap(checkLines)),
    ...section("Changed", detail.effects.map((effect) => `  ${effect.text}`)),
    ...section("What would work", detail.advice ? [`  ${adviceText(detail.advice)}`] : []),
    ...section("Recorded", detail.recorded ? [`  ${detail.recorded.agrees ? "agrees" : "DIFFERS"} (${detail.recorded.source}): ${detail.recorded.text}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
