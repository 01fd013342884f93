import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

const Shelf = later(() => import("./Shelf.tsx").then((module) => module.default), <p className="quiet lessons-coming">Fetching the lessons…</p>);

/** The list of lessons, fetched when it is first wanted. */
export function Lessons() {
  return (
    <Boundary what="The list of lessons" attempt={0}>
      <Shelf />
    </Boundary>
  );
}
