import { useState } from "react";
import { plural } from "../../base/format.ts";
import { useApp, useSession } from "../app.ts";
import { Dialog } from "../parts/Dialog.tsx";

/** From here on a filter helps. */
const MANY = 12;

/** One input held several sequences: which one? */
export function SequencesDialog() {
  const { view, session } = useApp();
  const offered = useSession((state) => state.offered);
  const reading = useSession((state) => state.reading);
  const current = useSession((state) => state.sequence);
  const [filter, setFilter] = useState("");
  const from = offered ?? reading;
  if (!from) return null;
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const shown = from.sequences
    .map((sequence, index) => ({ ...sequence, index }))
    .filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const close = () => {
    session.store.setState({ offered: null });
    view.open(null);
  };
  return (
    <Dialog title={`Choose one of ${from.sequences.length} sequences`} wide onClose={close}>
      {from.sequences.length > MANY && (
        <input type="search" className="filter" data-first-focus aria-label="Filter by title" placeholder="Filter by title" value={filter} onChange={(event) => setFilter(event.currentTarget.value)} />
      )}
      <ol className="sequences">
        {shown.map(({ title, calls, index }) => (
          <li key={index}>
            <button type="button" className="list-row sequence" aria-current={offered === null && index === current} onClick={() => void session.choose(index)}>
              <span className="sequence-number">{index + 1}</span>
              <span className="sequence-title">{title}</span>
              <span className="quiet">{plural(calls, "call")}</span>
            </button>
          </li>
        ))}
      </ol>
      {shown.length === 0 && <p className="quiet">No title has these words.</p>}
    </Dialog>
  );
}
