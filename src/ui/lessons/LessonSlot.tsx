import { useStore } from "zustand";
import { useApp } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

const Card = later(() => import("./LessonCard.tsx").then((module) => module.default));

/** Where the card of the lesson being followed goes; nothing without one. */
export function LessonSlot() {
  const { lessons } = useApp();
  const player = useStore(lessons.store, (state) => state.player);
  if (!player) return null;
  return (
    <Boundary what="The lesson" attempt={player}>
      <Card key={player.lesson.id} player={player} />
    </Boundary>
  );
}
