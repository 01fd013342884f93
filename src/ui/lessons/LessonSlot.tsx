import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import { useApp } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";

const Card = lazy(() => import("./LessonCard.tsx"));

/** Where the card of the lesson being followed goes; nothing without one. */
export function LessonSlot() {
  const { lessons } = useApp();
  const player = useStore(lessons.store, (state) => state.player);
  if (!player) return null;
  return (
    <Boundary what="The lesson" attempt={player}>
      <Suspense>
        <Card key={player.lesson.id} player={player} />
      </Suspense>
    </Boundary>
  );
}
