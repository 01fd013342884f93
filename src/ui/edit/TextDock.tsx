import { useEffect, useRef, useState } from "react";
import type { TextProblem } from "../../engine/views.ts";
import { useApp, useEdits, useSession } from "../app.ts";
import { Icon } from "../parts/Icon.tsx";
import { recall, remember } from "../state/memory.ts";
import { messageOf } from "../state/notices.ts";
import "../styles/edit.css";
import { rewriting } from "./changes.ts";
import type { Editor } from "./editor.ts";

/** Typing rests this long before the text is read, in milliseconds. */
const QUIET = 300;
const MOST_PROBLEMS = 3;
/** A text that could not be read is remembered under this name, should the page go away. */
const UNREAD = "unread-text";

/** The scenario as text: what can be read takes effect at once, what can't stays as it was typed. */
export default function TextDock() {
  const { session, edits, notices } = useApp();
  const load = useSession((state) => state.load);
  const step = useSession((state) => state.step);
  const draft = useEdits((state) => state.draft);
  const [text, setText] = useState<string | null>(draft);
  const [lines, setLines] = useState<readonly number[]>([]);
  const [problems, setProblems] = useState<readonly TextProblem[]>([]);
  /** The scenario was changed elsewhere while the text could not be read. */
  const [elsewhere, setElsewhere] = useState(false);
  const [unread, setUnread] = useState(() => recall(UNREAD));
  const [editor, setEditor] = useState<Editor | null>(null);
  /** The load that was open when the editor was. */
  const openedAt = useRef(load);
  /** The text is ours: the scenario that comes is made of it. */
  const mine = useRef(false);
  const area = useRef<HTMLTextAreaElement>(null);
  const hadFocus = useRef(false);
  const host = useRef<HTMLDivElement>(null);
  /** The step whose line the text has last been moved to. */
  const followed = useRef<number | null>(null);
  const lost = draft !== null && problems.length > 0;

  const keepDraft = (next: string | null) => {
    edits.store.setState({ draft: next });
    remember(UNREAD, next);
  };
  const takeScenario = () =>
    session.engine.text().then(
      (view) => {
        setText(view.text);
        setLines(view.lines);
        setProblems([]);
        setElsewhere(false);
        keepDraft(null);
      },
      (error: unknown) => {
        notices.problem(messageOf(error));
        edits.text(false);
      },
    );

  // Another scenario, or one changed elsewhere, brings its own text; unless what stands here would be lost.
  useEffect(() => {
    if (mine.current) return;
    if (edits.store.getState().draft !== null) setElsewhere(load !== openedAt.current);
    else void takeScenario();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- only another scenario brings another text
  }, [load]);

  // What is typed is read when typing rests.
  useEffect(() => {
    if (draft === null) return undefined;
    let wanted = true;
    const timer = setTimeout(() => {
      void (async () => {
        try {
          const read = await session.engine.readText(draft);
          if (!wanted) return;
          setProblems(read.problems);
          if (!read.scenario) {
            remember(UNREAD, draft);
            return;
          }
          setLines(read.lines);
          mine.current = true;
          const { scenario } = read;
          await edits.does("change", rewriting(scenario));
          mine.current = false;
          if (edits.store.getState().draft === draft) keepDraft(null);
          setElsewhere(false);
        } catch (error) {
          mine.current = false;
          if (wanted) setProblems([{ line: 1, column: 1, length: 1, message: messageOf(error) }]);
        }
      })();
    }, QUIET);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [draft, session, edits]);

  const type = (next: string) => {
    setText(next);
    edits.store.setState({ draft: next });
  };
  const typeLatest = useRef(type);
  const caretLatest = useRef<(line: number) => void>(() => {});
  useEffect(() => {
    typeLatest.current = type;
    caretLatest.current = (line) => {
      const at = lines.findLastIndex((start) => start <= line) + 1;
      if (edits.store.getState().draft === null && at !== session.store.getState().step) void session.goto(at);
    };
  });

  const isReady = text !== null;
  useEffect(() => {
    const element = host.current;
    if (!element || !isReady) return undefined;
    let made: Editor | null = null;
    let wanted = true;
    import("./editor.ts").then(
      async ({ createEditor }) => {
        const offers = await session.engine.offers(0);
        if (!wanted) return;
        hadFocus.current = document.activeElement === area.current;
        made = createEditor(element, { text: area.current?.value ?? "", offers, onText: (next) => typeLatest.current(next), onCaret: (line) => caretLatest.current(line) });
        setEditor(made);
      },
      // Without the editor the plain text field stays.
      () => {},
    );
    return () => {
      wanted = false;
      made?.destroy();
      setEditor(null);
    };
  }, [isReady, session]);

  useEffect(() => {
    if (editor && text !== null) editor.setText(text);
  }, [editor, text]);
  useEffect(() => editor?.setProblems(problems), [editor, problems, text]);
  useEffect(() => {
    if (!editor) return;
    const line = step > 0 ? (lines[step - 1] ?? null) : null;
    editor.setCurrent(line, followed.current !== step);
    if (line !== null) followed.current = step;
  }, [editor, lines, step, text]);
  // The editor is in sight only now; before, it could not take the focus over.
  useEffect(() => {
    if (editor && hadFocus.current) editor.focus();
  }, [editor]);
  useEffect(() => {
    area.current?.focus();
  }, [isReady]);

  const goTo = ({ line, column }: TextProblem) => {
    if (editor) editor.goTo(line, column);
    else {
      const at = (text ?? "").split("\n").slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
      area.current?.focus();
      area.current?.setSelectionRange(at, at);
    }
  };
  const close = () => {
    edits.text(false);
    document.querySelector<HTMLElement>(".calls")?.focus();
  };

  return (
    <section className="text-dock" aria-label="Scenario as text">
      <header className="text-head">
        <h2>Scenario as text</h2>
        <p className={problems.length > 0 ? "text-state text-broken" : "text-state"} role="status">
          {problems.length > 0 ? `Not applied: ${problems.length === 1 ? "one place" : `${problems.length} places`} can’t be read.` : draft !== null ? "Reading …" : "In step with the calls."}
        </p>
        {lost && (
          <button type="button" className="button" onClick={() => void takeScenario()}>
            Back to the scenario
          </button>
        )}
        <button type="button" className="button button-quiet button-icon" aria-label="Close the text" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {elsewhere && (
        <p className="text-bar">
          The scenario was changed elsewhere; your text is kept.
          <button type="button" className="button" onClick={() => void takeScenario()}>Take the scenario’s</button>
        </p>
      )}
      {unread !== null && unread !== text && draft === null && (
        <p className="text-bar">
          A text from before could not be read, and was kept.
          <button type="button" className="button" onClick={() => { setUnread(null); type(unread); }}>Bring it back</button>
          <button type="button" className="button button-quiet" onClick={() => { setUnread(null); remember(UNREAD, null); }}>Forget it</button>
        </p>
      )}
      <div className="text-body">
        {text !== null && !editor && (
          <textarea ref={area} className="text-plain" aria-label="Calls, one a line" spellCheck={false} autoCapitalize="off" autoComplete="off" wrap="off" value={text} onChange={(event) => type(event.currentTarget.value)} />
        )}
        <div ref={host} className="text-host" hidden={editor === null} />
      </div>
      {problems.length > 0 && (
        <ul className="text-problems" aria-label="Places that can’t be read">
          {problems.slice(0, MOST_PROBLEMS).map((problem) => (
            <li key={`${problem.line}:${problem.column}:${problem.message}`}>
              <button type="button" onClick={() => goTo(problem)}>
                <span className="text-place">{problem.line}:{problem.column}</span> {problem.message}
              </button>
            </li>
          ))}
          {problems.length > MOST_PROBLEMS && <li className="quiet">and {problems.length - MOST_PROBLEMS} more</li>}
        </ul>
      )}
    </section>
  );
}
