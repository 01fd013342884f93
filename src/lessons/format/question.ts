/** Question blocks: a prompt, then options as a task list, each with the reason below it. */
import { parseU64 } from "../../base/u64.ts";
import type { Option, Question, QuestionKind } from "../lesson.ts";
import type { Problems } from "../problem.ts";
import { eachInline, parseBlocks, parseInline, plainText, type Inline, type Line } from "../text/blocks.ts";
import type { Claim } from "../text/claim.ts";

const KINDS: ReadonlySet<string> = new Set<QuestionKind>(["choice", "address", "click", "concept"]);
const OPTION = /^- \[( |x)\]\s+(.*)$/;
/** Statements whose first argument is an object that can be pointed at. */
const ABOUT_OBJECT: ReadonlySet<string> = new Set(["users", "exists", "holders", "type"]);

/** Reads a block that starts with ```ask KIND; null when it is none. */
export function parseQuestion(kind: string, opening: number, lines: readonly Line[], problems: Problems): Question | null {
  if (!KINDS.has(kind)) {
    problems.add(opening, `a question is one of ${[...KINDS].join(", ")}, not "${kind}"`);
    return null;
  }
  const first = lines.findIndex((line) => OPTION.test(line.text));
  const head = lines.slice(0, first < 0 ? lines.length : first).filter((line) => line.text.trim() !== "");
  const prompt = head.flatMap(({ text, number }, index): Inline[] => [...(index === 0 ? [] : [{ kind: "text" as const, text: " " }]), ...parseInline(text.trim(), number, problems)]);
  const options = first < 0 ? [] : optionsOf(kind as QuestionKind, lines.slice(first), problems);
  if (prompt.length === 0) problems.add(opening, "the question asks nothing");
  if (!options.some((option) => option.right)) problems.add(opening, "no answer is marked right: - [x]");
  if (!options.some((option) => !option.right)) problems.add(opening, "a question needs a wrong answer too: - [ ]");
  return { kind: kind as QuestionKind, prompt, options, line: opening };
}

function optionsOf(kind: QuestionKind, lines: readonly Line[], problems: Problems): Option[] {
  const starts = lines.flatMap((line, index) => (OPTION.test(line.text) ? [index] : []));
  return starts.map((start, index) => optionOf(kind, lines.slice(start, starts[index + 1]), problems));
}

function optionOf(kind: QuestionKind, lines: readonly Line[], problems: Problems): Option {
  const { text: opening, number: line } = lines[0] as Line;
  const [, tick, label] = OPTION.exec(opening) as RegExpExecArray;
  const text = parseInline((label as string).trim(), line, problems);
  const feedback = parseBlocks(lines.slice(1).map(({ text: reason, number }) => ({ text: reason.replace(/^ {1,4}/, ""), number })), problems);
  if (feedback.length === 0) problems.add(line, "an answer needs its reason, indented below it");
  let claim: Claim | null = null;
  eachInline(text, (inline) => {
    if (inline.kind === "claim") claim ??= inline.claim;
  });
  const words = plainText(text).trim();
  const other = words === "else";
  if (other && kind !== "address" && kind !== "click") problems.add(line, '"else" is for questions of kind address and click');
  const target = other ? null : targetOf(kind, claim, words);
  if (target === null && !other && (kind === "address" || kind === "click")) problems.add(line, kind === "address" ? "no address in this answer" : "nothing in this answer can be pointed at");
  return { right: tick === "x", text, feedback, claim, other, target, line };
}

function targetOf(kind: QuestionKind, claim: Claim | null, words: string): string | null {
  if (kind === "address") {
    const address = (claim?.value ?? words).replaceAll("_", "");
    return parseU64(address) === null ? null : address;
  }
  if (kind !== "click" || claim === null) return null;
  return ABOUT_OBJECT.has(claim.subject) ? (claim.args[0] ?? null) : claim.value;
}
