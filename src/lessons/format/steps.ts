/** The body of a lesson: scenes and steps. */
import { parseHead } from "../../scenario/text/head.ts";
import { changeSetup, isSetupKey } from "../../scenario/text/setup.ts";
import { PANELS, type Comparison, type Focus, type Lesson, type Place, type Question, type Scene, type Step } from "../lesson.ts";
import type { Problems } from "../problem.ts";
import { parseBlocks, type Line } from "../text/blocks.ts";
import { parseCalls, parseExpectation } from "./calls.ts";
import { parseQuestion } from "./question.ts";

interface Fence {
  /** First word after the three signs, and what follows it. */
  kind: string;
  rest: string;
  line: number;
  lines: Line[];
}

type Part = { text: Line } | { fence: Fence };

const FENCES: ReadonlySet<string> = new Set(["call", "ask", "scene", "compare", "solution"]);

/** Cuts a step into its fences and the lines between them; fences of no known kind stay text. */
function partsOf(lines: readonly Line[], problems: Problems): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as Line;
    const opening = /^```(\w+)?\s*(.*)$/.exec(line.text);
    if (!opening) {
      parts.push({ text: line });
      continue;
    }
    const close = lines.findIndex((candidate, index) => index > at && candidate.text.trim() === "```");
    if (close < 0) problems.add(line.number, "this block is never closed with ```");
    const end = close < 0 ? lines.length : close;
    const inner = lines.slice(at + 1, end);
    const kind = opening[1] ?? "";
    if (FENCES.has(kind)) parts.push({ fence: { kind, rest: (opening[2] ?? "").trim(), line: line.number, lines: inner } });
    else if (kind === "") parts.push(...[line, ...inner, { text: "```", number: line.number }].map((text) => ({ text })));
    else problems.add(line.number, `a block is one of ${[...FENCES].join(", ")}, not "${kind}"`);
    at = end;
  }
  return parts;
}

