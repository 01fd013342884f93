/** The text that was brought, beside what was made of it: each line's colour says what became of it, and leads to its step. Not modal. */
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { plural } from "../../base/format.ts";
import { MARK, type LaidBeside, type SourceInput } from "../../engine/views.ts";
import { useApp, useSession, useView } from "../app.ts";
import { rowWindow, scrollToRow } from "../calls/virtual-rows.ts";
import { Icon } from "../parts/Icon.tsx";
import { aboutRefusals, linesShown, rowOf, SHOWN, stateOf, tallyOf, whyOf, type Shown } from "./rows.ts";
import { useLaidBeside, useLineTexts } from "./use-lines.ts";
import "../styles/lines.css";

/** Height of a row, px; lines.css has the same. */
const ROW = 21;
const SHOWN_NAMES: Record<Shown, string> = { all: "All lines", steps: "Lines that make steps", quiet: "Understood, no step", skipped: "Skipped" };

export default function LinesPanel() {
  const { view } = useApp();
  const laid = useLaidBeside();
  const panel = useRef<HTMLElement>(null);
  const before = useRef<Element | null>(null);
  useEffect(() => {
    before.current = document.activeElement;
    panel.current?.focus();
  }, []);
  const close = (): void => {
    view.open(null);
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  return (
    // Escape closes it, from wherever in it one is.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      ref={panel}
      className="lines"
      tabIndex={-1}
      aria-label="The text, line by line"
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        event.preventDefault();
        close();
      }}
    >
      <header className="lines-head">
        <h2>The text, line by line</h2>
        <button type="button" className="button button-quiet button-icon" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </header>
      {laid.state === "there" ? <Texts beside={laid.beside} /> : <p className="lines-wait">{laid.state === "reading" ? "Reading it once more…" : laid.why}</p>}
    </section>
  );
}

/** "3:412" of a finding's place: input and line. */
function placeOf(about: string | null, inputs: readonly SourceInput[]): { input: number; line: number } | null {
  const match = /^(.*):(\d+)$/.exec(about ?? "");
  const input = match ? inputs.findIndex(({ name }) => name === match[1]) : -1;
  return match && input >= 0 ? { input, line: Number(match[2]) } : null;
}

function Texts({ beside }: { beside: LaidBeside }) {
  const about = useView((state) => state.about);
  const step = useSession((state) => state.step);
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  const ofStep = { input: beside.stepInput[step - 1] ?? 0, line: beside.stepLine[step - 1] ?? 0 };
  // A place that was asked for, or an input that was chosen, holds until the step changes: then its text is what is looked at.
  const [chosen, setChosen] = useState(() => {
    const asked = placeOf(about, beside.inputs);
    return asked && { ...asked, step };
  });
  const [shown, setShown] = useState<Shown>("all");
  const holds = chosen !== null && (chosen.step === step || ofStep.line === 0);
  const { input, line } = holds ? chosen : ofStep;
  const marks = useSession((state) => state.loaded?.marks);
  const text = useMemo(() => aboutRefusals(beside, input, marks ?? new Uint8Array()), [beside, input, marks]);
  if (!text) return <p className="lines-wait">There is no text.</p>;
  const changed = beside.stepLine.length > 0 && beside.stepLine.length !== steps;
  return (
    <>
      <Tools beside={beside} text={text} input={input} onInput={(next) => setChosen({ input: next, line: next === ofStep.input ? ofStep.line : 0, step })} shown={shown} onShown={setShown} />
      {changed && <p className="lines-note">The scenario was changed since it was read, so lines no longer lead to steps.</p>}
      <Lines key={`${input}:${shown}`} index={input} text={text} shown={shown} linked={!changed} start={line} />
    </>
  );
}

