import { plural } from "../../base/format.ts";
import { lessonLink, type Lesson } from "../../lessons/lesson.ts";
import { useApp } from "../app.ts";
import { Icon } from "../parts/Icon.tsx";
import { messageOf } from "../state/notices.ts";
import { lessons } from "./library.ts";
import { progressOf } from "./progress.ts";
import "../styles/lessons.css";

function Entry({ lesson }: { lesson: Lesson }) {
  const { lessons: entry, notices } = useApp();
  const { step, done } = progressOf(lesson.id);
  const start = done || step === 0 ? 1 : step + 1;
  const questions = lesson.steps.filter((one) => one.question).length;
  return (
    <li>
      <a
        className="lesson-entry"
        href={lessonLink(lesson.id, start)}
        onClick={(event) => {
          if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
          event.preventDefault();
          void entry.open(lesson.id, start, "push").catch((error: unknown) => notices.problem(messageOf(error)));
        }}
      >
        <span className="lesson-entry-title">{lesson.title}</span>
        <span className="lesson-entry-about">{lesson.summary}</span>
        <span className="lesson-entry-facts">
          {`${plural(lesson.minutes, "minute")} · ${plural(lesson.steps.length, "step")} · ${plural(questions, "question")}`}
          {done ? (
            <span className="lesson-done">
              <Icon name="check" size={12} /> done
            </span>
          ) : (
            step > 0 && <span className="lesson-begun">{`continue at step ${start}`}</span>
          )}
        </span>
      </a>
    </li>
  );
}

/** All lessons, with how far one has come. */
export default function Shelf() {
  return (
    <ol className="lesson-shelf">
      {lessons.map((lesson) => (
        <Entry key={lesson.id} lesson={lesson} />
      ))}
    </ol>
  );
}
