import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent } from "react";
import type { CallOffer, Offers } from "../../engine/views.ts";

/** How well a call answers what is typed: a name that ends so, one that has it, one that has the words, and so on; −1: not at all. */
function rank(offer: CallOffer, words: readonly string[]): number {
  const name = offer.call.toLowerCase();
  const all = `${name} ${offer.summary.toLowerCase()} ${offer.group.toLowerCase()}`;
  if (!words.every((word) => all.includes(word))) return -1;
  const typed = words.join("_");
  if (name === typed || name.endsWith(`_${typed}`)) return 4;
  if (name.includes(typed)) return 3;
  if (words.every((word) => name.includes(word))) return 2;
  return words.some((word) => name.includes(word)) ? 1 : 0;
}

interface Group {
  title: string;
  offers: CallOffer[];
}

function grouped(offers: readonly CallOffer[], text: string): Group[] {
  const words = text.toLowerCase().split(/[\s_]+/).filter((word) => word !== "");
  const found = offers.map((offer) => ({ offer, rank: rank(offer, words) })).filter((one) => one.rank >= 0).sort((one, other) => other.rank - one.rank).map(({ offer }) => offer);
  const titles = [...new Set(offers.map(({ group }) => group))];
  const likely = words.length === 0 ? found.filter((offer) => offer.likely) : [];
  const now = titles.map((title) => ({ title, offers: found.filter((offer) => offer.group === title && offer.reason === null && !likely.includes(offer)) }));
  // Once something is typed, the best answer comes first, whatever its group.
  const best = now.toSorted((one, other) => (words.length === 0 ? 0 : bestRank(other.offers, words) - bestRank(one.offers, words)));
  return [{ title: "Likely next", offers: likely }, ...best, { title: "Not now", offers: found.filter(({ reason }) => reason !== null) }].filter((group) => group.offers.length > 0);
}

function bestRank(offers: readonly CallOffer[], words: readonly string[]): number {
  return Math.max(-1, ...offers.map((offer) => rank(offer, words)));
}

/** The calls to choose from; those that make no sense here come last, with the reason. */
export function CallPicker({ offers, onChoose }: { offers: Offers; onChoose: (offer: CallOffer) => void }) {
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const groups = useMemo(() => grouped(offers.calls, text), [offers, text]);
  const flat = groups.flatMap((group) => group.offers);
  const current = Math.min(active, flat.length - 1);

  // With the rendering, not after it: a key in between would go to the page.
  useLayoutEffect(() => input.current?.focus(), []);
  useEffect(() => {
    list.current?.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
    // oxlint-disable-next-line react/exhaustive-effect-dependencies -- other groups put it elsewhere
  }, [current, groups]);

  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move !== undefined) setActive(Math.max(0, Math.min(flat.length - 1, current + move)));
    else if (event.key === "Enter" && flat[current]) onChoose(flat[current]);
    else return;
    event.preventDefault();
  };
  return (
    <div className="picker">
      <input
        ref={input}
        type="search"
        className="picker-search"
        role="combobox"
        aria-label="Find a call"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={flat[current] ? `${id}-${current}` : undefined}
        placeholder="Find a call: map, attach, alloc …"
        autoComplete="off"
        spellCheck={false}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} className="picker-list" role="listbox" id={`${id}-list`} aria-label="Calls" tabIndex={-1}>
        {groups.map((group) => (
          <div key={group.title} role="group" aria-label={group.title} className={group.title === "Not now" ? "picker-later" : undefined}>
            <p className="picker-group" aria-hidden="true">{group.title}</p>
            {group.offers.map((offer) => {
              const index = flat.indexOf(offer);
              return (
                // The search field has the focus and moves by arrow keys; an option is pressed by pointer only.
                // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
                <div key={offer.call} id={`${id}-${index}`} role="option" aria-selected={index === current} className="picker-option" onClick={() => onChoose(offer)} onPointerMove={() => setActive(index)}>
                  <code>{offer.call}</code>
                  <span className="picker-about">{offer.reason ?? offer.summary}</span>
                </div>
              );
            })}
          </div>
        ))}
        {flat.length === 0 && <p className="picker-none">No call is called so.</p>}
      </div>
    </div>
  );
}
