import { lazy, Suspense } from "react";
import { useSession } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";

const Card = lazy(() => import("./DiagnosisCard.tsx"));

/** Where the diagnosis of what was imported goes; nothing for scenarios that were not read from a log. */
export function DiagnosisSlot() {
  const clues = useSession((state) => state.reading?.clues);
  const work = useSession((state) => state.work);
  if (!clues) return null;
  return (
    <Boundary what="The diagnosis" attempt={work}>
      <Suspense>
        <Card key={work} clues={clues} />
      </Suspense>
    </Boundary>
  );
}
