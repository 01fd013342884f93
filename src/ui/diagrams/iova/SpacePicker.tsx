/** Which further spaces stand below the shown one on the same axis. There may be hundreds. */
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { plural } from "../../../base/format.ts";
import type { SpaceSummary } from "../../../engine/views.ts";

/** More than this get a box to search in. */
const MANY = 10;

interface SpacePickerProps {
  spaces: readonly SpaceSummary[];
  /** The one shown in full. */
  space: string;
  also: readonly string[];
  onAlso: (also: string[]) => void;
  onClose: () => void;
}

export default function SpacePicker({ spaces, space, also, onAlso, onClose }: SpacePickerProps) {
  const panel = useRef<HTMLDivElement>(null);
  const title = useId();
  const [wanted, setWanted] = useState("");
  const others = spaces.filter((each) => each.key !== space);
  const listed = others.filter((each) => each.label.toLowerCase().includes(wanted.toLowerCase()));
  useEffect(() => {
    panel.current?.querySelector<HTMLElement>("input")?.focus();
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !panel.current?.parentElement?.contains(event.target)) onClose();
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [onClose]);
  const toggle = (key: string, on: boolean): void => onAlso(others.map((each) => each.key).filter((each) => (each === key ? on : also.includes(each))));
  const onKeyDown = (event: KeyboardEvent): void => {
    event.stopPropagation();
    if (event.key === "Escape") onClose();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const inputs = [...(panel.current?.querySelectorAll<HTMLElement>("input, button") ?? [])];
    inputs[inputs.indexOf(document.activeElement as HTMLElement) + step]?.focus();
  };
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- arrows move among the boxes
    <div ref={panel} className="dg-picker" role="group" aria-labelledby={title} onKeyDown={onKeyDown}>
      <p id={title}>Show beside it, on the same axis</p>
      {others.length > MANY && <input type="search" aria-label="find a space" placeholder="ioas 3" value={wanted} onChange={(event) => setWanted(event.currentTarget.value)} />}
      <ul>
        {listed.map((each) => (
          <li key={each.key}>
            <label>
              <input type="checkbox" checked={also.includes(each.key)} onChange={(event) => toggle(each.key, event.currentTarget.checked)} />
              <span>{each.label}</span>
              <small>{plural(each.mappings, "mapping")}</small>
            </label>
          </li>
        ))}
      </ul>
      <div className="dg-picker-foot">
        <button type="button" onClick={() => onAlso(others.map((each) => each.key))}>
          All {others.length}
        </button>
        <button type="button" disabled={also.length === 0} onClick={() => onAlso([])}>
          None
        </button>
      </div>
    </div>
  );
}