/** Reads one step, which starts with its heading, onto the lesson. */
export function parseStep(lines: readonly Line[], lesson: Lesson, problems: Problems): void {
  const heading = lines[0] as Line;
  const title = heading.text.replace(/^##\s+/, "").trim();
  const before: Line[] = [];
  const after: Line[] = [];
  let question: Question | null = null;
  let comparison: Comparison | null = null;
  let asked: Place | null = null;
  const solutions: Fence[] = [];
  const focus: { before: Focus | null; after: Focus | null } = { before: null, after: null };

  for (const part of partsOf(lines.slice(1), problems)) {
    if ("text" in part) {
      const found = focusOf(part.text, problems);
      if (found) focus[question ? "after" : "before"] = found;
      else (question ? after : before).push(part.text);
      continue;
    }
    const { fence } = part;
    // A fence also ends the paragraph before it.
    (question ? after : before).push({ text: "", number: fence.line });
    if (fence.kind === "call") addCalls(fence, lesson, problems);
    else if (fence.kind === "scene") addScene(fence, lesson, problems);
    else if (fence.kind === "solution") solutions.push(fence);
    else if (fence.kind === "compare") comparison = comparisonOf(fence, lesson, problems);
    else if (question) problems.add(fence.line, "a step asks one question");
    else {
      question = parseQuestion(fence.rest, fence.line, fence.lines, problems);
      asked = endOf(lesson);
    }
  }
  const place = endOf(lesson);
  const step: Step = {
    title, line: heading.number, kind: title === "Try it yourself" ? "try" : "step", asked: asked ?? place, place, prose: parseBlocks(before, problems), focus: focus.before,
    question, after: parseBlocks(after, problems), focusAfter: focus.after, comparison,
    solutions: solutions.flatMap((fence) => addSolution(fence, place, lesson, problems)),
  };
  if (solutions.length > 0 && step.kind !== "try") problems.add(heading.number, "only the last step, ## Try it yourself, has solutions");
  if (step.prose.length === 0 && !question) problems.add(heading.number, "the step says nothing");
  lesson.steps.push(step);
}

function endOf(lesson: Lesson): Place {
  const scene = lesson.scenes.length - 1;
  return { scene, step: (lesson.scenes[scene] as Scene).calls.length };
}

function addCalls(fence: Fence, lesson: Lesson, problems: Problems): void {
  (lesson.scenes.at(-1) as Scene).calls.push(...parseCalls(fence.lines, problems));
}

/** A scene starts from the first one's head, changed by its own, and keeps as many calls of the scene before as it says. */
function addScene(fence: Fence, lesson: Lesson, problems: Problems): void {
  const entries = parseHead(fence.lines, problems);
  for (const entry of entries) if (!isSetupKey(entry.key) && entry.key !== "keep") problems.add(entry.line, `a scene has no "${entry.key}"`);
  const previous = lesson.scenes.at(-1) as Scene;
  const keep = entries.find((entry) => entry.key === "keep");
  const kept = keep === undefined || keep.value === "none" ? 0 : keep.value === "all" ? previous.calls.length : Number(keep.value);
  if (keep && !(kept >= 0 && kept <= previous.calls.length)) problems.add(keep.line, `keep is all, none or a number up to ${previous.calls.length}`);
  // What a call answers may differ here: kept calls are checked where they were made first, and where they are kept only for being made.
  const calls = previous.calls.slice(0, kept).map((call) => ({ ...call, expected: { answer: "", rule: null, outs: [] } }));
  lesson.scenes.push({ label: fence.rest, setup: changeSetup((lesson.scenes[0] as Scene).setup, entries, problems), calls, line: fence.line });
}

/** What the invitation at the end asks for, done: a scene that starts from the lesson's last one. The head comes first, then the calls. */
function addSolution(fence: Fence, { scene, step }: Place, lesson: Lesson, problems: Problems): number[] {
  const from = lesson.scenes[scene] as Scene;
  const end = fence.lines.findIndex((line) => !HEAD_LINE.test(line.text));
  const entries = parseHead(fence.lines.slice(0, end < 0 ? fence.lines.length : end), problems);
  const keep = entries.find((entry) => entry.key === "keep");
  const kept = keep === undefined || keep.value === "all" ? step : Number(keep.value === "none" ? 0 : keep.value);
  for (const entry of entries) if (!isSetupKey(entry.key) && entry.key !== "keep") problems.add(entry.line, `a solution has no "${entry.key}"`);
  if (fence.rest === "") problems.add(fence.line, "a solution needs a name: ```solution in two pieces");
  if (!(kept >= 0 && kept <= step)) problems.add(keep?.line ?? fence.line, `keep is all, none or a number up to ${step}`);
  const calls = from.calls.slice(0, kept).map((call) => ({ ...call, expected: { answer: "", rule: null, outs: [] } }));
  const added = end < 0 ? [] : parseCalls(fence.lines.slice(end), problems);
  return [lesson.scenes.push({ label: fence.rest, setup: changeSetup(from.setup, entries, problems), calls: [...calls, ...added], line: fence.line }) - 1];
}

/** `key: value`, or an entry of a list. */
const HEAD_LINE = /^([a-z_]+:|\s*- )/;

function comparisonOf(fence: Fence, lesson: Lesson, problems: Problems): Comparison {
  const arrow = fence.lines.find((line) => line.text.startsWith("->"));
  const entries = parseHead(fence.lines.filter((line) => line !== arrow), problems);
  for (const entry of entries) if (!isSetupKey(entry.key)) problems.add(entry.line, `a comparison has no "${entry.key}"`);
  if (fence.rest === "") problems.add(fence.line, "a comparison needs a name: ```compare as merged");
  const comparison: Comparison = {
    label: fence.rest, setup: changeSetup((lesson.scenes.at(-1) as Scene).setup, entries, problems), expected: { answer: "", rule: null, outs: [] }, line: arrow?.number ?? fence.line,
  };
  const expected = arrow ? parseExpectation(arrow.text.slice(2)) : "a comparison says what its last call answers: -> OK";
  if (typeof expected === "string") problems.add(arrow?.number ?? fence.line, expected);
  else comparison.expected = expected;
  return comparison;
}

/** A line `focus: …`; null when it is another line. */
function focusOf({ text, number: line }: Line, problems: Problems): Focus | null {
  const target = /^focus:\s+(.+?)\s*$/.exec(text)?.[1];
  if (target === undefined) return null;
  const panel = /^panel:(\w+)$/.exec(target)?.[1];
  if (panel !== undefined) {
    if (!(PANELS as readonly string[]).includes(panel)) problems.add(line, `there is no panel "${panel}"; there are ${PANELS.join(", ")}`);
    return { kind: "panel", panel, line };
  }
  const range = /^(0x[0-9a-f_]+)-(0x[0-9a-f_]+)(?:\s+in\s+(\S+))?$/i.exec(target);
  if (!range) return { kind: "object", key: target, line };
  return { kind: "range", first: (range[1] as string).replaceAll("_", ""), last: (range[2] as string).replaceAll("_", ""), space: range[3] ?? null, line };
}
