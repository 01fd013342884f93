import { useEffect, useId, useState, type FormEvent } from "react";
import { useStore } from "zustand";
import { useApp, useSession, useView } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { goalOf, type Stop } from "./entry.ts";
import { KIND_WORDS, objectsIn, stopFrom, type Known } from "./goal-text.ts";
import "../styles/history.css";

/** Rules and errnos to choose from are fetched with the list of rules. */
function useKnown(): Known {
  const frame = useSession((state) => state.frame);
  const rows = useSession((state) => state.rows);
  const [rules, setRules] = useState<readonly string[]>([]);
  useEffect(() => {
    let current = true;
    void import("../../engine/rule-list.ts").then((module) => {
      if (current) setRules([...new Set(module.allRules().map((rule) => rule.id))]);
    }, () => {});
    return () => {
      current = false;
    };
  }, []);
  const calls = [...new Set([...rows.values()].flatMap((page) => page.map((row) => row.call)))];
  return { objects: objectsIn(frame), calls, rules };
}

interface Hint {
  text: string;
  what: string;
}

function hintsFor(known: Known): Hint[] {
  const object = known.objects.find(({ key }) => !key.startsWith("igroup:"))?.names[0] ?? "ioas 1";
  const call = known.calls.find((name) => /MAP|alloc/.test(name)) ?? known.calls[0] ?? "IOMMU_IOAS_MAP";
  return [
    { text: "refused", what: "any answer but OK" }, { text: "EINVAL", what: "this answer" }, { text: call, what: "this call" },
    { text: object, what: "a change of this object" }, { text: "0xfee00000 + 1 MiB", what: "anything in this range" }, { text: known.rules.find((id) => id === "object-in-use") ?? "iova-misaligned", what: "a refusal by this rule" },
  ];
}

function Stops() {
  const { history } = useApp();
  const stops = useStore(history.store, (state) => state.stops);
  const skips = useStore(history.store, (state) => state.skips);
  return (
    <section className="until-stops" aria-label="What Play stops at">
      <h3>Play stops at</h3>
      {stops.length === 0 && <p className="quiet">Nothing yet. What you add here stays until another scenario is opened.</p>}
      <ul>
        {stops.map((stop, index) => (
          <li key={stop.text}>
            <span className="until-kind">{KIND_WORDS[stop.goal.kind]}</span> {stop.text}
            <button type="button" className="button button-quiet button-icon" aria-label={`Do not stop at ${stop.text}`} onClick={() => history.setStops(stops.filter((_, at) => at !== index), skips)}>
              <Icon name="close" size={12} />
            </button>
          </li>
        ))}
      </ul>
      <label className="until-skips">
        <input type="checkbox" checked={skips} onChange={(event) => history.setStops(stops, event.currentTarget.checked)} /> Step over runs of equal calls
      </label>
    </section>
  );
}

/** Says where a run should stop: at once, or whenever Play comes by. */
export default function UntilDialog() {
  const { view, history } = useApp();
  const selection = useView((state) => state.selection);
  const stops = useStore(history.store, (state) => state.stops);
  const skips = useStore(history.store, (state) => state.skips);
  const known = useKnown();
  const [text, setText] = useState("");
  const [tried, setTried] = useState(false);
  const [fieldId, listId, errorId] = [useId(), useId(), useId()];
  const stop = stopFrom(text, known);
  const problem = tried && !stop ? "This is no answer, call, rule, object or address that is known here." : "";

  const run = (direction: 1 | -1, chosen: Stop | null = stop) => {
    setTried(true);
    if (!chosen) return;
    view.open(null);
    history.hunt(chosen.goal, `nothing like “${chosen.text}”`, direction);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    run(1);
  };
  const add = () => {
    setTried(true);
    if (!stop) return;
    if (!stops.some((known_) => known_.text === stop.text)) history.setStops([...stops, stop], skips);
    setText("");
    setTried(false);
  };

  return (
    <Dialog title="Run until…" onClose={() => view.open(null)}>
      <form className="until" onSubmit={submit}>
        <label htmlFor={fieldId}>An answer, a call, a rule, an object or a range</label>
        <input
          id={fieldId}
          type="text"
          data-first-focus
          autoComplete="off"
          spellCheck={false}
          list={listId}
          value={text}
          aria-invalid={problem !== ""}
          aria-describedby={errorId}
          onChange={(event) => {
            setText(event.currentTarget.value);
            setTried(false);
          }}
        />
        <datalist id={listId}>
          {[...known.calls, ...known.objects.map((object) => object.names[0] ?? object.key), ...known.rules].slice(0, 400).map((option) => (
            <option key={option} value={option}>
              {option}
            </option>
          ))}
        </datalist>
        <p id={errorId} className={problem === "" ? "until-means" : "until-means until-problem"} aria-live="polite">
          {problem !== "" ? problem : stop ? <><span className="until-kind">{KIND_WORDS[stop.goal.kind]}</span> {stop.text}</> : "For example:"}
        </p>
        <ul className="until-hints">
          {hintsFor(known).map((hint) => (
            <li key={hint.text}>
              <button type="button" className="chip" onClick={() => setText(hint.text)}>
                <code>{hint.text}</code>
              </button>
              <span className="quiet">{hint.what}</span>
            </li>
          ))}
        </ul>
        <div className="until-buttons">
          <button type="button" className="button" onClick={() => run(-1)}>
            Back to the last one
          </button>
          {selection && (
            <button type="button" className="button" onClick={() => run(1, { goal: goalOf(selection), text: "what is marked" })}>
              Next change of what is marked
            </button>
          )}
          <button type="button" className="button" onClick={add}>
            Stop there when playing
          </button>
          <button type="submit" className="button button-strong">
            Run to the next one
          </button>
        </div>
      </form>
      <Stops />
    </Dialog>
  );
}
