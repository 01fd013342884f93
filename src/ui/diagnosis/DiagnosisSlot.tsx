import { useContext } from "react";
import { useSession } from "../app.ts";
import { SideContext } from "../compare/side.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

const Card = later(() => import("./DiagnosisCard.tsx").then((module) => module.default));

/** Where the diagnosis of what was imported goes; nothing for scenarios that were not read from a log. */
export function DiagnosisSlot() {
  const clues = useSession((state) => state.reading?.clues);
  const work = useSession((state) => state.work);
  // What was imported is the left one of two runs.
  const side = useContext(SideContext);
  if (!clues || side === "right") return null;
  return (
    <Boundary what="The diagnosis" attempt={work}>
      <Card key={work} clues={clues} />
    </Boundary>
  );
}
