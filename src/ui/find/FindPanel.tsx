/** Finds an address, a range, an object, a rule, a call or a step in the whole scenario, and goes there. Not modal: one sees where it leads. */
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { FindHit, HitKind } from "../../engine/views.ts";
import { useApp, useSession } from "../app.ts";
import { Icon } from "../parts/Icon.tsx";
import { messageOf } from "../state/notices.ts";
import { takeTyped } from "./entry.ts";
import { goTo } from "./go-to.ts";
import { MOST_HITS, search, type SearchState } from "./search.ts";
import "../styles/find.css";

/** So long nothing must be typed before a search begins. */
const PAUSE_MS = 120;
const NAMES: Record<HitKind, string> = { step: "step", address: "address", mapping: "mapping", hole: "hole", object: "object", rule: "rule", call: "call" };
const EXAMPLES: readonly [text: string, what: string][] = [
  ["0xfee00000", "an address, what lies there, and the calls about it"],
  ["1M + 64K", "a range: start + length, or first – last"],
  ["ioas 3", "an object or a device"],
  ["EBUSY", "an errno, a call or a rule by its name"],
  ["812", "a step by its number"],
];

const NOTHING: SearchState = { hits: [], looked: null };

export default function FindPanel() {
  const app = useApp();
  const { view, session } = app;
  const list = useId();
  /** It keeps what is typed itself: no key may be lost while the page is busy. */
  const field = useRef<HTMLInputElement>(null);
  const before = useRef<Element | null>(null);
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  const [text, setText] = useState("");
  const [found, setFound] = useState<SearchState>(NOTHING);
  const [problem, setProblem] = useState("");
  const [active, setActive] = useState(-1);
  const wanted = text.trim();

  useEffect(() => {
    before.current = document.activeElement;
    const input = field.current;
    if (!input) return;
    input.value = takeTyped();
    input.focus();
    queueMicrotask(() => setText(input.value));
  }, []);
  useEffect(() => {
    if (wanted === "") return undefined;
    let end = (): void => {};
    const timer = setTimeout(() => {
      end = search(session.engine, wanted, session.store.getState().step, setFound, (error) => setProblem(messageOf(error)));
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [wanted, session]);

  const change = (next: string): void => {
    if (field.current && field.current.value !== next) field.current.value = next;
    setText(next);
    setActive(-1);
    setProblem("");
    if (next.trim() === "") setFound(NOTHING);
  };
  const close = (): void => {
    view.open(null);
    if (before.current instanceof HTMLElement) before.current.focus();
  };
  const go = (index: number): void => {
    const hit = found.hits[index];
    if (!hit) return;
    setActive(index);
    if (hit.kind === "rule") change(hit.title);
    else void goTo(hit, app);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Enter") go(event.shiftKey ? Math.max(0, active - 1) : active < 0 ? 0 : active);
    else if (step !== undefined && found.hits.length > 0) {
      const next = (active + step + found.hits.length) % found.hits.length;
      setActive(next);
      document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
    } else return;
    event.preventDefault();
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- keys of the field and of its list
    <section className="find" role="dialog" aria-label="Find" onKeyDown={onKeyDown}>
      <div className="find-head">
        <input
          ref={field}
          type="search"
          role="combobox"
          aria-label="Find an address, a range, an object, a rule, a call or a step"
          aria-expanded={found.hits.length > 0}
          aria-controls={list}
          aria-activedescendant={active >= 0 ? `${list}-${active}` : undefined}
          placeholder="address, object, rule, call, step"
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => change(event.currentTarget.value)}
        />
        <button type="button" className="button button-quiet button-icon" aria-label="Close" onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {wanted === "" ? (
        <dl className="find-examples">
          {EXAMPLES.map(([example, what]) => (
            <div key={example}>
              <dt>
                <button type="button" onClick={() => change(example)}>
                  {example}
                </button>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      ) : (
        <div className="find-hits" role="listbox" id={list} aria-label="Found" tabIndex={-1}>
          {found.hits.map((hit, index) => (
            <HitRow key={`${hit.kind}${index}`} id={`${list}-${index}`} hit={hit} active={index === active} onGo={() => go(index)} />
          ))}
        </div>
      )}
      {wanted !== "" && <p className="find-foot" role="status">{problem || footText(found, steps)}</p>}
    </section>
  );
}

function HitRow({ id, hit, active, onGo }: { id: string; hit: FindHit; active: boolean; onGo: () => void }) {
  return (
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus -- the field has the focus and the keys
    <div id={id} className="find-hit" role="option" aria-selected={active} data-kind={hit.kind} onClick={onGo}>
      <span className="find-kind">{NAMES[hit.kind]}</span>
      <b title={hit.title}>{hit.title}</b>
      <small title={hit.detail}>{hit.detail}</small>
    </div>
  );
}

function footText({ hits, looked }: SearchState, steps: number): string {
  if (looked !== null) return `${hits.length === 0 ? "Looking" : `${hits.length} so far`}… ${Math.floor((100 * looked) / Math.max(1, steps))} % of the calls`;
  if (hits.length >= MOST_HITS) return `The first ${MOST_HITS}. Enter goes there, arrows choose.`;
  return hits.length === 0 ? "Nothing found, neither here nor in any call." : `${hits.length === 1 ? "1 hit" : `${hits.length} hits`}. Enter goes there, arrows choose.`;
}
