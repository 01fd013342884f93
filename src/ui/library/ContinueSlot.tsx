import { lazy, Suspense } from "react";
import { useApp } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";

const Continue = lazy(() => import("./Continue.tsx"));

/** On the start page: where to go on; nothing in a browser that has kept nothing. */
export function ContinueSlot() {
  const { library } = useApp();
  if (!library.hasAny()) return null;
  return (
    // Its room is there before it is, so that nothing jumps.
    <section className="continue" aria-label="Continue">
      <Boundary what="What was kept" attempt={0}>
        <Suspense>
          <Continue />
        </Suspense>
      </Boundary>
    </section>
  );
}
