import { useStore } from "zustand";
import { useApp, useEdits } from "../app.ts";
import { CommandButton } from "../parts/CommandButton.tsx";
import type { LessonPlayer } from "../lessons/player.ts";
import "../styles/edit.css";
import "../parts/more-icons.ts";

/** What can be done with the current call, and undo. */
export default function EditBar() {
  const { lessons } = useApp();
  // Whether there is something to take back is not in the stores that buttons look at.
  useEdits((state) => `${state.past.length} ${state.future.length} ${state.text}`);
  const player = useStore(lessons.store, (state) => state.player);
  return player ? <InLesson player={player} /> : <Tools />;
}

/** A lesson leads; its scenario is changed only by those who left its path. */
function InLesson({ player }: { player: LessonPlayer }) {
  const free = useStore(player.store, (state) => state.free);
  return free ? <Tools /> : null;
}

function Tools() {
  return (
    <div className="edit-bar" role="toolbar" aria-label="Edit the calls">
      <CommandButton id="add-call" icon="plus" className="button-quiet button-icon" />
      <CommandButton id="edit-call" icon="rename" className="button-quiet button-icon" />
      <CommandButton id="duplicate-call" icon="copy" className="button-quiet button-icon" />
      <CommandButton id="delete-call" icon="trash" className="button-quiet button-icon" />
      <CommandButton id="move-up" icon="up" className="button-quiet button-icon" />
      <CommandButton id="move-down" icon="down" className="button-quiet button-icon" />
      <CommandButton id="text" icon="text" className="button-quiet button-icon" />
      <CommandButton id="what-if" icon="branch" className="button-quiet button-icon" />
      <span className="edit-bar-space" />
      <CommandButton id="undo" icon="undo" className="button-quiet button-icon" />
      <CommandButton id="redo" icon="redo" className="button-quiet button-icon" />
    </div>
  );
}
