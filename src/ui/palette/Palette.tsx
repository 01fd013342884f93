import { useEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { flushSync } from "react-dom";
import { useApp, useSession } from "../app.ts";
import { keyName } from "../commands/command.ts";
import { takeTyped } from "../find/entry.ts";
import { Dialog } from "../parts/Dialog.tsx";
import { find, itemsAtHand, itemsToFetch, PALETTE_GROUPS, type PaletteItem } from "./items.ts";
import "../styles/palette.css";

const PAGE = 8;

function Option({ item, active, onRun, onPoint }: { item: PaletteItem; active: boolean; onRun: () => void; onPoint: () => void }) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) ref.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // The keys are those of the field, which keeps the focus.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div ref={ref} id={`palette-${item.id}`} role="option" aria-selected={active} className="palette-option" data-item={item.id} onClick={onRun} onPointerMove={active ? undefined : onPoint}>
      <span className="palette-title">{item.title}</span>
      {item.about !== "" && <span className="palette-about">{item.about}</span>}
      {item.keys.map((key) => (
        <kbd key={key}>{keyName(key)}</kbd>
      ))}
    </div>
  );
}

/** Everything one can do or go to, by typing a few letters. */
export default function Palette() {
  const app = useApp();
  const { view, session } = app;
  const isOpen = useSession((state) => state.loaded !== null);
  const steps = useSession((state) => state.loaded?.steps ?? 0);
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const [fetched, setFetched] = useState<readonly PaletteItem[]>([]);
  const atHand = useMemo(() => itemsAtHand(app), [app]);

  // Who opens it types on at once.
  useEffect(() => {
    const early = takeTyped();
    // Before the next key: that is added to what stands in the field.
    queueMicrotask(() => flushSync(() => setTyped(early)));
  }, []);
  useEffect(() => {
    let gone = false;
    for (const coming of itemsToFetch(app)) void coming.then((items) => !gone && setFetched((before) => [...before, ...items]));
    return () => {
      gone = true;
    };
  }, [app]);

  const found = useMemo(() => {
    const goTo = (step: number) => {
      session.play(false);
      void session.goto(step);
    };
    const items = [...atHand, ...fetched].sort((left, right) => PALETTE_GROUPS.indexOf(left.group) - PALETTE_GROUPS.indexOf(right.group));
    return find(items, typed, isOpen ? goTo : null);
  }, [atHand, fetched, typed, isOpen, session]);
  const current = found[Math.min(active, found.length - 1)];
  const groups = [...new Set(found.map((item) => item.group))];

  const run = (item: PaletteItem) => {
    view.open(null);
    item.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const at = current ? found.indexOf(current) : 0;
    const target = { ArrowDown: (at + 1) % found.length, ArrowUp: (at - 1 + found.length) % found.length, PageDown: Math.min(found.length - 1, at + PAGE), PageUp: Math.max(0, at - PAGE) }[event.key];
    if (target !== undefined) setActive(Number.isNaN(target) ? 0 : target);
    else if (event.key === "Enter" && current) run(current);
    // A search field would only be emptied by the first Escape.
    else if (event.key === "Escape" || (event.key === "k" && (event.ctrlKey || event.metaKey))) view.open(null);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="Commands and places" onClose={() => view.open(null)}>
      <div className="palette">
        <input
          type="search"
          role="combobox"
          className="palette-field"
          aria-label="A command, a step’s number, an object, a lesson, a scenario"
          placeholder={steps > 0 ? `Command, step 1–${steps}, object, lesson…` : "Command, lesson, example…"}
          aria-expanded="true"
          aria-controls="palette-list"
          aria-activedescendant={current ? `palette-${current.id}` : undefined}
          aria-autocomplete="list"
          autoComplete="off"
          spellCheck={false}
          data-first-focus
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <div className="palette-list" role="listbox" id="palette-list" aria-label="What fits">
          {groups.map((group) => (
            <div key={group} role="group" aria-label={group}>
              <p className="palette-group" aria-hidden="true">
                {group}
              </p>
              {found
                .filter((item) => item.group === group)
                .map((item) => (
                  <Option key={item.id} item={item} active={item === current} onRun={() => run(item)} onPoint={() => setActive(found.indexOf(item))} />
                ))}
            </div>
          ))}
        </div>
        <p className="sr-only" role="status">
          {found.length === 0 ? "Nothing fits." : `${found.length} fit.`}
        </p>
        {found.length === 0 && <p className="palette-none quiet">Nothing fits.</p>}
      </div>
    </Dialog>
  );
}
