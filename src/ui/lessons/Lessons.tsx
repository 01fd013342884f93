import { lazy, Suspense } from "react";
import { Boundary } from "../parts/Boundary.tsx";

const Shelf = lazy(() => import("./Shelf.tsx"));

/** The list of lessons, fetched when it is first wanted. */
export function Lessons() {
  return (
    <Boundary what="The list of lessons" attempt={0}>
      <Suspense fallback={<p className="quiet lessons-coming">Fetching the lessons…</p>}>
        <Shelf />
      </Suspense>
    </Boundary>
  );
}
