/** Holds every statement of a lesson against the model. */
import { answerJson } from "../../engine/recorded.ts";
import { parseU64 } from "../../base/u64.ts";
import type { Glossary } from "../format/glossary.ts";
import { parseLessonLink, sceneScenario, type Expectation, type Focus, type Lesson, type Place, type Question, type Scene, type Step } from "../lesson.ts";
import { Problems, type Problem } from "../problem.ts";
import { eachInline, type Block, type Inline } from "../text/blocks.ts";
import type { Claim } from "../text/claim.ts";
import { decide, same } from "./claims.ts";
import { Run, type Moment } from "./moment.ts";
import { AskError, keysOf, outOf } from "./subjects.ts";

/** What a lesson can only be held against together with others. */
export interface Surroundings {
  /** How many steps each lesson has, by id. */
  lessons: ReadonlyMap<string, number>;
  glossary: Glossary;
}

export interface Checked {
  problems: Problem[];
  /** Statements, calls, predictions and places that the model confirmed or refuted. */
  statements: number;
}

/** Checks one lesson that has been read. */
export function checkLesson(lesson: Lesson, surroundings: Surroundings): Checked {
  const checker = new Checker(lesson, surroundings);
  checker.lesson();
  return { problems: checker.problems.list.sort((one, other) => one.line - other.line), statements: checker.statements };
}

class Checker {
  readonly problems: Problems;
  statements = 0;
  private readonly subject: Lesson;
  private readonly surroundings: Surroundings;
  /** One run per scene; null where a scene can't be started. */
  private readonly runs: (Run | null)[];

  constructor(lesson: Lesson, surroundings: Surroundings) {
    this.subject = lesson;
    this.surroundings = surroundings;
    this.problems = new Problems(lesson.file);
    this.runs = lesson.scenes.map((scene, index) => this.start(scene.line, () => new Run(sceneScenario(lesson, { scene: index, step: 0 }))));
  }

  lesson(): void {
    const { subject, surroundings } = this;
    for (const need of subject.needs) if (!surroundings.lessons.has(need)) this.problems.add(1, `it needs the lesson "${need}", which there is not`);
    subject.scenes.forEach((scene, index) => this.scene(scene, this.runs[index] ?? null));
    for (const step of subject.steps) this.step(step);
    const last = subject.steps.findLast((step) => step.kind === "step");
    if (last && !last.question) this.problems.add(last.line, "the last step asks nothing: a lesson ends with a question");
    if (subject.steps.at(-1)?.kind !== "try") this.problems.add(subject.steps.at(-1)?.line ?? 1, 'the lesson does not end with "## Try it yourself"');
  }

