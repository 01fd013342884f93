/**
 * What a picture shows, as text in the page: read by assistive technology, and the keyboard's way into the picture.
 * One item at a time is in the tab order; arrows move among them, Enter selects. The picture draws the focus ring.
 */
import { memo, useRef, type KeyboardEvent } from "react";
import { useNamed } from "../../compare/side.ts";

export interface MirrorItem {
  key: string;
  text: string;
}

export interface MirrorGroup {
  title: string;
  items: readonly MirrorItem[];
  /** Things not listed because they are too many. */
  more: string;
}

export type Direction = "left" | "right" | "up" | "down";

interface MirrorProps {
  label: string;
  groups: readonly MirrorGroup[];
  selected: string | null;
  /** The item that keeps its place in the tab order. */
  current: string | null;
  onFocus: (key: string | null) => void;
  onActivate: (key: string) => void;
  /** Where an arrow leads; undefined: the next or previous in the list. */
  neighbour?: (key: string, direction: Direction) => string | null;
  /** Keys that the list has no use for. */
  onKey?: (event: KeyboardEvent) => void;
}

const ARROWS: Record<string, Direction> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

export const Mirror = memo(function Mirror({ label, groups, selected, current, onFocus, onActivate, neighbour, onKey }: MirrorProps) {
  const name = useNamed(label);
  const root = useRef<HTMLElement>(null);
  const keys = groups.flatMap((group) => group.items.map((item) => item.key));
  const tabStop = current !== null && keys.includes(current) ? current : keys[0];

  const move = (event: KeyboardEvent, key: string): void => {
    const direction = ARROWS[event.key];
    const index = keys.indexOf(key);
    let next: string | null | undefined;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (direction) next = neighbour ? neighbour(key, direction) : keys[index + (direction === "right" || direction === "down" ? 1 : -1)];
    else if (event.key === "Home") next = keys[0];
    else if (event.key === "End") next = keys.at(-1);
    else return onKey?.(event);
    event.preventDefault();
    event.stopPropagation();
    if (next) root.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(next)}"]`)?.focus({ preventScroll: true });
  };

  return (
    <section ref={root} className="dg-mirror" aria-label={name}>
      {groups.map((group) => (
        <div key={group.title}>
          <p>{group.title}</p>
          <ul aria-label={group.title}>
            {group.items.map((item) => (
              <li key={item.key}>
                <button
                  type="button"
                  data-item={item.key}
                  tabIndex={item.key === tabStop ? 0 : -1}
                  aria-pressed={item.key === selected}
                  onFocus={() => onFocus(item.key)}
                  onBlur={() => onFocus(null)}
                  onClick={() => onActivate(item.key)}
                  onKeyDown={(event) => move(event, item.key)}
                >
                  {item.text}
                </button>
              </li>
            ))}
          </ul>
          {group.more !== "" && <p>{group.more}</p>}
        </div>
      ))}
    </section>
  );
});
