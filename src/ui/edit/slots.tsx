/** Where the tools for editing go. They are fetched when a scenario is open, and the composer and the text editor when they are. */
import type { ReactNode } from "react";
import { useEdits, useSession } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

const Composer = later(() => import("./Composer.tsx").then((module) => module.default));
const TextDock = later(() => import("./TextDock.tsx").then((module) => module.default));
const Bar = later(() => import("./EditBar.tsx").then((module) => module.default));

/** The composer in the place of what is shown otherwise. */
export function ComposerSlot({ children }: { children?: ReactNode }) {
  const composing = useEdits((state) => state.composing);
  if (!composing) return children;
  return (
    <Boundary what="The composer" attempt={composing}>
      <Composer key={`${composing.mode} ${composing.mode === "edit" ? composing.at : ""}`} composing={composing} meanwhile={children} />
    </Boundary>
  );
}

export function TextSlot() {
  const open = useEdits((state) => state.text);
  if (!open) return null;
  return (
    <Boundary what="The text editor" attempt={open}>
      <TextDock />
    </Boundary>
  );
}

/** Buttons for the current call, below the list. */
export function EditBar() {
  const isOpen = useSession((state) => state.loaded !== null);
  return (
    <div className="edit-bar-slot">{isOpen && <Bar />}</div>
  );
}
