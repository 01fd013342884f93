import { useStore } from "zustand";
import { useApp, useEdits } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import "../styles/edit.css";

/** What can be done with the current call, and undo. */
export default function EditBar() {
  const { lessons } = useApp();
  // Whether there is something to take back is not in the stores that buttons look at.
  useEdits((state) => `${state.past.length} ${state.future.length} ${state.text}`);
  const following = useStore(lessons.store, (state) => state.player !== null);
  if (following) return null;
  return (
    <div className="edit-bar" role="toolbar" aria-label="Edit the calls">
      <CommandButton id="add-call" icon="plus" className="button-quiet button-icon" />
      <CommandButton id="edit-call" icon="rename" className="button-quiet button-icon" />
      <CommandButton id="duplicate-call" icon="copy" className="button-quiet button-icon" />
      <CommandButton id="delete-call" icon="trash" className="button-quiet button-icon" />
      <CommandButton id="move-up" icon="up" className="button-quiet button-icon" />
      <CommandButton id="move-down" icon="down" className="button-quiet button-icon" />
      <CommandButton id="text" icon="text" className="button-quiet button-icon" />
      <span className="edit-bar-space" />
      <CommandButton id="undo" icon="undo" className="button-quiet button-icon" />
      <CommandButton id="redo" icon="redo" className="button-quiet button-icon" />
    </div>
  );
}
