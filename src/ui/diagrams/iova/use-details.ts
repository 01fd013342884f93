import { useEffect, useRef } from "react";
import type { IovaQuery, Lane } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";

/** How long a new window must stand before the engine is asked for its details. */
const SETTLE_MS = 70;

/** Asks the engine for the details of a window, but only where the whole view holds crowds. */
export function useDetails(whole: readonly Lane[], window: Range | null, space: string, pinned: string | null, width: number, onQuery: (query: IovaQuery) => void): void {
  const asked = useRef<{ window: Range | null; px: number }>({ window: null, px: width });
  const crowded = whole.some((lane) => lane.spans.some((span) => span.count > 1));
  useEffect(() => {
    const wanted = crowded ? window : null;
    const before = asked.current;
    const sameView = wanted === before.window || (wanted !== null && before.window !== null && wanted.first === before.window.first && wanted.last === before.window.last);
    if (sameView && !(crowded && Math.abs(width - before.px) > before.px * 0.2)) return undefined;
    const timer = setTimeout(() => {
      asked.current = { window: wanted, px: width };
      onQuery({ space: pinned ?? space, window: wanted, px: width });
    }, SETTLE_MS);
    return () => clearTimeout(timer);
  }, [crowded, window, space, pinned, width, onQuery]);
}
