/** Jumps glide: between two axes the drawing shows what lies between them. Gestures do not, they follow the hand. */
import { useEffect, useMemo, useRef, useState, type RefObject } from "react";
import type { Axis } from "./axis.ts";
import { blendAxis } from "./other-axes.ts";

const GLIDE_MS = 220;

function ease(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2;
}

/** Whoever makes the window jump notes it; the next axis takes it. */
export interface Jumps {
  note: () => void;
  take: () => boolean;
}

export function useJumps(): Jumps {
  const pending = useRef(false);
  return useMemo(
    () => ({
      note: () => {
        pending.current = true;
      },
      take: () => {
        const was = pending.current;
        pending.current = false;
        return was;
      },
    }),
    [],
  );
}

/** The axis to draw on the way to `target`. People who want no motion get none. */
export function useGlide(target: Axis, jumps: Jumps, root: RefObject<HTMLElement | null>): Axis {
  const [way, setWay] = useState<{ target: Axis; from: Axis; share: number } | null>(null);
  const shown = useRef(target);
  const axis = way && way.target === target ? blendAxis(way.from, target, ease(way.share)) : target;
  useEffect(() => {
    const jumped = jumps.take();
    const from = shown.current;
    if (!jumped || from === target || from.width !== target.width || matchMedia("(prefers-reduced-motion: reduce)").matches) return undefined;
    const element = root.current;
    const start = performance.now();
    let frame = 0;
    const next = (now: number): void => {
      const share = Math.min(1, Math.max(0, (now - start) / GLIDE_MS));
      element?.toggleAttribute("data-still", share < 1);
      setWay(share < 1 ? { target, from, share } : null);
      if (share < 1) frame = requestAnimationFrame(next);
    };
    setWay({ target, from, share: 0 });
    frame = requestAnimationFrame(next);
    return () => {
      cancelAnimationFrame(frame);
      element?.removeAttribute("data-still");
    };
  }, [target, jumps, root]);
  useEffect(() => {
    shown.current = axis;
  });
  return axis;
}
