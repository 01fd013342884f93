import { useStore } from "zustand";
import { useApp, useSession } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";
import { later } from "../parts/later.tsx";

const DiffCard = later(() => import("./DiffCard.tsx").then((module) => module.default));
const Lights = later(() => import("./Lights.tsx").then((module) => module.default), <div className="lights" />);

/** Above the explanation: the lights of what must hold, and what two steps have not in common. */
export function HistorySlot() {
  const { history } = useApp();
  const pinned = useStore(history.store, (state) => state.pinned);
  const load = useSession((state) => state.load);
  return (
    <Boundary what="What must hold" attempt={load}>
      <Lights />
      {pinned !== null && <DiffCard pinned={pinned} />}
    </Boundary>
  );
}
