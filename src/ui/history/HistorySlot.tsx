import { lazy, Suspense } from "react";
import { useStore } from "zustand";
import { useApp, useSession } from "../app.ts";
import { Boundary } from "../parts/Boundary.tsx";

const DiffCard = lazy(() => import("./DiffCard.tsx"));
const Lights = lazy(() => import("./Lights.tsx"));

/** Above the explanation: the lights of what must hold, and what two steps have not in common. */
export function HistorySlot() {
  const { history } = useApp();
  const pinned = useStore(history.store, (state) => state.pinned);
  const load = useSession((state) => state.load);
  return (
    <Boundary what="What must hold" attempt={load}>
      <Suspense fallback={<div className="lights" />}>
        <Lights />
        {pinned !== null && <DiffCard pinned={pinned} />}
      </Suspense>
    </Boundary>
  );
}
