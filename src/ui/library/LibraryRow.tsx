import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import { plural } from "../../base/format.ts";
import { Icon } from "../parts/Icon.tsx";
import { when, type KeptRecord } from "./record.ts";
import "../parts/more-icons.ts";

const FAMILY = { iommufd: "iommufd", "vfio-type1": "VFIO type1", ioasid: "IOASID" } as const;

export interface RowActions {
  open: (record: KeptRecord) => void;
  startRename: (record: KeptRecord) => void;
  /** Null: it keeps its name. */
  rename: (record: KeptRecord, title: string | null) => void;
  duplicate: (record: KeptRecord) => void;
  save: (record: KeptRecord) => void;
  remove: (record: KeptRecord) => void;
  /** To another row. */
  move: (record: KeptRecord, by: number) => void;
}

function TitleInput({ record, rename }: { record: KeptRecord; rename: RowActions["rename"] }) {
  const input = useRef<HTMLInputElement>(null);
  const settled = useRef(false);
  useEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  const settle = (title: string | null) => {
    if (settled.current) return;
    settled.current = true;
    rename(record, title);
  };
  return (
    <input
      ref={input}
      type="text"
      className="kept-name"
      aria-label={`New name of ${record.title}`}
      defaultValue={record.title}
      maxLength={200}
      onBlur={(event) => settle(event.currentTarget.value === record.title ? null : event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle(event.currentTarget.value);
        else if (event.key === "Escape") settle(null);
        else return;
        // Escape would close the dialog, too.
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

/** One kept scenario. The arrows go from row to row, F2 renames, Delete deletes. */
export function LibraryRow({ record, isOpen, renaming, actions }: { record: KeptRecord; isOpen: boolean; renaming: boolean; actions: RowActions }) {
  const { title, view, calls } = record;
  const [now] = useState(() => Date.now());
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") actions.move(record, 1);
    else if (event.key === "ArrowUp") actions.move(record, -1);
    else if (event.key === "F2") actions.startRename(record);
    else if (event.key === "Delete") actions.remove(record);
    else return;
    event.preventDefault();
  };
  return (
    <li className="kept" aria-current={isOpen}>
      {renaming ? (
        <TitleInput record={record} rename={actions.rename} />
      ) : (
        <button type="button" className="kept-open" onClick={() => actions.open(record)} onKeyDown={onKeyDown}>
          <span className="kept-title">{title}</span>
          <span className="kept-facts">
            {FAMILY[record.trace] ?? record.trace} · {plural(calls, "call")} · at step {view.step} · {when(record.saved, Math.max(now, record.saved))}
            {isOpen && <b> · open</b>}
            {record.named && <em className="kept-named">named</em>}
          </span>
        </button>
      )}
      <div className="kept-buttons">
        <button type="button" className="button button-quiet button-icon" aria-label={`Rename ${title}`} title="Rename (F2)" onClick={() => actions.startRename(record)}>
          <Icon name="rename" />
        </button>
        <button type="button" className="button button-quiet button-icon" aria-label={`Duplicate ${title}`} title="Duplicate" onClick={() => actions.duplicate(record)}>
          <Icon name="copy" />
        </button>
        <button type="button" className="button button-quiet button-icon" aria-label={`Export ${title}`} title="Export as a file" onClick={() => actions.save(record)}>
          <Icon name="export" />
        </button>
        <button type="button" className="button button-quiet button-icon" aria-label={`Delete ${title}`} title="Delete (Del)" onClick={() => actions.remove(record)}>
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}
