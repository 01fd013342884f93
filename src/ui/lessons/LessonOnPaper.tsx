import type { Lesson, Step } from "../../lessons/lesson.ts";
import { Prose, Words } from "./Prose.tsx";

/** Calls that a step adds to its scene. */
function callsOf(lesson: Lesson, index: number): string[] {
  const { place } = lesson.steps[index] as Step;
  const before = lesson.steps[index - 1]?.place;
  const from = before?.scene === place.scene ? before.step : 0;
  return (lesson.scenes[place.scene]?.calls ?? []).slice(from, place.step).map(({ text, expected }) => (expected.answer === "" ? text : `${text} → ${expected.answer}`));
}

/** The whole lesson, all steps and all answers; hidden on a screen, printed on paper. */
export function LessonOnPaper({ lesson }: { lesson: Lesson }) {
  return (
    <article className="lesson-paper">
      <h1>{lesson.title}</h1>
      <p>{lesson.summary}</p>
      {lesson.steps.map((step, index) => (
        <section key={index}>
          <h2>{`${index + 1}. ${step.title}`}</h2>
          {lesson.scenes[step.place.scene]?.label !== "" && <p className="lesson-paper-scene">{lesson.scenes[step.place.scene]?.label}</p>}
          <Prose blocks={step.prose} still />
          {step.question && (
            <>
              <p>
                <b>
                  <Words content={step.question.prompt} still />
                </b>
              </p>
              <ul>
                {step.question.options.map((option, at) => (
                  <li key={at} className={option.right ? "lesson-paper-right" : undefined}>
                    {option.right ? "☑ " : "☐ "}
                    {option.other ? "anything else" : <Words content={option.text} still />}
                    <Prose blocks={option.feedback} still />
                  </li>
                ))}
              </ul>
            </>
          )}
          {callsOf(lesson, index).length > 0 && <pre>{callsOf(lesson, index).join("\n")}</pre>}
          <Prose blocks={step.after} still />
        </section>
      ))}
      <h2>Sources</h2>
      <ul>
        {lesson.sources.map((source) => (
          <li key={source}>{source}</li>
        ))}
      </ul>
    </article>
  );
}