  private start(line: number, make: () => Run): Run | null {
    try {
      return make();
    } catch (error) {
      this.problems.add(line, `this scenario can't be run: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  }

  private scene({ calls }: Scene, run: Run | null): void {
    if (!run) return;
    calls.forEach((call, index) => this.expectation(call.expected, run.at(index + 1), call.line, `call ${index + 1}, ${call.call.call},`));
  }

  private expectation(expected: Expectation, moment: Moment, line: number, what: string): void {
    if (expected.answer === "") return;
    this.statements++;
    const answer = moment.answer();
    if (answer !== expected.answer) {
      const rule = moment.explained?.trace.refusedBy;
      const note = moment.explained?.problem ? `: ${moment.explained.trace.checks.at(-1)?.note ?? ""}` : rule ? ` (${rule.id})` : "";
      this.problems.add(line, `${what} answers ${answer}${note}, not ${expected.answer}`);
      return;
    }
    const rule = moment.explained?.trace.refusedBy?.id ?? "none";
    if (expected.rule !== null && rule !== expected.rule) this.problems.add(line, `${what} is refused by the rule ${rule}, not by ${expected.rule}`);
    const { explained } = moment;
    const ours = explained?.def ? answerJson(explained.def, explained.answer) : null;
    for (const { name, value } of expected.outs) {
      const found = ours ? outOf(ours, name) : null;
      if (!same(value, found)) this.problems.add(line, `${what} gives ${name} ${JSON.stringify(found)}, not ${value}`);
    }
  }

  private step(step: Step): void {
    const asked = this.at(step.asked);
    const place = this.at(step.place);
    if (step.kind === "step" && !step.focus && !step.focusAfter) this.problems.add(step.line, "the step points at nothing: focus: an object, a range or a panel");
    this.text(step.prose, step, asked);
    this.text(step.after, step, place);
    this.focus(step.focus, asked);
    this.focus(step.focusAfter, place);
    if (step.question) this.question(step.question, step, place);
    if (step.comparison) {
      const run = this.compared(step);
      if (run) this.expectation(step.comparison.expected, run.at(step.place.step), step.comparison.line, `compared with "${step.comparison.label}", the last call`);
    }
  }

  private at({ scene, step }: Place): Moment | null {
    return this.runs[scene]?.at(step) ?? null;
  }

  private compared(step: Step): Run | null {
    const { comparison } = step;
    if (!comparison) return null;
    return this.start(comparison.line, () => new Run(sceneScenario(this.subject, step.place, comparison)));
  }

  private text(content: readonly (Block | Inline)[], step: Step, moment: Moment | null): void {
    eachInline(content, (inline) => {
      if (inline.kind === "claim") this.claim(inline.claim, step, moment, true);
      if (inline.kind === "term" && !this.surroundings.glossary.has(inline.term)) this.problems.add(inline.line, `the glossary does not explain "${inline.term}"`);
      if (inline.kind === "link") this.link(inline.href, inline.line);
    });
  }

  /** A link to a lesson leads to a step that is there. */
  private link(href: string, line: number): void {
    const target = parseLessonLink(href);
    if (!target) return;
    const steps = this.surroundings.lessons.get(target.id);
    if (steps === undefined) this.problems.add(line, `there is no lesson "${target.id}"`);
    else if (target.step > steps) this.problems.add(line, `the lesson "${target.id}" has ${steps} steps, not ${target.step}`);
  }

  private claim(claim: Claim, step: Step, moment: Moment | null, wanted: boolean): void {
    const about = this.momentOf(claim, step, moment);
    if (!about) return;
    this.statements++;
    try {
      const { holds, model } = decide(claim, about);
      if (holds !== wanted) this.problems.add(claim.line, wanted ? `{{${claim.source}}} is false: the model says ${model}` : `{{${claim.source}}} is marked wrong, but the model says so`);
    } catch (error) {
      if (!(error instanceof AskError)) {
        this.problems.add(claim.line, `{{${claim.source}}}: the model failed: ${error instanceof Error ? error.message : String(error)}`);
        return;
      }
      // A wrong answer may be about something that is not there.
      if (wanted) this.problems.add(claim.line, `{{${claim.source}}} can't be asked: ${error.message}`);
    }
  }

  private momentOf(claim: Claim, step: Step, moment: Moment | null): Moment | null {
    const run = claim.compared ? this.compared(step) : (this.runs[step.place.scene] ?? null);
    if (claim.compared && !step.comparison) this.problems.add(claim.line, "the step compares with nothing");
    if (!run) return null;
    if (claim.call === null) return claim.compared ? run.at(step.place.step) : moment;
    if (claim.call > run.length) {
      this.problems.add(claim.line, `there are ${run.length} calls, not ${claim.call}`);
      return null;
    }
    return run.at(claim.call);
  }

  private question(question: Question, step: Step, place: Moment | null): void {
    this.text(question.prompt, step, this.at(step.asked));
    for (const option of question.options) {
      this.text(option.feedback, step, place);
      eachInline(option.text, (inline) => {
        if (inline.kind === "term") this.text([inline], step, place);
      });
      if (option.claim) this.claim(option.claim, step, place, option.right);
      else if (option.right && question.kind !== "concept") this.problems.add(option.line, "the right answer must be a statement that the model decides: {{subject = value | words}}, or the question one of kind concept");
    }
  }

  private focus(focus: Focus | null, moment: Moment | null): void {
    if (!focus || !moment) return;
    this.statements++;
    if (focus.kind === "object" && !keysOf(moment).has(focus.key)) this.problems.add(focus.line, `nothing has the key "${focus.key}" here; there are ${[...keysOf(moment)].slice(0, 40).join(", ") || "none"}`);
    if (focus.kind !== "range") return;
    const first = parseU64(focus.first);
    const last = parseU64(focus.last);
    if (first === null || last === null || first > last) this.problems.add(focus.line, `"${focus.first}-${focus.last}" is no range: first and last byte, both included`);
    if (focus.space !== null && !moment.space(focus.space)) this.problems.add(focus.line, `there is no IOVA space "${focus.space}" here`);
    if (moment.spaces.length === 0) this.problems.add(focus.line, "there is no IOVA space here yet");
  }
}
