/** A scenario, or one step of it, for a mail, an issue or a commit message. */
import { plural } from "../../base/format.ts";
import type { History } from "../history.ts";
import { stepDetail } from "../queries/step-detail.ts";
import type { StepDetail } from "../views.ts";
import type { AnsweredCall } from "./answers.ts";

/** Calls that a mail lists; of more, the first ones and those that were refused. */
const MOST_LISTED = 120;
const FIRST = 20;
const MOST_REFUSED = 60;
/** Longer links break in mail programs: they are left to the person. */
const LONGEST_LINK = 8000;

/** All calls, each with its answer and, where it was refused, the reason. */
export function scenarioMarkdown(history: History, calls: Iterable<AnsweredCall>, link: string | null): string {
  const { scenario, config } = history;
  const all = history.length <= MOST_LISTED;
  const lines: string[] = [];
  let refused = 0;
  let skipped = 0;
  for (const { step, line, outcome, refused: isRefused, answer } of calls) {
    if (isRefused) refused++;
    if (!all && step > FIRST && !(isRefused && refused <= MOST_REFUSED)) {
      skipped++;
      continue;
    }
    if (skipped > 0) lines.push(gap(skipped));
    skipped = 0;
    const out = answer?.out && Object.keys(answer.out).length > 0 ? `, ${outText(answer.out)}` : "";
    lines.push(`${step}. ${code(line)} → ${isRefused ? `**${plain(outcome)}**` : `${plain(outcome)}${out}`}`);
    if (isRefused) lines.push(...reasonLines(detailOf(history, step)).map((text) => `${" ".repeat(`${step}. `.length)}${text}`));
  }
  if (skipped > 0) lines.push(gap(skipped));
  const head = [
    `### ${plain(scenario.title === "" ? "A scenario" : scenario.title)}`, "",
    `${plain(config.platform.name)} · Linux ${plain(config.kernel)} · ${plural(history.length, "call")}${refused > 0 ? `, ${refused} refused` : ""}`, "",
  ];
  return `${[...head, ...lines, "", linkText(link)].join("\n").trimEnd()}\n`;
}

/** One step: the call, the answer, the check that refused, what would work. */
export function stepMarkdown(history: History, step: number, line: string, link: string | null): string {
  const { config } = history;
  const detail = detailOf(history, step);
  const lines = [`${code(line)} → **${plain(detail.errno)}**${detail.out.length > 0 ? ` (${detail.out.map(({ name, value }) => `${plain(name)} ${plain(value)}`).join(", ")})` : ""}`, ""];
  lines.push(...reasonLines(detail));
  if (detail.rule) lines.push(`Check ${code(detail.rule.id)} in ${code(`${detail.rule.fn}()`)}; ${plural(detail.checks.filter(({ state }) => state === "passed").length, "check")} passed before it.`);
  else lines.push(...detail.effects.slice(0, 8).map(({ text }) => `- ${plain(text)}`));
  if (detail.given !== null) lines.push(`Taken as given: ${plain(detail.given)}.`);
  if (detail.recorded && !detail.recorded.agrees) lines.push(`${plain(detail.recorded.text)}.`);
  return `${[...lines.flatMap((row) => (row.startsWith("- ") || row === "" ? [row] : [row, ""])), "", `Step ${step} of ${plain(history.scenario.title)} · ${plain(config.platform.name)} · Linux ${plain(config.kernel)}`, "", linkText(link)].join("\n").replaceAll(/\n{3,}/g, "\n\n").trimEnd()}\n`;
}

function detailOf(history: History, step: number): StepDetail {
  return stepDetail(history.scenario, history.explain(step));
}

function reasonLines(detail: StepDetail): string[] {
  if (!detail.rule) return [];
  const failed = detail.checks.find(({ state }) => state === "failed");
  const lines = [`${plain(detail.rule.meaning)}${failed && failed.note !== "" ? ` (${plain(failed.note)})` : ""}`];
  if (detail.advice && detail.advice.text !== "") lines.push(`What would work: ${plain(detail.advice.text)}`);
  return lines;
}

function gap(count: number): string {
  return `\n   … ${plural(count, "call")} left out …\n`;
}

function linkText(link: string | null): string {
  return link === null ? "" : link.length > LONGEST_LINK ? `The link to it has ${link.length.toLocaleString("en")} characters, too many for a mail: attach the scenario's file.` : `Opened in iovascope: <${link}>`;
}

const MOST_OUT = 200;

function outText(out: object): string {
  const parts = Object.entries(out).map(([name, value]) => `${plain(name)} ${typeof value === "object" ? code(JSON.stringify(value)) : plain(String(value))}`);
  const text = parts.join(", ");
  return text.length > MOST_OUT ? `${parts.length} outputs` : text;
}

/** Text that Markdown takes as it is, on one line. */
function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, " ").replaceAll(/[\\`*[\]<>|~#]|(?<!\w)_|_(?!\w)/g, "\\$&").trim();
}

/** A code span around any text. */
function code(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  const pad = line.startsWith("`") || line.endsWith("`") ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}
