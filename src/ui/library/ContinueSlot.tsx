import { useApp } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

const Continue = later(() => import("./Continue.tsx").then((module) => module.default));

/** On the start page: where to go on; nothing in a browser that has kept nothing. */
export function ContinueSlot() {
  const { library } = useApp();
  if (!library.hasAny()) return null;
  return (
    // Its room is there before it is, so that nothing jumps.
    <section className="continue" aria-label="Continue">
      <Boundary what="What was kept" attempt={0}>
        <Continue />
      </Boundary>
    </section>
  );
}
