/** The members of a stack, to choose one that shall stand by itself. */
import { useState } from "react";
import { Icon } from "../../parts/Icon.tsx";
import type { Stack } from "./stacks.ts";

/** More are found by typing. */
const MOST_SHOWN = 200;

export function StackList({ stack, onChoose, onHover, onClose }: { stack: Stack; onChoose: (key: string) => void; onHover: (key: string | null) => void; onClose: () => void }) {
  const [wanted, setWanted] = useState("");
  const text = wanted.trim().toLowerCase();
  const found = stack.members.filter((node) => text === "" || [node.title, node.label, ...node.lines].some((line) => line.toLowerCase().includes(text)));
  const close = () => {
    onHover(null);
    onClose();
  };
  return (
    // Escape closes it from wherever in it the focus is.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <section
      className="dg-choose"
      aria-label={`Choose one: ${stack.title.replace(/^\+/, "")}`}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        event.preventDefault();
        close();
      }}
    >
      <header>
        {/* Who pressed the stack wants to choose next. */}
        {/* oxlint-disable-next-line jsx-a11y/no-autofocus */}
        <input type="search" autoFocus aria-label={`Find among ${stack.title.replace(/^\+/, "")}`} placeholder={`${stack.title.replace(/^\+/, "")}: number, address…`} value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />
        <button type="button" className="button button-quiet button-icon" aria-label="Close the list" onClick={close}>
          <Icon name="close" size={13} />
        </button>
      </header>
      <ul>
        {found.slice(0, MOST_SHOWN).map((node) => (
          <li key={node.key}>
            <button type="button" onClick={() => onChoose(node.key)} onPointerEnter={() => onHover(node.key)} onPointerLeave={() => onHover(null)}>
              <b>{node.title}</b> <span>{node.lines[0] ?? ""}</span>
              {node.users !== null && <i title="users">{node.users}</i>}
            </button>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p>None of this name.</p>}
      {stack.count !== undefined && stack.count > stack.members.length && <p>and {stack.count - stack.members.length} more: find them by name with Find</p>}
      {found.length > MOST_SHOWN && <p>and {found.length - MOST_SHOWN} more: type to find them</p>}
    </section>
  );
}