function Tools(props: { beside: LaidBeside; text: SourceInput; input: number; onInput: (input: number) => void; shown: Shown; onShown: (shown: Shown) => void }) {
  const { inputs } = props.beside;
  const { text } = props;
  const tally = useMemo(() => tallyOf(text), [text]);
  const counts: Record<Shown, number> = { all: text.count, steps: tally.step, quiet: tally.quiet, skipped: tally.skipped };
  return (
    <div className="lines-tools">
      {inputs.length > 1 && (
        <label>
          Input{" "}
          <select value={props.input} onChange={(event) => props.onInput(Number(event.currentTarget.value))}>
            {inputs.map(({ name }, index) => (
              // Inputs may share a name.
              <option key={`${index}:${name}`} value={index}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="lines-shown" role="radiogroup" aria-label="Which lines">
        {SHOWN.map((shown) => (
          <button key={shown} type="button" role="radio" aria-checked={props.shown === shown} className={`lines-filter lines-filter-${shown}`} disabled={counts[shown] === 0} onClick={() => props.onShown(shown)}>
            {SHOWN_NAMES[shown]} <span>{counts[shown].toLocaleString("en")}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

function Lines({ index, text, shown, linked, start }: { index: number; text: SourceInput; shown: Shown; linked: boolean; start: number }) {
  const { session } = useApp();
  const id = useId();
  const step = useSession((state) => state.step);
  const marks = useSession((state) => state.loaded?.marks);
  const lines = useMemo(() => linesShown(text, shown), [text, shown]);
  const rows = lines === null ? text.count : lines.length;
  const lineAt = (row: number) => (lines === null ? row + 1 : (lines[row] ?? 0));
  const list = useRef<HTMLDivElement>(null);
  const [viewHeight, setViewHeight] = useState(400);
  const [scrollTop, setScrollTop] = useState(0);
  const [moved, setMoved] = useState<{ row: number; start: number } | null>(null);
  const active = moved?.start === start ? moved.row : rowOf(lines, Math.max(1, start));
  const setActive = (row: number): void => setMoved({ row, start });

  useLayoutEffect(() => {
    const element = list.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setViewHeight(element.clientHeight));
    observer.observe(element);
    setViewHeight(element.clientHeight);
    return () => observer.disconnect();
  }, []);
  useLayoutEffect(() => {
    const element = list.current;
    if (element && viewHeight > 0) element.scrollTop = scrollToRow(active, rows, ROW, viewHeight, element.scrollTop);
  }, [active, rows, viewHeight]);

  const { height, first, count, top } = rowWindow(rows, ROW, viewHeight, scrollTop);
  const visible = Array.from({ length: count }, (_, offset) => lineAt(first + offset));
  const textOf = useLineTexts(index, visible);
  const go = (row: number): void => {
    setActive(row);
    const to = text.steps[lineAt(row) - 1] ?? 0;
    if (!linked || to === 0) return;
    session.play(false);
    void session.goto(to);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(viewHeight / ROW) - 1);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -rows, End: rows }[event.key];
    if (event.key === "Enter" || event.key === " ") go(active);
    else if (move !== undefined) setActive(Math.max(0, Math.min(rows - 1, active + move)));
    else return;
    event.stopPropagation();
    event.preventDefault();
  };
  return (
    <>
      <div ref={list} className="lines-list" role="listbox" tabIndex={0} aria-label={`${text.name}, ${plural(text.count, "line")}`} aria-activedescendant={active >= first && active < first + count ? `${id}-${active}` : undefined} onKeyDown={onKeyDown} onScroll={(event) => setScrollTop(event.currentTarget.scrollTop)}>
        <div className="lines-all" role="presentation" style={{ height }}>
          {visible.map((line, offset) => {
            const row = first + offset;
            const of = text.steps[line - 1] ?? 0;
            const state = stateOf(text, line);
            const refused = linked && of > 0 && (marks?.[of - 1] ?? MARK.ok) !== MARK.ok;
            const why = whyOf(text, line);
            return (
              // The list has the keyboard.
              // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
              <div
                key={line}
                id={`${id}-${row}`}
                role="option"
                aria-selected={linked && of > 0 && of === step}
                aria-label={`Line ${line}${why === "" ? ", empty" : `, ${why}`}${refused ? ", which was refused or differs" : ""}: ${textOf(line) ?? ""}`}
                className={`line line-is-${refused ? "refused" : state}${of > 0 && linked ? " line-leads" : ""}${row === active ? " line-active" : ""}`}
                style={{ transform: `translateY(${top + offset * ROW}px)` }}
                title={why}
                onClick={() => go(row)}
              >
                <span className="line-number">{line}</span>
                <code>{textOf(line) ?? ""}</code>
                {of > 0 && linked && <span className="line-step">{of}</span>}
              </div>
            );
          })}
        </div>
      </div>
      <p className="lines-why" aria-hidden="true">
        {rows === 0 ? "No such line." : `Line ${lineAt(active)}: ${whyOf(text, lineAt(active)) || "empty"}.`}
      </p>
    </>
  );
}
