import type { KeyboardEvent } from "react";
import { useApp, useView } from "../app.ts";
import { useFrame } from "../compare/side.ts";
import type { Tab } from "../state/view.ts";

const TABS: readonly { tab: Tab; name: string }[] = [
  { tab: "calls", name: "Calls" },
  { tab: "objects", name: "Objects" },
  { tab: "pasids", name: "PASIDs" },
  { tab: "iova", name: "IOVA" },
  { tab: "why", name: "Why" },
];

/** Which panel shows on a narrow screen; the current answer's errno rides on the last tab. */
export function Tabs() {
  const { view } = useApp();
  const current = useView((state) => state.tab);
  const frame = useFrame();
  const refused = frame !== null && frame.detail !== null && frame.detail.rule !== null;
  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const index = TABS.findIndex((entry) => entry.tab === current);
    const next = TABS[(index + move + TABS.length) % TABS.length];
    if (!next) return;
    view.tab(next.tab);
    document.getElementById(`tab-${next.tab}`)?.focus();
  };
  return (
    <div className="tabs" role="tablist" aria-label="Panels">
      {TABS.map(({ tab, name }) => (
        <button
          key={tab}
          id={`tab-${tab}`}
          type="button"
          role="tab"
          className="tab"
          aria-selected={tab === current}
          aria-controls="tab-panel"
          tabIndex={tab === current ? 0 : -1}
          onClick={() => view.tab(tab)}
          onKeyDown={onKeyDown}
        >
          {name}
          {tab === "why" && refused && <span className="tab-dot" aria-hidden="true" />}
        </button>
      ))}
    </div>
  );
}
