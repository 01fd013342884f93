import { useApp } from "../app.ts";
import { Lessons } from "../lessons/Lessons.tsx";
import { Dialog } from "../parts/Dialog.tsx";

/** The lessons, from anywhere. */
export function LessonsDialog() {
  const { view } = useApp();
  return (
    <Dialog title="Lessons" onClose={() => view.open(null)} wide>
      <Lessons />
    </Dialog>
  );
}
