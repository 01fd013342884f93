/** Allocators (lit when active) and sets with their quota; pressing one marks its ids. */
import type { PasidSpace } from "../../../kernel/inspect.ts";

interface LegendProps {
  space: PasidSpace;
  toneOf: (set: string) => string;
  selected: string | null;
  lit: string | null;
  onSelect: (key: string) => void;
  onHover: (key: string | null) => void;
}

const MOST_SETS = 8;

export function Legend({ space, toneOf, selected, lit, onSelect, onHover }: LegendProps) {
  if (space.allocators.length === 0 && space.sets.length === 0) return null;
  const states = (key: string): string => `${key === selected ? "is-selected" : ""} ${key === lit ? "is-lit" : ""}`;
  const handlers = (key: string) => ({ onClick: () => onSelect(key), onPointerEnter: () => onHover(key), onPointerLeave: () => onHover(null) });
  return (
    <ul className="dg-legend" aria-label="allocators and sets">
      {space.allocators.map((allocator) => (
        <li key={allocator.key}>
          <button type="button" className={`dg-allocator ${states(allocator.key)}`} data-active={allocator.active} aria-pressed={allocator.key === selected} title={[...allocator.members, allocator.note].filter((line) => line !== "").join(" · ")} {...handlers(allocator.key)}>
            <i aria-hidden="true" />
            <b>{allocator.label}</b> {allocator.active ? `active · ${allocator.ids.toLocaleString("en")}` : "waiting"}
          </button>
        </li>
      ))}
      {space.sets.slice(0, MOST_SETS).map((set) => (
        <li key={set.key}>
          <button type="button" className={`dg-set ${toneOf(set.key)} ${states(set.key)}`} aria-pressed={set.key === selected} title={set.lines.join(" · ")} {...handlers(set.key)}>
            <i aria-hidden="true" />
            <b>{set.label}</b> {set.quota === null ? set.used.toLocaleString("en") : `${set.used.toLocaleString("en")} of ${set.quota.toLocaleString("en")}`}
            {set.quota !== null && (
              <span className="dg-quota" aria-hidden="true">
                <span style={{ width: `${Math.min(100, (set.used / Math.max(set.quota, 1)) * 100)}%` }} />
              </span>
            )}
          </button>
        </li>
      ))}
      {space.sets.length > MOST_SETS && <li className="dg-faint">+{space.sets.length - MOST_SETS} sets</li>}
    </ul>
  );
}
