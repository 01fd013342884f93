import { Fragment, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { lessonLink, sceneScenario, type Lesson, type Scene, type Step } from "../../lessons/lesson.ts";
import { blocksText, plainText } from "../../lessons/text/blocks.ts";
import type { Scenario } from "../../scenario/scenario.ts";
import { useApp, useSession } from "../app.ts";
import { Errno } from "../parts/Errno.tsx";
import { Icon } from "../parts/Icon.tsx";
import { LessonOnPaper } from "./LessonOnPaper.tsx";
import { lessons } from "./library.ts";
import type { LessonPlayer } from "./player.ts";
import { Prose } from "./Prose.tsx";
import { QuestionBox } from "./QuestionBox.tsx";
import "../styles/lessons.css";

const NONE: readonly number[] = [];
const AWAY_MS = 300;

/** The card of the lesson being followed. */
export default function LessonCard({ player }: { player: LessonPlayer }) {
  const { lesson } = player;
  const free = useStore(player.store, (state) => state.free);
  return (
    <div className={free ? "lesson lesson-free" : "lesson"} role="group" aria-label={`Lesson: ${lesson.title}`}>
      {free ? <FreeStrip player={player} /> : <Following player={player} />}
      <LessonOnPaper lesson={lesson} />
    </div>
  );
}

/** The person explores; the lesson waits. After its last step the task stays in sight, with a way to see it done. */
function FreeStrip({ player }: { player: LessonPlayer }) {
  const { edits } = useApp();
  const { lesson } = player;
  const index = useStore(player.store, (state) => state.index);
  const step = lesson.steps[index] as Step;
  return (
    <div className="lesson-strip">
      {step.kind === "try" ? (
        <details className="lesson-task" open>
          <summary>Your task</summary>
          <Prose blocks={[...step.prose, ...step.after]} />
          {step.solutions.length > 0 && <Solutions lesson={lesson} scenes={step.solutions} show={(scene) => void edits.does("change", () => solved(lesson, scene))} />}
        </details>
      ) : (
        <p>
          <b>{lesson.title}</b> waits at step {index + 1}. Change what you like.
        </p>
      )}
      <div className="lesson-buttons">
        <button type="button" className="button button-strong" onClick={() => void player.back()}>
          Back to the lesson
        </button>
        <button type="button" className="button" aria-label="Leave the lesson" onClick={player.close}>
          Leave
        </button>
      </div>
    </div>
  );
}

function Solutions({ lesson, scenes, show }: { lesson: Lesson; scenes: readonly number[]; show: (scene: number) => void }) {
  return (
    <p className="lesson-solutions">
      One way:{" "}
      {scenes.map((scene, index) => (
        <Fragment key={scene}>
          {index > 0 && ", "}
          <button type="button" className="text-button" onClick={() => show(scene)}>
            {lesson.scenes[scene]?.label}
          </button>
        </Fragment>
      ))}
    </p>
  );
}

/** A solution, as a change of what is open: it can be undone. */
function solved(lesson: Lesson, scene: number): { scenario: Scenario; step: number; done: string } {
  const scenario = sceneScenario(lesson, { scene, step: 0 });
  return { scenario, step: scenario.calls.length, done: "a solution of the lesson was opened" };
}

function Following({ player }: { player: LessonPlayer }) {
  const { view } = useApp();
  const { lesson } = player;
  const { index, chosen, revealed: revealedSteps, compared } = useStore(player.store);
  const step = lesson.steps[index] as Step;
  const revealed = step.question === null || revealedSteps.has(index);
  const picked = chosen.get(index) ?? NONE;
  const [folded, setFolded] = useState(false);

  return (
    <>
      <header className="lesson-head">
        <span className="lesson-count">{`Lesson · ${index + 1} of ${lesson.steps.length}`}</span>
        <span className="lesson-grow" />
        <button type="button" className="button button-quiet button-icon lesson-fold" aria-expanded={!folded} aria-label={folded ? "Unfold the lesson" : "Fold the lesson"} onClick={() => setFolded(!folded)}>
          <Icon name={folded ? "unfold" : "fold"} size={14} />
        </button>
        <button type="button" className="button button-quiet button-icon" aria-label="All lessons" title="All lessons" onClick={() => view.open("lessons")}>
          <Icon name="lessons" size={14} />
        </button>
        <button type="button" className="button button-quiet button-icon" aria-label="Leave the lesson" title="Leave the lesson" onClick={player.close}>
          <Icon name="close" size={14} />
        </button>
      </header>
      <progress className="lesson-progress" max={lesson.steps.length} value={index + 1} aria-label="Progress in the lesson" />
      <div className="lesson-body" hidden={folded}>
        <SceneLabel lesson={lesson} step={step} compared={compared} />
        <Title key={index} text={step.title} />
        <Prose blocks={step.prose} />
        {step.question && <QuestionBox key={index} question={step.question} chosen={picked} revealed={revealed} onChoose={player.choose} />}
        {revealed && <Prose blocks={step.after} />}
        {revealed && step.comparison && <ComparisonBox player={player} step={step} compared={compared} />}
        {step.kind === "try" && <Ending lesson={lesson} />}
        <AwayNote step={step} revealed={revealed} />
      </div>
      <Verdict step={step} picked={picked} revealed={revealed} />
      <footer className="lesson-buttons">
        <button type="button" className="button" aria-disabled={index === 0} onClick={() => index > 0 && void player.goto(index - 1)}>
          Back
        </button>
        <Forward player={player} step={step} revealed={revealed} />
      </footer>
    </>
  );
}

/** The reader, by eye or by ear, is taken to the beginning of each step. */
function Title({ text }: { text: string }) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    title.current?.parentElement?.scrollTo(0, 0);
    title.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h3 ref={title} tabIndex={-1}>
      {text}
    </h3>
  );
}

