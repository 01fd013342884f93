/**
 * Asks the engine for the details of a window where the whole view holds crowds: three times as wide as the screen, so that
 * panning asks nothing, on the very columns that are drawn, so that what is drawn is exact. While a gesture lasts what is
 * there is moved and stretched, and a new answer is asked for when it no longer suffices; the exact one when the hand rests.
 */
import { useEffect, useRef, useState } from "react";
import type { IovaQuery, Lane, Stretch } from "../../../engine/views.ts";
import type { Range } from "../../../kernel/answer.ts";
import { afterPaint } from "../../parts/painted.ts";
import type { Axis } from "./axis.ts";
import type * as Parts from "./dense-parts.ts";
import { contains } from "./viewport.ts";

export type DenseParts = typeof Parts;

/** How long a new window must stand before it is asked for exactly. */
const SETTLE_MS = 70;
/** An answer this much coarser or finer than the screen is replaced at once. */
const COARSE = 2.5;

interface Asked {
  space: string;
  stretches: readonly Stretch[] | null;
  window: Range | null;
  also: string;
  px: number;
}

/** Do some lanes stand for more than they can show? */
export function isCrowded(whole: readonly Lane[]): boolean {
  return whole.some((lane) => lane.dense !== undefined || lane.spans.some((span) => span.count > 1));
}

export function useDetails(input: { whole: readonly Lane[]; axis: Axis; space: string; pinned: string | null; also: readonly string[]; parts: DenseParts | null; onQuery: (query: Partial<IovaQuery>) => void }): void {
  const { whole, axis, space, pinned, also, parts, onQuery } = input;
  const asked = useRef<Asked>({ space, stretches: null, window: null, also: "", px: axis.width });
  /** What is on screen is painted first: drawing anew at once would keep it back. Only the newest question is asked. */
  const [soon] = useState(afterPaint);
  const crowded = isCrowded(whole);
  useEffect(() => {
    const before = asked.current;
    const names = also.join();
    const same = before.space === space && before.also === names;
    const ask = (stretches: readonly Stretch[] | null): void => {
      const window = stretches && parts ? parts.windowOfStretches(stretches) : null;
      asked.current = { space, stretches, window, also: names, px: axis.width };
      onQuery({ window, px: axis.width, also, stretches: stretches ?? undefined, ...(pinned !== null && { space: pinned }) });
    };
    soon(null);
    if (!crowded || !parts) {
      // A folded whole first, so that it is known where the axis folds.
      if (!same || (before.stretches !== null && !crowded)) soon(() => ask(null));
      return undefined;
    }
    const visible = parts.columnsOf(axis);
    const wanted = parts.withOverscan(visible, Math.round(axis.width));
    const enough = same && before.stretches !== null && before.window !== null && contains(before.window, axis.window) && !tooCoarse(before.stretches, visible, parts);
    if (!enough) {
      soon(() => ask(wanted));
      return undefined;
    }
    const near = !contains(before.window!, parts.windowOfStretches(parts.withOverscan(visible, Math.round(axis.width / 4))));
    if (!near && parts.aligned(before.stretches!, visible)) return undefined;
    const timer = setTimeout(() => ask(wanted), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [crowded, axis, space, pinned, also, parts, onQuery, soon]);
  useEffect(() => () => soon(null), [soon]);
}

/** Is what is known of the finest part of the screen of quite another scale? */
function tooCoarse(known: readonly Stretch[], visible: readonly Stretch[], parts: DenseParts): boolean {
  return visible.some((shown) => {
    const there = known.filter((stretch) => stretch.first <= shown.last && shown.first <= stretch.last);
    const finest = Math.min(...there.map(parts.grain));
    return shown.columns > 8 && finest / parts.grain(shown) > COARSE;
  });
}
