import { useMemo, useState } from "react";
import type { IovaView, Lane } from "../../engine/views.ts";
import type { Range } from "../../kernel/answer.ts";
import { useSession } from "../app.ts";
import type { SharedAxisState } from "../diagrams/common/shared-axis.ts";
import type { Side } from "./side.ts";

function wholeLanes(view: IovaView | null): readonly Lane[] {
  return view ? (view.overview ?? view.lanes) : [];
}

/** Both IOVA diagrams have one window and one set of folds, so that the same place is at the same place. */
export function useSharedAxis(): Record<Side, SharedAxisState> {
  const [windows, setWindows] = useState<ReadonlyMap<string, Range>>(new Map());
  const own = useSession((state) => state.frame?.iova ?? null);
  const other = useSession((state) => state.frame?.other?.frame.iova ?? null);
  return useMemo(() => ({ left: { windows, setWindows, alsoFolds: wholeLanes(other) }, right: { windows, setWindows, alsoFolds: wholeLanes(own) } }), [windows, own, other]);
}