/** The one button that always leads on. */
function Forward({ player, step, revealed }: { player: LessonPlayer; step: Step; revealed: boolean }) {
  const { edits } = useApp();
  const index = useStore(player.store, (state) => state.index);
  if (step.kind === "try") {
    const tryIt = () => {
      player.explore();
      edits.text(true);
    };
    return (
      <button type="button" className="button button-strong" onClick={tryIt}>
        Try it yourself
      </button>
    );
  }
  if (!revealed) {
    return (
      <button type="button" className="button" onClick={player.reveal}>
        Show the answer
      </button>
    );
  }
  return (
    <button type="button" className="button button-strong" onClick={() => void player.goto(index + 1)}>
      Next
    </button>
  );
}

function SceneLabel({ lesson, step, compared }: { lesson: Lesson; step: Step; compared: boolean }) {
  const label = compared && step.comparison ? step.comparison.label : (lesson.scenes[step.place.scene] as Scene).label;
  return label === "" ? null : <span className="lesson-scene">{label}</span>;
}

/** Says aloud what a choice was worth. */
function Verdict({ step, picked, revealed }: { step: Step; picked: readonly number[]; revealed: boolean }) {
  const last = step.question?.options[picked.at(-1) ?? -1];
  const right = step.question?.options.find((option) => option.right);
  const words = last ? `${last.right ? "Right." : "Not so."} ${blocksText(last.feedback)}` : revealed && right ? `The answer: ${plainText(right.text)}. ${blocksText(right.feedback)}` : "";
  return (
    <div className="sr-only" role="status" aria-live="polite">
      {words}
    </div>
  );
}

/** The same calls elsewhere: both answers, and a way to look. */
function ComparisonBox({ player, step, compared }: { player: LessonPlayer; step: Step; compared: boolean }) {
  const { comparison, place } = step;
  const scene = player.lesson.scenes[place.scene] as Scene;
  const call = scene.calls[place.step - 1];
  if (!comparison || !call) return null;
  const rows = [
    { label: scene.label === "" ? "here" : scene.label, answer: call.expected.answer, on: !compared },
    { label: comparison.label, answer: comparison.expected.answer, on: compared },
  ];
  return (
    <div className="lesson-compare">
      <p>The same calls:</p>
      <dl>
        {rows.map(({ label, answer, on }) => (
          <div key={label} className={on ? "lesson-compare-on" : undefined}>
            <dt>{label}</dt>
            <dd>
              <Errno errno={answer === "" ? "OK" : answer} />
            </dd>
          </div>
        ))}
      </dl>
      <button type="button" className="button" aria-pressed={compared} onClick={() => player.compare(!compared)}>
        {compared ? `Back to: ${rows[0]?.label ?? ""}` : `Show: ${comparison.label}`}
      </button>
    </div>
  );
}

/** Shown when the person has stepped elsewhere by hand. */
function AwayNote({ step, revealed }: { step: Step; revealed: boolean }) {
  const { session } = useApp();
  const at = useSession((state) => state.step);
  const wanted = (revealed ? step.place : step.asked).step;
  const [away, setAway] = useState(false);
  // While a step is being brought up the two differ for a moment.
  useEffect(() => {
    const timer = setTimeout(() => setAway(at !== wanted), AWAY_MS);
    return () => clearTimeout(timer);
  }, [at, wanted]);
  if (!away || at === wanted) return null;
  return (
    <p className="lesson-away">
      You are looking at call {at}.{" "}
      <button type="button" className="text-button" onClick={() => void session.goto(wanted)}>
        Back to call {wanted}
      </button>
    </p>
  );
}

/** After the last step: what to take next, and where the facts come from. */
function Ending({ lesson }: { lesson: Lesson }) {
  const next = lessons[lessons.indexOf(lesson) + 1];
  return (
    <>
      {next && (
        <p>
          Next lesson: <a href={lessonLink(next.id, 1)}>{next.title}</a>
        </p>
      )}
      <details className="lesson-sources">
        <summary>Sources</summary>
        <ul>
          {lesson.sources.map((source) => (
            <li key={source}>{source}</li>
          ))}
        </ul>
        <p>
          Every step has its own link, such as <code>{lessonLink(lesson.id, 1)}</code>. Print the page to get the whole lesson on paper.
        </p>
      </details>
    </>
  );
}
