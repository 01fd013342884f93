import { useState } from "react";

/** Asks under which name to keep the open scenario. */
export function NameForm({ title, onKeep, onCancel }: { title: string; onKeep: (title: string) => void; onCancel: () => void }) {
  const [name, setName] = useState(title);
  return (
    <form
      className="library-name"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") onKeep(name.trim());
      }}
    >
      <label htmlFor="library-name">Keep the open scenario as</label>
      <input id="library-name" type="text" data-first-focus maxLength={200} value={name} onFocus={(event) => event.currentTarget.select()} onChange={(event) => setName(event.currentTarget.value)} />
      <button type="submit" className="button button-strong" aria-disabled={name.trim() === ""}>
        Keep
      </button>
      <button type="button" className="button" onClick={onCancel}>
        Cancel
      </button>
    </form>
  );
}
