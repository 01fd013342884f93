/** Jumps glide: between two axes the drawing shows what lies between them. Gestures do not, they follow the hand. */
import { useEffect, useRef, useState, type RefObject } from "react";
import type { Axis } from "./axis.ts";
import { blendAxis } from "./other-axes.ts";

const GLIDE_MS = 220;

function ease(share: number): number {
  return share < 0.5 ? 4 * share ** 3 : 1 - (2 - 2 * share) ** 3 / 2;
}

/** The axis to draw on the way to `target`. `jumps` is set by whoever makes `target` jump; people who want no motion get none. */
export function useGlide(target: Axis, jumps: RefObject<boolean>, root: RefObject<HTMLElement | null>): Axis {
  const [way, setWay] = useState<{ target: Axis; from: Axis; share: number } | null>(null);
  const shown = useRef(target);
  const axis = way && way.target === target ? blendAxis(way.from, target, ease(way.share)) : target;
  useEffect(() => {
    const jumped = jumps.current;
    jumps.current = false;
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
